/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "func_series.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "series_impl.h"
#include "stats.h"

#define FN(name) \
	struct value \
	fn_##name(const struct env *env, const struct value *arg, unsigned n)
#define UNUSED (void)env, (void)arg, (void)n
#define S (arg[0].series)

static struct value
num(double v)
{
	return value_num(v);
}

/* A number with a unit. */
static struct value
unit(double v, enum unit_of u)
{
	return (struct value){ { v }, K_NUM, (unsigned char)u };
}

/* NaN stands for what is not known. */
static struct value
maybe(double v)
{
	return isnan(v) ? VALUE_UNKNOWN : num(v);
}

/* An argument as a count; 0 when it is none. */
static uint64_t
count_of(struct value v)
{
	return v.num >= 1 && v.num < 1e15 ? (uint64_t)v.num : 0;
}

/* --- windows --- */

/* Points of the segment in the window; 0: it is not filled. */
static uint64_t
window_points(const struct series *s, struct value w)
{
	const struct series_point *p = series_point(s, 0);

	if (!p)
		return 0;
	switch (w.unit) {
	case U_STEPS:
		return series_since_step(s, nextafter(p->step - w.num, INFINITY));
	case U_EPOCHS:
		return series_since_epoch(s, nextafter(p->epoch - w.num, INFINITY));
	case U_TIME:
		return series_since_time(s, nextafter(p->time - w.num, INFINITY));
	default:
		return count_of(w);
	}
}

/* Medians of the blocks of a window, oldest first. */
static unsigned
window_blocks(const struct series *s, uint64_t n, uint64_t ago, double *ret)
{
	const struct blocks *b = s->blocks;

	if (!b || n == 0 || n + ago > BLOCK_RING || n + ago > b->n)
		return 0;
	for (uint64_t i = 0; i < n; i++)
		ret[i] = b->ring[(b->n - ago - n + i) % BLOCK_RING].median;
	return (unsigned)n;
}

/* Values of the window w that ends w points (blocks) before the newest; their number. */
static unsigned
values(const struct series *s, struct value w, uint64_t ago, double *ret, double *per)
{
	*per = 1;
	if (w.unit == U_BLOCKS)
		return window_blocks(s, count_of(w), ago, ret);
	return series_window(s, window_points(s, w), ago, ret, per);
}

/* The argument that says how far back a window ends. */
static uint64_t
ago_of(const struct value *arg, unsigned n, unsigned at)
{
	return n > at && arg[at].num > 0 ? (uint64_t)arg[at].num : 0;
}

/* The statistic f of the window; unknown when it is not filled. */
static struct value
over_window(const struct value *arg, unsigned n, double (*f)(const double *, unsigned))
{
	double   x[SERIES_HISTORY], per;
	unsigned k = values(S, arg[1], ago_of(arg, n, 2), x, &per);

	return k ? num(f(x, k)) : VALUE_UNKNOWN;
}

static double
sum_of(const double *x, unsigned n)
{
	return stats_mean(x, n) * n;
}

static double
range_of(const double *x, unsigned n)
{
	double lo = x[0], hi = x[0];

	for (unsigned i = 1; i < n; i++) {
		lo = fmin(lo, x[i]);
		hi = fmax(hi, x[i]);
	}
	return hi - lo;
}

FN(mean)
{
	UNUSED;
	if (n > 1)
		return over_window(arg, n, stats_mean);
	return S->nfinite ? num(S->mean) : VALUE_UNKNOWN;
}

FN(sd)
{
	UNUSED;
	if (n > 1)
		return over_window(arg, n, stats_sd);
	return S->nfinite > 1 ? num(sqrt(S->m2 / (double)(S->nfinite - 1))) : VALUE_UNKNOWN;
}

static struct value
extreme(const struct value *arg, unsigned n, bool max)
{
	double lo = S->min, hi = S->max;

	if (n > 1 && (arg[1].unit == U_BLOCKS || n > 2)) {
		double   x[SERIES_HISTORY], per;
		unsigned k = values(S, arg[1], ago_of(arg, n, 2), x, &per);

		lo = INFINITY;
		hi = -INFINITY;
		for (unsigned i = 0; i < k; i++) {
			lo = fmin(lo, x[i]);
			hi = fmax(hi, x[i]);
		}
	} else if (n > 1 && !series_extremes(S, window_points(S, arg[1]), &lo, &hi)) {
		return VALUE_UNKNOWN;
	}
	return lo <= hi ? num(max ? hi : lo) : VALUE_UNKNOWN;
}

