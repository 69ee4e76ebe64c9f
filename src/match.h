/* SPDX-License-Identifier: MIT */
/*
 * match: a line to what its numbers are.
 *
 * All profiles are active at once.  One scan over the line for the literals of
 * all readers and events chooses the candidates; the reader that has read the
 * line before, then the more specific, comes first, and the first that can read
 * the line has it.  What no profile reads is left to the generic ones.
 */
#ifndef MATCH_H
#define MATCH_H

#include "line.h"
#include "profile.h"
#include "vocab.h"

#define MATCH_FIELDS 192
#define MATCH_EVENTS 16

struct field {
	enum key_kind kind;    /* KEY_METRIC or a position */
	int           metric;  /* KEY_METRIC: interned */
	int           labels;
	double        value;   /* in the canonical unit */
	const char   *unit;    /* of a size, as printed; interned, NULL otherwise */
	struct span   text;    /* as printed */
	bool          range;   /* did not fit a double: no sample */
};

struct match {
	const struct profile *profile; /* NULL: nobody reads the line */
	const char   *reader;  /* its name, for `profiles test` */
	unsigned      reader_id;
	unsigned      n;
	struct field  field[MATCH_FIELDS];
	unsigned      dropped; /* fields past the limit, and ranges */
	struct span   stamp;   /* the time of the line, as a column or a key of it says; n 0: none */
	enum phase    phase;   /* of the line */
	bool          bar;     /* a bar: a point only when it is complete */
	bool          main_bar;
	bool          finish, starts;
	bool          hold;    /* its samples wait for `release` */
	bool          release; /* a block that held samples has closed before this line */
	unsigned      events;
	struct { unsigned id; struct span cap[8]; const char *name[8]; unsigned n; } event[MATCH_EVENTS];
};

struct matcher;

/* The unit of a size by its name, as field.unit has it; NULL: none of ours. */
const char *match_unit(const char *name);
/* Its bytes; NaN: no unit of a size, or NULL. */
double match_unit_bytes(const char *unit);

/* Both are borrowed.  Events are added before the first line. */
struct matcher *matcher_new(struct profiles *, struct vocab *);
/*
 * One more for another stream, with the same events: what does not depend on the
 * stream is shared.  No event may be added to either from now on.
 */
struct matcher *matcher_like(struct matcher *);
void            matcher_free(struct matcher *);

/*
 * Adds event pattern number id (rule_event).  A pattern without a literal is
 * refused: it would have to be tried on every line.
 */
int matcher_event(struct matcher *, unsigned id, const char *pattern, const char *unless, bool exact,
    struct diag *);
/* Only this profile reads (--profile). */
void matcher_only(struct matcher *, const struct profile *);

/* Reads the line into *ret: true when a profile or an event has it. */
bool match_line(struct matcher *, const struct line *, struct match *ret);

/* The profile that has read most lines so far, a generic one only where no other has; NULL: none. */
const struct profile *matcher_profile(const struct matcher *);
/* Lines that a reader (by its number, match.reader_id) has read. */
uint64_t matcher_hits(const struct matcher *, unsigned reader);

/*
 * The state of the stream, for a restart: which readers have read, the blocks
 * that are open, the phase.  Loaded into a new matcher that has its events;
 * what profiles no longer know is left out; false: it is broken.
 */
struct buf;
struct unpack;
void matcher_save(const struct matcher *, struct buf *);
bool matcher_load(struct matcher *, struct unpack *);

/* Matches that ran into the bound of a pattern, and whose it was ("profile/reader"); 0: none. */
uint64_t matcher_errors(const struct matcher *, const char **whose);

#endif
