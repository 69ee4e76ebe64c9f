/* SPDX-License-Identifier: MIT */
/*
 * roster: the runs whose logs are watched, each with its pipeline.
 *
 * Takes the events of a watchset: gives each log to its run, its bytes to the
 * run's pipeline, and keeps what came of it until it is committed.  A run may
 * have several logs (ranks, training and evaluation, nvidia-smi): they share
 * one pipeline when the name pattern gives them one name.
 *
 * Offsets, state, findings and the messages about them are one transaction;
 * only then are the findings handed out.
 */
#ifndef ROSTER_H
#define ROSTER_H

#include "buf.h"
#include "ledger.h"
#include "pipeline.h"
#include "watchset.h"

struct roster;

struct roster_opts {
	struct store *store;   /* NULL: nothing is remembered */
	int64_t       pass;    /* number that findings get */
	const char   *profile; /* as in pipeline_opts */
	const char   *name;    /* of a run: text with {path} {dir} {parent} {name} {stem}; NULL: {path} */
	const char *const *with; /* names of monitors of each run (monitors.h) */
	size_t        withs;
	bool          arriving; /* what is read was written just now: its time is now */
	void *arg;             /* for all below */
	/* What is known, when the first line has come; NULL: it cannot be used. */
	struct knowledge *(*knowledge)(void *arg);
	/* A finding as people see it, appended. */
	void (*render)(void *arg, const struct finding *, struct buf *);
	/* Inside the transaction: messages to people.  May be NULL. */
	void (*notify)(void *arg, const struct run *, const struct finding *);
	/* After it.  May be NULL. */
	void (*finding)(void *arg, const struct finding *, const char *text);
	void (*sample)(void *arg, const struct run *, const struct sample *);
	/* Before it: samples must be out before it is remembered that they were read.  May be NULL. */
	void (*flush)(void *arg);
	/* A run that was going on is over, and how.  May be NULL. */
	void (*over)(void *arg, const struct ledger_run *);
	/* A remark about a log: rotated, unreadable ... */
	void (*remark)(void *arg, const char *path, enum follow_kind, const char *text);
};

struct roster_run; /* one run */

/* opts are copied. */
struct roster *roster_new(const struct roster_opts *);
void           roster_free(struct roster *);

/* One event of the watchset.  -1: there is no knowledge to judge with, or an unknown profile; d says it. */
int roster_take(struct roster *, const struct watch_event *, double now, struct diag *d);
/* A run of the store that has no log here just now, for roster_tick. */
void roster_add(struct roster *, const char *name, const char *source);
/*
 * Time has passed: silence.  wake: also for runs that are not in memory, some
 * at a time; 1: there are more, commit and call again.
 */
int roster_tick(struct roster *, double now, bool wake, struct diag *d);
/* Wall time of the next roster_tick that may have something to say; infinity: none. */
double roster_deadline(const struct roster *);

/* Something waits to be committed; more of it than should be lost by a death. */
bool roster_dirty(const struct roster *);
bool roster_urgent(const struct roster *);
/*
 * Writes all that has changed and hands the findings out.  -1: it could not be
 * stored; d says why; the findings are handed out all the same, and what was
 * not stored is tried again with the next commit.
 */
int roster_commit(struct roster *, double now, struct diag *d);
/*
 * Frees the pipelines of runs that are committed and whose logs were not written
 * since `before` until no more than `keep` are in memory; they are loaded again
 * when they are needed.
 */
void roster_release(struct roster *, size_t keep, double before);
/* Loads one that is not in memory.  -1: d says why. */
int  roster_wake(struct roster *, unsigned i, struct diag *d);

unsigned                 roster_count(const struct roster *);
const char              *roster_name(const struct roster *, unsigned i);
/* How it stands at wall time now; strings live until the run is fed. */
void                     roster_describe(const struct roster *, unsigned i, double now, struct ledger_run *ret);
/* NULL: it is not in memory. */
const struct pipeline   *roster_pipeline(const struct roster *, unsigned i);
/* Findings of the run that fire, by severity. */
void                     roster_firing(const struct roster *, unsigned i, unsigned ret[4]);

#endif
