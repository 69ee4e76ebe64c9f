/* SPDX-License-Identifier: MIT */
/*
 * board: the table of runs that `lossdog watch` shows, without a terminal.
 *
 * Rows are taken from the roster, sorted, filtered and formatted here; who
 * draws them only knows lines of text.
 */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>

#include "buf.h"
#include "roster.h"

enum board_sort { /* ORDER board_sort_name */
	SORT_STATE,  /* the worst first: what needs a look */
	SORT_NAME, SORT_STEP, SORT_LOSS, SORT_RATE, SORT_ETA, SORT_AGE, SORTS
};

struct board_row {
	unsigned          run;       /* in the roster */
	struct ledger_run r;         /* strings are the roster's */
	unsigned          firing[4];
};

struct board {
	struct board_row *row;
	unsigned          n, all;    /* shown; all there are */
	size_t            cap;
	enum board_sort   sort;
	bool              reverse;
	bool              bad_only;  /* only runs with findings */
	char              filter[64];/* part of the name; "": all */
	unsigned          selected;  /* run; kept when rows move */
	bool              has_selected;
	size_t            common;    /* bytes of the names that all begin with */
	bool              utf8;
	enum lang         lang;
};

void        board_init(struct board *, bool utf8, enum lang);
void        board_fini(struct board *);
const char *board_sort_name(enum board_sort);

/* Takes the rows anew. */
void board_refresh(struct board *, const struct roster *, double now);
/* Row of the selected run (the first when it is not shown); moves by so many rows. */
unsigned board_cursor(const struct board *);
void     board_move(struct board *, int by);

/* Lines of at most width columns, appended, without a line end. */
void board_title(const struct board *, unsigned width, struct buf *);
void board_head(const struct board *, unsigned width, struct buf *);
void board_line(const struct board *, const struct board_row *, unsigned width, double now,
    struct buf *);

/*
 * One run: its curves, as many as fit into height lines of width columns, then
 * its findings.  Lines end with \n.
 */
void board_run(const struct board *, const struct board_row *, const struct pipeline *,
    unsigned width, unsigned height, double now, struct buf *);

#endif
