/* SPDX-License-Identifier: MIT */
/*
 * sample: one number, with what it is, where and when it stands.
 *
 * Plain data that flows down the pipeline.  Names are interned in the run's
 * vocabulary (vocab.h).
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

struct sample {
	int      metric;  /* vocab_metric_name */
	int      labels;  /* vocab_labels_text; 0: none */
	double   value;   /* in the canonical unit: seconds, per second, fraction; sizes as printed, see unit */
	double   step;    /* optimiser step or iteration counted over the run; NaN: not known */
	double   epoch;   /* may be fractional; NaN: not known */
	double   time;    /* wall time, NaN: not known */
	uint64_t line;    /* line number in its source */
	const char *profile; /* name of the profile that read it; borrowed, lives as long as the profiles */
	const char *unit; /* printed unit of a size ("MiB"), NULL otherwise; borrowed likewise */
	unsigned segment; /* counts restarts of the run's position */
	bool     live;    /* a redraw that a later one overwrites: not a point of the series, but may already be NaN */
};

#endif
