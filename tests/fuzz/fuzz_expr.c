/* SPDX-License-Identifier: MIT */
/* Any bytes as a condition: parsed, checked, and what passes the check is evaluated. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "expr_check.h"
#include "expr_eval.h"
#include "series_impl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct series *
series_of(struct series_set *set, int metric, unsigned n)
{
	struct series *s = NULL;
	struct sample  new = { .metric = metric, .epoch = NAN };

	for (unsigned i = 0; i < n; i++) {
		new.value = i % 17 == 16 ? NAN : 2.0 + (double)((i * 7919) % 13) / 10;
		new.step = new.time = i;
		new.line = i;
		s = series_add(set, &new);
		series_want(s, 7);
	}
	return s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const groups[] = { "a", "b" };
	struct scope        scope = { .need = { "x", "y", "z" }, .nneed = 3, .param = { "p", "q" },
		.param_unit = { U_TIME, U_NONE }, .nparam = 2, .capture = groups, .ncapture = 2 };
	struct expr_errors  errors = { NULL, NULL, 0 };
	struct expr         e = { 0 };
	struct vocab       *v;
	struct series_set  *set;
	struct run          run = { .step = 5, .steps = NAN, .epoch = NAN, .epochs = 3 };
	struct facts        facts = { .run = &run, .now = NAN };
	struct value        param[2] = { { { 600 }, K_NUM, U_TIME }, { { 2 }, K_NUM, U_NONE } };
	const struct series *s[SCOPE_NEEDS] = { NULL };
	const char         *capture[2] = { "1.5", NULL };
	uint32_t            streak[SCOPE_STREAKS + 256] = { 0 };
	struct env          env = { s, param, &facts, streak, capture, NULL };

	if (expr_parse((struct span){ (const char *)data, size }, &e, &errors) == -1)
		return 0;
	if (expr_check(&e, &scope, K_UNKNOWN, &errors) == 0) {
		v = vocab_new();
		set = series_set_new(v, 0);
		s[0] = series_of(set, vocab_metric_named(v, "train/loss"), 300);
		s[1] = series_of(set, vocab_metric_named(v, "lr"), 3);
		facts.set = set;
		if (expr_eval(&e, &env).kind > K_SERIES)
			abort();
		series_set_free(set);
		vocab_free(v);
	}
	expr_fini(&e);
	return 0;
}
