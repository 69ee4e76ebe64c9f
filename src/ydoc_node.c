/* SPDX-License-Identifier: MIT */
/* Nodes read as what is meant, and what is wrong with them said at its place. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "ydoc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

static int
add_at(const struct ydoc *d, struct diags *diags, enum diag_level level,
    unsigned line, unsigned col, const char *fmt, va_list ap)
{
	struct buf b;

	buf_init(&b, 4096);
	buf_vprintf(&b, fmt, ap);
	diags_add(diags, level, ydoc_name(d), ydoc_text(d), line, col, "%s", buf_cstr(&b));
	buf_fini(&b);
	return -1;
}

int
ydoc_error(const struct ydoc *d, const struct ynode *n, struct diags *diags,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_at(d, diags, DIAG_ERROR, n->line, n->col, fmt, ap);
	va_end(ap);
	return -1;
}

int
ydoc_warn(const struct ydoc *d, const struct ynode *n, struct diags *diags,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_at(d, diags, DIAG_WARNING, n->line, n->col, fmt, ap);
	va_end(ap);
	return -1;
}

static const char *
skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

/* Past a line end in a folded text: the blanks around it and empty lines. */
static const char *
skip_fold(const char *p)
{
	for (;;) {
		const char *q = skip_blanks(p);

		if (*q == '\r')
			q++;
		if (*q != '\n')
			return p;
		p = skip_blanks(q + 1);
	}
}

/* Bytes of source that an escape at p ("\n", "\x41") takes; *out: the bytes it becomes. */
static size_t
escape_length(const char *p, struct span text, size_t *out)
{
	size_t n = p[1] == 'x' ? 4 : p[1] == 'u' ? 6 : p[1] == 'U' ? 10 : 2;

	*out = span_utf8(text);
	if (*out == 0)
		*out = 1;
	return strnlen(p, n);
}

/* The source of byte off of a text that is plain or in quotes and starts at p. */
static const char *
find_flow(const char *p, struct span text, size_t off)
{
	char quote = *p == '\'' || *p == '"' ? *p : '\0';

	p += quote != '\0';
	for (size_t i = 0; i < off && *p;) {
		const char *fold = skip_fold(p);
		size_t      out = 1;

		if (fold != p && (text.p[i] == ' ' || text.p[i] == '\n')) {
			while (i < off && text.p[i] == '\n' && text.p[i + 1] == '\n')
				i++;
			p = fold;
		} else if (quote == '"' && *p == '\\')
			p += escape_length(p, span_from(text, i), &out);
		else
			p += quote == '\'' && p[0] == '\'' && p[1] == '\'' ? 2 : 1;
		i += out;
	}
	return p;
}

/* Past the byte at p, and past the indent of the next line when it ends one. */
static const char *
next_in_block(const char *p, size_t indent)
{
	bool wrap = *p++ == '\n';

	for (size_t n = 0; wrap && n < indent && *p == ' '; n++)
		p++;
	return p;
}

/* The same for a text written with | or >; p is at that character. */
static const char *
find_block(const char *p, struct span text, size_t off)
{
	size_t indent;

	p += strcspn(p, "\n");
	while (*p == '\n' && *skip_blanks(p + 1) == '\n')
		p++; /* leading empty lines */
	p += *p == '\n';
	indent = strspn(p, " ");
	p += indent;
	for (size_t i = 0; i < off && *p; i++)
		if (text.p[i] == *p || (*p == '\n' && text.p[i] == ' '))
			p = next_in_block(p, indent);
	while (*p == '\n' && off < text.n && text.p[off] != '\n')
		p = next_in_block(p, indent); /* empty lines that were folded away */
	return p;
}

/* Line and column of byte off of a scalar's text. */
static void
place_in(const struct ydoc *d, const struct ynode *n, size_t off, unsigned *line, unsigned *col)
{
	const char *p = ydoc_text(d), *start;

	*line = 1;
	for (; *line < n->line && (start = strchr(p, '\n')) != NULL; ++*line)
		p = start + 1;
	start = p;
	p += strnlen(p, n->col - 1);
	if (off > n->text.n)
		off = n->text.n;
	p = n->block ? find_block(p, n->text, off) : find_flow(p, n->text, off);
	for (const char *nl; (nl = memchr(start, '\n', (size_t)(p - start))); ++*line)
		start = nl + 1;
	*col = (unsigned)(p - start) + 1;
}

int
ydoc_error_in(const struct ydoc *d, const struct ynode *n, size_t off,
    struct diags *diags, const char *fmt, ...)
{
	unsigned line, col;
	va_list  ap;

