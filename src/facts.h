/* SPDX-License-Identifier: MIT */
/*
 * facts: what a condition can know besides its series.
 *
 * Plain data that the judge keeps and conditions read: the run, the time, the
 * phase and rhythm, the events so far and which rules fire.  Rules and events
 * are numbered by their id (rules.h interns them); the arrays are nids long.
 */
#ifndef FACTS_H
#define FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "run.h"
#include "series.h"

#define EVENT_RING 64 /* newest events of a rule that windows can count */

enum mark {
	MARK_NONE, MARK_TRAIN, MARK_EVAL, MARK_SAVE, MARK_COMPILE, MARK_DATA, MARK_START,
	MARK_FINISH
};

struct event_at { double step, time; uint64_t line, points; };

struct event_log {
	uint64_t total, segment;  /* of the run, of the segment */
	struct event_at ring[EVENT_RING];
};

struct facts {
	const struct run *run;
	struct series_set *set;
	double   now;             /* wall time; NaN: not known */
	uint64_t line;            /* number of the newest line */
	double   line_time;       /* its time; NaN: not known */
	uint64_t points;          /* points of all series so far */
	double   quiet_since;     /* wall time at which the position last advanced */
	uint64_t crashes;         /* restarts in a row before which something had ended the run */
	uint64_t quiet_line;      /* number of the line at which the position last advanced */
	double   away;            /* of a recording: the longest silence since then, in which the job may have been gone */
	double   last_gap, gap_before; /* the newest silence that ended; the longest one before it in that phase */
	double   longest_gap;     /* longest silence of the present phase that ended */
	enum mark phase;
	bool     finished;
	unsigned nids;
	struct event_log **event; /* NULL: none yet */
	bool    *firing, *fired;
};

/* Names of marks as rules write them; NULL past the last. */
const char *mark_name(enum mark);
bool        mark_find(const char *name, enum mark *ret);

void event_log_add(struct event_log *, struct event_at);
/* The newest event, or NULL. */
const struct event_at *event_log_last(const struct event_log *);

#endif
