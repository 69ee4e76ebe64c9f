/* SPDX-License-Identifier: MIT */
/*
 * number: numbers as people print them, to double.  No locale, no allocation.
 *
 * Read: 12  -3.5  +.5  1.2e-3  1.2E+00  1,234,567  1_000  nan  NaN  -nan
 * nan(ind)  -nan(ind)  1.#QNAN  1.#INF  inf  -inf  Infinity  0x is not read.
 * A suffix is left to the caller as a unit: %, K M G T (and k), ms us ns s min
 * h, B KB MB GB KiB MiB GiB, it/s s/it ms/step samples/s tok/s and the like.
 * A value out of range (1e400) is not a number in silence: NUMBER_RANGE.
 */
#ifndef NUMBER_H
#define NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

enum number_err {
	NUMBER_OK,
	NUMBER_NONE,  /* no number stands here */
	NUMBER_RANGE, /* its value does not fit a double */
	NUMBER_ODD    /* ambiguous: 1,5  12,34  1.2.3 (a version)  12:30 (a time)  0x1p3 */
};

/*
 * Reads the number at the start of s (no leading blanks).  *ret gets the value,
 * *used the bytes taken (number only, no unit).  What follows directly and makes
 * it something else (a letter glued to it that is no unit, a second point, a
 * colon and a digit) is NUMBER_ODD, with *used the length of the whole token.
 */
enum number_err number_read(struct span s, double *ret, size_t *used);

/* A number is wrapped: tensor(0.12, device='cuda:0'), array(0.1), np.float64(0.1), [0.1], '0.1'.
 * Peels that, then number_read; *used covers the wrapping too. */
enum number_err number_read_wrapped(struct span s, double *ret, size_t *used);

/* A length of time as clocks and bars print it, to seconds: 1:02:03  59:36  285:02:45  45s.  false: it is none. */
bool duration_read(struct span s, double *ret);

/*
 * Units.  What quantity a printed unit is of, and the factor that brings a value to the
 * canonical one (seconds, per second, fraction, bytes).
 */
enum quantity {
	Q_NONE,     /* plain */
	Q_TIME,     /* to seconds: ns us ms s sec min h */
	Q_RATIO,    /* %: to a fraction */
	Q_BYTES,    /* B KB MB GB KiB MiB GiB M G: to bytes */
	Q_RATE,     /* /s it/s samples/s tok/s: per second */
	Q_TIME_PER, /* s/it ms/step us/sample: seconds per thing */
	Q_COUNT     /* K M B T: thousands, millions */
};
struct unit {
	enum quantity q;
	double        factor;
	size_t        used; /* bytes of s the unit took, blanks before it included */
};
/* The unit at the start of s; blanks (at most one) before it are allowed.  q is Q_NONE and used 0 when there is none. */
struct unit unit_read(struct span s);
/* The unit called name ("ms", "%", "MiB", "it/s"), all of it; false when it is none. */
bool unit_find(struct span name, struct unit *ret);

#endif
