/* SPDX-License-Identifier: MIT */
/*
 * sense: a process that looks at what the run uses, again and again.
 *
 * Of its own, because asking a lost GPU or a dead file server may take for ever
 * and must hold nobody up.  It looks often at first and then ever more seldom, and
 * so seldom that looking costs less than half a percent of one core.  It ends when
 * nobody listens any more.
 */
#ifndef SENSE_H
#define SENSE_H

#include <stdbool.h>
#include <sys/types.h>

struct sense_reading {
	char   metric[32]; /* canonical: "proc/cpu", "gpu/util" */
	char   labels[96]; /* "gpu=0"; "": none */
	double value;      /* in canonical units */
	double wall;
};

struct sense_spec {
	pid_t root, except;      /* see proctree */
	const char *const *dirs; /* whose free space is looked at; NULL-terminated, may be NULL */
	double first;            /* seconds to the second look; 0: 1 s */
	double rarest;           /* longest time between two looks; 0: 15 s */
};

/* Starts it.  Returns the descriptor to read, non-blocking; -1: it could not be started. */
int  sense_start(const struct sense_spec *);
/* The next reading; false: there is none now (or none any more: then *ended is true). */
bool sense_next(int fd, struct sense_reading *ret, bool *ended);

#endif
