/* SPDX-License-Identifier: MIT */
/*
 * buf: bytes that grow, up to a cap.
 *
 * Nothing here fails one by one: past the cap the buffer remembers that it
 * overflowed and takes no more, and whoever uses the text asks once at the end.
 * The bytes are always followed by a NUL that does not count.
 */
#ifndef BUF_H
#define BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "span.h"

struct buf {
	char  *p;
	size_t n;    /* used */
	size_t size; /* allocated */
	size_t cap;  /* most that n may become */
	bool   over; /* something did not fit */
};

void buf_init(struct buf *, size_t cap);
void buf_fini(struct buf *);
/* Empties it and forgets the overflow; keeps the memory. */
void buf_reset(struct buf *);

void buf_add(struct buf *, const void *, size_t);
void buf_span(struct buf *, struct span);
void buf_str(struct buf *, const char *);
void buf_char(struct buf *, char);
void buf_printf(struct buf *, const char *fmt, ...)
    __attribute__((__format__(__printf__, 2, 3)));
void buf_vprintf(struct buf *, const char *fmt, va_list)
    __attribute__((__format__(__printf__, 2, 0)));

/*
 * Appends s for a terminal or a one-line text: control characters, escapes and
 * invalid UTF-8 become visible replacements (\x1b and the like), so that a log
 * line can never move a reader's cursor.  max bytes of output at most; "..." marks a cut.
 */
void buf_harmless(struct buf *, struct span s, size_t max);

/* Borrowed until the next change; always NUL-terminated. */
const char *buf_cstr(struct buf *);
struct span buf_get(const struct buf *);
/* Gives the text away (free it) and leaves the buffer empty. */
char *buf_take(struct buf *);

#endif
