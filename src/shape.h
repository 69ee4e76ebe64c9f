/* SPDX-License-Identifier: MIT */
/*
 * shape: lines that look alike are read alike.
 *
 * A training log prints the same few lines again and again with other digits in
 * them.  The shape of a line is its text with every digit folded to 0; how a
 * line was read (by which reader, which number means what, or that nobody reads
 * it) is kept by its shape, so that the next line of that shape needs no
 * search: only its numbers are read anew.
 *
 * Only what cannot depend on a digit is kept.  Digits that are part of a key
 * ("top1", "layer 3 norm") must be the same again; labels taken from the text,
 * blocks but for open tables, readers whose pattern tells one digit from another are left to the long
 * way; where such a pattern did not match, it is tried again on every line.
 *
 * Memory is bounded: a new shape takes the place of an old one with its hash.
 */
#ifndef SHAPE_H
#define SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "match.h"
#include "reader.h"
#include "reading.h"
#include "span.h"

#define SHAPE_EVENTS 6 /* events that a line may be a candidate for and still be kept */
#define SHAPE_DOUBTS 6 /* likewise: readers that tell digits apart and did not have it */

/* How a line was read. */
struct shape {
	struct reader *reader; /* NULL: nobody reads it */
	bool           row;    /* a row of its open table */
	unsigned       events; /* candidates, to be tried on every such line */
	unsigned short event[SHAPE_EVENTS]; /* as the matcher numbers them */
	unsigned       doubts; /* readers whose patterns must fail again */
	struct reader *doubt[SHAPE_DOUBTS];
};

struct shapes;

struct shapes *shapes_new(void);
void           shapes_free(struct shapes *);

/* The text with its digits folded to 0; valid until the next call. */
struct span shapes_fold(struct shapes *, struct span text);

/*
 * How an earlier line like text, the one folded last, was read in this state of
 * the matcher (a number that goes up whenever something changes that a line is
 * read by); NULL: not known.  Valid until the next shapes_keep.
 */
const struct shape *shapes_find(struct shapes *, struct span text, unsigned state);

/*
 * Reads text, whose shape was just found, into g->ret and g->of as its like was
 * read before; phase and labels of g are set.  False: a number is none after
 * all (0x1 beside 1x1): the long way is to be gone.
 */
bool shapes_read(const struct shape *, struct span text, struct reading *);

/*
 * Keeps how text, the line folded last, was read: g->ret and g->of as the
 * reading left them, before the fields were finished; NULL: nobody reads it.
 */
void shapes_keep(struct shapes *, const struct shape *how, struct span text, unsigned state,
    const struct reading *);

#endif
