/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "wrap.h"

#include <stdbool.h>
#include <string.h>

static bool
is_one_of(struct span at, const char *const *list)
{
	for (; *list; list++)
		if (span_starts(at, *list))
			return true;
	return false;
}

/* Bytes and columns of what must not be divided: a word, or a wide character with the marks that cling to it. */
static size_t
unit(const char *p, unsigned *columns)
{
	static const char *const openers[] = { "（", "“", "《", NULL };
	static const char *const closers[] = { "，", "。", "；", "：", "、", "）", "？", "！", "”", "》", NULL };
	bool   opened = true; /* nothing yet, or an opener: the next one belongs to it */
	size_t n = 0;

	*columns = 0;
	while (p[n] != '\0' && p[n] != ' ' && p[n] != '\n') {
		struct span rest = span_of(p + n);
		bool        closer = is_one_of(rest, closers), wide = span_columns(rest) == 2;

		if (!opened && wide && !closer)
			break;
		opened = is_one_of(rest, openers);
		*columns += span_columns(rest);
		n += span_utf8(rest) ? span_utf8(rest) : 1;
		if (wide && !closer && !opened && !is_one_of(span_of(p + n), closers))
			break;
	}
	return n;
}

void
wrap(struct buf *out, const char *text, unsigned indent, unsigned width)
{
	unsigned at = indent, columns;

	for (const char *p = text; *p != '\0';) {
		size_t blanks = strspn(p, " \n"), n;

		n = unit(p += blanks, &columns);
		if (n == 0)
			break;
		if (at > indent && at + (blanks > 0) + columns > width) {
			buf_printf(out, "\n%*s", (int)indent, "");
			at = indent;
		} else if (at > indent && blanks > 0) {
			buf_char(out, ' ');
			at++;
		}
		buf_add(out, p, n);
		at += columns;
		p += n;
	}
	buf_char(out, '\n');
}
