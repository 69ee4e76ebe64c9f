/* SPDX-License-Identifier: MIT */
/*
 * pairs: the key and number pairs of a text.
 *
 *	loss: 0.12 | lr=1e-4, Acc 93.2% (91.0)  [5/100]  time 0.5s  'x': nan
 *
 * A number counts where one can begin (not inside a word, a path, a date, a
 * version).  Its key is the text before it, back to a border: the end of the
 * number before, one of , ; | tab, two blanks, an opening bracket, or the
 * caller's own separator.  A number without a key is handed out all the same.
 */
#ifndef PAIRS_H
#define PAIRS_H

#include <stdbool.h>

#include "number.h"
#include "span.h"

struct pair {
	struct span key;    /* as printed, trimmed; n == 0: none */
	double      value;
	struct span text;   /* the number as printed */
	struct unit unit;   /* q is Q_NONE: none printed */
	bool        joined; /* ':' or '=' stands between key and number */
	bool        bracket;/* the number stands in brackets: [5/100], (0.6) */
	struct span total;  /* 5/100: 100, as printed; n == 0: none */
	bool        range;  /* the number does not fit a double: value means nothing */
};

struct pairs {
	struct span s;
	size_t      at;   /* where to look on */
	size_t      from; /* border: the end of the number before */
	char        sep;  /* one more border, 0: none */
};

void pairs_init(struct pairs *, struct span s, char sep);
bool pairs_next(struct pairs *, struct pair *ret);
/* A number counts somewhere in s. */
bool pairs_any(struct span s);
/* What stands behind the last number. */
struct span pairs_rest(const struct pairs *);

#endif
