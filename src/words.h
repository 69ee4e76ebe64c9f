/* SPDX-License-Identifier: MIT */
/*
 * words: a command line as a list of words, without a shell.
 *
 * Blanks divide; '...' and "..." keep them (within "..." a backslash keeps the
 * next character); nothing is expanded.
 */
#ifndef WORDS_H
#define WORDS_H

#include "diag.h"

#define WORDS_MAX 64

struct words {
	char *argv[WORDS_MAX + 1]; /* NULL at the end */
	unsigned n;
	char *text; /* what argv points into */
};

/* -1: an open quote, too many words, or none. */
int  words_split(const char *text, struct words *ret, struct diag *d);
void words_fini(struct words *);

#endif
