/* SPDX-License-Identifier: MIT */
/*
 * object: reads a JSON object or a Python dict that stands in a line.
 *
 * A library would refuse what training logs are made of: NaN and Infinity bare,
 * single quotes, None, True, trailing commas, numpy's float64(0.1), tensor(0.1).
 * So this is a reader of its own, in place, without allocation: it walks the text once and
 * hands out the scalars with their dotted path.
 */
#ifndef OBJECT_H
#define OBJECT_H

#include <stdbool.h>

#include "span.h"

#define OBJECT_DEPTH 16

enum object_kind { OBJ_NUMBER, OBJ_STRING, OBJ_BOOL, OBJ_NULL };

struct object_item {
	struct span path; /* dotted: "metrics.train.loss"; list elements get their index: "lr.0"; valid until the next item */
	struct span key;  /* the last key alone, as printed (escapes kept); in a list: the list's */
	struct span text; /* the value as printed; strings without quotes */
	enum object_kind kind;
	unsigned depth; /* 1: directly in the object */
};

struct object {
	struct span rest;
	struct { struct span key; size_t path; unsigned index; char close; } level[OBJECT_DEPTH];
	unsigned depth;
	char     path[256];
	size_t   path_n; /* may pass the end of path: an item whose path does not fit is not handed out */
	bool     bad;
};

/*
 * Starts at s, whose first byte is '{'.  Also '[' of objects: depth counts from it.
 */
void object_init(struct object *, struct span s);
/* The next scalar; false at the end of the object or when it is broken (object_bad). */
bool object_next(struct object *, struct object_item *ret);
/* Not an object after all, or cut off: what was handed out so far may be used or not, as the caller likes. */
bool object_bad(const struct object *);
/* What follows the object, after object_next has returned false. */
struct span object_rest(const struct object *);

#endif
