/* SPDX-License-Identifier: MIT */
/*
 * child: something done by a process of its own, with a time limit.
 *
 * A command (no shell), or a function that may hang and must not take us with
 * it.  It reads its input from a file without a name, so that nobody has to
 * feed it; what it prints is read without waiting, up to CHILD_OUTPUT bytes
 * (the rest is taken and dropped).  Past its limit its whole process group is killed.
 */
#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>

#include "buf.h"
#include "diag.h"

#define CHILD_OUTPUT 8192

struct child;

struct child_spec {
	const char *const *argv; /* NULL at the end; argv[0] is searched in PATH */
	int (*call)(void *arg);  /* instead of a command: runs in the child, its result is the exit status; stdout tells why */
	void *arg;
	const char *const *env;  /* "NAME=value" added to the environment, NULL at the end; may be NULL */
	struct span input;       /* its standard input */
	double limit;            /* seconds */
	bool quiet;              /* its stderr is dropped, not collected */
};

/* now: monotonic.  NULL: it could not be started. */
struct child *child_start(const struct child_spec *, double now, struct diag *d);
/* Kills it when it still runs. */
void child_free(struct child *);

/*
 * Readable when there is something to do; -1 once it has closed its output,
 * and its end has to be asked for every few milliseconds.
 */
int    child_fd(const struct child *);
double child_deadline(const struct child *);
/* Takes what it printed.  True: it has ended. */
bool   child_step(struct child *, double now);

/* After the end. */
bool        child_timed_out(const struct child *);
int         child_status(const struct child *); /* as waitpid gives it */
struct span child_output(const struct child *); /* until child_free */

/* Starts it and waits for its end. */
struct child *child_run(const struct child_spec *, struct diag *d);
/* 0: it ended with exit status 0; -1: d says how else ("x: exit status 3: what it said first"). */
int child_check(const struct child *, const char *name, struct diag *d);

#endif
