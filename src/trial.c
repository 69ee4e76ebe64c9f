/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "trial.h"

#include <math.h>
#include <stdlib.h>

#include "pipeline.h"
#include "reader.h"
#include "xalloc.h"
#include "ydoc.h"

struct got {
	struct sample *v;
	size_t n, cap;
	const struct vocab *vocab;
};

static void
collect(void *arg, const struct run *run, const struct sample *s)
{
	struct got *g = arg;

	(void)run;
	if (s->live)
		return;
	XGROW(g->v, g->n, g->cap);
	g->v[g->n++] = *s;
}

static bool
same(double want, double got)
{
	if (isnan(want) || isnan(got))
		return isnan(want) && isnan(got);
	return want == got || fabs(want - got) <= 1e-9 * fmax(fabs(want), fabs(got));
}

static double
number_of(const struct ynode *map, const char *key, bool *given)
{
	const struct ynode *n = ynode_get(map, key);
	double v = NAN;
	size_t used;

	*given = n != NULL;
	if (n)
		(void)number_read(n->text, &v, &used);
	return v;
}

/* The first sample of a metric that no earlier entry of the test has taken; NULL: none is left. */
static struct sample *
take(struct got *g, bool *taken, struct span metric)
{
	for (size_t i = 0; i < g->n; i++)
		if (!taken[i] && span_is(metric, vocab_metric_name(g->vocab, g->v[i].metric))) {
			taken[i] = true;
			return &g->v[i];
		}
	return NULL;
}

/* What is wrong with the sample that an entry wants, into why; false: nothing. */
static bool
differs(struct got *g, const struct ynode *want, bool *taken, struct buf *why)
{
	const struct ynode *metric = ynode_get(want, "metric"), *labels = ynode_get(want, "labels");
	const struct sample *s = metric ? take(g, taken, metric->text) : NULL;
	const char *name = metric ? metric->text.p : "?";
	bool given;

	if (!s) {
		buf_printf(why, "no sample of %s came out, or none that is left", name);
		return true;
	}
	double v = number_of(want, "value", &given);
	if (given && !same(v, s->value)) {
		buf_printf(why, "%s is %.9g, not %.9g", name, s->value, v);
		return true;
	}
	v = number_of(want, "step", &given);
	if (given && !same(v, s->step)) {
		buf_printf(why, "step of %s is %.9g, not %.9g", name, s->step, v);
		return true;
	}
	v = number_of(want, "epoch", &given);
	if (given && !same(v, s->epoch)) {
		buf_printf(why, "epoch of %s is %.9g, not %.9g", name, s->epoch, v);
		return true;
	}
	if (labels && !span_is(labels->text, vocab_labels_text(g->vocab, s->labels))) {
		buf_printf(why, "labels of %s are \"%s\", not \"%s\"", name,
		    vocab_labels_text(g->vocab, s->labels), labels->text.p);
		return true;
	}
	return false;
}

static void
feed_lines(struct pipeline *p, const struct ynode *lines)
{
	for (size_t i = 0; i < lines->n; i++) {
		pipeline_feed(p, 0, lines->item[i]->text, NAN);
		pipeline_feed(p, 0, SPAN_LIT("\n"), NAN);
	}
	pipeline_end(p, NAN);
}

/* One test; true: it holds, else why says what does not. */
static bool
run_test(struct knowledge *k, const struct ynode *test, struct buf *why)
{
	const struct ynode *lines = ynode_get(test, "lines"), *samples = ynode_get(test, "samples");
	struct knowledge bare = *k;
	struct got got = { .vocab = k->vocab };
	struct diag d = { .text = "" };
	bool bad = false;

	if (!lines || lines->kind != Y_LIST || (samples && samples->kind != Y_LIST)) {
		buf_str(why, "a test has lists: lines: and samples:");
		return false;
	}
	bare.rules = NULL;
	struct pipeline_opts o = { .knowledge = &bare, .arg = &got, .sample = collect };
	struct pipeline *p = pipeline_new(&o, &d);
	if (!p) {
		buf_str(why, d.text);
		return false;
	}
	feed_lines(p, lines);
	size_t want = samples ? samples->n : 0;
	bool *taken = xcalloc(got.n + 1, sizeof *taken);
	for (size_t i = 0; i < want && !bad; i++)
		bad = differs(&got, samples->item[i], taken, why);
	if (want == 0 && got.n > 0) {
		buf_printf(why, "%zu samples came out, where there should be none: %s ...", got.n,
		    vocab_metric_name(k->vocab, got.v[0].metric));
		bad = true;
	}
	free(taken);
	pipeline_free(p);
	free(got.v);
	return !bad;
}

void
trial_run(struct knowledge *k, const char *only, struct buf *out, struct trial_stat *ret)
{
	*ret = (struct trial_stat){ 0, 0, 0 };
	for (unsigned i = 0; i < profiles_count(k->profiles); i++) {
		const struct profile *p = profiles_at(k->profiles, i);
		const struct ynode *tests = ynode_get(ydoc_root(p->doc), "tests");
		if (only && strcmp(only, profile_name(p)) != 0)
			continue;
		if (!tests || tests->kind != Y_LIST || tests->n == 0) {
			buf_printf(out, "not ok %s: has no tests (%s)\n", profile_name(p), profile_file(p));
			ret->untested++;
			continue;
		}
		for (size_t t = 0; t < tests->n; t++) {
			struct buf why;
			buf_init(&why, 4096);
			bool ok = run_test(k, tests->item[t], &why);
			ret->tests++;
			ret->failed += !ok;
			if (ok)
				buf_printf(out, "ok %s: test %zu\n", profile_name(p), t + 1);
			else
				buf_printf(out, "not ok %s: test %zu (%s:%u): %s\n", profile_name(p), t + 1,
				    profile_file(p), tests->item[t]->line, buf_cstr(&why));
			buf_fini(&why);
		}
	}
}
