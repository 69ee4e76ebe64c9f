/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "jsonw.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXACT 9007199254740992.0 /* 2^53: every integer below is a double */

void
jsonw_init(struct jsonw *w, struct buf *b)
{
	*w = (struct jsonw){ .buf = b };
}

/* What stands before a value or a key: a comma, or nothing. */
static void
lead(struct jsonw *w)
{
	if (w->after_key)
		w->after_key = false;
	else if (w->comma[w->depth])
		buf_char(w->buf, ',');
	w->comma[w->depth] = true;
}

static void
begin(struct jsonw *w, char c)
{
	lead(w);
	buf_char(w->buf, c);
	w->depth++;
	assert(w->depth < sizeof w->comma / sizeof w->comma[0]);
	w->comma[w->depth] = false;
}

static void
end(struct jsonw *w, char c)
{
	assert(w->depth > 0 && !w->after_key);
	w->depth--;
	buf_char(w->buf, c);
}

void
jsonw_object(struct jsonw *w)
{
	begin(w, '{');
}

void
jsonw_object_end(struct jsonw *w)
{
	end(w, '}');
}

void
jsonw_array(struct jsonw *w)
{
	begin(w, '[');
}

void
jsonw_array_end(struct jsonw *w)
{
	end(w, ']');
}

/* One character that does not stand for itself; returns the bytes of s it took. */
static size_t
quote_odd(struct buf *b, struct span s)
{
	static const char from[] = "\"\\\n\r\t\b\f";
	static const char to[] = "\"\\nrtbf";
	unsigned char     c = (unsigned char)*s.p;
	const char       *at = c != '\0' ? strchr(from, c) : NULL;
	size_t            n;

	if (at != NULL)
		buf_add(b, (char[2]){ '\\', to[at - from] }, 2);
	else if (c < 0x20 || c == 0x7f)
		buf_printf(b, "\\u%04x", c);
	else if ((n = span_utf8(s)) > 0) {
		buf_add(b, s.p, n);
		return n;
	} else
		buf_str(b, "\xef\xbf\xbd"); /* U+FFFD */
	return 1;
}

