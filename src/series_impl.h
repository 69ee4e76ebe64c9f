/* SPDX-License-Identifier: MIT */
/*
 * series_impl: the fields of a series, for series.c, func*.c, judge*.c and tests.
 *
 * No field of a series is a pointer into another one: a series is a number in
 * its set, so that the state can be written out and read back.  What only a
 * rule needs (blocks, jumps, learning rate) is made when a rule asks for it
 * with series_want.
 */
#ifndef SERIES_IMPL_H
#define SERIES_IMPL_H

#include "buf.h"
#include "lrsched.h"
#include "series.h"

#define BLOCK_RING 16 /* blocks kept */
#define BLOCK_MAX  20 /* points of the largest block */
#define Z_RING     8  /* deviations kept */

struct block { double median, se, step; uint64_t line; };

/* Blocks of consecutive finite points of a segment (diagnostics 1.1.6). */
struct blocks {
	uint64_t     n;            /* completed */
	unsigned     fill, size;   /* of the one that grows */
	double       value[BLOCK_MAX];
	struct block ring[BLOCK_RING];
	struct block first, best;
	uint64_t     best_index;   /* number of the best, from 0 */
};

/* Huberised location and scale, and what left them (LOSS_SPIKE). */
struct jump {
	bool     open;
	double   sum;         /* clipped one-sided Page-Hinkley sum */
	double   base;        /* location when the sum left 0 */
	uint64_t since_alarm; /* points since the alarm, or since initialisation */
	unsigned calm;        /* quiet points in a row while open */
	unsigned count;       /* alarms of the segment */
};
struct jumps {
	bool        ready, plain;  /* initialised; values themselves, not their logarithm */
	double      m, s;
	float       z[Z_RING];     /* newest at z_n - 1 */
	uint64_t    z_n;
	unsigned    high;          /* points in a row with z > 6 */
	uint64_t    outliers;      /* runs of 1 to 4 such points */
	struct jump up, down;
};

/* A bucket of the history; it covers `per` points of its series. */
struct bucket { float min, mean, max; uint32_t n; double step, time; uint64_t line; };

/* What is remembered of the segment before. */
struct before { bool known; double last, level, scale, best; };

struct series {
	int      metric, labels;
	unsigned index;            /* in its set */
	int      next;             /* next series of the same metric, -1: none */
	const struct metric_info *info;
	struct series_set *set;

	uint64_t n;                /* points of the run */
	unsigned segment;
	uint64_t start;            /* index of the first point of the segment */
	double   start_step;       /* its step */
	uint64_t nonfinite, nonfinite_run; /* of the segment, of the run */
	double   initial[3];       /* first finite values of the segment */
	unsigned ninitial;
	uint64_t nfinite;          /* of the segment */
	double   mean, m2, min, max, run_min, run_max;
	uint64_t same, rises, falls; /* points in a row */
	double   gap;              /* longest time between two points of the segment */
	bool     mixed;
	bool     has_best, has_run_best;
	uint64_t best_at;          /* index of the best point of the segment */
	struct series_point first, best, run_best;
	struct before before;
	double   epoch_head;       /* level of the first points of the newest epoch; NaN: not known */
	uint64_t teeth;            /* epochs in a row at whose beginning alone the level fell */

	struct series_point *ring; /* grows to SERIES_RING */
	unsigned ring_size;
	struct bucket *history;
	unsigned nhistory, history_size;
	uint64_t per;              /* points a bucket covers */

	unsigned wants;            /* SERIES_* that are kept up */
	bool     block_done;       /* the newest point completed a block */
	struct blocks  *blocks;    /* NULL unless wanted */
	struct jumps   *jumps;
	struct lrsched *lr;
};

enum { SERIES_BLOCKS = 1, SERIES_JUMPS = 2, SERIES_LR = 4 };

/* Keeps these up from now on, from the points that the ring still holds. */
void series_want(struct series *, unsigned wants);

/* Points of the segment. */
static inline uint64_t
series_seg_n(const struct series *s)
{
	return s->n - s->start;
}

/* Point i back from the newest; it must be in the ring. */
static inline const struct series_point *
series_back(const struct series *s, unsigned i)
{
	return &s->ring[(s->n - 1 - i) & (s->ring_size - 1)];
}

/* Point of the segment i back from the newest, or NULL. */
static inline const struct series_point *
series_point(const struct series *s, uint64_t i)
{
	if (i >= s->n - s->start || i >= s->ring_size)
		return NULL;
	return series_back(s, (unsigned)i);
}

/* Is a better than b for this metric? */
static inline bool
series_better(const struct series *s, double a, double b)
{
	bool higher = s->info->dir == DIR_HIGHER ||
	    (s->info->dir == DIR_NONE && s->info->cls == CLASS_RATE);

	return higher ? a > b : a < b;
}

/*
 * The finite values of the n points that end `ago` points before the newest one,
 * oldest first, into ret (SERIES_HISTORY long).  Up to the ring one by one, else
 * the means of the history's buckets.  Returns their number, 0 when the window
 * is not filled.  per: points that each stands for.
 */
unsigned series_window(const struct series *, uint64_t n, uint64_t ago,
    double *ret, double *per);
/* Smallest and largest of that window; false when it is not filled. */
bool series_extremes(const struct series *, uint64_t n, double *min, double *max);
/* The value of the newest point at or before that line; false when none is known. */
bool series_at_line(const struct series *, uint64_t line, double *ret);
/* Number of points of the segment at or after a position; 0 when the ring does not reach so far. */
uint64_t series_since_step(const struct series *, double step);
uint64_t series_since_epoch(const struct series *, double epoch);
uint64_t series_since_time(const struct series *, double time);

/* A series of its own with one point, for what is no point of a series (a redraw). */
void series_single(struct series *, struct series_point *room, const struct sample *,
    const struct metric_info *);

/* For series_state.c: a new series (NULL: limit), all gone, a counter. */
struct series *series_new(struct series_set *, int metric, int labels);
void           series_set_clear(struct series_set *);
struct vocab  *series_set_vocab(const struct series_set *);
void           series_set_refused(struct series_set *, uint64_t);
/* The newest series of a metric; series_next goes on from there. */
struct series *series_peer(const struct series_set *, int metric);
static inline struct series *
series_next(const struct series *s)
{
	return s->next < 0 ? NULL : series_at(s->set, (unsigned)s->next);
}

#endif
