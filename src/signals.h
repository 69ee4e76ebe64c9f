/* SPDX-License-Identifier: MIT */
/*
 * signals: read as data, sent on as they came, died of.
 *
 * Nothing is done in handlers: the signals of interest are blocked and read
 * from a descriptor.  Dispositions are never touched, so that what was ignored
 * on entry (nohup, background jobs) stays so for the command that is started.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct signals {
	int      fd;      /* readable when one has come */
	sigset_t before;  /* the mask on entry */
	bool     chld_ignored; /* SIGCHLD was ignored on entry; it is not in between */
};

struct signal_seen {
	int   number;
	pid_t from;   /* 0: the kernel, or outside of our namespace */
	bool  kernel; /* a terminal's key, a hangup */
};

/*
 * Blocks them and opens fd.  all: every signal that can be caught; else those
 * the filter minds and that were not ignored on entry.  -1: errno says why.
 */
int  signals_open(struct signals *, bool all);
/* Mask and dispositions as on entry: in a child before exec, or at the end. */
void signals_restore(const struct signals *);
void signals_close(struct signals *);
bool signals_next(const struct signals *, struct signal_seen *ret);

/*
 * Ends this process by the signal, without a core file of ours; by _exit with
 * 128 + number where the signal does not kill (process 1).
 */
_Noreturn void signals_die(int number);

/* Stops this process group as the terminal's key would; returns when it goes on. */
void signals_stop_group(int number);

/* "INT", "SIGINT", "2"; -1: no such signal. */
int         signals_find(const char *name);
/* "INT"; for a real-time signal or an unknown one its number in buf. */
const char *signals_name(int number, char buf[static 16]);

#endif
