/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "png.h"

#ifdef HAVE_ZLIB

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "xalloc.h"

#define WIDTH  480
#define HEIGHT 120
#define MARGIN 6
#define STRIDE (WIDTH + 1) /* each row begins with its filter, 0 */

/* The palette: paper, frame, line. */
enum { PAPER, FRAME, LINE, COLOURS };

static void
put32(struct buf *b, uint32_t v)
{
	char p[4] = { (char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v };

	buf_add(b, p, 4);
}

static void
chunk(struct buf *b, const char *type, const void *data, size_t n)
{
	size_t at = b->n + 4;

	put32(b, (uint32_t)n);
	buf_add(b, type, 4);
	buf_add(b, data, n);
	if (!b->over)
		put32(b, (uint32_t)crc32(0, (const Bytef *)b->p + at, (uInt)(n + 4)));
}

static void
dot(unsigned char *pixel, int x, int y, unsigned char colour)
{
	if (x >= 0 && x < WIDTH && y >= 0 && y < HEIGHT)
		pixel[y * STRIDE + 1 + x] = colour;
}

/* A line two dots thick, as many steps as its longer side. */
static void
stroke(unsigned char *pixel, double x0, double y0, double x1, double y1)
{
	double n = fmax(fmax(fabs(x1 - x0), fabs(y1 - y0)), 1);

	for (double i = 0; i <= n; i++) {
		int x = (int)lround(x0 + (x1 - x0) * i / n);
		int y = (int)lround(y0 + (y1 - y0) * i / n);

		dot(pixel, x, y, LINE);
		dot(pixel, x, y + 1, LINE);
		dot(pixel, x + 1, y, LINE);
	}
}

static void
draw(unsigned char *pixel, const double *y, unsigned n, double low, double high)
{
	double wide = WIDTH - 2 * MARGIN, tall = HEIGHT - 2 * MARGIN;
	double px = NAN, py = NAN;

	for (int x = 0; x < WIDTH; x++) {
		dot(pixel, x, 0, FRAME);
		dot(pixel, x, HEIGHT - 1, FRAME);
	}
	for (int i = 0; i < HEIGHT; i++) {
		dot(pixel, 0, i, FRAME);
		dot(pixel, WIDTH - 1, i, FRAME);
	}
	for (unsigned i = 0; i < n; i++) {
		double x = MARGIN + wide * i / (n - 1);
		double at = MARGIN + tall * (high > low ? (high - y[i]) / (high - low) : 0.5);

		if (isfinite(y[i]))
			stroke(pixel, isnan(px) ? x : px, isnan(px) ? at : py, x, at);
		px = isfinite(y[i]) ? x : NAN;
		py = at;
	}
}

static void
write_file(struct buf *b, unsigned char *pixel, unsigned rgb)
{
	unsigned char palette[3 * COLOURS] = {
		0xff, 0xff, 0xff, 0xd0, 0xd7, 0xde,
		(unsigned char)(rgb >> 16), (unsigned char)(rgb >> 8), (unsigned char)rgb,
	};
	static const unsigned char head[13] = {
		0, 0, WIDTH >> 8, WIDTH & 255, 0, 0, HEIGHT >> 8, HEIGHT & 255,
		8, 3, 0, 0, 0, /* 8 bits, palette */
	};
	uLongf n = compressBound(STRIDE * HEIGHT);
	unsigned char *packed = xmalloc(n);

	if (compress2(packed, &n, pixel, STRIDE * HEIGHT, 9) == Z_OK) {
		buf_add(b, "\x89PNG\r\n\x1a\n", 8);
		chunk(b, "IHDR", head, sizeof(head));
		chunk(b, "PLTE", palette, sizeof(palette));
		chunk(b, "IDAT", packed, n);
		chunk(b, "IEND", "", 0);
	}
	free(packed);
}

bool
png_curve(struct buf *b, const double *y, unsigned n, unsigned rgb)
{
	double low = INFINITY, high = -INFINITY;
	unsigned char *pixel;

	for (unsigned i = 0; i < n; i++)
		if (isfinite(y[i])) {
			low = fmin(low, y[i]);
			high = fmax(high, y[i]);
		}
	if (n < 3 || !(high >= low) || !isfinite(high - low))
		return false;
	pixel = xcalloc(HEIGHT, STRIDE);
	draw(pixel, y, n, low, high);
	write_file(b, pixel, rgb);
	free(pixel);
	return !b->over;
}

#else

bool
png_curve(struct buf *b, const double *y, unsigned n, unsigned rgb)
{
	(void)b, (void)y, (void)n, (void)rgb;
	return false;
}

#endif
