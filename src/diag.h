/* SPDX-License-Identifier: MIT */
/*
 * diag: what went wrong, in words a user can act on.
 *
 * Two shapes.  A struct diag is one explanation and sits in the caller: there
 * is nothing to free and nothing that can fail while failing.  A struct diags
 * is the list of all mistakes in the files that were read, each with its
 * place, so that a user mends a file once and not once per mistake.
 */
#ifndef DIAG_H
#define DIAG_H

#include <stdbool.h>
#include <stdio.h>

#define DIAG_PRINTF(f, a) __attribute__((__format__(__printf__, f, a)))

struct diag {
	const char *file;      /* borrowed; NULL when it is not about a file */
	unsigned    line, col; /* from 1; 0 when unknown */
	char        text[256]; /* one sentence without a newline */
};

/* Fills d, which may be NULL, and returns -1 so that callers can return it. */
int diag_set(struct diag *d, const char *fmt, ...) DIAG_PRINTF(2, 3);

/* As diag_set, with the place. */
int diag_at(struct diag *d, const char *file, unsigned line, unsigned col,
    const char *fmt, ...) DIAG_PRINTF(5, 6);

enum diag_level { DIAG_ERROR, DIAG_WARNING };

struct diags;

struct diags *diags_new(void);
void          diags_free(struct diags *);

/*
 * Adds a mistake.  file and source are copied; source is the whole text of the
 * file (NULL: no excerpt is kept), from which the line at fault is taken for
 * the caret.  line and col count from 1; 0: unknown.  Returns -1 always.
 * At most 100 are kept; the rest is counted.
 */
int diags_add(struct diags *, enum diag_level, const char *file,
    const char *source, unsigned line, unsigned col, const char *fmt, ...)
    DIAG_PRINTF(7, 8);

/* Number of errors (not warnings), including those not kept. */
unsigned diags_errors(const struct diags *);
/* Number of all entries kept. */
unsigned diags_count(const struct diags *);

/*
 * Prints all, in the order of adding, as compilers do:
 *	file:line:col: error: text
 *	   12 | when: since_bset(val) >= 3
 *	      |       ^
 * colour: with ANSI colours.  Text from files is made harmless (no escapes).
 * say: gives a sentence, to be freed, in the reader's language; NULL: as it is.
 */
typedef char *diag_say(const char *english);
void diags_print(const struct diags *, FILE *, bool colour, diag_say *say);

/*
 * The name in names[0..n) nearest to word, when it is near enough to be meant
 * (edit distance at most a third of its length), else NULL.  For "did you mean".
 */
const char *diag_nearest(const char *word, const char *const *names, size_t n);

#endif
