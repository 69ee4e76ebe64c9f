/* SPDX-License-Identifier: MIT */
/*
 * series: samples to the memory that rules and pictures need.
 *
 * One series per metric and label set of a run.  Constant memory whatever the
 * length of the run (reference: about 2 kB): running statistics, a ring of the
 * last SERIES_RING samples, blocks (diagnostics 1.1.6), and a history that
 * halves its resolution when full.  10,000 series fit into 256 MB; past the
 * limit new ones are refused and counted, once said.
 *
 * A size is kept in bytes where its unit is known.
 *
 * Hygiene (diagnostics 1.1): a sample with the step of the one before replaces
 * nothing and adds nothing when its value is the same; a new segment resets the
 * detectors and keeps the old best aside for the resume rules.
 */
#ifndef SERIES_H
#define SERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "sample.h"
#include "vocab.h"

#define SERIES_RING    64  /* recent samples kept one by one */
#define SERIES_HISTORY 128 /* buckets of the whole run */

struct series;     /* fields are in series_impl.h, for series.c, func.c and tests only */
struct series_set;

struct series_point { double value, step, epoch, time; uint64_t line; };
struct series_bucket { double min, mean, max, step, time; unsigned n; };

/* limit: most series; 0: the default of 10,000.  vocab is borrowed. */
struct series_set *series_set_new(struct vocab *, unsigned limit);
void               series_set_free(struct series_set *);

/*
 * Adds a sample.  Returns its series, or NULL when it was refused (limit) or
 * was no new point (repeated redraw).  O(1).
 */
struct series *series_add(struct series_set *, const struct sample *);

/* The series of a metric and label set, or NULL. */
struct series *series_find(const struct series_set *, int metric, int labels);
/* All series in the order of their first sample. */
unsigned       series_count(const struct series_set *);
struct series *series_at(const struct series_set *, unsigned i);
/* Samples of series refused because of the limit. */
uint64_t       series_refused(const struct series_set *);

/*
 * The state, for a restart.  -1: not of this build or broken; the set is then
 * empty, and nothing outside of the state was read.
 */
struct buf;
void series_set_save(const struct series_set *, struct buf *);
int  series_set_load(struct series_set *, struct span);

int      series_metric(const struct series *);
int      series_labels(const struct series *);
uint64_t series_n(const struct series *);       /* points over all segments */
/* Point i back from the newest (0), at most SERIES_RING back; false when there is none. */
bool     series_recent(const struct series *, unsigned i, struct series_point *ret);
/* Best point over the run by the metric's direction (lowest where it has none); false: none finite. */
bool     series_best(const struct series *, struct series_point *ret);
bool     series_first(const struct series *, struct series_point *ret);
double   series_min(const struct series *);
double   series_max(const struct series *);
uint64_t series_nonfinite(const struct series *);
/* Buckets of the whole run, oldest first; their number. */
unsigned series_history(const struct series *, struct series_bucket ret[static SERIES_HISTORY]);

#endif
