/* SPDX-License-Identifier: MIT */
/*
 * func: the table of functions and facts of the run that conditions can use.
 *
 * The checker, the evaluator, the manual's test and `rules explain` read the
 * same rows.  A function gets its arguments known, unless its row says raw.
 */
#ifndef FUNC_H
#define FUNC_H

#include "expr.h"
#include "facts.h"

/* What a condition is evaluated with.  All borrowed. */
struct env {
	const struct series *const *series; /* by number of the need; NULL: there is none */
	const struct value *param;
	const struct facts *facts;
	uint32_t *streak;                   /* by number of the streak */
	const char *const *capture;         /* by number of the group; NULL: not set */
	const struct node *unknown;         /* set to the node that could not tell */
};

struct func {
	const char *name;
	/*
	 * One letter an argument: s series, n number, w window, i rule id, b truth value,
	 * t a text, a anything but a series; those after ? may be left out.
	 */
	const char *args;
	unsigned char ret, unit; /* kind and unit of the answer */
	unsigned char wants;     /* SERIES_* that its series must keep up */
	bool raw;                /* sees unknown arguments, too */
	struct value (*fn)(const struct env *, const struct value *arg, unsigned n);
	const char *why;         /* why the answer may be unknown; NULL: it never is by itself */
};

/* The row of that name whose first argument is a series (or not); NULL: there is none. */
const struct func *func_find(struct span name, bool series);
const struct func *func_at(unsigned i); /* NULL past the last */

struct run_field {
	const char *name; /* run.step */
	unsigned char ret, unit;
	struct value (*fn)(const struct facts *);
	const char *why;
};
/* -1: there is none. */
int                     field_find(struct span name);
const struct run_field *field_at(unsigned i); /* NULL past the last */

#endif
