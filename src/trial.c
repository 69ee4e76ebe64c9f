/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "trial.h"

#include <math.h>
#include <stdlib.h>

#include "pipeline.h"
#include "reader.h"
#include "xalloc.h"
#include "ydoc.h"

#define GOT_SHOWN 4 /* samples told when a test fails */

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

/* What came out, a few of it: for a test that wanted something else. */
static void
tell_got(const struct got *g, struct buf *why)
{
	if (g->n == 0)
		buf_str(why, "; nothing came out");
	for (size_t i = 0; i < g->n && i < GOT_SHOWN; i++)
		buf_printf(why, "%s%s %.9g", i ? ", " : "; there are ", vocab_metric_name(g->vocab, g->v[i].metric),
		    g->v[i].value);
	if (g->n > GOT_SHOWN)
		buf_str(why, ", ...");
}

/* What is wrong with the sample that an entry wants, into why; *at is its place.  False: nothing. */
static bool
differs(struct got *g, const struct ynode *want, bool *taken, struct buf *why, const struct ynode **at)
{
	static const char *const keys[] = { "value", "step", "epoch" };
	const struct ynode *metric = ynode_get(want, "metric"), *labels = ynode_get(want, "labels");
	const struct sample *s = metric ? take(g, taken, metric->text) : NULL;
	const char *name = metric && metric->text.p ? metric->text.p : "?";
	bool given;

	*at = want;
	if (!s) {
		buf_printf(why, "no sample of %s came out, or none that is left", name);
		tell_got(g, why);
		return true;
	}
	const double got[] = { s->value, s->step, s->epoch };
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		double v = number_of(want, keys[i], &given);
		if (!given || same(v, got[i]))
			continue;
		*at = ynode_get(want, keys[i]);
		buf_printf(why, "%s of %s is %.9g, not %.9g", keys[i], name, got[i], v);
		return true;
	}
	if (labels && !span_is(labels->text, vocab_labels_text(g->vocab, s->labels))) {
		*at = labels;
		buf_printf(why, "labels of %s are \"%s\", not \"%s\"", name,
		    vocab_labels_text(g->vocab, s->labels), labels->text.p ? labels->text.p : "");
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

/* One test; true: it holds, else why says what does not, and *at where that is wanted. */
static bool
run_test(struct knowledge *k, const struct ynode *test, struct buf *why, const struct ynode **at)
{
	const struct ynode *lines = ynode_get(test, "lines"), *samples = ynode_get(test, "samples");
	struct knowledge bare = knowledge_lines(k);
	struct got got = { .vocab = k->vocab };
	struct diag d = { .text = "" };
	bool bad = false;

	*at = test;
	if (!lines || lines->kind != Y_LIST || (samples && samples->kind != Y_LIST)) {
		buf_str(why, "a test has lists: lines: and samples:");
		return false;
	}
	struct pipeline_opts o = { .knowledge = &bare, .arg = &got, .sample = collect };
	struct pipeline *p = pipeline_new(&o, &d);
	if (!p) {
		knowledge_lines_fini(&bare);
		buf_str(why, d.text);
		return false;
	}
	feed_lines(p, lines);
	size_t want = samples ? samples->n : 0;
	bool *taken = xcalloc(got.n + 1, sizeof *taken);
	for (size_t i = 0; i < want && !bad; i++)
		bad = differs(&got, samples->item[i], taken, why, at);
	if (want == 0 && got.n > 0) {
		buf_str(why, "there should be no sample");
		tell_got(&got, why);
		bad = true;
	}
	free(taken);
	pipeline_free(p);
	knowledge_lines_fini(&bare);
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
			const struct ynode *at;
			bool ok = run_test(k, tests->item[t], &why, &at);
			ret->tests++;
			ret->failed += !ok;
			if (ok)
				buf_printf(out, "ok %s: test %zu\n", profile_name(p), t + 1);
			else
				buf_printf(out, "not ok %s: test %zu (%s:%u:%u): %s\n", profile_name(p), t + 1,
				    profile_file(p), at->line, at->col, buf_cstr(&why));
			buf_fini(&why);
		}
	}
}