static bool
is_itself(char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void
quote(struct buf *b, struct span s)
{
	buf_char(b, '"');
	while (s.n > 0) {
		size_t n = 0;

		while (n < s.n && is_itself(s.p[n]))
			n++;
		buf_add(b, s.p, n);
		s = span_from(s, n);
		if (s.n > 0)
			s = span_from(s, quote_odd(b, s));
	}
	buf_char(b, '"');
}

void
jsonw_key(struct jsonw *w, const char *key)
{
	assert(!w->after_key);
	lead(w);
	quote(w->buf, span_of(key));
	buf_char(w->buf, ':');
	w->after_key = true;
}

void
jsonw_str(struct jsonw *w, struct span s)
{
	lead(w);
	quote(w->buf, s);
}

void
jsonw_cstr(struct jsonw *w, const char *s)
{
	jsonw_str(w, span_of(s));
}

void
jsonw_num(struct jsonw *w, double v)
{
	char text[32];

	jsonw_shortest(v, text);
	if (!isfinite(v))
		jsonw_cstr(w, text);
	else {
		lead(w);
		buf_str(w->buf, text);
	}
}

void
jsonw_uint(struct jsonw *w, uint64_t v)
{
	lead(w);
	buf_printf(w->buf, "%" PRIu64, v);
}

void
jsonw_raw(struct jsonw *w, struct span json)
{
	lead(w);
	buf_span(w->buf, json);
}

void
jsonw_bool(struct jsonw *w, bool v)
{
	lead(w);
	buf_str(w->buf, v ? "true" : "false");
}

void
jsonw_put(struct jsonw *w, const char *key, const char *value)
{
	jsonw_key(w, key);
	jsonw_cstr(w, value);
}

void
jsonw_put_span(struct jsonw *w, const char *key, struct span value)
{
	jsonw_key(w, key);
	jsonw_str(w, value);
}

void
jsonw_opt_str(struct jsonw *w, const char *key, const char *value)
{
	if (value == NULL || *value == '\0')
		return;
	jsonw_key(w, key);
	jsonw_cstr(w, value);
}

void
jsonw_opt_num(struct jsonw *w, const char *key, double value)
{
	if (isnan(value))
		return;
	jsonw_key(w, key);
	jsonw_num(w, value);
}

/*
 * v as mant / 10^*scale with the smallest scale, mant below 2^53; false when
 * there is none.  Both are exact doubles then, so that their quotient is the
 * correctly rounded value of the decimal: it reads back as v.
 */
static bool
short_decimal(double v, uint64_t *mant, int *scale)
{
	static const double ten[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
		1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
		1e18, 1e19, 1e20, 1e21, 1e22 };

	for (int k = 0; k < (int)(sizeof ten / sizeof ten[0]); k++) {
		double x = v * ten[k];
		double m;

		if (x >= EXACT)
			return false;
		m = (double)(int64_t)(x + 0.5);
		if (fabs(x - m) <= x * 1e-15 && m > 0 && m / ten[k] == v) {
			*mant = (uint64_t)m;
			*scale = k;
			return true;
		}
	}
	return false;
}

/* mant / 10^scale as text: 12.5, 0.00012, 1.2e-05. */
static void
put_decimal(char *ret, uint64_t mant, int scale)
{
	char digit[20];
	int  n = 0, point;

	for (; mant > 0; mant /= 10)
		digit[n++] = (char)('0' + mant % 10); /* from the last to the first */
	point = n - scale; /* digits before the point */
	if (point < -3) {
		*ret++ = digit[--n];
		if (n > 0)
			*ret++ = '.';
		while (n > 0)
			*ret++ = digit[--n];
		snprintf(ret, 8, "e-%02d", 1 - point);
		return;
	}
	if (point <= 0)
		*ret++ = '0';
	for (; n > 0 && point > 0; point--)
		*ret++ = digit[--n];
	if (n > 0)
		*ret++ = '.';
	for (; point < 0; point++)
		*ret++ = '0';
	while (n > 0)
		*ret++ = digit[--n];
	*ret = '\0';
}

/* The locale's decimal point, whatever it is, becomes ours. */
static void
plain_point(char *s)
{
	char *from = s + strspn(s, "-0123456789");
	char *to = from + strcspn(from, "0123456789e");

	if (from == to)
		return;
	*from++ = '.';
	memmove(from, to, strlen(to) + 1);
}

static void
put_any(char ret[static 32], double v)
{
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(ret, 32, "%.*g", digits, v);
		if (strtod(ret, NULL) == v)
			break;
	}
	plain_point(ret);
}

void
jsonw_shortest(double v, char ret[static 32])
{
	uint64_t mant;
	int      scale;

	if (isnan(v))
		strcpy(ret, "NaN");
	else if (isinf(v))
		strcpy(ret, v < 0 ? "-Infinity" : "Infinity");
	else if (v == 0)
		strcpy(ret, signbit(v) ? "-0" : "0");
	else if (short_decimal(fabs(v), &mant, &scale)) {
		*ret = '-';
		put_decimal(ret + (v < 0), mant, scale);
	} else
		put_any(ret, v);
}

void
jsonw_opt_pairs(struct jsonw *w, const char *key, const char *pairs)
{
	char name[32];

	if (!pairs || *pairs == '\0')
		return;
	jsonw_key(w, key);
	jsonw_object(w);
	while (*pairs != '\0') {
		size_t n = strcspn(pairs, ","), eq = strcspn(pairs, "=,");

		snprintf(name, sizeof name, "%.*s", (int)eq, pairs);
		jsonw_key(w, name);
		jsonw_str(w, span_from((struct span){ pairs, n }, eq + 1));
		pairs += n + (pairs[n] == ',');
	}
	jsonw_object_end(w);
}
