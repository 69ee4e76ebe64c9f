/* SPDX-License-Identifier: MIT */
/*
 * func_series: the functions of a series, each a row in func.c's table.
 */
#ifndef FUNC_SERIES_H
#define FUNC_SERIES_H

#include "func.h"

#define FN(name) struct value fn_##name(const struct env *, const struct value *, unsigned)

FN(last); FN(prev); FN(first); FN(initial); FN(n); FN(total); FN(nonfinite);
FN(best); FN(at_best); FN(since_best); FN(when_best); FN(at); FN(behind); FN(mean_se);
FN(min); FN(max); FN(mean); FN(sd); FN(median); FN(mad); FN(noise); FN(jitter);
FN(quantile); FN(sum);
FN(change); FN(rate); FN(trend); FN(mk); FN(range); FN(turns);
FN(teeth); FN(rises); FN(falls); FN(same); FN(digits); FN(decimals);
FN(step); FN(first_step); FN(age); FN(interval); FN(gap); FN(mixed);
FN(before); FN(level_before); FN(best_before); FN(z_before);
FN(blocks); FN(block); FN(block_se); FN(best_block); FN(best_block_se); FN(first_block);
FN(since_best_block);
FN(z); FN(level); FN(scale); FN(over); FN(spike); FN(spike_age); FN(spikes); FN(outliers);
FN(base); FN(drop); FN(drop_age);
FN(lr_family); FN(lr_end); FN(lr_peak); FN(lr_floor); FN(lr_warmup); FN(lr_at); FN(lr_fit);
FN(baseline); FN(lr_expected); FN(lr_off);
FN(lr_drops);
FN(peers); FN(peers_median); FN(peers_min); FN(peers_max);

#undef FN

/* Most significant digits and decimals of the points that are still known. */
void func_printed(const struct series *, unsigned *digits, unsigned *decimals);
#endif
