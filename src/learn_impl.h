/* SPDX-License-Identifier: MIT */
/*
 * learn_impl: what the files of learn share: templates and what is known of their numbers.
 */
#ifndef LEARN_IMPL_H
#define LEARN_IMPL_H

#include "learn.h"
#include "map.h"
#include "number.h"
#include "vocab.h"

#define LEARN_FIELDS   128
#define LEARN_EXAMPLES 3    /* the first two and the last */
#define LEARN_LINE     8192 /* longer lines are no templates */
#define LEARN_KEY      64

/* What a template's shape has in place of what varies. */
enum { MARK_WORD = 1, MARK_BAR = 2, MARK_NUMBER = 3 };

enum learn_kind { LEARN_TEXT, LEARN_OBJECT, LEARN_TABLE };

/* A number of a template: how it is printed, how it moves, what it was taken for. */
struct learn_field {
	char     key[LEARN_KEY];
	bool     joined, bracket, wrapped;
	int      total_of;       /* the field this is the total of; -1 */
	struct unit unit;
	uint64_t n;
	double   first, last, min, max;
	uint64_t falls, restarts; /* went down; of those: as an epoch began */
	bool     whole, moves;
	bool     guessed;        /* its key does not say what it was taken for */

	enum key_kind kind;      /* KEY_UNKNOWN: not taken */
	enum phase    phase;
	bool          phased;
	char          base[VOCAB_NAME_MAX];
};

struct learn_template {
	enum learn_kind kind;
	char    *shape;
	size_t   shape_n;
	struct learn_field *field;
	unsigned fields;
	uint64_t count, line;    /* lines, and the number of the first */
	char    *example[LEARN_EXAMPLES];
	char    *header;         /* a table's */
	char     sep;            /* a table's */
	bool     redraw;
	enum phase phase;        /* of an object, said by what stands before it */
	double   epoch;          /* of the run at its newest line */
};

struct learn {
	struct knowledge *k;
	struct map *shapes;      /* shape -> template */
	struct learn_template *t[LEARN_TEMPLATES];
	unsigned n;
	double   epoch;          /* newest that a line has said */
	char     header[LEARN_LINE + 1]; /* a line that may name the columns below it */
	unsigned header_age;
	struct learn_template *table;    /* whose rows come now */
	struct learn_stat stat;
};

/* The next cell of a table's row; sep 0: blanks.  False at the end. */
bool learn_cell(struct span *rest, char sep, struct span *ret);

/* Guesses what the numbers of a template are; what it is unsure of goes to doubts, a line each. */
void learn_name(const struct learn *, struct learn_template *, struct buf *doubts);

#endif