FN(min) { UNUSED; return extreme(arg, n, false); }
FN(max) { UNUSED; return extreme(arg, n, true); }
FN(median) { UNUSED; return over_window(arg, n, stats_median); }
FN(mad) { UNUSED; return over_window(arg, n, stats_mad); }
FN(noise) { UNUSED; return over_window(arg, n, stats_noise); }
FN(jitter) { UNUSED; return over_window(arg, n, stats_jitter); }
FN(sum) { UNUSED; return over_window(arg, n, sum_of); }
FN(range) { UNUSED; return over_window(arg, n, range_of); }
FN(turns) { UNUSED; return over_window(arg, n, stats_turns); }

FN(quantile)
{
	double   x[SERIES_HISTORY], per;
	unsigned k = values(S, arg[1], ago_of(arg, n, 3), x, &per);

	UNUSED;
	return k ? num(stats_quantile(x, k, arg[2].num)) : VALUE_UNKNOWN;
}

/*
 * The window as at most STATS_PAIRS values, each the mean of its neighbours, so that a
 * trend over a long window costs no more than over a short one.
 */
static unsigned
trend_values(const struct value *arg, unsigned n, double *ret, double *per)
{
	double   x[SERIES_HISTORY];
	unsigned k = values(S, arg[1], ago_of(arg, n, 2), x, per);

	if (k <= STATS_PAIRS) {
		memcpy(ret, x, k * sizeof *x);
		return k;
	}
	stats_groups(x, k, ret, STATS_PAIRS);
	*per *= (double)k / STATS_PAIRS;
	return STATS_PAIRS;
}

FN(trend)
{
	double   x[STATS_PAIRS], per;
	unsigned k = trend_values(arg, n, x, &per);

	UNUSED;
	return k > 1 ? num(stats_slope(x, k) / per) : VALUE_UNKNOWN;
}

FN(mk)
{
	double   x[STATS_PAIRS], per;
	unsigned k = trend_values(arg, n, x, &per);

	UNUSED;
	return k > 2 ? num(stats_mk(x, k)) : VALUE_UNKNOWN;
}

/* The point at the start of the window. */
static const struct series_point *
window_start(const struct series *s, struct value w)
{
	uint64_t k = w.unit == U_NONE || w.unit == U_POINTS ? count_of(w) + 1 :
	    window_points(s, w);

	return k > 1 ? series_point(s, k - 1) : NULL;
}

FN(change)
{
	const struct series_point *p = window_start(S, arg[1]);

	UNUSED;
	return p ? num(series_back(S, 0)->value - p->value) : VALUE_UNKNOWN;
}

FN(rate)
{
	const struct series_point *p = window_start(S, arg[1]), *q = series_point(S, 0);

	UNUSED;
	return p && q->time > p->time ? num((q->value - p->value) / (q->time - p->time)) :
	    VALUE_UNKNOWN;
}

FN(interval)
{
	const struct series_point *p = window_start(S, arg[1]), *q = series_point(S, 0);

	UNUSED;
	return p && q->time >= p->time && q->step > p->step ?
	    unit((q->time - p->time) / (q->step - p->step), U_TIME) : VALUE_UNKNOWN;
}

/* --- points --- */

FN(last)
{
	const struct series_point *p = series_point(S, 0);

	UNUSED;
	return p ? num(p->value) : VALUE_UNKNOWN;
}

FN(prev)
{
	const struct series_point *p = series_point(S, n > 1 ? count_of(arg[1]) : 1);

	UNUSED;
	return p ? num(p->value) : VALUE_UNKNOWN;
}

FN(first) { UNUSED; return S->ninitial ? num(S->initial[0]) : VALUE_UNKNOWN; }

FN(initial)
{
	UNUSED;
	return S->ninitial == 3 ? num(stats_median(S->initial, 3)) : VALUE_UNKNOWN;
}

