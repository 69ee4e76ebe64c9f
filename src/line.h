/* SPDX-License-Identifier: MIT */
/*
 * line: bytes to logical lines.
 *
 * A stream of bytes goes in, in pieces of any size; lines come out, one at a
 * time, with terminal control and prefixes peeled.  Memory is bounded whatever
 * comes in: what is matched of a line is LINE_MAX_TEXT bytes, the rest is
 * skipped and counted.
 *
 * Ends of a line: \n, \r\n, \r\r\n (some Windows loggers), and a lone \r, which
 * is a redraw: the same place on the screen is written again.  Erasing with \b
 * (Keras 1) and cursor-up or erase-line sequences (nested tqdm, rich) are redraws
 * as well.  A lone \r at the end of a piece waits for the next piece.  A tqdm bar that
 * is followed by something else in its line is a redraw, and the rest a line.
 *
 * Prefixes (prefix.h) are peeled in layers and kept as facts of the line.
 */
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "diag.h"
#include "span.h"

#define LINE_MAX_TEXT 16384 /* bytes of a line that are looked at */

enum line_level {
	LEVEL_NONE, LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARNING, LEVEL_ERROR, LEVEL_CRITICAL
};

struct line {
	struct span text;    /* what profiles see: control and prefixes peeled */
	struct span raw;     /* the bytes as they came (cut at LINE_MAX_TEXT), without the end */
	uint64_t    number;  /* newlines seen before it, plus 1: the redraws of a bar share one */
	double      time;    /* wall time: printed in a prefix, else arrival; NaN: not known */
	double      arrival; /* wall time at which the piece arrived; NaN: a recording */
	bool        printed_time; /* time was printed */
	int         rank;    /* -1: none printed */
	int         node;    /* -1: none printed */
	enum line_level level;
	bool        redraw;  /* ended by \r or erased: a state that may be overwritten */
	bool        cut;     /* longer than LINE_MAX_TEXT */
	unsigned    stream;  /* 0 stdout or file, 1 stderr */
};

struct lines;
struct prefixes;

/*
 * A new stream.  prefixes is borrowed and may be NULL (none are peeled).
 */
struct lines *lines_new(const struct prefixes *prefixes);
void          lines_free(struct lines *);

/*
 * Adds a piece.  Take all lines with lines_next before the next push: the
 * bytes are borrowed until lines_next has returned false, and the spans of a
 * line are valid until the next lines_next or lines_push.  arrival: wall time or NaN.
 */
void lines_push(struct lines *, struct span bytes, double arrival);
/* The next line into *ret; false when there is none yet. */
bool lines_next(struct lines *, struct line *ret);
/* The input has ended: a last line without an end becomes available to lines_next. */
void lines_end(struct lines *);

/* What was met, for the verdict and for tests. */
struct lines_stat {
	uint64_t bytes, lines, redraws;
	uint64_t cut_lines, cut_bytes; /* longer than LINE_MAX_TEXT, and what was skipped of them */
	uint64_t nul_bytes;
	bool     utf16;  /* the first bytes are a UTF-16 byte order mark: lines are not readable */
	bool     binary; /* the first kilobytes are not text */
};
void lines_stat(const struct lines *, struct lines_stat *ret);

/* Number of newlines so far; set, the next bytes come from the middle of an input. */
uint64_t lines_number(const struct lines *);
void     lines_set_number(struct lines *, uint64_t);

/*
 * The state, for a restart, when lines_next has returned false: what was seen so
 * far and the record that goes on.  Loaded into a new stream; false: it is broken.
 */
struct buf;
struct unpack;
void lines_save(const struct lines *, struct buf *);
bool lines_load(struct lines *, struct unpack *);

#endif
