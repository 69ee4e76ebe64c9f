/* SPDX-License-Identifier: MIT */
/*
 * text: the texts of rules, with values in them.
 *
 * "loss {last(loss)} at {run.step}": what stands in braces is an expression of
 * the rule's language; {x:%} shows a percentage, {x:s} a duration, {x:d} an
 * integer; {$name} a group of the event's line; {each} the metric; {{ a brace.
 */
#ifndef TEXT_H
#define TEXT_H

#include "buf.h"
#include "expr.h"
#include "expr_check.h"
#include "func.h"
#include "lang.h"

struct text_part {
	char       *plain;  /* NULL: a value */
	struct expr value;
	char        format; /* % s d, or 0 */
	bool        each;   /* the metric's name */
};

struct text {
	char             *source;
	struct text_part *part;
	unsigned          n;
	struct text      *zh; /* the same in Chinese, or NULL */
};

/* -1: mistakes were added; *ret is empty. */
int  text_parse(struct span source, struct scope *, struct text *ret, struct expr_errors *);
void text_fini(struct text *);
/* Appends the text; what is unknown is "?".  each: the metric's name, or NULL. */
void text_render(const struct text *, struct env *, const char *each, enum lang, struct buf *);
/* A number as people read it: four significant digits, no needless exponent. */
void text_number(struct buf *, double v, enum unit_of);

#endif
