/* SPDX-License-Identifier: MIT */
/*
 * reading: the numbers of one line, by the way its reader names.
 *
 * Between match.c, which chooses the reader, and the ways to take numbers out
 * of a text: captures, pairs, objects, tables.  The rest of the program does
 * not include this.
 */
#ifndef READING_H
#define READING_H

#include <stdbool.h>

#include "match.h"
#include "reader.h"
#include "span.h"
#include "vocab.h"

#define COLUMNS_MAX 96

/* An open block of a profile: the lines after its opener. */
struct block {
	const char     *name;   /* NULL: none is open */
	struct reader  *opener;
	int             labels;
	enum phase      phase;
	struct target  *column[COLUMNS_MAX];
	unsigned        columns;
};


/* From the printed value to the canonical unit: times factor, then one over it. */
struct scale {
	double factor;
	bool   inverse; /* but not of zero */
};

static inline double
scale_apply(struct scale s, double v)
{
	v *= s.factor;
	return s.inverse && v != 0 ? 1 / v : v;
}

#define READING_KEYS 16

/*
 * One value of a line.  Metrics wait for the phase of the line: their field
 * waits with its target beside it until the matcher interns it.
 */
struct reading {
	struct vocab   *vocab;
	struct reader  *r;
	struct match   *ret;
	struct target  *of[MATCH_FIELDS];    /* beside ret->field */
	struct scale    scale[MATCH_FIELDS]; /* likewise */
	int             labels;
	enum phase      phase;   /* said by the line */
	bool            phase_said;
	struct span     key[READING_KEYS]; /* keys with digits in them */
	unsigned        keys;
	struct span     name;    /* what the group "key" has captured */
	bool            row;     /* it is a row of an open table */
	bool            odd;     /* it rests on more than the shape of the line (shape.h) */
};


/* The metric of a target in a phase, interned; -1: the table of names is full. */
int  reading_metric(struct vocab *, struct target *, enum phase);

/* A captured text or a cell; after: what stands behind it, for its unit. */
void reading_text(struct reading *, struct target *, struct span text, struct span after);
/* The value of the key that was captured before it; phase: as in the group's name, or NULL. */
void reading_named(struct reading *, const char *phase, struct span text, struct span after);
/* Every key and number of rest. */
void reading_pairs(struct reading *, struct span rest);
/* The object at the start of s; false: it is none, or lacks a key that the reader needs. */
bool reading_object(struct reading *, struct span s);
/* A header names the columns of b; false: it names no metric. */
bool reading_header(struct reading *, struct block *b, struct span s);
/* A row below such a header; false: it does not look like one. */
bool reading_row(struct reading *, const struct block *b, struct span text);

#endif
