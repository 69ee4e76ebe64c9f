/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "pack.h"

#include <string.h>

#include "xalloc.h"

#define NO_STRING UINT32_MAX

void
pack_raw(struct buf *b, const void *p, size_t n)
{
	buf_add(b, p, n);
}

void
pack_u64(struct buf *b, uint64_t v)
{
	buf_add(b, &v, sizeof v);
}

void
pack_num(struct buf *b, double v)
{
	buf_add(b, &v, sizeof v);
}

void
pack_str(struct buf *b, const char *s)
{
	uint32_t n = s ? (uint32_t)strlen(s) : NO_STRING;

	buf_add(b, &n, sizeof n);
	if (s)
		buf_add(b, s, n);
}

void
unpack_raw(struct unpack *u, void *p, size_t n)
{
	if (u->bad || n > u->rest.n) {
		u->bad = true;
		memset(p, 0, n);
		return;
	}
	memcpy(p, u->rest.p, n);
	u->rest = span_from(u->rest, n);
}

uint64_t
unpack_u64(struct unpack *u)
{
	uint64_t v;

	unpack_raw(u, &v, sizeof v);
	return v;
}

double
unpack_num(struct unpack *u)
{
	double v;

	unpack_raw(u, &v, sizeof v);
	return v;
}

char *
unpack_str(struct unpack *u)
{
	uint32_t n;
	char    *s;

	unpack_raw(u, &n, sizeof n);
	if (u->bad || n == NO_STRING)
		return NULL;
	if (n > u->rest.n) {
		u->bad = true;
		return NULL;
	}
	s = xstrndup(u->rest.p, n);
	u->rest = span_from(u->rest, n);
	return s;
}

void
unpack_flag(bool *flag)
{
	unsigned char byte;

	memcpy(&byte, flag, sizeof byte);
	*flag = byte != 0;
}

size_t
pack_begin(struct buf *b)
{
	size_t at = b->n;

	pack_u64(b, 0);
	return at;
}

void
pack_end(struct buf *b, size_t begun)
{
	uint64_t n;

	if (b->over)
		return;
	n = b->n - begun - sizeof n;
	memcpy(b->p + begun, &n, sizeof n);
}

struct unpack
unpack_part(struct unpack *u)
{
	uint64_t      n = unpack_u64(u);
	struct unpack part = { SPAN_NONE, true };

	if (n > u->rest.n)
		u->bad = true;
	if (u->bad)
		return part;
	part = (struct unpack){ { u->rest.p, (size_t)n }, false };
	u->rest = span_from(u->rest, (size_t)n);
	return part;
}
