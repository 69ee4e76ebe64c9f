/* SPDX-License-Identifier: MIT */
/*
 * sample: matches to samples: one number, with what it is, where and when it stands.
 *
 * A sample is plain data that flows down the pipeline; names are interned in
 * the run's vocabulary (vocab.h).  The sampler between match and series knows
 * where the run stands: it turns epoch and batch into a step, sees a position
 * that goes backwards (a restart: a new segment), holds back what a redraw may
 * still overwrite, and keeps struct run up to date.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "line.h"
#include "match.h"
#include "run.h"

struct sample {
	int      metric;  /* vocab_metric_name */
	int      labels;  /* vocab_labels_text; 0: none */
	double   value;   /* in the canonical unit: seconds, per second, fraction; sizes as printed, see unit */
	double   step;    /* optimiser step or iteration counted over the run; NaN: not known */
	double   epoch;   /* may be fractional; NaN: not known */
	double   time;    /* wall time, NaN: not known */
	uint64_t line;    /* line number in its source; 0: from beside it */
	const char *profile; /* name of the profile that read it; borrowed, lives as long as the profiles */
	const char *unit; /* printed unit of a size ("MiB"), NULL otherwise; borrowed likewise */
	unsigned segment; /* counts restarts of the run's position */
	bool     live;    /* a redraw that a later one overwrites: not a point of the series, but may already be NaN */
};

struct sampler;

/* run is borrowed and kept up to date. */
struct sampler *sampler_new(struct run *run);
void            sampler_free(struct sampler *);

/*
 * Takes the match of a line (match->profile may be NULL: only the clock moves).
 * Returns true when the run's segment went up with this line.
 */
bool sampler_push(struct sampler *, const struct line *, const struct match *);
/* The input has ended: what was held back becomes available. */
void sampler_end(struct sampler *);
/* The next sample; false when there is none. */
bool sampler_next(struct sampler *, struct sample *ret);

/*
 * The state, for a restart, when sampler_next has returned false: what is held
 * back, and the run (but for its name and source).  Loaded into a new sampler;
 * false: it is broken.
 */
struct buf;
struct unpack;
void sampler_save(const struct sampler *, const struct vocab *, const struct profiles *, struct buf *);
bool sampler_load(struct sampler *, struct vocab *, const struct profiles *, struct unpack *);

/* A run whose fields say "not known". */
void run_init(struct run *, const char *name, const char *source);

#endif
