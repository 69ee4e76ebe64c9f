/* SPDX-License-Identifier: MIT */
/*
 * pipeline: the line itself, from bytes to findings.
 *
 *	bytes > lines > matches > samples > series > rules > findings
 *
 * The only file that sees all stages.  One pipeline reads one run; it never
 * asks for the time and never prints: samples and findings are handed to the
 * caller, who has the sinks.
 */
#ifndef PIPELINE_H
#define PIPELINE_H

#include "finding.h"
#include "judge.h"
#include "knowledge.h"
#include "line.h"
#include "match.h"
#include "run.h"
#include "sample.h"
#include "series.h"

#define PIPELINE_STREAMS  2
#define PIPELINE_MONITORS 64

/*
 * A file beside the run (monitor.h): its lines are drawn in between the run's
 * own, each at its time.
 */
struct pipeline_monitor {
	/*
	 * More of it, borrowed until the next call; false: there is none now.  arrival: when
	 * it was written; NaN: a recording or, in a live run, before the run began: of that
	 * only the heads of tables count.
	 */
	bool (*next)(void *arg, struct span *ret, double *arrival);
	void  *arg;
};

struct pipeline_opts {
	struct knowledge *knowledge; /* borrowed; without rules nothing is judged */
	const char *run, *source;    /* copied */
	const char *profile;         /* only this one reads; NULL: all */
	bool  live;                  /* lines arrive now: silence means something */
	double limit;                /* wall time at which the job is ended; 0: not known */
	int   rank, ranks;           /* this is one of several processes of a run; ranks 0: it is not */
	const struct pipeline_monitor *monitor; /* copied */
	unsigned monitors;           /* at most PIPELINE_MONITORS */
	void *arg;                   /* for the three below, each of which may be NULL */
	void (*sample)(void *arg, const struct run *, const struct sample *);
	void (*finding)(void *arg, const struct run *, const struct finding *);
	/* Each line as it was read; match->profile NULL: by nobody. */
	void (*line)(void *arg, const struct line *, const struct match *);
};

struct pipeline;

/* NULL: d says why (an unknown profile, an event that cannot be looked for). */
struct pipeline *pipeline_new(const struct pipeline_opts *, struct diag *d);
void             pipeline_free(struct pipeline *);
/* Frees it but for its series, which are the caller's now. */
struct series_set *pipeline_leave_series(struct pipeline *);

/* Bytes of a stream (0 or 1), cut anywhere; arrival: wall time, NaN for a recording. */
void pipeline_feed(struct pipeline *, unsigned stream, struct span bytes, double arrival);
/*
 * What comes first was written after this time: from then on monitors count for a run
 * that prints no times.
 */
void pipeline_since(struct pipeline *, double wall);
/* Whether a time was known for lines of a monitor, and of the run (which: -1). */
bool pipeline_timed(const struct pipeline *, int which);
/* A sample from elsewhere (the process tree, a GPU). */
void pipeline_sample(struct pipeline *, const struct sample *);
/* Time has passed: monitors are drawn in up to now, and silence is judged.  now: wall time. */
void pipeline_tick(struct pipeline *, double now);
/* Wall time at which pipeline_tick may have something to say; infinity: never. */
double pipeline_deadline(const struct pipeline *);
/* How the command ended (run): wait status, and whether lossdog had ended it. */
void pipeline_status(struct pipeline *, int status, bool stopped);
/* A signal from outside asked the command to end, or to save. */
void pipeline_asked(struct pipeline *);
/* Whether a process holds the log open for writing now; once one did, that none does any more is its end. */
void pipeline_held(struct pipeline *, bool held);
/* It is another file now: what was seen of the former one's writers says nothing. */
void pipeline_unheld(struct pipeline *);
/* The input has ended; NaN: at the time of the last line. */
void pipeline_end(struct pipeline *, double now);

/*
 * The state, for a restart of the program: with it, bytes that go on where the
 * saved ones ended lead to what they would have led to.  To be loaded into a new
 * pipeline.  -1: it is broken, or of another version of lossdog, as d says; the
 * pipeline is then as a new one.
 */
void pipeline_save(const struct pipeline *, struct buf *);
int  pipeline_load(struct pipeline *, struct span state, struct diag *d);
/* What is known without a state: so many lines came before, the first at that wall time. */
void pipeline_resume(struct pipeline *, uint64_t lines, double start);

const struct run        *pipeline_run(const struct pipeline *);
const struct series_set *pipeline_series(const struct pipeline *);
struct judge            *pipeline_judge(const struct pipeline *); /* NULL without rules */
struct matcher          *pipeline_matcher(const struct pipeline *);
const struct vocab      *pipeline_vocab(const struct pipeline *);
void pipeline_lines_stat(const struct pipeline *, struct lines_stat *ret);

#endif
