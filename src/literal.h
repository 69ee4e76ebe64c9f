/* SPDX-License-Identifier: MIT */
/*
 * literal: the literals of a regular expression, and one pass that finds many.
 *
 * A pattern can match only where one of its literals stands; so one scan over
 * a line, for all literals of all patterns at once, says which patterns are
 * worth trying.  Its cost depends on the line, not on the number of patterns.
 */
#ifndef LITERAL_H
#define LITERAL_H

#include <stdbool.h>
#include <stdint.h>

#include "pattern.h"
#include "span.h"

/*
 * Literals of which every match of the regular expression must contain one:
 * the best such set (long, few).  Their number, 0: there is none within max.
 * nocase: they come in lower case.
 */
unsigned literal_set(const char *regex, bool nocase, char (*ret)[PATTERN_LITERAL_MAX], unsigned max);

struct literals;

struct literals *literals_new(void);
void             literals_free(struct literals *);
/* Adds a literal (2 bytes or more) for owner `id`; the same literal may have many owners.  Case is folded. */
void             literals_add(struct literals *, struct span, unsigned id);
/* This owner's bit is always set: it has no literal. */
void             literals_always(struct literals *, unsigned id);
/* After the last add. */
void             literals_finish(struct literals *);
unsigned         literals_count(const struct literals *);

/*
 * Sets the bit of each owner one of whose literals stands in s, whose digits are
 * folded to 0 (ASCII case folded, and any digit for a digit: a candidate, not yet
 * a match; so lines that differ in their digits alone have the same candidates).  hit has (largest id + 64) / 64 words,
 * zeroed by the caller.  Returns whether there was any.
 */
bool literals_scan(const struct literals *, struct span s, uint64_t *hit);

#endif
