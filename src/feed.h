/* SPDX-License-Identifier: MIT */
/*
 * feed: the bytes and what happened around them, from the keeper to the analyser.
 *
 * A pipe between two processes of the same program, so a frame is a plain
 * struct followed by its bytes.  The keeper's end never waits: what the pipe
 * does not take goes to a spool (a file without a name), what the spool does
 * not take is dropped, counted and told with a FEED_GAP.  The analyser's end
 * waits, up to a time that it names, and can ask for one thing: that the
 * command be stopped.
 */
#ifndef FEED_H
#define FEED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "span.h"
#include "spool.h"

enum feed_type {
	FEED_DATA,    /* bytes of a stream, cut anywhere */
	FEED_EOF,     /* a stream has ended */
	FEED_GAP,     /* a: bytes of this stream that were not analysed; the next byte starts a line */
	FEED_STARTED, /* a: process id of the command */
	FEED_EXIT,    /* a: status of the command, as waitpid gives it; b: lossdog had asked it to stop */
	FEED_SIGNAL,  /* a: a signal that came from outside (for the filter: to lossdog) */
	FEED_TERM,    /* a: rows, b: columns of the terminal, at the start if there is one and on each change */
	FEED_END      /* nothing follows; a: why, enum feed_end */
};

enum feed_end {
	FEED_END_INPUT,       /* the input has ended */
	FEED_END_INTERRUPTED, /* somebody wants it to end now: the verdict on what is known */
	FEED_END_READER       /* nobody reads our standard output any more */
};

struct feed_record {
	enum feed_type type;
	unsigned       stream;     /* 0: standard output (or the filter's input), 1: standard error */
	double         wall, mono; /* when the keeper saw it */
	int64_t        a, b;
	struct span    bytes;      /* FEED_DATA; until the next feed_next */
};

/* --- the analyser's end --- */

struct feed;

/*
 * fd: the pipe to read.  back: a socket to the keeper, which takes requests
 * and brings the word to end at once; -1: none.  Both become the feed's.
 */
struct feed *feed_new(int fd, int back);
void         feed_free(struct feed *);

/*
 * Waits at most timeout seconds (0: not at all, infinity: for ever).
 * 1: *ret is filled.  0: nothing came in time.  -1: nothing will come any
 * more: FEED_END was handed out before, or the keeper is gone.
 */
int feed_next(struct feed *, double timeout, struct feed_record *ret);

/* feed_next returns 0 as well when fd (-1: none) is readable. */
void feed_also(struct feed *, int fd);

/*
 * Asks the keeper to end the command; why is said to the user (one line).
 * The first request counts.  Ignored by the filter, which has nothing to stop.
 */
void feed_request_stop(struct feed *, const char *why);

#define FEED_TEXT 512
/*
 * A line that the keeper shows below what is printed, on a terminal, when the
 * cursor is at the start of a line; the next one replaces it.  "": none.
 */
void feed_status(struct feed *, const char *text);

/* What follows may wait for others (a database, the network) for so many seconds: the keeper is patient. */
void feed_busy(struct feed *, double seconds);

/* --- the keeper's end --- */

#define FEED_LATE  64          /* events remembered while there is no room at all */
#define FEED_CHUNK (128 << 10) /* most bytes of a frame */

struct feed_head {
	uint32_t type, stream;
	uint64_t n; /* bytes that follow */
	int64_t  a, b;
	double   wall, mono;
};

struct feed_out {
	int          fd;       /* non-blocking; -1: closed, everything is dropped */
	struct spool spool;
	char        *mem;      /* what stands between pipe and spool, oldest first */
	size_t       off, n;   /* used part of mem */
	struct feed_head late[FEED_LATE]; /* after a full spool: gaps and events */
	unsigned     nlate;
	bool         skip[2];  /* after a gap: up to the next newline */
	uint64_t     taken;    /* bytes that the pipe has taken */
	uint64_t     lost;     /* bytes that were never handed on */
};

/* fd, the writing end of a pipe of ours, becomes the feed's.  limit: most bytes of the spool. */
void feed_out_init(struct feed_out *, int fd, uint64_t limit);
void feed_out_fini(struct feed_out *);

/* Hands on bytes, or an event (bytes empty).  Never waits. */
void feed_out_data(struct feed_out *, unsigned stream, struct span bytes,
    double wall, double mono);
void feed_out_event(struct feed_out *, const struct feed_head *);

/* Something waits for the pipe to take it. */
bool feed_out_pending(const struct feed_out *);
/* More data would be dropped now. */
bool feed_out_full(const struct feed_out *);
/* Gives the pipe what it takes.  -1: nobody reads it any more. */
int  feed_out_flush(struct feed_out *);
/* Bytes that the analyser has not read yet: in the pipe, and waiting for it. */
uint64_t feed_out_backlog(const struct feed_out *);
/* Those in the pipe. */
uint64_t feed_out_unread(const struct feed_out *);

/* What goes over the back socket, either way, one packet each. */
struct feed_word {
	enum { FEED_WORD_STOP, FEED_WORD_END, FEED_WORD_STATUS, FEED_WORD_BUSY } what;
	double seconds;       /* FEED_WORD_BUSY */
	char text[FEED_TEXT]; /* FEED_WORD_STOP: why; FEED_WORD_STATUS: the line */
};

#endif
