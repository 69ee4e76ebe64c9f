/* SPDX-License-Identifier: MIT */
/*
 * show: findings and the verdict as text for people.
 *
 * A finding looks like a compiler's diagnostic: where, how bad, what, then the
 * line and its causes with what to do.  The verdict is the last word on a run.
 * Everything goes into a buf; text from logs is made harmless.
 */
#ifndef SHOW_H
#define SHOW_H

#include <stdbool.h>

#include "buf.h"
#include "finding.h"
#include "judge.h"
#include "lang.h"
#include "run.h"
#include "series.h"

struct show {
	bool     colour;
	bool     utf8;    /* sparklines and the like may be used */
	bool     brief;   /* the verdict for messages: without our name, and what was not checked */
	bool     unchecked; /* each check that could not be made, by name and with the reason */
	unsigned columns; /* of the terminal, at least 40 */
	enum lang lang;
};

void show_finding(const struct show *, const struct finding *, struct buf *);

/* judge may be NULL: nothing was judged. */
void show_verdict(const struct show *, const struct run *, const struct series_set *, const struct vocab *,
    const struct judge *, struct buf *);

/* The history of a series in at most width characters of 8 heights. */
void show_sparkline(const struct series *, unsigned width, struct buf *);

#endif
