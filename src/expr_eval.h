/* SPDX-License-Identifier: MIT */
/*
 * expr_eval: nodes × series to a value.
 *
 * One loop over the nodes; nothing recurses and nothing is allocated.  Unknown
 * goes through arithmetic and comparison; false and unknown is false, true or
 * unknown is true.  NaN compares as IEEE says.
 */
#ifndef EXPR_EVAL_H
#define EXPR_EVAL_H

#include "expr.h"
#include "func.h"

/* e has passed the check.  env->unknown: the node that could not tell, when the answer is unknown. */
struct value expr_eval(const struct expr *e, struct env *env);

/* Is it true (not false, not unknown)? */
static inline bool
expr_true(const struct expr *e, struct env *env)
{
	struct value v = expr_eval(e, env);

	return v.kind != K_UNKNOWN && v.num != 0;
}

/* Why that node could not tell, in words; never NULL. */
const char *expr_why(const struct node *);

#endif
