/* SPDX-License-Identifier: MIT */
/*
 * span: bytes that belong to someone else.
 *
 * Start and length, any bytes, no NUL at the end.  Who hands one out says how
 * long it lives.  Passed by value.
 */
#ifndef SPAN_H
#define SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const char *p;
	size_t      n;
};

#define SPAN_NONE   ((struct span){ NULL, 0 })
#define SPAN_LIT(s) ((struct span){ "" s, sizeof(s) - 1 })

static inline struct span
span_of(const char *s)
{
	return (struct span){ s, s ? strlen(s) : 0 };
}

static inline bool
span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Here, so that the length of a literal is known when it is compiled. */
static inline bool
span_is(struct span s, const char *text)
{
	return span_eq(s, span_of(text));
}

/* Bytes from (kept inside the span) up to the end. */
static inline struct span
span_from(struct span s, size_t from)
{
	if (from > s.n)
		from = s.n;
	return (struct span){ s.p ? s.p + from : s.p, s.n - from };
}

/* ASCII case folded. */
bool span_is_nocase(struct span, const char *);
bool span_starts(struct span, const char *prefix);
/* Offset of needle, or (size_t)-1. */
size_t span_find(struct span, const char *needle);
/* Without blanks (space, tab, CR, LF) at both ends. */
struct span span_trim(struct span);
/* Bytes of the valid UTF-8 character at its start; 0 when there is none. */
size_t span_utf8(struct span);
/* Columns that the character at its start takes on a terminal: 2 for Chinese, Japanese, Korean and emoji. */
unsigned span_columns(struct span);
/* Columns of all of it. */
unsigned span_width(struct span);
/* FNV-1a, 64 bit. */
unsigned long long span_hash(struct span);

#endif