FN(n) { UNUSED; return unit((double)series_seg_n(S), U_POINTS); }
FN(total) { UNUSED; return unit((double)S->n, U_POINTS); }
FN(nonfinite) { UNUSED; return unit((double)S->nonfinite, U_POINTS); }
FN(best) { UNUSED; return S->has_best ? num(S->best.value) : VALUE_UNKNOWN; }

FN(at_best)
{
	UNUSED;
	if (!S->has_best)
		return VALUE_UNKNOWN;
	return !isnan(S->best.step) ? unit(S->best.step, U_STEPS) :
	    !isnan(S->best.epoch) ? unit(S->best.epoch, U_EPOCHS) :
	    unit((double)(S->best_at - S->start + 1), U_POINTS);
}

FN(since_best)
{
	UNUSED;
	return S->has_best ? unit((double)(S->n - 1 - S->best_at), U_POINTS) : VALUE_UNKNOWN;
}

static struct value
at_line(const struct series *s, uint64_t line)
{
	double v;

	return series_at_line(s, line, &v) ? num(v) : VALUE_UNKNOWN;
}

FN(when_best)
{
	UNUSED;
	return arg[1].series->has_best ? at_line(S, arg[1].series->best.line) : VALUE_UNKNOWN;
}

FN(at)
{
	const struct series_point *p = series_point(arg[1].series, 0);

	UNUSED;
	return p ? at_line(S, p->line) : VALUE_UNKNOWN;
}

/* Where a bucket lies: by steps, by epochs the history does not tell. */
static unsigned
bucket_at(const struct series_bucket *b, unsigned n, double step)
{
	unsigned low = 0;

	while (n - low > 1) {
		unsigned mid = low + (n - low) / 2;

		if (b[mid].step <= step)
			low = mid;
		else
			n = mid;
	}
	return low;
}

#define AROUND 2 /* buckets on either side: single points would be noise */

/* The same metric's value at this step in the run that it is compared with. */
FN(baseline)
{
	const struct series_set   *set = env->facts->run->baseline;
	const struct series       *b = set ? series_find(set, series_metric(S), series_labels(S)) : NULL;
	const struct series_point *p = series_point(S, 0);
	struct series_bucket       bucket[SERIES_HISTORY];
	unsigned                   count = b ? series_history(b, bucket) : 0, at;
	double                     sum = 0, points = 0;

	UNUSED;
	if (count == 0 || !p || !(p->step >= bucket[0].step && p->step <= bucket[count - 1].step))
		return VALUE_UNKNOWN;
	at = bucket_at(bucket, count, p->step);
	for (unsigned i = at > AROUND ? at - AROUND : 0; i < count && i <= at + AROUND; i++)
		if (bucket[i].n > 0) {
			sum += bucket[i].mean * bucket[i].n;
			points += bucket[i].n;
		}
	return points > 0 ? value_num(sum / points) : VALUE_UNKNOWN;
}

/* Points of y since the newest one of x, as far as the ring reaches. */
FN(behind)
{
	const struct series_point *p = series_point(S, 0), *q;
	uint64_t                   k = 0;

	UNUSED;
	if (!p)
		return VALUE_UNKNOWN;
	while ((q = series_point(arg[1].series, k)) && q->line > p->line)
		k++;
	return unit((double)k, U_POINTS);
}

FN(teeth) { UNUSED; return value_num((double)S->teeth); }
FN(rises) { UNUSED; return unit((double)S->rises, U_POINTS); }
FN(falls) { UNUSED; return unit((double)S->falls, U_POINTS); }
FN(same) { UNUSED; return unit((double)S->same, U_POINTS); }

/* Significant digits and decimals of the shortest text of v. */
static void
digits_of(double v, unsigned *digits, unsigned *decimals)
{
	char  text[40];
	int   precision, exponent;
	char *e;

	for (precision = 0; precision < 17; precision++) {
		snprintf(text, sizeof text, "%.*e", precision, v);
		if (strtod(text, NULL) == v)
			break;
	}
	e = strchr(text, 'e');
	exponent = e ? atoi(e + 1) : 0;
	*digits = (unsigned)precision + 1;
	*decimals = precision > exponent ? (unsigned)(precision - exponent) : 0;
}

