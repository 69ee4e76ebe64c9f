/* SPDX-License-Identifier: MIT */
/*
 * tail: one file that grows, and how far it has been read.
 *
 * Whole records are handed out, never a part of one (but for a record longer
 * than the buffer), so that the offset can be saved at any time and what follows
 * it is read again after a restart.  Each read begins at the mark, so that bytes
 * and proof come from the same moment.
 *
 * A record ends with \n, or with \r when what follows tells it from \r\n.  NULs
 * at the start of a record are the hole that a writer leaves after a truncation,
 * and are skipped; NULs at the end of the file are not there yet (preallocated,
 * or not yet received over the network), and wait.
 */
#ifndef TAIL_H
#define TAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "diag.h"
#include "fileid.h"

#define TAIL_BUF (256 * 1024) /* a record longer than this comes in pieces */

struct tail {
	char           *path;   /* where it was last seen, owned; NULL: no name is known */
	int             fd;     /* -1: closed */
	struct fileinfo info;   /* at the last look; info.id is which file it is */
	uint64_t        offset; /* all before it has been handed out */
	struct mark     mark;
	bool            mid;    /* the offset stands inside a record */
	bool            aside;  /* a copy or history: not to be read */
	bool            packed; /* compressed; what fd reads is a decompressed copy */
	bool            stale;  /* info may miss a change: it was taken within the same clock tick */
	bool            dirty;  /* has changed since it was last read to its end */
	bool            failed; /* could not be read: what it holds is not known until the next look tries again */
	bool            linked; /* seen under `path` at the last look */
	bool            closed; /* nobody will add to it: its last record needs no end */
	unsigned        run;    /* counts the runs that one name has had (a switched symbolic link) */
	double          grew;   /* when it last gave bytes; NaN: not yet */
	uint64_t        shown;  /* size of the file when its unfinished record was last shown; 0: not shown */
	int             error;  /* last errno, said once */
};

enum tail_result {
	TAIL_NOTHING,   /* read to the end of the last whole record */
	TAIL_DATA,
	TAIL_TRUNCATED, /* what was before the offset is no longer there */
	TAIL_FAILED     /* errno says why */
};

struct tail *tail_new(const char *path, const struct fileinfo *);
void         tail_free(struct tail *);

/*
 * Notes what a stat says now (wall time `now`): dirty, and true, when it has changed.
 */
bool tail_note(struct tail *, const struct fileinfo *, double now);
/* Opens it under its path and makes sure that it is still this file.  -1: errno, ESTALE when it is another. */
int  tail_open(struct tail *);
void tail_close(struct tail *);

/*
 * Reads on; buf has TAIL_BUF + MARK_BYTES + 1 bytes and is what *ret points into.
 * After TAIL_DATA, offset stands behind what was handed out.
 */
enum tail_result tail_read(struct tail *, char *buf, struct span *ret, double now);
/* The unfinished record at the end, without moving; empty when there is none. */
struct span tail_rest(struct tail *, char *buf);
/*
 * There are bytes behind the last whole record, nobody has added to them for
 * `quiet` seconds, and tail_rest has not been asked for them yet.
 */
bool tail_waits(const struct tail *, double quiet, double now);
/*
 * Takes the unfinished record as it is, ended by a \n of our own; the offset moves
 * to its end.  -1: errno says why it could not be read.
 */
int tail_finish(struct tail *, char *buf, struct span *ret);
/* Starts again at the beginning. */
void tail_rewind(struct tail *);

/* One line of text: everything that a restart needs.  path: left out when it is this one. */
void tail_save(const struct tail *, const char *path, struct buf *);
/* From the front of *text, which it advances.  NULL: it is not such a line. */
struct tail *tail_load(struct span *text, const char *path);

#endif
