/* SPDX-License-Identifier: MIT */
/*
 * archive: what is remembered of the runs that `lossdog run` has seen.
 *
 * One row a run, made at its start (so that one whose machine died is there
 * too) and completed at its end.  Where each of the processes of a run is
 * watched by a lossdog of its own (srun, mpirun), each has a row, all of them
 * are one run, called by the id of the first, and what is read is what they come to.
 */
#ifndef ARCHIVE_H
#define ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "diag.h"
#include "store.h"

extern const struct store_schema archive_schema;

struct archive_run {
	int64_t     id;             /* of this process */
	int64_t     run;            /* of the first process of the run */
	double      began;          /* when that one did */
	const char *job;            /* what the processes of the run share (nest.h); NULL: it is one process */
	unsigned    ranks;          /* how many of them there are; 1: this one */
	const char *name, *command; /* the command as one line */
	const char *cwd, *host, *user;
	int         pid;            /* of the lossdog that watches it */
	int         child;          /* of the command; 0: not known */
	const char *log;            /* the file that it prints to by itself; NULL: none */
	int         rank;           /* -1: not one of several */
	double      started, ended; /* wall time; NaN: not known */
	int         status;         /* as waitpid gives it */
	bool        has_status, stopped; /* lossdog ended it */
	const char *profile;
	double      step, steps, loss, best; /* of the main loss */
	unsigned    warnings, criticals;
	const char *note;
	const char *meta, *result;  /* JSON objects; NULL: not there */
};

/*
 * A new row: id, run and began are set.  It belongs to the newest run of its job,
 * unless that has a process of this rank already (the job was started again) or
 * is older than ARCHIVE_TOGETHER seconds.  Strings are copied.
 */
#define ARCHIVE_TOGETHER 600
int archive_begin(struct store *, struct archive_run *, struct diag *d);
/* The command runs. */
int archive_started(struct store *, const struct archive_run *, struct diag *d);
/* Completes the row of id. */
int archive_end(struct store *, const struct archive_run *, struct diag *d);
/*
 * Whether this process speaks for its run: the first one that claims it does,
 * without a claim the one of the lowest rank.  Alone it always does.
 */
bool archive_speaks(struct store *, const struct archive_run *, bool claims);

/*
 * The runs that match, newest first, each given to fn (its strings live for the call).
 * id 0: all; limit 0: no limit; full: with meta and result.  -1: it cannot be read.
 * Of several processes the state is that of the one that matters (runs, was lost, was
 * stopped, failed first), the numbers are those of the lowest rank that has any.
 */
typedef void archive_fn(void *arg, const struct archive_run *);
int archive_each(struct store *, int64_t id, unsigned limit, bool full, archive_fn *fn,
    void *arg, struct diag *d);
/* The processes of a run by rank. */
int archive_ranks(struct store *, int64_t run, bool full, archive_fn *fn, void *arg, struct diag *d);

/* 1: done; 0: there is no such run; -1. */
int archive_remove(struct store *, int64_t id, struct diag *d);
int archive_note(struct store *, int64_t id, const char *note, struct diag *d);

/*
 * "running", "unwatched" (its lossdog is gone, the command goes on), "lost" (that
 * was gone before it ended), "ok", "status 3", "signal 9", "stopped" into ret.
 */
const char *archive_state(const struct archive_run *, char ret[static 32]);

/* One JSON object: all that is known, its ranks, and, where they were asked for, meta and result. */
void archive_json(struct store *, const struct archive_run *, struct buf *);

#endif
