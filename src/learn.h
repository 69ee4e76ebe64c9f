/* SPDX-License-Identifier: MIT */
/*
 * learn: a profile for a log that no profile reads.
 *
 * Lines are grouped by template: what stays of a line when its numbers, and the
 * words that hold digits, are taken out.  For each template it is remembered how
 * its numbers move; at the end names are guessed through the vocabulary and from
 * the words beside the numbers, and a profile is written, with its tests, and
 * with a remark where a guess is one.
 *
 * Memory is bounded: at most LEARN_TEMPLATES templates are kept (the rarest make
 * room), of each its examples and a few figures for each number.
 */
#ifndef LEARN_H
#define LEARN_H

#include "buf.h"
#include "diag.h"
#include "knowledge.h"
#include "line.h"
#include "match.h"

#define LEARN_TEMPLATES 512
#define LEARN_READERS   24 /* most readers of a profile that is written */

struct learn;

struct learn *learn_new(struct knowledge *); /* borrowed */
void          learn_free(struct learn *);

/* A line, and who reads it already; what another profile than a generic one reads is passed over. */
void learn_line(struct learn *, const struct line *, const struct match *);

struct learn_stat {
	uint64_t lines;    /* all */
	uint64_t known;    /* of another profile */
	uint64_t numbers;  /* of the rest: with numbers in them */
	uint64_t learnt;   /* of those: of a template that has become a reader */
	unsigned readers, unsure;
};

/*
 * The profile called name as YAML; source is what the log is called.  It is also
 * loaded into the knowledge, to write down what it makes of the examples.  -1: there
 * was nothing to learn.
 */
int learn_write(struct learn *, const char *name, const char *source, struct buf *out,
    struct learn_stat *ret, struct diag *d);

#endif
