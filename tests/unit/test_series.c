/* SPDX-License-Identifier: MIT */
/* series: hygiene, windows, blocks, jumps, history, the limit. */
#include <math.h>

#include "series.h"
#include "series_impl.h"
#include "tap.h"

static struct vocab *vocab;
static int loss, accuracy;

static struct series *
add(struct series_set *set, int metric, double value, double step, unsigned segment)
{
	struct sample s = { .metric = metric, .value = value, .step = step, .epoch = NAN,
		.time = step, .line = (uint64_t)step, .segment = segment };

	return series_add(set, &s);
}

static void
points(void)
{
	struct series_set  *set = series_set_new(vocab, 0);
	struct series      *s = NULL;
	struct series_point p;

	for (int i = 1; i <= 5; i++)
		s = add(set, loss, 6 - i, i, 0);
	OK(series_recent(s, 0, &p) && p.value == 1, "the newest point");
	OK(series_recent(s, 4, &p) && p.value == 5, "the oldest one");
	OK(!series_recent(s, 5, &p), "there is none before it");
	OK(add(set, loss, 1, 5, 0) == NULL, "the same value at the same step is no new point");
	OK(add(set, loss, 1, 6, 0) != NULL, "at a new step it is");
	OK(series_best(s, &p) && p.value == 1 && p.step == 5, "best of a falling metric: its first place");
	IS_NUM(s->same, 2, "equal values in a row");
	add(set, loss, NAN, 7, 0);
	IS_NUM(series_nonfinite(s), 1, "NaN is counted");
	IS_NUM(series_max(s), 5, "and is no maximum");
	add(set, loss, 9, 1, 1);
	IS_NUM(series_seg_n(s), 1, "a new segment begins at one point");
	OK(s->before.known && isnan(s->before.last) && s->before.best == 1, "it knows what was before");
	series_set_free(set);
}

static void
limit_and_labels(void)
{
	struct series_set *set = series_set_new(vocab, 2);
	struct sample      s = { .metric = loss, .labels = 1, .value = 1, .step = 1 };

	OK(add(set, loss, 1, 1, 0) && series_add(set, &s), "two series fit");
	OK(add(set, accuracy, 1, 1, 0) == NULL, "the third is refused");
	IS_NUM(series_refused(set), 1, "and counted");
	OK(series_find(set, loss, 1) != series_find(set, loss, 0), "labels tell series apart");
	s.live = true;
	OK(series_add(set, &s) == NULL, "a redraw is no point");
	series_set_free(set);
}

static void
windows(void)
{
	struct series_set *set = series_set_new(vocab, 0);
	struct series     *s = NULL;
	double             x[SERIES_HISTORY], per, lo, hi;

	for (int i = 1; i <= 1000; i++)
		s = add(set, loss, i, 10.0 * i, 0);
	IS_NUM(series_window(s, 3, 0, x, &per), 3, "a short window, value by value");
	OK(x[0] == 998 && x[2] == 1000 && per == 1, "oldest first");
	IS_NUM(series_window(s, 3, 10, x, &per), 3, "one that ended 10 points ago");
	IS_NUM(x[2], 990, "ends there");
	IS_NUM(series_window(s, 1001, 0, x, &per), 0, "one that is not filled");
	OK(series_window(s, 500, 0, x, &per) >= 500 / 16 - 1, "a long one from the history");
	OK(per > 1 && x[0] >= 500 && x[0] < 540, "whose first bucket lies in it");
	OK(series_extremes(s, 800, &lo, &hi) && hi == 1000 && lo > 200 && lo < 220, "extremes of a long window");
	IS_NUM(series_since_step(s, 9951), 5, "points since a step");
	IS_NUM(series_since_step(s, 5000) > 480, 1, "beyond the ring");
	OK(series_at_line(s, 9995, &lo) && lo == 999, "the value at a line");
	series_set_free(set);
}

static void
blocks(void)
{
	struct series_set *set = series_set_new(vocab, 0);
	struct series     *s = add(set, loss, 1, 1, 0);
	unsigned           done = 0;

	series_want(s, SERIES_BLOCKS);
	for (int i = 2; i <= 420; i++) {
		add(set, loss, i <= 200 ? 300 - i : i, i, 0);
		done += s->block_done;
	}
	IS_NUM(done, 20 + 30 + 1, "20 blocks of 5, 30 of 10, then of 20");
	IS_NUM(s->blocks->n, done, "as many are counted");
	OK(fabs(s->blocks->best.median - 104.5) < 6, "the best is where it turned");
	OK(s->blocks->ring[0].se > 0, "with a standard error");
	series_set_free(set);
}

static double
noise(int i)
{
	return 1 + 0.01 * ((i * 7919) % 11 - 5);
}

static void
jumps(void)
{
	struct series_set *set = series_set_new(vocab, 0);
	struct series     *s = add(set, loss, 2, 1, 0);
	int                at = 0;

	series_want(s, SERIES_JUMPS);
	for (int i = 2; i <= 100; i++)
		add(set, loss, 2 * noise(i), i, 0);
	OK(!s->jumps->up.open && s->jumps->ready, "noise is no excursion");
	add(set, loss, 9, 101, 0);
	for (int i = 102; i <= 120; i++)
		add(set, loss, 2 * noise(i), i, 0);
	OK(s->jumps->up.count == 0 && s->jumps->outliers == 1, "one bad batch is an outlier");
	for (int i = 121; i <= 130 && !at; i++) {
		add(set, loss, 2.8 * noise(i), i, 0);
		at = s->jumps->up.open ? i - 120 : 0;
	}
	OK(at >= 4 && at <= 6, "a lasting one is seen after 4 to 6 points (%d)", at);
	add(set, loss, -1, 131, 0);
	OK(s->jumps->plain, "a value below 0 ends the logarithm");
	series_set_free(set);
}

static void
history(void)
{
	struct series_set   *set = series_set_new(vocab, 0);
	struct series_bucket b[SERIES_HISTORY];
	struct series       *s = NULL;
	unsigned             n, sum = 0;

	for (int i = 1; i <= 100000; i++)
		s = add(set, loss, i, i, 0);
	n = series_history(s, b);
	for (unsigned i = 0; i < n; i++)
		sum += b[i].n;
	OK(n > SERIES_HISTORY / 2 - 1 && n <= SERIES_HISTORY, "the history stays bounded");
	IS_NUM(sum, 100000, "and leaves nothing out");
	OK(b[0].min == 1 && b[n - 1].max == 100000, "from the first to the last");
	series_set_free(set);
}

/* A size is what it is, whichever unit the line prints it in. */
static void
sizes(void)
{
	struct series_set  *set = series_set_new(vocab, 0);
	struct sample       s = { .metric = loss, .value = 512, .step = 1, .line = 1, .unit = match_unit("MiB") };
	struct series      *x = series_add(set, &s);
	struct series_point p = { 0 };

	OK(series_recent(x, 0, &p) && p.value == 0x1p29, "a size is kept in bytes");
	OK(!series_add(set, &s), "and printed again it is the same");
	s.value = 0.5;
	s.step = 2;
	s.unit = match_unit("GB");
	series_add(set, &s);
	OK(series_recent(x, 0, &p) && p.value == 0x1p29, "in another unit, too");
	series_set_free(set);
}

int
main(void)
{
	vocab = vocab_new();
	loss = vocab_metric_named(vocab, "train/loss");
	accuracy = vocab_metric_named(vocab, "val/accuracy");
	points();
	limit_and_labels();
	windows();
	blocks();
	jumps();
	history();
	sizes();
	vocab_free(vocab);
	return DONE();
}
