/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <math.h>

#include "series.h"
#include "series_impl.h"

/* Values one by one, oldest first. */
static unsigned
ring_window(const struct series *s, unsigned n, unsigned ago, double *ret)
{
	unsigned k = 0;

	for (unsigned i = n; i-- > 0;) {
		double v = series_back(s, i + ago)->value;

		if (isfinite(v))
			ret[k++] = v;
	}
	return k;
}

/* First and one past the last bucket that lie in points [from, to). */
static void
bucket_range(const struct series *s, uint64_t from, uint64_t to, unsigned *first, unsigned *end)
{
	*first = (unsigned)((from + s->per - 1) / s->per);
	*end = to == s->n ? s->nhistory : (unsigned)(to / s->per);
}

unsigned
series_window(const struct series *s, uint64_t n, uint64_t ago, double *ret, double *per)
{
	uint64_t have = series_seg_n(s), from, to;
	unsigned first, end, k = 0;

	*per = 1;
	if (n == 0 || n > have || ago > have - n)
		return 0;
	if (n + ago <= s->ring_size)
		return ring_window(s, (unsigned)n, (unsigned)ago, ret);
	to = s->n - ago;
	from = to - n;
	bucket_range(s, from, to, &first, &end);
	*per = (double)s->per;
	for (unsigned i = first; i < end; i++)
		if (s->history[i].n > 0)
			ret[k++] = (double)s->history[i].mean;
	return k;
}

bool
series_extremes(const struct series *s, uint64_t n, double *min, double *max)
{
	double   lo = INFINITY, hi = -INFINITY;
	unsigned first, end;

	if (n == 0 || n > series_seg_n(s))
		return false;
	if (n <= s->ring_size) {
		for (unsigned i = 0; i < n; i++) {
			double v = series_back(s, i)->value;

			if (!isfinite(v))
				continue;
			lo = v < lo ? v : lo;
			hi = v > hi ? v : hi;
		}
	} else {
		bucket_range(s, s->n - n, s->n, &first, &end);
		for (unsigned i = first; i < end; i++)
			if (s->history[i].n > 0) {
				lo = fmin(lo, (double)s->history[i].min);
				hi = fmax(hi, (double)s->history[i].max);
			}
	}
	*min = lo;
	*max = hi;
	return lo <= hi;
}

bool
series_at_line(const struct series *s, uint64_t line, double *ret)
{
	for (unsigned i = 0; i < s->ring_size && i < s->n; i++) {
		const struct series_point *p = series_back(s, i);

		if (p->line <= line) {
			*ret = p->value;
			return true;
		}
	}
	for (unsigned i = s->nhistory; i-- > 0;)
		if (s->history[i].line <= line && s->history[i].n > 0) {
			*ret = (double)s->history[i].mean;
			return true;
		}
	return false;
}

/* Where a point stands, by what a window is measured in. */
enum axis { BY_STEP, BY_EPOCH, BY_TIME };

static double
place(enum axis axis, double step, double epoch, double time)
{
	return axis == BY_STEP ? step : axis == BY_EPOCH ? epoch : time;
}

/*
 * Number of points of the segment from that place on.  The window is filled
 * only when something before it is known, else the answer is 0.  Epochs of
 * buckets are not kept: such windows reach as far as the ring.
 */
static uint64_t
since(const struct series *s, enum axis axis, double at)
{
	uint64_t have = series_seg_n(s), n = 0;

	for (; n < have && n < s->ring_size; n++) {
		const struct series_point *p = series_back(s, (unsigned)n);

		if (!(place(axis, p->step, p->epoch, p->time) >= at))
			return n;
	}
	if (n == have || axis == BY_EPOCH)
		return 0;
	for (unsigned i = s->nhistory; i-- > 0;) {
		const struct bucket *b = &s->history[i];
		uint64_t             end = (i + 1) * s->per < s->n ? (i + 1) * s->per : s->n;

		if (end <= s->start)
			return 0;
		if (!(place(axis, b->step, NAN, b->time) >= at))
			return s->n - end;
	}
	return 0;
}

uint64_t
series_since_step(const struct series *s, double step)
{
	return since(s, BY_STEP, step);
}

uint64_t
series_since_epoch(const struct series *s, double epoch)
{
	return since(s, BY_EPOCH, epoch);
}

uint64_t
series_since_time(const struct series *s, double time)
{
	return since(s, BY_TIME, time);
}
