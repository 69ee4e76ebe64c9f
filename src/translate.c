/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "translate.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "embed.h"
#include "xalloc.h"
#include "ydoc.h"

#define VARIABLES 9
#define DEPTH     3
#define TEXT_MAX  (64 << 10)

static bool
is_variable(const char *p)
{
	return p[0] == '$' && p[1] >= '1' && p[1] <= '9';
}

/* Length of the text before the next variable. */
static size_t
plain(const char *p)
{
	size_t n = 0;

	while (p[n] != '\0' && !is_variable(p + n))
		n++;
	return n;
}

/* Whether text is what the pattern says; var: what its variables stand for. */
static bool
fits(const char *pattern, struct span text, struct span var[static VARIABLES])
{
	size_t n = plain(pattern), at;

	if (text.n < n || memcmp(text.p, pattern, n) != 0)
		return false;
	text = span_from(text, n);
	pattern += n;
	while (*pattern != '\0') {
		struct span *v = &var[pattern[1] - '1'];
		const char  *end;

		pattern += 2;
		n = plain(pattern);
		if (text.n <= n)
			return false;
		end = pattern[n] == '\0' ? text.p + text.n - n : memmem(text.p + 1, text.n - 1, pattern, n);
		if (end == NULL || memcmp(end, pattern, n) != 0)
			return false;
		at = (size_t)(end - text.p);
		*v = (struct span){ text.p, at };
		text = span_from(text, at + n);
		pattern += n;
	}
	return text.n == 0;
}

/* Bytes of a pattern that are no variables. */
static size_t
weight(const char *pattern)
{
	size_t sum = 0, n;

	for (; *pattern != '\0'; pattern += n + (is_variable(pattern + n) ? 2 : 0)) {
		n = plain(pattern);
		sum += n;
	}
	return sum;
}

static void add(const struct ynode *map, struct span text, unsigned depth, struct buf *out);

/* The Chinese text with its variables: sentences among them are looked up as well. */
static void
fill(const struct ynode *map, const char *text, const struct span *var, unsigned depth, struct buf *out)
{
	while (*text != '\0') {
		size_t n = plain(text);

		buf_add(out, text, n);
		text += n;
		if (*text == '\0')
			break;
		if (depth < DEPTH && span_find(var[text[1] - '1'], " ") != (size_t)-1)
			add(map, var[text[1] - '1'], depth + 1, out);
		else
			buf_span(out, var[text[1] - '1']);
		text += 2;
	}
}

static void
add(const struct ynode *map, struct span text, unsigned depth, struct buf *out)
{
	struct span var[VARIABLES] = { { 0 } }, best_var[VARIABLES] = { { 0 } };
	size_t      best = 0, best_weight = 0;

	for (size_t i = 0; i < map->n; i++) {
		size_t w = weight(map->key[i]->text.p);

		if (w <= best_weight || !fits(map->key[i]->text.p, text, var))
			continue;
		best = i;
		best_weight = w;
		memcpy(best_var, var, sizeof var);
	}
	if (best_weight > 0)
		fill(map, map->item[best]->text.p, best_var, depth, out);
	else
		buf_span(out, text);
}

static struct ydoc *
catalogue(enum lang l)
{
	char name[40];

	snprintf(name, sizeof name, "program/%s.yaml", lang_name(l));
	for (size_t i = 0; i < embed_count; i++)
		if (strcmp(embed_files[i].name, name) == 0)
			return ydoc_unpack(name, embed_files[i].data, embed_files[i].packed);
	return NULL;
}

/* A mark of Chinese text has its blank in itself. */
static bool
is_mark(const char *p)
{
	static const char *const marks[] = { "，", "。", "；", "：", "（", "）" };

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (strncmp(p, marks[i], strlen(marks[i])) == 0)
			return true;
	return false;
}

void
translate(enum lang l, const char *english, struct buf *out)
{
	struct ydoc *doc = l == LANG_EN ? NULL : catalogue(l);
	struct span  before = { english, strspn(english, " \n") };
	struct span  text = span_trim(span_of(english));

	if (doc == NULL || text.n == 0) {
		buf_str(out, english);
	} else {
		const char *after = english + before.n + text.n;
		struct buf  said;

		buf_init(&said, TEXT_MAX);
		add(ydoc_root(doc), text, 0, &said);
		if (!(span_is(before, " ") && is_mark(buf_cstr(&said))))
			buf_span(out, before);
		buf_span(out, buf_get(&said));
		if (!(strcmp(after, " ") == 0 && said.n >= 3 && is_mark(said.p + said.n - 3)))
			buf_str(out, after);
		buf_fini(&said);
	}
	ydoc_free(doc);
}

void
translate_printf(enum lang l, struct buf *out, const char *fmt, ...)
{
	struct buf b;
	va_list    ap;

	buf_init(&b, TEXT_MAX);
	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	translate(l, buf_cstr(&b), out);
	buf_fini(&b);
}

char *
translated(enum lang l, const char *english)
{
	struct buf b;
	char      *text;

	buf_init(&b, TEXT_MAX);
	translate(l, english, &b);
	text = xstrdup(buf_cstr(&b));
	buf_fini(&b);
	return text;
}
