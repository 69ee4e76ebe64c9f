/* SPDX-License-Identifier: MIT */
/*
 * outlet: an inherited descriptor, written without ever waiting.
 *
 * O_NONBLOCK belongs to the open file, which we share with the shell and
 * others, so it is never set on what we were given.  A pipe or terminal is
 * opened anew through /proc for a flag of our own; where that is not allowed,
 * small pieces are written when there is room for them.
 */
#ifndef OUTLET_H
#define OUTLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outlet {
	int      fd;     /* the inherited one */
	int      own;    /* the one that is written */
	bool     socket, small, terminal;
	bool     gone;   /* nobody reads it any more, or it was closed on entry */
	int      error;  /* of the newest write that failed otherwise (full disk) */
	uint64_t lost;   /* bytes that could not be written */
	bool     in_line; /* the last byte was no newline */
};

void outlet_open(struct outlet *, int fd);
/*
 * Writes what it takes and returns how much that is; 0: wait until own is
 * writable.  What cannot be written for good counts as written: gone or error,
 * and lost, tell.
 */
size_t outlet_write(struct outlet *, const char *p, size_t n);
/*
 * Ends it: whoever reads it sees the end, the number of the descriptor is kept
 * busy.  An error that shows itself only now is in error.
 */
void outlet_close(struct outlet *);
/* Both lead to the same terminal, pipe or file. */
bool outlet_same(const struct outlet *, const struct outlet *);

#endif