	place_in(d, n, off, &line, &col);
	va_start(ap, fmt);
	add_at(d, diags, DIAG_ERROR, line, col, fmt, ap);
	va_end(ap);
	return -1;
}

int
ydoc_warn_in(const struct ydoc *d, const struct ynode *n, size_t off,
    struct diags *diags, const char *fmt, ...)
{
	unsigned line, col;
	va_list  ap;

	place_in(d, n, off, &line, &col);
	va_start(ap, fmt);
	add_at(d, diags, DIAG_WARNING, line, col, fmt, ap);
	va_end(ap);
	return -1;
}

const struct ynode *
ynode_get(const struct ynode *map, const char *key)
{
	struct span name = span_of(key);

	if (map == NULL || map->kind != Y_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++)
		if (span_eq(map->key[i]->text, name))
			return map->item[i];
	return NULL;
}

static size_t
count(const char *const *names)
{
	size_t n = 0;

	while (names[n] != NULL)
		n++;
	return n;
}

static bool
has(const char *const *names, struct span word)
{
	for (; *names != NULL; names++)
		if (span_is(word, *names))
			return true;
	return false;
}

static void
unknown_key(const struct ydoc *d, const struct ynode *key,
    const char *const *names, struct diags *diags)
{
	const char *near = diag_nearest(key->text.p, names, count(names));
	struct buf  all;

	if (near != NULL) {
		ydoc_error(d, key, diags, "there is no key \"%.80s\" here; did you "
		    "mean \"%s\"?", key->text.p, near);
		return;
	}
	buf_init(&all, 1024);
	for (size_t i = 0; names[i] != NULL; i++)
		buf_printf(&all, "%s%s", i > 0 ? ", " : "", names[i]);
	ydoc_error(d, key, diags, "there is no key \"%.80s\" here; there are: %s",
	    key->text.p, buf_cstr(&all));
	buf_fini(&all);
}

bool
ydoc_keys(const struct ydoc *d, const struct ynode *map,
    const char *const *names, struct diags *diags)
{
	bool good = true;

	if (map->kind != Y_MAP) {
		ydoc_error(d, map, diags, "this should be a mapping (key: value)");
		return false;
	}
	for (size_t i = 0; i < map->n; i++) {
		if (has(names, map->key[i]->text))
			continue;
		unknown_key(d, map->key[i], names, diags);
		good = false;
	}
	return good;
}

static const char *
kind_name(const struct ynode *n)
{
	static const char *const name[] = { "a text", "a list", "a mapping" };

	return n->kind == Y_SCALAR && n->text.n == 0 ? "nothing" : name[n->kind];
}

bool
ydoc_bool(const struct ydoc *d, const struct ynode *n, bool *ret,
    struct diags *diags)
{
	bool yes = n->kind == Y_SCALAR && n->plain && span_is(n->text, "true");
	bool no = n->kind == Y_SCALAR && n->plain && span_is(n->text, "false");

	if (!yes && !no) {
		ydoc_error(d, n, diags, "this should be true or false");
		return false;
	}
	*ret = yes;
	return true;
}

/* A decimal number in YAML's and C's common form; no locale, no hexadecimal. */
static bool
read_decimal(const char *s, double *ret)
{
	const char *p = s + (*s == '+' || *s == '-');
	size_t      whole = strspn(p, "0123456789");
	size_t      part = 0;
	char       *end;

	p += whole;
	if (*p == '.') {
		part = strspn(p + 1, "0123456789");
		p += 1 + part;
	}
	if (whole + part == 0)
		return false;
	if (*p == 'e' || *p == 'E') {
		p += p[1] == '+' || p[1] == '-' ? 2 : 1;
		if (strspn(p, "0123456789") == 0)
			return false;
		p += strspn(p, "0123456789");
	}
	if (*p != '\0')
		return false;
	errno = 0;
	*ret = strtod(s, &end);
	return *end == '\0' && errno == 0;
}

bool
ydoc_num(const struct ydoc *d, const struct ynode *n, double *ret,
    struct diags *diags)
{
	if (n->kind != Y_SCALAR)
		ydoc_error(d, n, diags, "this should be a number, not %s",
		    kind_name(n));
	else if (!read_decimal(n->text.p, ret))
		ydoc_error(d, n, diags, "this should be a number, not \"%.80s\"",
		    n->text.p);
	else
		return true;
	return false;
}

bool
ydoc_str(const struct ydoc *d, const struct ynode *n, const char **ret,
    struct diags *diags)
{
	if (n->kind != Y_SCALAR || (n->plain && n->text.n == 0)) {
		ydoc_error(d, n, diags, "this should be a text, not %s",
		    kind_name(n));
		return false;
	}
	*ret = n->text.p;
	return true;
}
