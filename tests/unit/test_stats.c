/* SPDX-License-Identifier: MIT */
/* stats: against values worked out by hand or by their definitions. */
#include <math.h>

#include "stats.h"
#include "tap.h"

static const double odd[] = { 5, 1, 4, 2, 3 }, even[] = { 4, 1, 3, 2 }, one[] = { 7 };
static const double rise[] = { 1, 2, 3, 4, 5, 6, 7, 8 }, fall[] = { 8, 7, 6, 5, 4, 3, 2, 1 };
static const double saw[] = { 1, 3, 1, 3, 1, 3, 1, 3 };
static const double outlier[] = { 1, 2, 3, 400, 5, 6, 7, 8 };

static void
centre_and_spread(void)
{
	NEAR(stats_mean(odd, 5), 3, 1e-12, "mean");
	NEAR(stats_sd(odd, 5), sqrt(2.5), 1e-12, "sample standard deviation");
	IS_NUM(stats_sd(one, 1), 0, "of one value it is 0");
	IS_NUM(stats_median(odd, 5), 3, "median of an odd number");
	IS_NUM(stats_median(even, 4), 2.5, "of an even number");
	IS_NUM(stats_median(one, 1), 7, "of one");
	IS_NUM(stats_quantile(odd, 5, 0), 1, "quantile 0");
	IS_NUM(stats_quantile(odd, 5, 1), 5, "quantile 1");
	NEAR(stats_quantile(odd, 5, 0.9), 4.6, 1e-12, "quantile 0.9 between neighbours");
	NEAR(stats_mad(odd, 5), 1.4826, 1e-12, "median absolute deviation, scaled");
	NEAR(stats_noise(rise, 8), 1 / 0.954, 1e-12, "noise is the usual step");
	IS_NUM(stats_noise(one, 1), 0, "of one value it is 0");
	IS_NUM(stats_jitter(rise, 8), 0, "a line has no jitter");
	NEAR(stats_jitter(saw, 8), 4 / (0.6745 * sqrt(6)), 1e-12, "a saw has");
	IS_NUM(stats_jitter(rise, 2), 0, "of two values it is 0");
	IS_NUM(odd[0], 5, "the array is left alone");
}

static void
trends(void)
{
	NEAR(stats_slope(rise, 8), 1, 1e-12, "slope of a line");
	NEAR(stats_slope(fall, 8), -1, 1e-12, "downwards");
	NEAR(stats_slope(outlier, 8), 1, 1e-12, "an outlier does not tilt it");
	/* S = 28 of 28 pairs; variance 8 * 7 * 21 / 18 = 65.33 */
	NEAR(stats_mk(rise, 8), 27 / sqrt(8 * 7 * 21 / 18.0), 1e-12, "Mann-Kendall upwards");
	NEAR(stats_mk(fall, 8), -27 / sqrt(8 * 7 * 21 / 18.0), 1e-12, "downwards");
	OK(fabs(stats_mk(saw, 8)) < 1.3, "a saw has no trend");
	IS_NUM(stats_turns(rise, 8), 0, "a line has no turns");
	IS_NUM(stats_turns(saw, 8), 1, "each inner point of a saw is one");
	IS_NUM(stats_mk(rise, 2), 0, "two points have no trend");
}

static void
mixed_streams(void)
{
	double two[40], onestream[40], groups[4];

	for (unsigned i = 0; i < 40; i++) {
		two[i] = i % 2 ? 3 + 0.01 * i : 1 - 0.005 * i;
		onestream[i] = 3 - 0.02 * i + (i % 3) * 0.01;
	}
	OK(stats_mixed(two, 40), "two streams are seen");
	OK(!stats_mixed(onestream, 40), "one is not taken for two");
	OK(!stats_mixed(two, 4), "too few points say nothing");
	stats_groups(rise, 8, groups, 4);
	IS_NUM(groups[0], 1.5, "groups are means of neighbours");
	IS_NUM(groups[3], 7.5, "to the last");
}

int
main(void)
{
	centre_and_spread();
	trends();
	mixed_streams();
	return DONE();
}
