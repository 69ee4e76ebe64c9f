/* SPDX-License-Identifier: MIT */
/*
 * profile_check: for people who write profiles: what a profile's text says that
 * cannot be meant, what its tests show, and why a line is not read.
 */
#ifndef PROFILE_CHECK_H
#define PROFILE_CHECK_H

#include <stdbool.h>

#include "buf.h"
#include "diag.h"
#include "profile.h"
#include "span.h"

/*
 * All that loading does not look at: patterns that do not compile, tests that are
 * none; with doubts, as warnings, patterns without a text that is always there and
 * names that are near to one of the vocabulary and not it.  Each goes to diags with
 * its place.
 */
void profile_check(const struct profile *, const struct vocab *, bool doubts, struct diags *);

/* The series that its tests name, each once, in their order: "train/loss, val/loss, lr". */
void profile_series(const struct profile *, struct buf *out);

/* The reader that comes nearest to a line that nobody reads. */
struct nearest {
	const char *reader;  /* "profile/reader"; NULL: none comes near */
	const char *pattern; /* its text */
	size_t      at;      /* where in it the match stopped */
	size_t      from, bytes; /* of the line: where the best try began, and how many it took */
	bool        whole;   /* it matches, but finds no number, or its block is not open */
	const char *block;   /* the block that it reads in, or NULL */
};

/* Only readers whose texts are in the line count, or those of the profile `only` when there is one. */
void profile_nearest(const struct profiles *, const struct profile *only, struct span line, struct nearest *ret);

#endif
