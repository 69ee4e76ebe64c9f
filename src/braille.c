/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "braille.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void
braille_init(struct braille *b, unsigned columns, unsigned rows)
{
	memset(b, 0, sizeof *b);
	b->columns = columns < BRAILLE_COLUMNS ? columns : BRAILLE_COLUMNS;
	b->rows = rows < BRAILLE_ROWS ? rows : BRAILLE_ROWS;
}

void
braille_dot(struct braille *b, int x, int y)
{
	/* the bits of U+2800, by row and column */
	static const unsigned char bit[4][2] = {
		{ 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };

	if (x < 0 || y < 0 || x >= (int)b->columns * 2 || y >= (int)b->rows * 4)
		return;
	b->cell[y / 4][x / 2] |= bit[y % 4][x % 2];
}

void
braille_line(struct braille *b, int x0, int y0, int x1, int y1)
{
	int dx = abs(x1 - x0), dy = -abs(y1 - y0);
	int sx = x0 < x1 ? 1 : -1, sy = y0 < y1 ? 1 : -1;
	int error = dx + dy;

	for (;;) {
		int twice = 2 * error;

		braille_dot(b, x0, y0);
		if (x0 == x1 && y0 == y1)
			return;
		if (twice >= dy) {
			error += dy;
			x0 += sx;
		}
		if (twice <= dx) {
			error += dx;
			y0 += sy;
		}
	}
}

/* v between lo and hi as one of n places; outside: at the border. */
static int
place(double v, double lo, double hi, unsigned n)
{
	double at = (v - lo) / (hi - lo) * (n - 1);

	return (int)lround(fmin(fmax(at, 0), n - 1));
}

void
braille_curve(struct braille *b, const double *x, const double *y, unsigned n,
    double lo, double hi)
{
	unsigned wide = b->columns * 2, high = b->rows * 4;
	int      px = -1, py = -1;

	if (n == 0 || wide == 0 || high == 0)
		return;
	for (unsigned i = 0; i < n; i++) {
		int cx, cy;

		if (!isfinite(y[i]) || !isfinite(x[i])) {
			px = -1;
			continue;
		}
		cx = n > 1 && x[n - 1] > x[0] ? place(x[i], x[0], x[n - 1], wide) : 0;
		cy = (int)high - 1 - place(y[i], lo, hi, high);
		if (px >= 0)
			braille_line(b, px, py, cx, cy);
		else
			braille_dot(b, cx, cy);
		px = cx;
		py = cy;
	}
}

void
braille_row(const struct braille *b, unsigned row, struct buf *out)
{
	for (unsigned i = 0; i < b->columns; i++) {
		unsigned c = 0x2800u + b->cell[row][i];

		buf_char(out, (char)(0xe0 | c >> 12));
		buf_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_char(out, (char)(0x80 | (c & 0x3f)));
	}
}
