/* SPDX-License-Identifier: MIT */
/*
 * run: what is known of the run as a whole.
 *
 * Plain data that the sample stage fills and rules, verdict and sinks read:
 * position, totals, which framework it is, restarts, finish, metadata.
 */
#ifndef RUN_H
#define RUN_H

#include <stdbool.h>
#include <stdint.h>

struct lr_spec;
struct series_set;

struct run {
	const char *name;      /* as the user or the source calls it */
	const char *source;    /* path, "-" or the command */
	const char *profile;   /* the profile that has read most, NULL: none yet */
	const char *title;     /* its title: "Hugging Face Trainer" */

	double   step, epoch;  /* newest position; NaN: none */
	double   stride;       /* of the newest advance of the step; NaN: none */
	double   step_max;     /* largest step of the segment before: for resume or new run */
	double   steps, epochs;/* planned totals; NaN: not known */
	double   iter, iters;  /* within the epoch; NaN: not known */
	unsigned segment;      /* restarts so far */
	bool     resumed;      /* the newest segment began where the one before stopped (or up to 20 % before) */
	double   furthest;     /* largest step of all segments; NaN: none */
	unsigned stuck;        /* segments in a row that ended at the furthest step without getting beyond it */
	double   limit;        /* wall time at which the job is ended; NaN: not known */
	double   resume_from;  /* last step before the newest segment; NaN: none */

	double   start, last;  /* wall time of the first and the newest line; NaN: not known */
	double   last_progress;/* wall time of the newest line that advanced the position */
	const struct lr_spec *expect_lr; /* the declared schedule, borrowed; NULL: none */
	const struct series_set *baseline; /* the series of a run to compare it with, borrowed; NULL: none */
	uint64_t lines, samples;
	bool     finished;     /* a finish marker was seen */
	bool     ended;        /* the input has ended */
	bool     has_status;   /* the exit status is known (run) */
	int      status;       /* as waitpid gives it */
	char     end[32];      /* the status in words: "signal SEGV"; "": not known */
	bool     asked;        /* a signal from outside asked the command to end */
	bool     stopped;      /* lossdog did */
	bool     held;         /* a process had the log open for writing, */
	bool     left;         /* and none has any more */
	bool     live;         /* lines arrive now (filter, run, watch): silence means something */
};

/* A new segment begins at step `now` (NaN: not known), `before` being where the run stood. */
void run_restart(struct run *, double before, double now);

/* How the command ended: wait status. */
void run_set_status(struct run *, int status);
/* How much of its plan is done, from 0 to 1; NaN: not known. */
double run_progress(const struct run *);
/* It is known that it ended, and not well. */
bool run_failed(const struct run *);

#endif
