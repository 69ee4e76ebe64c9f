/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

void
buf_init(struct buf *b, size_t cap)
{
	*b = (struct buf){ .cap = cap < SIZE_MAX / 4 ? cap : SIZE_MAX / 4 };
}

void
buf_fini(struct buf *b)
{
	free(b->p);
	buf_init(b, b->cap);
}

void
buf_reset(struct buf *b)
{
	b->n = 0;
	b->over = false;
	if (b->p != NULL)
		b->p[0] = '\0';
}

/* Room for n more bytes and the NUL; false when the cap forbids it. */
static bool
reserve(struct buf *b, size_t n)
{
	size_t size = b->size ? b->size : 64;

	if (b->over || n > b->cap - b->n) {
		b->over = true;
		return false;
	}
	if (b->n + n < b->size)
		return true;
	while (size <= b->n + n)
		size *= 2;
	if (size > b->cap + 1)
		size = b->cap + 1;
	b->p = xrealloc(b->p, size, 1);
	b->size = size;
	return true;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (!reserve(b, n))
		return;
	if (n > 0)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void
buf_span(struct buf *b, struct span s)
{
	buf_add(b, s.p, s.n);
}

void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void
buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	size_t  room;
	int     n;

	va_copy(again, ap);
	room = b->p != NULL ? b->size - b->n : 0;
	n = vsnprintf(room > 0 ? b->p + b->n : NULL, room, fmt, ap);
	if (n < 0 || !reserve(b, (size_t)n)) {
		b->over = true;
		if (b->p != NULL)
			b->p[b->n] = '\0';
	} else {
		if ((size_t)n >= room)
			vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
		b->n += (size_t)n;
	}
	va_end(again);
}

/* Characters that are valid UTF-8 and yet steer a terminal: C1, bidi, line ends. */
static bool
is_steering(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;

	if (n == 1)
		return p[0] < 0x20 || p[0] == 0x7f;
	if (n == 2)
		return p[0] == 0xc2 && p[1] < 0xa0;
	if (n == 3 && p[0] == 0xe2)
		return (p[1] == 0x80 && ((p[2] >= 0xa8 && p[2] <= 0xae) ||
			   p[2] == 0x8e || p[2] == 0x8f)) ||
		    (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9);
	return n == 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf;
}

/* The next visible piece of s into piece; returns the bytes of s it stands for. */
static size_t
harmless_piece(struct span s, char piece[static 16], size_t *ret)
{
	size_t n = span_utf8(s);
	size_t len = 0;

	if (n > 0 && !is_steering(s.p, n)) {
		memcpy(piece, s.p, n);
		*ret = n;
		return n;
	}
	if (n == 0)
		n = 1;
	if (n == 1 && (*s.p == '\t' || *s.p == '\n' || *s.p == '\r')) {
		piece[0] = '\\';
		piece[1] = *s.p == '\t' ? 't' : *s.p == '\n' ? 'n' : 'r';
		*ret = 2;
		return 1;
	}
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(piece + len, 16 - len, "\\x%02x",
		    (unsigned)(unsigned char)s.p[i]);
	*ret = len;
	return n;
}

void
buf_harmless(struct buf *b, struct span s, size_t max)
{
	char   piece[16];
	size_t used, len;
	size_t out = 0, fit = 0; /* bytes written; of these, what leaves room for "..." */
	size_t start = b->n;

	while (s.n > 0) {
		used = harmless_piece(s, piece, &len);
		if (out + len > max) {
			if (!b->over) {
				b->n = start + fit;
				buf_add(b, "...", max < 3 ? max : 3);
			}
			return;
		}
		buf_add(b, piece, len);
		out += len;
		if (out + 3 <= max)
			fit = out;
		s = span_from(s, used);
	}
}

const char *
buf_cstr(struct buf *b)
{
	return b->p != NULL ? b->p : "";
}

struct span
buf_get(const struct buf *b)
{
	return (struct span){ b->p != NULL ? b->p : "", b->n };
}

char *
buf_take(struct buf *b)
{
	char *p = b->p != NULL ? b->p : xstrdup("");

	buf_init(b, b->cap);
	return p;
}
