/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "encode.h"

#include <stdint.h>

void
encode_base64(struct buf *b, struct span s, unsigned wrap)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)s.p;
	unsigned col = 0;

	for (size_t i = 0; i < s.n; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16;

		if (i + 1 < s.n)
			v |= (uint32_t)p[i + 1] << 8;
		if (i + 2 < s.n)
			v |= p[i + 2];
		buf_char(b, digit[v >> 18]);
		buf_char(b, digit[v >> 12 & 63]);
		buf_char(b, i + 1 < s.n ? digit[v >> 6 & 63] : '=');
		buf_char(b, i + 2 < s.n ? digit[v & 63] : '=');
		if (wrap > 0 && (col += 4) >= wrap && i + 3 < s.n) {
			buf_str(b, "\r\n");
			col = 0;
		}
	}
}

static bool
is_alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z');
}

void
encode_url(struct buf *b, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~')
			buf_char(b, (char)c);
		else
			buf_printf(b, "%%%02X", c);
	}
}

/* A blank at the end of a line would be lost on the way. */
static bool
is_quoted(struct span s, size_t i)
{
	unsigned char c = (unsigned char)s.p[i];

	if (c == ' ' || c == '\t')
		return i + 1 == s.n || s.p[i + 1] == '\n' || s.p[i + 1] == '\r';
	return c < 0x20 || c > 0x7e || c == '=';
}

void
encode_quoted(struct buf *b, struct span s)
{
	unsigned col = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned need = is_quoted(s, i) ? 3 : 1;

		if (s.p[i] == '\n') {
			buf_str(b, "\r\n");
			col = 0;
			continue;
		}
		if (col + need > 75) {
			buf_str(b, "=\r\n");
			col = 0;
		}
		if (need == 3)
			buf_printf(b, "=%02X", (unsigned char)s.p[i]);
		else
			buf_char(b, s.p[i]);
		col += need;
	}
}

static bool
is_plain(struct span s)
{
	if (s.n > 60 || span_find(s, "=?") != (size_t)-1)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	return true;
}

void
encode_header(struct buf *b, struct span s)
{
	size_t n;

	if (is_plain(s)) {
		buf_span(b, s);
		return;
	}
	/* "=?UTF-8?B?" and "?=" leave 63 characters: 45 bytes, cut between characters. */
	for (bool first = true; s.n > 0; first = false) {
		n = s.n < 45 ? s.n : 45;
		while (n < s.n && n > 1 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
			n--;
		buf_str(b, first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
		encode_base64(b, (struct span){ s.p, n }, 0);
		buf_str(b, "?=");
		s = span_from(s, n);
	}
}
