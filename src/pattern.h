/* SPDX-License-Identifier: MIT */
/*
 * pattern: compile and match (PCRE2 with JIT).  The only file that includes PCRE2.
 *
 * Byte semantics (no UTF mode).  Compiled to machine code on first use, so that
 * a pattern that never meets a candidate line costs nothing at start-up.  Work
 * per match is bounded; a pattern that runs into the bound is counted and,
 * after some times, put into quarantine.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diag.h"
#include "span.h"

#define PATTERN_GROUPS      40 /* most groups, the whole match included */
#define PATTERN_LITERAL_MAX 64 /* room for one literal and its NUL */

struct pattern;

enum { PATTERN_NOCASE = 1, PATTERN_ANCHORED = 2, PATTERN_LITERAL = 4 };

/*
 * Takes text into *ret, which pattern_free ends.  %{num}, %{int}, %{word},
 * %{time} in it stand for the usual forms.  Nothing is compiled yet: a mistake
 * in the regular expression shows at pattern_check or makes the pattern match
 * nothing.  -1: an unknown shorthand; d->col is the offset in text + 1.
 */
int  pattern_new(const char *text, unsigned flags, struct pattern **ret, struct diag *d);
/* Compiles it now.  -1: d says why, d->col is the offset in text + 1 (0: not known). */
int  pattern_check(struct pattern *, struct diag *d);
/* Both in one; *ret is untouched on failure. */
int  pattern_compile(const char *text, unsigned flags, struct pattern **ret, struct diag *d);
void pattern_free(struct pattern *);

/* Named groups: number of group i (from 0) and its name; NULL past the last.  Compiles it. */
const char *pattern_group(struct pattern *, unsigned i, unsigned *number);

/* Matches s from offset `from`.  cap[0] is the whole, cap[i] group i; unset: p == NULL.  ncap: room in cap. */
bool pattern_match(struct pattern *, struct span s, size_t from, struct span *cap, unsigned ncap);

/* Matches that ran into the bound. */
uint64_t pattern_errors(const struct pattern *);
/* Out of use because of them, or because it does not compile. */
bool     pattern_quarantined(const struct pattern *);

/* How far a match gets in a text: for people who write patterns.  Slow: it compiles the pattern anew. */
struct pattern_reach {
	bool   whole; /* it matches */
	size_t from, bytes; /* where in s the best try began, and how many bytes it got through */
	size_t at;    /* where in pattern_text it stopped */
};
/* False: nothing of it is in s. */
bool     pattern_reach(struct pattern *, struct span s, struct pattern_reach *ret);

/*
 * Literals of which every match must contain one (at least 2 bytes each; lower
 * case with PATTERN_NOCASE), found by walking the pattern's text: their number,
 * 0 when there is no such set within max.
 */
unsigned    pattern_literals(const struct pattern *, char (*ret)[PATTERN_LITERAL_MAX], unsigned max);
const char *pattern_text(const struct pattern *);
/* It may tell one digit from another: a digit stands in it that is no part of a name, a count or 0-9. */
bool        pattern_digits(const struct pattern *);

#endif
