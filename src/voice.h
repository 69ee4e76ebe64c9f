/* SPDX-License-Identifier: MIT */
/*
 * voice: what lossdog says, between the lines of what it watches.
 *
 * Words of the analyser (its standard error comes through a pipe) and of the
 * keeper go to standard error, whole lines at a time.  Where output of the
 * command shares the terminal or pipe with them, they wait a moment for it to
 * end its line; when it does not (a progress bar), a newline is put before.
 */
#ifndef VOICE_H
#define VOICE_H

#include <stdbool.h>
#include <stddef.h>

#include "diag.h"
#include "outlet.h"

#define VOICE_SIZE (16 << 10)

struct voice {
	const char    *name;   /* stands before the keeper's own words */
	int            in;     /* the analyser's words; -1: ended */
	struct outlet *out;
	struct outlet *beside; /* shares the place of out; NULL: nothing does */
	double         since;  /* how long buf has waited */
	size_t         n;
	bool           blocked; /* out took only a part */
	char           buf[VOICE_SIZE];
};

void voice_init(struct voice *, const char *name, int in, struct outlet *out,
    struct outlet *beside);
/* The keeper's own words: "NAME: ...". */
void voice_say(struct voice *, double now, const char *fmt, ...) DIAG_PRINTF(3, 4);
/* There is room to read more from in. */
bool voice_wants(const struct voice *);
void voice_read(struct voice *, double now);
/* Prints what is due. */
void voice_flush(struct voice *, double now);
/* When something will be due; infinity: nothing waits (or out is blocked). */
double voice_deadline(const struct voice *);

#endif
