/* SPDX-License-Identifier: MIT */
/*
 * png: a small picture of a curve, for mail.
 */
#ifndef PNG_H
#define PNG_H

#include <stdbool.h>

#include "buf.h"

/*
 * Appends a PNG of y[0..n) as a line with a frame; what is not finite leaves a
 * gap.  rgb: the line's colour.  false: built without zlib, or nothing to draw.
 */
bool png_curve(struct buf *, const double *y, unsigned n, unsigned rgb);

#endif
