/* SPDX-License-Identifier: MIT */
/*
 * judge: rules × series and events to findings.
 *
 * Binds each rule to the series it needs as they appear, evaluates its
 * condition when its `each` series gets a sample (or a block, or on a tick),
 * and gives findings their life: pending (keep), firing, resolved; inhibition
 * by cause; one episode, one finding; event clusters with roles.
 * Time comes in from outside: the wall time of the line or of the tick.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include "finding.h"
#include "line.h"
#include "rule.h"
#include "run.h"
#include "sample.h"
#include "series.h"

struct judge;

typedef void judge_fn(void *arg, const struct finding *);

/* All borrowed.  fn gets each finding as it fires, escalates or resolves. */
struct judge *judge_new(const struct rules *, struct vocab *, struct series_set *,
    const struct run *, judge_fn *fn, void *arg);
void judge_free(struct judge *);

/* A sample was added to s (NULL: a live redraw that is no point).  line: the line it came from. */
void judge_sample(struct judge *, struct series *s, const struct sample *, const struct line *line);

/* Event pattern `event` (rules_event) hit this line; cap: its named captures. */
struct event_capture { const char *name; struct span value; };
void judge_event(struct judge *, unsigned event, const struct line *,
    const struct event_capture *cap, unsigned ncap);

/* Any line arrived (for rhythm and phase words).  Cheap. */
void judge_line(struct judge *, const struct line *);

/* run's segment went up: detectors are reset. */
void judge_segment(struct judge *, const struct line *);

/* Time passed without lines: silence rules.  now: wall time. */
void   judge_tick(struct judge *, double now);
/* Wall time at which judge_tick may have something to say next; infinity: never. */
double judge_deadline(const struct judge *);

/* The end of the input: end-of-run rules, then nothing more fires. */
void judge_end(struct judge *, double now);

/*
 * The state, for a restart, beside that of its series (series_set_save).  To be
 * loaded into a new judge whose series are loaded already: what was pending, open
 * or waiting goes on.  -1: not of this build or broken; begin with a new judge.
 */
void judge_save(const struct judge *, struct buf *);
int  judge_load(struct judge *, struct span);

/* The report: for each rule what became of it. */
enum check_state { CHECK_FIRED, CHECK_CLEAN, CHECK_NOT };
struct check { const char *rule; enum severity severity; enum check_state state; const char *why; /* of CHECK_NOT */ };
unsigned judge_checks(const struct judge *, const struct check **ret); /* borrowed until the next call */
/* Findings of the run so far, the newest state of each episode, in the order of firing. */
unsigned judge_findings(const struct judge *, const struct finding *const **ret);

#endif
