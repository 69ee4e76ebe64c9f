/* SPDX-License-Identifier: MIT */
/*
 * keeper_run: a command, its bytes and its end, with an analyser beside it.
 *
 * Signals that come to us go on to the command's process group, each once.
 * There is no time limit and no kill but what the options ask for when the
 * analyser wants the command to be ended.
 */
#ifndef KEEPER_RUN_H
#define KEEPER_RUN_H

#include "command.h"
#include "keeper.h"

enum run_forward {
	RUN_FORWARD_AUTO,   /* not when a scheduler has sent it to every process of the step */
	RUN_FORWARD_ALWAYS,
	RUN_FORWARD_NEVER
};

#define RUN_STOPPED 86 /* the status when we have ended the command */

struct run_opts {
	struct keeper_opts  keeper;
	struct command_spec command;
	enum run_forward    forward;
	int                 stop_signal; /* 0: SIGTERM */
	double              stop_grace;  /* seconds until we say that it still runs, or kill it */
	bool                stop_kill;
};

/*
 * The result is the command's exit status, KEEPER_SIGNAL(n) when signal n
 * ended it, RUN_STOPPED, 126 or 127 when it could not be executed (d says
 * why), KEEPER_FAILED when we could not begin (d says why).  d->text is empty otherwise.
 */
int keeper_run(const struct run_opts *, analyse_fn *, void *arg, struct diag *d);

/*
 * True when a signal from the process called comm, to a process in this cgroup
 * (the text of /proc/self/cgroup), has gone to the command as well.
 */
bool run_reaches_all(const char *comm, const char *cgroup);

#endif
