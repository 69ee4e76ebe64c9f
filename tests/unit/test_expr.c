/* SPDX-License-Identifier: MIT */
/* expr: condition, series, answer; and mistakes with their place. */
#include <math.h>
#include <stdlib.h>

#include "buf.h"
#include "expr_check.h"
#include "expr_eval.h"
#include "points.h"
#include "series_impl.h"
#include "tap.h"

static struct vocab *vocab;

/* x and y are series, z is none; p is a parameter of 10 min. */
static struct scope
scope_new(void)
{
	struct scope s = { .need = { "x", "y", "z" }, .nneed = 3, .param = { "p" },
		.param_unit = { U_TIME }, .nparam = 1 };
	static const char *const groups[] = { "size", "word" };

	s.capture = groups;
	s.ncapture = 2;
	return s;
}

static struct series *
fill(struct series_set *set, const char *metric, const char *text, unsigned wants)
{
	struct points  p;
	struct diag    d = { .text = "" };
	struct series *s = NULL;
	struct sample  new = { .metric = vocab_metric_named(vocab, metric), .epoch = NAN };

	if (points_parse(span_of(text), 1, &p, &d) == -1)
		return NULL;
	for (unsigned i = 0; i < p.n; i++) {
		new.value = p.v[i];
		new.step = 10.0 * (i + 1);
		new.time = 1000 + 60.0 * i;
		new.line = i + 1;
		s = series_add(set, &new);
		series_want(s, wants);
	}
	points_fini(&p);
	return s;
}

/* The answer as a text: a number, true, false, unknown, or a text. */
static void
answer(const char *text, const char *x, const char *y, char *ret, size_t size)
{
	struct series_set *set = series_set_new(vocab, 0);
	struct scope       scope = scope_new();
	struct expr_errors errors = { 0 };
	struct expr        e = { 0 };
	struct run         run = { .step = 50, .epoch = NAN, .steps = 1000, .epochs = NAN, .start = 0,
		.profile = "keras", .last_progress = NAN };
	struct facts       facts = { .run = &run, .set = set, .now = 2000, .quiet_since = 1500 };
	struct value       param = { { 600 }, K_NUM, U_TIME }, v;
	const struct series *s[SCOPE_NEEDS] = { fill(set, "train/loss", x, 7), fill(set, "val/accuracy", y, 7) };
	const char        *capture[] = { "2.5", "abc" };
	uint32_t           streak[SCOPE_STREAKS] = { 0 };
	struct env         env = { s, &param, &facts, streak, capture, NULL };

	if (expr_parse(span_of(text), &e, &errors) == -1 ||
	    expr_check(&e, &scope, K_UNKNOWN, &errors) == -1) {
		snprintf(ret, size, "mistake");
	} else {
		v = expr_eval(&e, &env);
		if (v.kind == K_UNKNOWN)
			snprintf(ret, size, "unknown");
		else if (v.kind == K_BOOL)
			snprintf(ret, size, "%s", v.num != 0 ? "true" : "false");
		else if (v.kind == K_TEXT)
			snprintf(ret, size, "%s", v.text);
		else
			snprintf(ret, size, "%.6g", v.num);
	}
	expr_fini(&e);
	series_set_free(set);
}

