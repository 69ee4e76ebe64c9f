/* SPDX-License-Identifier: MIT */
/*
 * points: series in compact notation, for the tests in rules' files.
 *
 *	2.0 -0.1x20 1.8>0.5~0.02x100 nan _x3 =-0.1
 *
 * See lossdog-rules(5), TESTS.
 */
#ifndef POINTS_H
#define POINTS_H

#include <stdbool.h>

#include "diag.h"
#include "span.h"

#define POINTS_MAX 20000

struct points {
	double  *v;
	bool    *gap;  /* no point here */
	unsigned n;
	size_t   size;
};

/* -1: d says why, d->col the offset + 1; *ret is empty. */
int  points_parse(struct span text, unsigned seed, struct points *ret, struct diag *d);
void points_fini(struct points *);

#endif
