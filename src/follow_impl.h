/* SPDX-License-Identifier: MIT */
/*
 * follow_impl: what follow.c, rotate.c, proof.c and undo.c share, and nobody else sees.
 */
#ifndef FOLLOW_IMPL_H
#define FOLLOW_IMPL_H

#include "dirlist.h"
#include "follow.h"

#define FOLLOW_FILES 256 /* files remembered for one name; the oldest without a name goes first */

enum phase {
	PHASE_IDLE,
	PHASE_READ,   /* each file in its order, to its end */
	PHASE_SETTLE, /* all are read: what has become of the name? */
	PHASE_SHOW    /* records that wait unfinished */
};

struct follow {
	char           *path;
	const struct follow_opts *opts;
	struct dirlist *dir;    /* where the file and its rotations are */
	const char     *base;   /* its name in there; points into real or path */
	char           *real;   /* a symbolic link: where it leads; NULL otherwise */

	struct tail   **file;   /* oldest first */
	size_t          n, cap;
	struct tail    *live;   /* the last of file that had the name; NULL: none has it */

	struct fileinfo name;   /* the newest stat of the name */
	int             name_error; /* its errno; 0: name holds */
	double          looked; /* wall time of the newest complete look; 0: never */
	double          seen;   /* the newest change that it saw, by the clock of the file system */
	double          since;  /* as long has there been no file of the name; NaN: there is */
	bool            gone;   /* and that has been said */
	int             error;  /* errno that has been said */

	enum phase      phase;
	size_t          cursor; /* in file */
	bool            unknown; /* there are files beside it that nobody knows */
	bool            moved;  /* the name has another file than live */
	bool            stuck;  /* something could not be read in this look: what follows it waits */
	unsigned        tries;  /* looks in a row that got stuck, */
	double          tried;  /* the newest of them */
	unsigned        run;
	bool            changed;
	char            text[256]; /* of the event handed out */
};

/*
 * rotate.c: the files beside the live one.
 *
 * An unknown file beside a live one that is still in its place is a copy or a
 * leftover, never a rotation.  Only when the name has changed hands (or its
 * content was cut) may it hold lines that nobody has read.
 */

/* Looks at all rotations and notes where the known ones are and whether they grew. */
void rotate_scan(struct follow *, double now);
/* The unknown ones that rotate_scan saw, once the live file has been read and is where it was. */
void rotate_unknown(struct follow *, double now);
/*
 * The name has another file, or none: settles from one consistent view which
 * files are to be read, in which order.  Says what happened in one sentence
 * (*kind: FOLLOW_ROTATED or FOLLOW_NEW_RUN); NULL: nothing did, or the view would not hold still.
 */
const char *rotate_replaced(struct follow *, double now, enum follow_kind *kind);
/*
 * The live file was cut: finds the copy that holds what was not read, and begins
 * the live one anew.  NULL: what would prove it could not be read; later.
 */
const char *rotate_truncated(struct follow *, double now);
/* A look is complete. */
void rotate_looked(struct follow *, double now);
/* Where the files are, after real has changed. */
void follow_place(struct follow *);
/* It has a name that a rotation of the live one could have. */
bool rotate_is_beside(const struct follow *, const struct tail *);
/* Forgets the oldest of the files that cannot be found any more. */
void rotate_forget(struct follow *);

/*
 * proof.c: what the bytes of two files say of each other.  A proof that failed
 * because something could not be read is none, either way: the look is stuck.
 */
bool proof_ok(struct follow *, bool holds); /* holds; when not, errno says whether that is an answer */
/* Opens a decompressed copy of a compressed rotation; -1: errno. */
int  proof_unpack(struct tail *);
bool proof_unpacked(struct follow *, struct tail *);
/* t has, at its place, what stood before the offset of `former`. */
bool proof_continues(struct follow *, struct tail *t, const struct tail *former);
/* All that t (decompressed) holds is the beginning of k, which is open. */
bool proof_is_part(struct follow *, const struct tail *t, const struct tail *k);
/* t is the copy of what the live file has by now: made after the cut, for a cut that is to come. */
bool proof_copies_live(struct follow *, const struct tail *t);

/*
 * undo.c: nothing is decided on what could not be read.  Between begin and end
 * the files may be put in another order; end puts all back, and returns true,
 * when follow_stuck was called meanwhile.
 */
struct undo;
struct undo *undo_begin(struct follow *);
bool         undo_end(struct undo *, struct follow *);

/* follow.c: for rotate.c. */
/* A read has failed (errno).  After many tries in vain it counts as an answer. */
void         follow_stuck(struct follow *);
void         follow_stat(struct follow *);            /* the name, into name and name_error */
bool         follow_in_place(const struct follow *);   /* the name still, or again, has the live file */
struct tail *follow_known(const struct follow *, const struct fileid *);
void         follow_insert(struct follow *, size_t at, struct tail *);
void         follow_remove(struct follow *, const struct tail *);
void         follow_move_last(struct follow *, struct tail *);
size_t       follow_index(const struct follow *, const struct tail *);

#endif
