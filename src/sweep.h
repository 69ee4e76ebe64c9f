/* SPDX-License-Identifier: MIT */
/*
 * sweep: one pass over logs that others write; only what is new is read.
 *
 * A log that stands as it was left costs one stat.  The pass is over when all
 * is read or its time is up; what it found is in the store (ledger.h), from
 * which sweep_next tells it: so it is the same whether one process did it or
 * one on each core.  Two passes over one state wait for each other.
 */
#ifndef SWEEP_H
#define SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "diag.h"
#include "ledger.h"
#include "roster.h"
#include "watchset.h"

struct sweep_opts {
	const char *const *path;
	int                paths;
	const char        *state_dir; /* NULL: nothing is remembered, all is read */
	const char        *run_name;  /* pattern, see runname.h; NULL: the path */
	const char        *profile;
	const char *const *include, *const *exclude; /* see watchset.h */
	const char *const *with; /* monitors of each run, as in roster_opts */
	size_t   withs;
	unsigned jobs;     /* most processes; 0: one a core, when there is enough to read */
	double   limit;    /* seconds that it may take; 0: as long as it takes */
	double   wait;     /* seconds to wait for another pass over this state */
	double   remind;   /* tell again of what fires after so many seconds; 0: never */
	double (*clock)(void); /* wall time */
	/* See roster.h; called in the process that reads. */
	void *arg;
	struct knowledge *(*knowledge)(void *arg);
	void (*render)(void *arg, const struct finding *, struct buf *);
	void (*opened)(void *arg, struct store *); /* the connection of this process; may be NULL */
	void (*notify)(void *arg, const struct run *, const struct finding *);
	void (*sample)(void *arg, const struct run *, const struct sample *);
	void (*flush)(void *arg);
	void (*remark)(void *arg, const char *path, enum follow_kind, const char *text);
};

struct sweep {
	struct store *store;
	int64_t  pass, told; /* told: the newest pass whose news were told */
	unsigned runs, status[RUN_STATUSES]; /* of the paths given; after sweep_count */
	unsigned firing[4];                  /* findings that fire now, by severity */
	unsigned missing;                    /* paths given that were there once and are no more */
	unsigned logs, read;                 /* logs, and those of them that were read */
	bool     late;                       /* the time was up before all was read */
	bool     unstored;                   /* the state could not be saved; d says why */
	bool     blank;                      /* nor read: all logs were read from their start */
	const struct sweep_opts *opts;
	struct map *scope;                   /* names of the runs */
	struct map *fresh;                   /* paths of the logs that were not known */
	void       *known;
};

/* -1: nothing could be judged; d says why.  sweep_fini in any case. */
int  sweep_run(struct sweep *ret, const struct sweep_opts *, struct diag *d);
void sweep_fini(struct sweep *);
/* Counts the runs by how they stand: not free with many of them. */
int  sweep_count(struct sweep *, struct diag *d);

struct sweep_finding {
	const char   *run, *rule, *summary, *json, *text; /* until the next */
	enum severity severity;
	bool          firing, fresh;  /* fresh: not told yet, or to be told again */
};

/*
 * The findings that are new since those of sweep_told (or told again), or the
 * warnings and worse that fire, the worst first.  To be ended with store_done.
 */
struct store_rows *sweep_fresh(struct sweep *);
struct store_rows *sweep_firing(struct sweep *);
bool               sweep_next(struct sweep *, struct store_rows *, struct sweep_finding *ret);

/* What is fresh has been told: it is no more.  A pass that dies before leaves it to the next one. */
void               sweep_told(struct sweep *);

/* The runs of the paths, in the order of their names. */
struct store_rows *sweep_runs(struct sweep *);
bool               sweep_next_run(struct sweep *, struct store_rows *, struct ledger_run *ret);

#endif
