/* SPDX-License-Identifier: MIT */
/*
 * wrap: text in lines of a terminal, broken at blanks and between wide characters.
 */
#ifndef WRAP_H
#define WRAP_H

#include "buf.h"

/*
 * Appends text to a line that has indent columns already: further lines begin with so
 * many blanks, and none is wider than width unless a word is.  Any number of blanks and
 * line ends is one blank.  The last line is ended.
 */
void wrap(struct buf *, const char *text, unsigned indent, unsigned width);

#endif
