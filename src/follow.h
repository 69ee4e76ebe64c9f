/* SPDX-License-Identifier: MIT */
/*
 * follow: one name whose file grows, is rotated, truncated, replaced, vanishes.
 *
 * What a log's name has held is one stream: the live file under the name, the
 * files that were rotated away from it (which may still grow), and those that
 * came and went while nobody looked.  They are kept from the oldest to the
 * newest and each is read to its end in this order, at each look, wherever it
 * is now.  A look costs one stat per file when nothing has changed.
 *
 * The same procedure serves between two looks of one process and between two
 * processes: follow_save and follow_load carry everything over.
 *
 *	follow_look(f, now);
 *	while (follow_next(f, now, buf, &event))
 *		...
 *
 * Time comes in from outside.  Nothing here sleeps, prints or knows a log.
 */
#ifndef FOLLOW_H
#define FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "dirlist.h"
#include "span.h"
#include "tail.h"

#define FOLLOW_BUF (TAIL_BUF + MARK_BYTES + 1)

enum follow_kind {
	FOLLOW_DATA,        /* whole records, or a piece of a very long one (unfinished) */
	FOLLOW_PROVISIONAL, /* the unfinished last record, shown for now: it comes again when it is whole */
	FOLLOW_ROTATED,     /* another file has the name; text says what became of the former one */
	FOLLOW_TRUNCATED,   /* the file was cut or written anew in place */
	FOLLOW_NEW_RUN,     /* the name, a symbolic link, points to another file now */
	FOLLOW_GONE,        /* there is no file of this name any more (or not yet) */
	FOLLOW_ERROR        /* it cannot be looked at; said once until it can again */
};

struct follow;

struct follow_event {
	enum follow_kind kind;
	const char *path;       /* the file; borrowed, as all here, until the next call */
	struct span bytes;      /* DATA, PROVISIONAL */
	uint64_t    offset;     /* of the first of them */
	bool        unfinished; /* DATA: the record goes on */
	unsigned    run;        /* counts FOLLOW_NEW_RUN: whose bytes these are */
	const char *text;       /* of the others: one sentence for a person */
};

struct follow_opts {
	bool     from_end;  /* a file seen for the first time: only what is added from now on */
	double   quiet;     /* seconds after which an unfinished record is shown; 0: 5 */
	double   linger;    /* seconds that a file without a name is kept open after its last byte; 0: 60 */
	struct dircache *dirs; /* shared listings; NULL: one of its own */
};

/* opts is borrowed and may be NULL.  The file need not exist. */
struct follow *follow_new(const char *path, const struct follow_opts *opts);
void           follow_free(struct follow *);
const char    *follow_path(const struct follow *);

/* Begins a look; now: wall time.  Then follow_next until it is false. */
void follow_look(struct follow *, double now);
/* buf: FOLLOW_BUF bytes. */
bool follow_next(struct follow *, double now, char *buf, struct follow_event *ret);

/* When a look is due although no file changes (an unfinished record, a file to be let go); infinity: none. */
double follow_deadline(const struct follow *);
/* Open descriptors; follow_close closes those that a name leads back to.  Returns how many are left. */
unsigned follow_descriptors(const struct follow *);
unsigned follow_close(struct follow *);

/* The newest stat of the live file; false: there is none. */
bool follow_info(const struct follow *, struct fileinfo *ret);
/* Wall time since which no file has had the name; NaN: one has. */
double follow_missing_since(const struct follow *);

/*
 * A fingerprint of the file and its rotations after a look: as long as
 * follow_print_at gives the same, a look would find nothing.  0: it may.
 */
uint64_t follow_print(const struct follow *);
/* The same from the outside, with a stat for each file; dir: the folder's names, dirfd: the folder, open. */
uint64_t follow_print_at(const char *name, const struct dirlist *dir, int dirfd);

/*
 * The state as text.  Only between looks, and not while a record is unfinished
 * (follow_savable): the pipeline's state must be saved with it in one transaction.
 */
bool follow_savable(const struct follow *);
/* Something has changed since the last follow_save. */
bool follow_changed(const struct follow *);
void follow_save(struct follow *, struct buf *);
/* Before the first look.  -1: not a state of ours; *d says so and f is as new. */
int  follow_load(struct follow *, struct span text, struct diag *d);

#endif
