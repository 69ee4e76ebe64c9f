/* SPDX-License-Identifier: MIT */
/*
 * stats: statistics over arrays of double; pure.
 *
 * All values are finite (the caller leaves others out) and n is at least 1
 * unless said otherwise.  Arrays are not changed, and nothing is allocated: n is
 * at most STATS_MAX where a sorted copy is needed.
 */
#ifndef STATS_H
#define STATS_H

#include <stdbool.h>

#define STATS_MAX 128

double stats_mean(const double *x, unsigned n);
/* Sample standard deviation; 0 for n < 2. */
double stats_sd(const double *x, unsigned n);
double stats_median(const double *x, unsigned n);
/* Quantile q in 0..1, linear between neighbours. */
double stats_quantile(const double *x, unsigned n, double q);
/* Median absolute deviation, scaled to a standard deviation (1.4826). */
double stats_mad(const double *x, unsigned n);
/*
 * Noise that a slow trend does not raise: median of |x[i] - x[i-1]| / 0.954, the
 * standard deviation for independent normal values.  0 for n < 2.
 */
double stats_noise(const double *x, unsigned n);
/*
 * The same around a trend, however steep: from the distance of each point to the
 * middle of its neighbours, median of |x[i-1] - 2 x[i] + x[i+1]| / (0.6745 sqrt 6).
 * 0 for n < 3.
 */
double stats_jitter(const double *x, unsigned n);
/* Theil-Sen: median of the slopes of all pairs, per index.  n is at most STATS_PAIRS. */
#define STATS_PAIRS 16
double stats_slope(const double *x, unsigned n);
/* Mann-Kendall z with continuity correction; 0 for n < 3. */
double stats_mk(const double *x, unsigned n);
/* Share of the inner points that are turning points, 0..1; 2/3 for pure noise; 0 for n < 3. */
double stats_turns(const double *x, unsigned n);
/*
 * Are two streams mixed in x: is a point nearer to the one but last than to the
 * last (diagnostics 1.1.3: d1 > 4 d2 and d1 > 5 % of the level)?
 */
bool stats_mixed(const double *x, unsigned n);
/* Means of groups neighbouring values into ret; groups is at most n. */
void stats_groups(const double *x, unsigned n, double *ret, unsigned groups);

#endif
