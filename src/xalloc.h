/* SPDX-License-Identifier: MIT */
/*
 * xalloc: memory that is there, or the end of the program.
 *
 * Whatever grows with the input has a cap of its own where it is made, so a
 * failure here means that the machine is out of memory, and the only honest
 * answer is to say so and abort.
 */
#ifndef XALLOC_H
#define XALLOC_H

#include <stddef.h>

/* As their namesakes, but never NULL (a size of 0 gives a freeable pointer). */
void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
/* n * size with an overflow check; the old block is gone. */
void *xrealloc(void *p, size_t n, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
/* Of NULL, NULL. */
char *xcopy(const char *s);
/* n bytes of s and a NUL. */
char *xstrndup(const char *s, size_t n) __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *fmt, ...)
    __attribute__((__format__(__printf__, 1, 2), returns_nonnull));

/*
 * Makes room for element n of the array *p, whose capacity is *cap elements of
 * size bytes: doubles both when n has reached it.  XGROW(p, n, cap) is its use.
 */
void *xgrow(void *p, size_t n, size_t *cap, size_t size);
#define XGROW(p, n, cap) ((p) = xgrow((p), (n), &(cap), sizeof *(p)))

#endif