static const struct { const char *text, *x, *y, *answer; } rows[] = {
	{ "1 + 2 * 3 - 4 / 8", "1", "1", "6.5" },
	{ "-(2 - 5)", "1", "1", "3" },
	{ "2 < 3 and 3 <= 3 and not 4 > 5", "1", "1", "true" },
	{ "1 == 1 or 1 / 0 > 2", "1", "1", "true" },
	{ "1 / 0 > 2", "1", "1", "unknown" },
	{ "z > 1 and false", "1", "1", "false" },
	{ "false and z > 1", "1", "1", "false" },
	{ "z > 1 or true", "1", "1", "true" },
	{ "z > 1 or false", "1", "1", "unknown" },
	{ "not z > 1", "1", "1", "unknown" },
	{ "x", "1 2 3", "1", "3" },
	{ "x > nan_free", "1", "1", "mistake" },
	{ "x < 5", "nan", "1", "false" },
	{ "x > 5 or x <= 5", "nan", "1", "false" },
	{ "x != x", "nan", "1", "true" },
	{ "isnan(x) and not finite(x)", "nan", "1", "true" },
	{ "last(x) + prev(x) + prev(x, 2)", "1 2 3", "1", "6" },
	{ "prev(x, 3)", "1 2 3", "1", "unknown" },
	{ "first(x) + n(x) / 1 points", "5 4 3", "1", "8" },
	{ "initial(x)", "5 1 3 9 9", "1", "3" },
	{ "best(x)", "5 2 3", "1", "2" },
	{ "at_best(x)", "5 2 3", "1", "20" },
	{ "since_best(x)", "5 2 3 4", "1", "2" },
	{ "when_best(y, x)", "5 2 3", "7 8 9", "8" },
	{ "at(x, y)", "5 2 3", "7 8", "2" },
	{ "behind(y, x)", "5 2 3 4", "7 8", "2" },
	{ "mean(x, 3)", "9 1 2 3", "1", "2" },
	{ "median(x, 3, 1)", "9 1 2 3", "1", "2" },
	{ "median(x, 5)", "9 1 2 3", "1", "unknown" },
	{ "min(x) + max(x)", "9 1 nan 3", "1", "10" },
	{ "max(x, 2)", "9 1 2 3", "1", "3" },
	{ "max(x, 2 points, 1)", "9 1 7 3", "1", "7" },
	{ "sum(x, 20 steps)", "9 1 2 3", "1", "5" },
	{ "sum(x, 2 min)", "9 1 2 3", "1", "5" },
	{ "min(3, 2) + max(3, 2)", "1", "1", "5" },
	{ "quantile(x, 5, 0.5)", "1 2 3 4 5", "1", "3" },
	{ "change(x, 2)", "1 2 5", "1", "4" },
	{ "rate(x, 2) * 60", "1 2 5", "1", "2" },
	{ "interval(x, 2)", "1 2 5", "1", "6" },
	{ "trend(x, 10)", "0 +2x20", "1", "2" },
	{ "mk(x, 10) > 3", "0 +2x20", "1", "true" },
	{ "mk(x, 16 blocks) < -3", "100>1x120", "1", "true" },
	{ "rises(x) + falls(y)", "1 2 3 4", "3 2 1", "5" },
	{ "same(x)", "1 2 2 2", "1", "3" },
	{ "digits(x) + decimals(x)", "1.25 0.5", "1", "5" },
	{ "step(x) == run.step", "1x5", "1", "true" },
	{ "first_step(x)", "1x5", "1", "10" },
	{ "age(x) > p", "1x5", "1", "true" },
	{ "run.progress", "1", "1", "0.05" },
	{ "run.epoch", "1", "1", "unknown" },
	{ "run.quiet", "1", "1", "500" },
	{ "run.profile == \"keras\"", "1", "1", "true" },
	{ "$size * 2", "1", "1", "5" },
	{ "$word == \"abc\"", "1", "1", "true" },
	{ "$word > 1", "1", "1", "unknown" },
	{ "block(x) + blocks(x) / 1 blocks", "1x5 2x5", "1", "4" },
	{ "best_block(x) + first_block(x)", "3x5 2x5 4x5", "1", "5" },
	{ "since_best_block(x)", "3x5 2x5 4x5", "1", "1" },
	{ "spike(x)", "2~0.02x80 3x7", "1", "true" },
	{ "over(x, 6)", "2~0.02x80 3x2", "1", "2" },
	{ "lr_family(x)", "0.1x20", "1", "constant" },
	{ "if(x > 2, 10, 20)", "1", "1", "20" },
	{ "default(z, 7)", "1", "1", "7" },
	{ "known(last(z))", "1", "1", "false" },
	{ "off_integer(3.03)", "1", "1", "0.01" },
	{ "off_chance(0.6931) < 1%", "1", "1", "true" },
	{ "ln(x)", "0", "1", "unknown" },
	{ "5% + 50%", "1", "1", "0.55" },
	{ "streak(x == 1)", "1", "1", "1" },
	{ "count(\"oom\")", "1", "1", "0" },
	{ "firing(\"oom\") or seen(\"oom\")", "1", "1", "false" },
	{ "peers(x)", "1", "1", "1" },
};

