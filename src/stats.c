/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "stats.h"

#include <assert.h>
#include <math.h>
#include <string.h>

double
stats_mean(const double *x, unsigned n)
{
	double sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += x[i];
	return sum / n;
}

double
stats_sd(const double *x, unsigned n)
{
	double m, sum = 0;

	if (n < 2)
		return 0;
	m = stats_mean(x, n);
	for (unsigned i = 0; i < n; i++)
		sum += (x[i] - m) * (x[i] - m);
	return sqrt(sum / (n - 1));
}

/*
 * Puts what is smaller than the pivot, or equal as well, first; returns how many.
 * No branch hangs on the data.
 */
static inline unsigned
part(double *x, unsigned n, double pivot, bool equal)
{
	unsigned at = 0;

	for (unsigned i = 0; i < n; i++) {
		double v = x[i];
		x[i] = x[at];
		x[at] = v;
		at += equal ? v <= pivot : v < pivot;
	}
	return at;
}

/*
 * Selection: puts the k-th smallest at x[k], smaller ones before it.  The
 * middle of three as pivot keeps sorted and reversed input fast.
 */
static double
select_kth(double *x, unsigned n, unsigned k)
{
	for (;;) {
		double a = x[0], b = x[n / 2], c = x[n - 1];
		double lo = a < b ? a : b, hi = a < b ? b : a, pivot = c < lo ? lo : c > hi ? hi : c;
		unsigned less = part(x, n, pivot, false);

		if (k < less) {
			n = less;
			continue;
		}
		unsigned equal = part(x + less, n - less, pivot, true);
		if (k < less + equal || equal == 0) /* 0: not a number, against the rule */
			return pivot;
		x += less + equal;
		n -= less + equal;
		k -= less + equal;
	}
}

/* The median of x, whose order is lost. */
static double
median_of(double *x, unsigned n)
{
	double hi = select_kth(x, n, n / 2), lo;

	if (n % 2 == 1)
		return hi;
	lo = x[0];
	for (unsigned i = 1; i < n / 2; i++)
		if (x[i] > lo)
			lo = x[i];
	return (lo + hi) / 2;
}

double
stats_median(const double *x, unsigned n)
{
	double copy[STATS_MAX];

	assert(n > 0 && n <= STATS_MAX);
	memcpy(copy, x, n * sizeof *x);
	return median_of(copy, n);
}

double
stats_quantile(const double *x, unsigned n, double q)
{
	double   copy[STATS_MAX], at, a, b;
	unsigned i;

	assert(n > 0 && n <= STATS_MAX);
	memcpy(copy, x, n * sizeof *x);
	at = q < 0 ? 0 : q > 1 ? n - 1 : q * (n - 1);
	i = (unsigned)at;
	a = select_kth(copy, n, i);
	if (i + 1 >= n)
		return a;
	b = select_kth(copy, n, i + 1);
	return a + (at - i) * (b - a);
}

double
stats_mad(const double *x, unsigned n)
{
	double dev[STATS_MAX], m = stats_median(x, n);

	for (unsigned i = 0; i < n; i++)
		dev[i] = fabs(x[i] - m);
	return 1.4826 * median_of(dev, n);
}

/* Median of the distances of points lag apart. */
static double
lag_median(const double *x, unsigned n, unsigned lag)
{
	double d[STATS_MAX];

	for (unsigned i = lag; i < n; i++)
		d[i - lag] = fabs(x[i] - x[i - lag]);
	return median_of(d, n - lag);
}

double
stats_noise(const double *x, unsigned n)
{
	assert(n <= STATS_MAX);
	return n < 2 ? 0 : lag_median(x, n, 1) / 0.954;
}

double
stats_jitter(const double *x, unsigned n)
{
	double d[STATS_MAX];

	assert(n <= STATS_MAX);
	if (n < 3)
		return 0;
	for (unsigned i = 1; i + 1 < n; i++)
		d[i - 1] = fabs(x[i - 1] - 2 * x[i] + x[i + 1]);
	return median_of(d, n - 2) / (0.6745 * sqrt(6));
}

double
stats_slope(const double *x, unsigned n)
{
	double   slope[STATS_PAIRS * (STATS_PAIRS - 1) / 2];
	unsigned k = 0;

	assert(n <= STATS_PAIRS);
	if (n < 2)
		return 0;
	for (unsigned i = 0; i < n; i++)
		for (unsigned j = i + 1; j < n; j++)
			slope[k++] = (x[j] - x[i]) / (j - i);
	return median_of(slope, k);
}

double
stats_mk(const double *x, unsigned n)
{
	int    s = 0;
	double var;

	if (n < 3)
		return 0;
	for (unsigned i = 0; i < n; i++)
		for (unsigned j = i + 1; j < n; j++)
			s += (x[j] > x[i]) - (x[j] < x[i]);
	var = (double)n * (n - 1) * (2.0 * n + 5) / 18;
	return (s - (s > 0) + (s < 0)) / sqrt(var);
}

double
stats_turns(const double *x, unsigned n)
{
	unsigned turns = 0;

	if (n < 3)
		return 0;
	for (unsigned i = 1; i + 1 < n; i++)
		turns += (x[i] > x[i - 1] && x[i] > x[i + 1]) ||
		    (x[i] < x[i - 1] && x[i] < x[i + 1]);
	return (double)turns / (n - 2);
}

bool
stats_mixed(const double *x, unsigned n)
{
	double d1, d2;

	assert(n <= STATS_MAX);
	if (n < 8)
		return false;
	d1 = lag_median(x, n, 1);
	d2 = lag_median(x, n, 2);
	/* Batches of two kinds in any order jump as far, but do not take turns. */
	return d1 > 4 * d2 && d1 > 0.05 * fabs(stats_median(x, n)) && stats_turns(x, n) >= 0.9;
}

void
stats_groups(const double *x, unsigned n, double *ret, unsigned groups)
{
	for (unsigned g = 0; g < groups; g++) {
		unsigned from = g * n / groups, to = (g + 1) * n / groups;

		ret[g] = stats_mean(x + from, to - from);
	}
}
