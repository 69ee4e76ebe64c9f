/* SPDX-License-Identifier: MIT */
/*
 * notifier: tells people, without ever being waited for.
 *
 * What is to be told is stored (outbox.h); a process of its own delivers it.
 * That process is started by notifier_new and sleeps until there is something
 * to deliver; then it opens the database and reads the secrets.  It outlives
 * neither its work nor its limit, and it is nobody's child: who waits for
 * children never meets it.
 *
 * No function here waits for the network.  Those that store wait for the
 * database at most (another writer's transaction).
 */
#ifndef NOTIFIER_H
#define NOTIFIER_H

#include "conf.h"
#include "finding.h"
#include "notifiers.h"
#include "run.h"
#include "store.h"

struct notifier;

struct notifier_opts {
	const struct conf *conf;      /* borrowed, until notifier_new returns */
	const char *const *spec;      /* of --notify; none: what is configured */
	unsigned           specs;
	const char        *state_dir; /* NULL: none is kept; what is not delivered at the end is lost */
	/* The runs outlive this process, which takes up what another said of them (check, watch). */
	bool               resumes;
};

/* The directory of the state: --state-dir, the configuration, XDG; caller frees. */
char *notifier_state_dir(const struct conf *, const char *option);

/*
 * *ret NULL and 0: nobody is to be told anything.  -1: mistakes are in diags.
 * When an earlier process left messages, their delivery begins here.
 * To be called before this process, or one that it was forked from, opens the
 * run database: the delivery is forked here and must not inherit an open one.
 */
int notifier_new(const struct notifier_opts *, struct notifier **ret,
    struct diags *diags);

/*
 * From now on it writes through a connection of the caller's (opened with
 * outbox_schema among its schemas), so that both may stand in one transaction;
 * NULL: no longer, as must be said before that connection is closed.
 * Without one it opens its own when it has something to store, not before:
 * until then the process may fork.
 */
void notifier_share(struct notifier *, struct store *);

/*
 * This process is one of several of a run, called so in the archive that they
 * share: what each of them finds, and that it crashed, is told once.
 */
void notifier_join(struct notifier *, int64_t run, double began);

/* All take NULL, and then do nothing.  -1: it could not be stored; d says why. */
int notifier_start(struct notifier *, const struct run *, double now, struct diag *d);
/* Of use to dead-man switches; told once a minute, when the run's position has moved on. */
int notifier_progress(struct notifier *, const struct run *, double now, struct diag *d);
int notifier_finding(struct notifier *, const struct run *, const struct finding *,
    double now, struct diag *d);
/* The run is over: crashed when its status says so.  verdict: the text a person gets, in each language. */
int notifier_run_end(struct notifier *, const struct run *, const char *const verdict[LANGS],
    double now, struct diag *d);

/* Readable when notifier_said has something; -1: nothing is under way. */
int  notifier_fd(const struct notifier *);
/* A sentence about a channel that does not work, each said once; false: none now. */
bool notifier_said(struct notifier *, struct diag *ret);

/*
 * Ends the delivery and waits for it, at most so many seconds; afterwards
 * notifier_said has what was said on the way.  Nothing is told after it.
 */
void notifier_flush(struct notifier *, double seconds);
/*
 * Flushes, if that was not done, and frees.  Returns the number of messages
 * that still wait (the next start goes on with them).
 */
unsigned notifier_close(struct notifier *, double seconds);
/* Frees what another process, forked since, goes on with: nothing is sent or removed.  NULL is nothing. */
void     notifier_drop(struct notifier *);

#endif