struct mistake { size_t off; char text[240]; unsigned n; };

static void
take(void *arg, size_t off, const char *sentence)
{
	struct mistake *m = arg;

	if (m->n++ == 0) {
		m->off = off;
		snprintf(m->text, sizeof m->text, "%s", sentence);
	}
}

static const struct { const char *text; size_t off; const char *part; } bad[] = {
	{ "since_bset(x) > 1", 0, "since_best" },
	{ "x > 1 and lossy > 2", 10, "not known" },
	{ "x >", 3, "ends where a value" },
	{ "(x > 1", 6, ") is missing" },
	{ "x > 1)", 5, "closes nothing" },
	{ "x = 1", 2, "==" },
	{ "x > 1 && x < 2", 6, "and, or, not" },
	{ "1 < x < 3", 6, "do not chain" },
	{ "x 2", 2, "operator" },
	{ "mean(x, 5, 6, 7)", 0, "1 to 3" },
	{ "mean(5)", 5, "name of needs" },
	{ "max(x, prev(x)) > 1", 0, "wants a window" },
	{ "x > 10 min", 2, NULL },
	{ "run.age > 5 steps", 8, "not of the same kind" },
	{ "p + 3 epochs", 2, "not of the same kind" },
	{ "5kg > x", 0, "no unit" },
	{ "x and true", 0, "truth value" },
	{ "\"abc > x", 0, "closing quote" },
	{ "$nothing > 1", 0, "no event of this rule" },
	{ "run.stepp > 1", 0, "run.step" },
	{ "count(x)", 6, "id of a rule" },
	{ "", 0, "ends where" },
};

static void
mistakes(void)
{
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct mistake     m = { 0 };
		struct expr_errors errors = { take, &m, 0 };
		struct scope       scope = scope_new();
		struct expr        e = { 0 };
		bool               good = expr_parse(span_of(bad[i].text), &e, &errors) == 0 &&
		    expr_check(&e, &scope, K_BOOL, &errors) == 0;

		if (!bad[i].part)
			OK(good, "no mistake: %s", bad[i].text);
		else
			OK(!good && m.off == bad[i].off && strstr(m.text, bad[i].part),
			    "mistake: %s (at %zu: %s)", bad[i].text, m.off, m.text);
		expr_fini(&e);
	}
}

static void
depth(void)
{
	char               text[1400] = "";
	struct mistake     m = { 0 };
	struct expr_errors errors = { take, &m, 0 };
	struct expr        e = { 0 };

	memset(text, '(', 600);
	text[600] = '1';
	memset(text + 601, ')', 600);
	OK(expr_parse(span_of(text), &e, &errors) == -1 && strstr(m.text, "too deep"),
	    "600 nested parentheses");
	expr_fini(&e);
}

static void
all_mistakes(void)
{
	struct mistake     m = { 0 };
	struct expr_errors errors = { take, &m, 0 };
	struct scope       scope = scope_new();
	struct expr        e = { 0 };

	OK(expr_parse(SPAN_LIT("aa > 1 and bb > 2 and cc > 3"), &e, &errors) == 0, "it parses");
	OK(expr_check(&e, &scope, K_BOOL, &errors) == -1 && m.n == 3, "all unknown names at once");
	expr_fini(&e);
}

int
main(void)
{
	vocab = vocab_new();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char got[100];

		answer(rows[i].text, rows[i].x, rows[i].y, got, sizeof got);
		IS_STR(got, rows[i].answer, "%s", rows[i].text);
	}
	mistakes();
	depth();
	all_mistakes();
	vocab_free(vocab);
	return DONE();
}
