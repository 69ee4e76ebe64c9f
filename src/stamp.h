/* SPDX-License-Identifier: MIT */
/*
 * stamp: time stamps as loggers print them, to seconds since 1970.
 *
 * Without a zone a stamp is taken as UTC: only differences count, and a log
 * keeps to one zone.  When the line's arrival is known and a stamp is off by
 * whole quarters of an hour (at most 14 hours), that is its zone.
 *
 * A form is text in which stand for the parts
 *	%Y  year, four digits    %y  two digits      %m %d  month, day
 *	%b  Nov                  %D  12/09, month or day first (learnt)
 *	%e  0306 or 306: month and day, run together (glog, c10)
 *	%H %M %S                 %f  a fraction, if there is one: .123 ,123
 *	%p  AM or PM             %z  a zone, if there is one: Z +08:00 UTC
 *	%s  seconds since 1970, or ms, us, ns by their size
 * A blank stands for a run of blanks.  A form without a day is a time of day:
 * the day is that of the newest stamp, and midnight is noticed; one without a
 * year gets it from the newest stamp, else from the arrival, else 2000.
 */
#ifndef STAMP_H
#define STAMP_H

#include <stdbool.h>

#include "span.h"

/* What a stream's stamps said so far.  Zero it to start. */
struct stamp_memo {
	double last;      /* newest time; 0: none */
	double zone;      /* seconds to add */
	bool   zone_known;
	bool   day_first; /* of %D */
};

/* Reads all of s by form; false when it is not that, *ret is untouched then.  arrival: or NaN. */
bool stamp_read(struct span s, const char *form, double arrival,
    struct stamp_memo *, double *ret);
/*
 * Reads all of s by whichever of the usual forms it has, as columns and keys print
 * them; of_day: also a time of day; a
 * day alone is remembered for it.  The name of a zone is passed over.
 */
bool stamp_guess(struct span s, bool of_day, double arrival, struct stamp_memo *, double *ret);
/* A form that can be read: the parts are known.  The first that is not goes to *bad. */
bool stamp_check(const char *form, char *bad);

#endif
