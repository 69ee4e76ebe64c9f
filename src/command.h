/* SPDX-License-Identifier: MIT */
/*
 * command: the command that is watched, started as if we were not there.
 *
 * Its own process group; standard input, other descriptors, directory, limits,
 * ignored signals as they were; each of its two outputs is a pseudo terminal
 * where ours is a terminal, a pipe where it is not, or the log file; one for
 * both where ours are one.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

#include "diag.h"
#include "relay.h"

enum command_pty { COMMAND_PTY_AUTO, COMMAND_PTY_ALWAYS, COMMAND_PTY_NEVER };

struct command_spec {
	char *const     *argv;
	enum command_pty pty;
	const char      *log;        /* its outputs are appended to this file; NULL: none */
	bool             buffered;   /* PYTHONUNBUFFERED is left alone */
	const char      *mark;       /* "NAME=value" for its environment: that it is watched; NULL: none */
};

struct command {
	pid_t pid;    /* 0: it has ended */
	pid_t group;  /* its process group, which may outlive it */
	int   status; /* how it ended, as waitpid gives it */
	int   error;  /* why it could not be executed; 0: it was */
	int   stopped; /* the signal that has stopped it; 0: it runs */
};

/*
 * Starts it and adds its outputs to the relay.  -1: d says why, and error is
 * set when it was the command that could not be executed.
 */
int  command_start(struct command *, const struct command_spec *, struct relay *,
    struct diag *d);
/*
 * News of it, without waiting.  Also takes the end of orphans that came to us,
 * but not that of the analyser, which has its own waiter.
 */
void command_wait(struct command *, pid_t analyser);
/* Sends a signal to its process group. */
void command_signal(const struct command *, int number);
/* 127 when it was not found, 126 otherwise: the status of a shell. */
int  command_exec_status(const struct command *);

#endif
