/* SPDX-License-Identifier: MIT */
/*
 * ledger: what is remembered of watched logs, their runs and their findings.
 *
 * The tables of watch and check in the run database.  How far each file was
 * read, the state of the run that it belongs to and what was found are written
 * in one transaction (the caller's), so that a death at any instant neither
 * loses nor repeats a line.  What a pass has found is read from here after it.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "diag.h"
#include "finding.h"
#include "store.h"

extern const struct store_schema ledger_schema;

enum ledger_status { /* ORDER ledger_status_name; stored as numbers */
	RUN_NEW,      /* nothing was read yet */
	RUN_ACTIVE,   /* lines come in its own rhythm */
	RUN_SILENT,   /* none have come for much longer than usual */
	RUN_FINISHED, /* by its own words */
	RUN_CRASHED,  /* its last words are an error */
	RUN_STOPPED,  /* its last words say that it was ended from outside */
	RUN_GONE,     /* its file is no more */
	RUN_STATUSES
};

const char *ledger_status_name(enum ledger_status);

/* A run as it is now. */
struct ledger_run {
	const char *name, *source, *profile; /* profile NULL: not recognised */
	enum ledger_status status;
	double  step, steps, epoch, epochs;  /* NaN: not known, here and below */
	double  loss, rate, eta;             /* newest main loss; steps a second; seconds to go */
	double  first, last;                 /* wall time of the first and the newest line */
	double  deadline;                    /* when silence may mean something; infinity: never */
	int64_t lines;
	char    curve[96];                   /* the loss as a sparkline */
};

/* A new pass has begun: its number, from 1; -1.  told: the newest pass whose news were told. */
int64_t ledger_pass(struct store *, int64_t *told, struct diag *);
/* The news up to this pass have been told. */
int     ledger_told(struct store *, int64_t pass, struct diag *);

int  ledger_put_run(struct store *, const struct ledger_run *, struct diag *);
/* *ret: strings are the caller's to keep until the next call with the same buf. */
bool ledger_get_run(struct store *, const char *name, struct ledger_run *ret, struct buf *strings);
int  ledger_put_state(struct store *, const char *run, struct span state, struct diag *);
/* Appends the state; false: there is none. */
bool ledger_get_state(struct store *, const char *run, struct buf *ret);

/*
 * A file: what follow_save wrote, its run, its fingerprint (follow.h).
 * version: as ledger_get_file gave it, 0 for a new one.  -1 also when another
 * process has written it since: roll back, and drop what was found.
 */
int     ledger_put_file(struct store *, const char *path, const char *run, struct span state,
    uint64_t print, int64_t *version, struct diag *);
int64_t ledger_get_file(struct store *, const char *path, struct buf *state);
int     ledger_forget_file(struct store *, const char *path, struct diag *);

/* text: how it looks to people.  It belongs to this pass when its state or severity is news. */
int ledger_put_finding(struct store *, const struct finding *, const char *json, const char *text,
    int64_t pass, double now, struct diag *);
/* Those that fire and were last told of more than `every` seconds ago become news of this pass. */
int ledger_remind(struct store *, double now, double every, int64_t pass, struct diag *);

#endif
