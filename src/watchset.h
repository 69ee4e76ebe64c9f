/* SPDX-License-Identifier: MIT */
/*
 * watchset: the logs under some paths, however many, as they come and go.
 *
 * A path is a file (which need not exist), a directory (all logs below it) or a
 * pattern of the shell.  What is new is found, what is rotated stays with its
 * name.  Polling is the truth; inotify, where it works, only says where to look
 * now, so that nothing wakes while nothing is written.
 *
 *	watchset_look(w, now, true);
 *	while (watchset_next(w, now, &ev))
 *		...
 *	wait for watchset_fd or until watchset_deadline; watchset_wake; again
 */
#ifndef WATCHSET_H
#define WATCHSET_H

#include <stdbool.h>

#include "diag.h"
#include "follow.h"

struct watchset;

struct watchset_opts {
	struct follow_opts follow;     /* dirs is ours */
	bool        wake;              /* use inotify */
	double      poll;              /* seconds between two looks where nothing wakes us; 0: 0.2 locally, 1.5 on a file server */
	unsigned    descriptors;       /* most that are kept open; 0: 256 or what the system allows */
	unsigned    files;             /* most that are followed; 0: 100,000 */
	/* The log is as it was left, by its fingerprint (follow_print_at): it is not followed.  NULL: all are. */
	bool      (*settled)(void *arg, const char *path, uint64_t print);
	void       *arg;
	const char *const *include;    /* names of logs below a directory; NULL: those that look like one */
	const char *const *exclude;    /* and those that are none; both end with NULL */
};

/* One log.  user belongs to the caller, who frees it. */
struct watched {
	struct follow *follow;
	void          *user;
};

enum watch_kind {
	WATCH_FOUND, /* a new log, before its first look: the time for follow_load */
	WATCH_EVENT, /* event holds */
	WATCH_DONE,  /* read to its end for now; only after events */
	WATCH_FORGET /* gone for long: file is no more after the next call, and user must be freed */
};

struct watch_event {
	enum watch_kind     kind;
	struct watched     *file;
	struct follow_event event;
};

/* opts are copied; the lists in it are borrowed. */
struct watchset *watchset_new(const struct watchset_opts *);
void             watchset_free(struct watchset *);

/* -1: the path can never be one (a device, too long); one that does not exist yet is no error. */
int watchset_add(struct watchset *, const char *path, struct diag *d);

/* Begins a pass at wall time now: all: over everything, else over what was woken or is due. */
void watchset_look(struct watchset *, double now, bool all);
/* The next event of the pass; false: it is over. */
bool watchset_next(struct watchset *, double now, struct watch_event *ret);

/* A descriptor that becomes readable when something was written; -1: there is none, or it is muted for now. */
int    watchset_fd(const struct watchset *, double now);
/* Takes what woke us. */
void   watchset_wake(struct watchset *, double now);
/* When a look is due whatever wakes us; *all: a look at everything. */
double watchset_deadline(const struct watchset *, double now, bool *all);

unsigned        watchset_count(const struct watchset *);
struct watched *watchset_at(const struct watchset *, unsigned i);
/* Remarks for the user, each once ("... falls back to polling"); NULL: none. */
const char     *watchset_notice(struct watchset *);

#endif
