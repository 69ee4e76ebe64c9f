/* SPDX-License-Identifier: MIT */
/*
 * analyser: the process that judges, as its keeper sees it.
 *
 * A fork of this program that reads the feed and may fail: crash, hang, be
 * killed or stopped.  Its standard error comes back to the keeper, who prints
 * it between lines; its standard input and (unless asked) output are /dev/null.
 */
#ifndef ANALYSER_H
#define ANALYSER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "diag.h"
#include "feed.h"
#include "signals.h"

/* What the analyser does; its result is its exit status. */
typedef int analyse_fn(struct feed *, void *arg);

struct analyser {
	pid_t           pid;    /* 0: it has ended */
	int             status; /* then, as waitpid gives it */
	struct feed_out feed;
	int             back;   /* a socket: its requests; -1: closed */
	int             voice;  /* its standard error; the keeper takes it over */
	bool            ending; /* it has been given all and is to end */
	bool            killed; /* by us, because it hung */
	bool            left;   /* to itself: pid is 0, but it may go on */
	uint64_t        read;   /* bytes it had read when we looked last */
	double          since;  /* when that last changed */
	double          look;   /* when to look again; infinity: it owes nothing */
};

struct analyser_spec {
	analyse_fn *fn;
	void       *arg;
	uint64_t    spool;       /* most bytes of the spool */
	bool        keep_stdout;
	const struct signals *signals;
};

int  analyser_start(struct analyser *, const struct analyser_spec *, struct diag *);
/* Ends it if it lives, and frees what it needed. */
void analyser_fini(struct analyser *);

/* If somebody has stopped it, it goes on. */
void analyser_wake(struct analyser *);
/*
 * It is not waited for any more, and goes on without us if it can; one that never
 * ends by itself is ended by the kernel.
 */
void analyser_leave(struct analyser *);

/* Something was put into the feed. */
void analyser_fed(struct analyser *, double now);
/* True: it has not read what lies before it for limit seconds. */
bool analyser_hangs(struct analyser *, double now, double limit);
/* Time has passed, up to now, that does not count (we were stopped, it waits for the terminal). */
void analyser_excuse(struct analyser *, double now);
/* True once, when it has ended. */
bool analyser_reap(struct analyser *);
void analyser_kill(struct analyser *, double now);
/* The word to give the verdict now on what is known. */
void analyser_hurry(struct analyser *);
/* Its request, if there is one; false and back < 0: there will be none. */
bool analyser_request(struct analyser *, struct feed_word *ret);

#endif
