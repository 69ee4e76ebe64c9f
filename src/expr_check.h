/* SPDX-License-Identifier: MIT */
/*
 * expr_check: names, kinds, units and argument counts of a condition.
 */
#ifndef EXPR_CHECK_H
#define EXPR_CHECK_H

#include "expr.h"

#define SCOPE_NEEDS  10
#define SCOPE_PARAMS 24
#define SCOPE_LETS   16
#define SCOPE_STREAKS 8

/* The names that a rule's conditions can use. */
struct scope {
	const char *need[SCOPE_NEEDS];
	unsigned    nneed;
	const char *param[SCOPE_PARAMS];
	unsigned char param_unit[SCOPE_PARAMS];
	unsigned    nparam;
	const char *let[SCOPE_LETS];
	const struct expr *let_expr[SCOPE_LETS];
	unsigned    nlet;
	const char *const *capture; /* names of groups */
	unsigned    ncapture;
	/* The number of a rule's id, made when it is new. */
	unsigned  (*id)(void *arg, const char *name, size_t off);
	void       *arg;
	/* Found while checking: */
	unsigned char wants[SCOPE_NEEDS]; /* SERIES_* by need */
	bool        used[SCOPE_NEEDS];
	bool        param_used[SCOPE_PARAMS];
	bool        let_used[SCOPE_LETS];
	unsigned    nstreak;
};

/*
 * Resolves e in place.  want: the kind that the answer must have; K_UNKNOWN:
 * any but a series.  -1: mistakes were added and e must not be run.
 */
int expr_check(struct expr *e, struct scope *, enum kind want, struct expr_errors *);

/* The nearest name that is known here, or NULL. */
const char *scope_nearest(const struct scope *, const char *word);

#endif
