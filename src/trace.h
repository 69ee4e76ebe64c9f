/* SPDX-License-Identifier: MIT */
/*
 * trace: what ends a program, line by line: Python tracebacks, and the last words
 * of native code (C++ exceptions, failed checks, aborts, panics).
 *
 * "Traceback (most recent call last):", frames, and a last line `Type: message`.
 * Several ranks may print theirs at once: one state for each rank that is told.
 * Of a frame that is kept, the last one outside of installed packages is the
 * user's own code.  A traceback whose end does not come is given up after
 * TRACE_LINES lines.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>

#include "line.h"

#define TRACE_RANKS 16
#define TRACE_LINES 400

struct trace_state {
	int      rank;
	unsigned lines;      /* since it began; 0: none is open */
	uint64_t began;      /* line number */
	bool     user;       /* frame is in the user's code */
	char     frame[160]; /* "train.py:310 in main" */
	char     type[96];   /* of a C++ exception whose message is still to come */
	bool     thread;     /* of a thread: the program goes on without it */
};

struct trace {
	struct trace_state state[TRACE_RANKS];
	uint64_t ignored;    /* a traceback that begins on this line ends nothing */
	uint64_t thread;     /* the newest line that said that one of a thread follows */
	unsigned n;
};

struct trace_report {
	char     type[96], message[240], frame[160];
	uint64_t began, line;
	bool     native; /* not of Python: an abort, a panic, a failed check */
	bool     thread; /* it ended a thread, not the program */
};

/* True: with this line a traceback, or the last words of native code, is complete. */
bool trace_line(struct trace *, const struct line *, struct trace_report *ret);

#endif
