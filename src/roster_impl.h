/* SPDX-License-Identifier: MIT */
/*
 * roster_impl: the fields of the roster, for roster.c and roster_commit.c.
 */
#ifndef ROSTER_IMPL_H
#define ROSTER_IMPL_H

#include "map.h"
#include "monitors.h"
#include "roster.h"

#define STATE_MAX   (256u << 20) /* bytes of the state of a run */
#define PENDING_MAX 200          /* findings that wait for a commit */

struct pending {
	struct finding *finding;
	char           *json, *text;
};

/* One log of a run: watched.user. */
struct roster_file {
	struct roster_run *run;
	struct watched    *watched;
	char              *key;     /* absolute path */
	int64_t            version; /* in the ledger; 0: not there yet */
	bool               dirty;
	uint64_t           from;    /* bytes that had been read when the look began, */
	double             since;   /* and the time of the last of them */
};

struct roster_run {
	char            *name, *source;
	struct pipeline *pipeline;
	struct monitors *monitors; /* beside it; NULL: none */
	struct roster   *roster;
	struct roster_file **file;
	size_t           files, file_cap;
	struct pending   pending[PENDING_MAX];
	unsigned         npending;
	bool             dirty, gone;
	enum ledger_status was;    /* at the last commit */
	double           deadline, last; /* last: newest write to one of its files */
	struct ledger_run known;         /* as the ledger had it, while there is no pipeline */
	struct buf       strings;
};

struct roster {
	struct roster_opts  opts;
	struct knowledge   *knowledge;
	struct roster_run **run;
	size_t              runs, cap;
	struct map         *by_name;
	struct map         *files;      /* by key */
	uint64_t            bytes;      /* fed since the last commit, */
	unsigned            fed;        /* and pipelines made */
	bool                dirty, full;
	bool                anew;       /* a state could not be loaded, as was said */
};

/* Forgets the findings that wait. */
void roster_pending_clear(struct roster_run *);
/* Something of the run is not stored yet. */
bool roster_needs_commit(const struct roster_run *);

#endif