/* The most of the points that are still known one by one. */
void
func_printed(const struct series *s, unsigned *digits, unsigned *decimals)
{
	const struct series_point *p;
	unsigned a, b;

	*digits = *decimals = 0;
	for (uint64_t i = 0; (p = series_point(s, i)); i++) {
		if (!isfinite(p->value) || p->value == 0)
			continue;
		digits_of(p->value, &a, &b);
		*digits = a > *digits ? a : *digits;
		*decimals = b > *decimals ? b : *decimals;
	}
}

FN(digits)
{
	unsigned a, b;

	UNUSED;
	func_printed(S, &a, &b);
	return a ? num(a) : VALUE_UNKNOWN;
}

FN(decimals)
{
	unsigned a, b;

	UNUSED;
	func_printed(S, &a, &b);
	return a ? num(b) : VALUE_UNKNOWN;
}

FN(step)
{
	const struct series_point *p = series_point(S, 0);

	UNUSED;
	return p && !isnan(p->step) ? unit(p->step, U_STEPS) : VALUE_UNKNOWN;
}

FN(first_step)
{
	UNUSED;
	return isnan(S->start_step) ? VALUE_UNKNOWN : unit(S->start_step, U_STEPS);
}

FN(age)
{
	const struct series_point *p = series_point(S, 0);
	double                     age = p ? env->facts->now - p->time : NAN;

	UNUSED;
	return isnan(age) ? VALUE_UNKNOWN : unit(age, U_TIME);
}

FN(gap)
{
	UNUSED;
	return S->gap > 0 ? unit(S->gap, U_TIME) : VALUE_UNKNOWN;
}

FN(mixed) { UNUSED; return value_bool(S->mixed); }

/* --- before the restart --- */

FN(before) { UNUSED; return S->before.known ? maybe(S->before.last) : VALUE_UNKNOWN; }
FN(level_before) { UNUSED; return S->before.known ? maybe(S->before.level) : VALUE_UNKNOWN; }
FN(best_before) { UNUSED; return S->before.known ? maybe(S->before.best) : VALUE_UNKNOWN; }

FN(z_before)
{
	const struct before *b = &S->before;

	UNUSED;
	if (!b->known || !(b->scale > 0) || !(b->level > 0) || !(arg[1].num > 0))
		return VALUE_UNKNOWN;
	return num(log(arg[1].num / b->level) / b->scale);
}

/* --- blocks --- */

static const struct block *
block_back(const struct value *arg, unsigned n)
{
	const struct blocks *b = S->blocks;
	uint64_t             k = n > 1 ? (uint64_t)fmax(0, arg[1].num) : 0;

	return b && k < BLOCK_RING && k < b->n ? &b->ring[(b->n - 1 - k) % BLOCK_RING] : NULL;
}

FN(blocks) { UNUSED; return unit(S->blocks ? (double)S->blocks->n : 0, U_BLOCKS); }

FN(block)
{
	const struct block *b = block_back(arg, n);

	UNUSED;
	return b ? num(b->median) : VALUE_UNKNOWN;
}

FN(block_se)
{
	const struct block *b = block_back(arg, n);

	UNUSED;
	return b ? num(b->se) : VALUE_UNKNOWN;
}

/* The usual standard error of the blocks of a window: the root of the mean square. */
FN(mean_se)
{
	const struct blocks *b = S->blocks;
	uint64_t             k = count_of(arg[1]);
	double               sum = 0;

	UNUSED;
	if (!b || k == 0 || k > BLOCK_RING || k > b->n)
		return VALUE_UNKNOWN;
	for (uint64_t i = 0; i < k; i++) {
		double se = b->ring[(b->n - 1 - i) % BLOCK_RING].se;

		sum += se * se;
	}
	return num(sqrt(sum / (double)k));
}

static bool
has_block(const struct series *s)
{
	return s->blocks && s->blocks->n > 0;
}

FN(best_block) { UNUSED; return has_block(S) ? num(S->blocks->best.median) : VALUE_UNKNOWN; }
FN(best_block_se) { UNUSED; return has_block(S) ? num(S->blocks->best.se) : VALUE_UNKNOWN; }
FN(first_block) { UNUSED; return has_block(S) ? num(S->blocks->first.median) : VALUE_UNKNOWN; }

