/* SPDX-License-Identifier: MIT */
/*
 * archive: what is remembered of the runs that `lossdog run` has seen.
 *
 * One row a run, made at its start (so that one whose machine died is there
 * too) and completed at its end.
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
	int64_t     id;
	const char *name, *command; /* the command as one line */
	const char *cwd, *host, *user;
	int         pid;            /* of the lossdog that watches it */
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

/* A new row: id is set.  Strings are copied. */
int archive_begin(struct store *, struct archive_run *, struct diag *d);
/* Completes the row of id. */
int archive_end(struct store *, const struct archive_run *, struct diag *d);

/*
 * The runs that match, newest first, each given to fn (its strings live for the call).
 * id 0: all; limit 0: no limit; full: with meta and result.  -1: it cannot be read.
 */
typedef void archive_fn(void *arg, const struct archive_run *);
int archive_each(struct store *, int64_t id, unsigned limit, bool full, archive_fn *fn,
    void *arg, struct diag *d);

/* 1: done; 0: there is no such run; -1. */
int archive_remove(struct store *, int64_t id, struct diag *d);
int archive_note(struct store *, int64_t id, const char *note, struct diag *d);

/* "running", "lost" (its lossdog was gone before it ended), "ok", "status 3", "signal 9", "stopped" into ret. */
const char *archive_state(const struct archive_run *, char ret[static 32]);

/* One JSON object: all that is known, meta and result included. */
void archive_json(const struct archive_run *, struct buf *);

#endif
