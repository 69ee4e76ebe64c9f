/* SPDX-License-Identifier: MIT */
/*
 * braille: curves in a terminal, 2 × 4 dots a character.
 */
#ifndef BRAILLE_H
#define BRAILLE_H

#include "buf.h"

#define BRAILLE_COLUMNS 200
#define BRAILLE_ROWS    40

struct braille {
	unsigned      columns, rows;
	unsigned char cell[BRAILLE_ROWS][BRAILLE_COLUMNS];
};

/* An empty plot of columns × rows characters, cut to what there is room for. */
void braille_init(struct braille *, unsigned columns, unsigned rows);
/* Sets a dot; x from the left, y from the top, in dots; outside: nothing. */
void braille_dot(struct braille *, int x, int y);
void braille_line(struct braille *, int x0, int y0, int x1, int y1);

/*
 * A curve of n points over the whole width between lo and hi (lo < hi); a value
 * that is not finite leaves a gap.
 */
void braille_curve(struct braille *, const double *x, const double *y, unsigned n,
    double lo, double hi);

/* One row as UTF-8, appended. */
void braille_row(const struct braille *, unsigned row, struct buf *);

#endif