FN(since_best_block)
{
	UNUSED;
	return has_block(S) ? unit((double)(S->blocks->n - 1 - S->blocks->best_index), U_BLOCKS) :
	    VALUE_UNKNOWN;
}

/* --- jumps --- */

static bool
has_jumps(const struct series *s)
{
	return s->jumps && s->jumps->ready;
}

static struct value
location(const struct series *s, double y)
{
	return num(s->jumps->plain ? y : exp(y));
}

FN(z)
{
	const struct jumps *j = S->jumps;

	UNUSED;
	return j && j->z_n ? num((double)j->z[(j->z_n - 1) % Z_RING]) : VALUE_UNKNOWN;
}

FN(level) { UNUSED; return has_jumps(S) ? location(S, S->jumps->m) : VALUE_UNKNOWN; }
FN(scale) { UNUSED; return has_jumps(S) ? num(S->jumps->s) : VALUE_UNKNOWN; }

FN(over)
{
	const struct jumps *j = S->jumps;
	unsigned            k = 0;

	UNUSED;
	if (!has_jumps(S))
		return VALUE_UNKNOWN;
	while (k < Z_RING && k < j->z_n &&
	    (double)j->z[(j->z_n - 1 - k) % Z_RING] > arg[1].num)
		k++;
	return unit(k, U_POINTS);
}

FN(spike) { UNUSED; return has_jumps(S) ? value_bool(S->jumps->up.open) : VALUE_UNKNOWN; }
FN(drop) { UNUSED; return has_jumps(S) ? value_bool(S->jumps->down.open) : VALUE_UNKNOWN; }
FN(base) { UNUSED; return has_jumps(S) ? location(S, S->jumps->up.base) : VALUE_UNKNOWN; }

static struct value
jump_age(const struct series *s, const struct jump *j)
{
	return has_jumps(s) && j->open ? unit((double)j->since_alarm, U_POINTS) : VALUE_UNKNOWN;
}

FN(spike_age) { UNUSED; return S->jumps ? jump_age(S, &S->jumps->up) : VALUE_UNKNOWN; }
FN(drop_age) { UNUSED; return S->jumps ? jump_age(S, &S->jumps->down) : VALUE_UNKNOWN; }
FN(spikes) { UNUSED; return has_jumps(S) ? num(S->jumps->up.count) : VALUE_UNKNOWN; }
FN(outliers) { UNUSED; return has_jumps(S) ? num((double)S->jumps->outliers) : VALUE_UNKNOWN; }

/* --- other labels --- */

#define PEERS_MAX STATS_MAX /* most that are compared */

static struct value
peer_value(const struct env *env, const struct series *s, const struct value *arg, unsigned n)
{
	struct value a[2] = { { .series = s, .kind = K_SERIES }, n > 1 ? arg[1] : num(1) };

	return n > 1 ? fn_median(env, a, 2) : fn_last(env, a, 1);
}

static unsigned
peer_values(const struct env *env, const struct value *arg, unsigned n, double *ret)
{
	unsigned k = 0;

	for (const struct series *s = S->set ? series_peer(S->set, S->metric) : NULL;
	    s && k < PEERS_MAX; s = series_next(s)) {
		struct value v = peer_value(env, s, arg, n);

		if (v.kind == K_NUM && isfinite(v.num))
			ret[k++] = v.num;
	}
	return k;
}

FN(peers)
{
	double x[PEERS_MAX];

	UNUSED;
	return num(peer_values(env, arg, 1, x));
}

FN(peers_median)
{
	double   x[PEERS_MAX];
	unsigned k = peer_values(env, arg, n, x);

	return k ? num(stats_median(x, k)) : VALUE_UNKNOWN;
}

static struct value
peers_extreme(const struct env *env, const struct value *arg, unsigned n, double sign)
{
	double   x[PEERS_MAX], best;
	unsigned k = peer_values(env, arg, n, x);

	if (k == 0)
		return VALUE_UNKNOWN;
	best = x[0];
	for (unsigned i = 1; i < k; i++)
		if (sign * x[i] > sign * best)
			best = x[i];
	return num(best);
}

FN(peers_min) { return peers_extreme(env, arg, n, -1); }
FN(peers_max) { return peers_extreme(env, arg, n, 1); }
