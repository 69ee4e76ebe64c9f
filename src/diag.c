/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "diag.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "span.h"
#include "xalloc.h"

#define DIAGS_MAX   100
#define TEXT_MAX    (16 * 1024)
#define EXCERPT_MAX 160 /* columns of a source line that are shown */
#define WORD_MAX    63  /* longest word that is compared for "did you mean" */

struct entry {
	enum diag_level level;
	char           *file;    /* NULL: not about a file */
	char           *excerpt; /* the harmless line at fault, NULL: none */
	char           *text;
	unsigned        line, col;
	size_t          caret; /* column of the caret in excerpt */
};

struct diags {
	struct entry *entry;
	size_t        n, cap;
	unsigned      errors, dropped;
};

static void
set_text(struct diag *d, const char *file, unsigned line, unsigned col,
    const char *fmt, va_list ap)
{
	if (d == NULL)
		return;
	d->file = file;
	d->line = line;
	d->col = col;
	vsnprintf(d->text, sizeof d->text, fmt, ap);
}

int
diag_set(struct diag *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_text(d, NULL, 0, 0, fmt, ap);
	va_end(ap);
	return -1;
}

int
diag_at(struct diag *d, const char *file, unsigned line, unsigned col,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_text(d, file, line, col, fmt, ap);
	va_end(ap);
	return -1;
}

struct diags *
diags_new(void)
{
	return xcalloc(1, sizeof(struct diags));
}

void
diags_free(struct diags *ds)
{
	if (ds == NULL)
		return;
	for (size_t i = 0; i < ds->n; i++) {
		free(ds->entry[i].file);
		free(ds->entry[i].excerpt);
		free(ds->entry[i].text);
	}
	free(ds->entry);
	free(ds);
}

/* Line number line (from 1) of source, without its end; empty when there is none. */
static struct span
source_line(const char *source, unsigned line)
{
	const char *p = source;

	for (; line > 1; line--) {
		p = strchr(p, '\n');
		if (p == NULL)
			return SPAN_LIT("");
		p++;
	}
	return (struct span){ p, strcspn(p, "\r\n") };
}

/* s made harmless: a tab is one blank, so that the caret is easy to place. */
static char *
harmless(struct span s, size_t max)
{
	struct buf b;
	struct buf tabs;

	buf_init(&tabs, s.n);
	for (size_t i = 0; i < s.n; i++)
		buf_char(&tabs, s.p[i] == '\t' ? ' ' : s.p[i]);
	buf_init(&b, TEXT_MAX);
	buf_harmless(&b, buf_get(&tabs), max);
	buf_fini(&tabs);
	return buf_take(&b);
}

/* Columns that UTF-8 text takes, one a character. */
static size_t
columns(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		if (((unsigned char)*s & 0xc0) != 0x80)
			n++;
	return n;
}

/*
 * Keeps the line at fault and the column of its caret.  A long line is shown
 * from a place where the caret can be seen.  col counts bytes.
 */
static void
keep_excerpt(struct entry *e, const char *source)
{
	struct span line = source_line(source, e->line);
	size_t      at = e->col > 0 ? e->col - 1 : 0;
	size_t      from = 0;
	char       *before;

	if (at > line.n)
		at = line.n;
	if (at > EXCERPT_MAX / 2)
		from = at - EXCERPT_MAX / 2;
	while (from > 0 && ((unsigned char)line.p[from] & 0xc0) == 0x80)
		from--;
	before = harmless((struct span){ line.p + from, at - from }, TEXT_MAX);
	e->caret = columns(before);
	free(before);
	e->excerpt = harmless(span_from(line, from), EXCERPT_MAX);
}

static char *
format_harmless(const char *fmt, va_list ap)
{
	struct buf raw;
	char      *text;

	buf_init(&raw, TEXT_MAX);
	buf_vprintf(&raw, fmt, ap);
	text = harmless(buf_get(&raw), TEXT_MAX);
	buf_fini(&raw);
	return text;
}

int
diags_add(struct diags *ds, enum diag_level level, const char *file,
    const char *source, unsigned line, unsigned col, const char *fmt, ...)
{
	struct entry *e;
	va_list       ap;

	if (level == DIAG_ERROR)
		ds->errors++;
	if (ds->n == DIAGS_MAX) {
		ds->dropped++;
		return -1;
	}
	XGROW(ds->entry, ds->n, ds->cap);
	e = &ds->entry[ds->n++];
	*e = (struct entry){ .level = level, .line = line, .col = col };
	if (file != NULL)
		e->file = harmless(span_of(file), TEXT_MAX);
	if (source != NULL && line > 0)
		keep_excerpt(e, source);
	va_start(ap, fmt);
	e->text = format_harmless(fmt, ap);
	va_end(ap);
	return -1;
}

unsigned
diags_errors(const struct diags *ds)
{
	return ds->errors;
}

unsigned
diags_count(const struct diags *ds)
{
	return (unsigned)ds->n;
}

static void
print_said(const char *before, const char *english, const char *after, FILE *f, diag_say *say)
{
	char *text = say ? say(english) : NULL;

	fprintf(f, "%s%s%s", before, text ? text : english, after);
	free(text);
}

static void
print_entry(const struct entry *e, FILE *f, bool colour, diag_say *say)
{
	static const char *const name[] = { "error", "warning" };
	static const char *const paint[] = { "\033[1;31m", "\033[1;35m" };
	const char              *bold = colour ? "\033[1m" : "";
	const char              *off = colour ? "\033[0m" : "";

	if (e->file != NULL) {
		fprintf(f, "%s%s:", bold, e->file);
		if (e->line > 0)
			fprintf(f, "%u:", e->line);
		if (e->line > 0 && e->col > 0)
			fprintf(f, "%u:", e->col);
		fprintf(f, "%s ", off);
	}
	print_said(colour ? paint[e->level] : "", name[e->level], ":", f, say);
	fprintf(f, "%s ", off);
	print_said("", e->text, "\n", f, say);
	if (e->excerpt == NULL)
		return;
	fprintf(f, "%5u | %s\n", e->line, e->excerpt);
	if (e->col > 0)
		fprintf(f, "      | %*s%s^%s\n", (int)e->caret, "",
		    colour ? "\033[1;32m" : "", off);
}

void
diags_print(const struct diags *ds, FILE *f, bool colour, diag_say *say)
{
	for (size_t i = 0; i < ds->n; i++)
		print_entry(&ds->entry[i], f, colour, say);
	if (ds->dropped > 0)
		fprintf(f, "and %u more\n", ds->dropped);
}

static char
fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* Edits (insert, delete, replace, swap of neighbours) between a and b, case folded. */
static unsigned
distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned  rows[3][WORD_MAX + 1];
	unsigned *prev = rows[1], *cur = rows[2], *older = rows[0];

	for (size_t j = 0; j <= nb; j++)
		prev[j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned *spare = older;

		cur[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			bool same = fold(a[i - 1]) == fold(b[j - 1]);

			cur[j] = least(prev[j] + 1, cur[j - 1] + 1,
			    prev[j - 1] + (same ? 0 : 1));
			if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
			    fold(a[i - 2]) == fold(b[j - 1]) &&
			    older[j - 2] + 1 < cur[j])
				cur[j] = older[j - 2] + 1;
		}
		older = prev;
		prev = cur;
		cur = spare;
	}
	return prev[nb];
}

const char *
diag_nearest(const char *word, const char *const *names, size_t n)
{
	size_t      len = strlen(word);
	unsigned    best = (unsigned)(len / 3) + 1;
	const char *found = NULL;

	if (len == 0 || len > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t   nlen = strlen(names[i]);
		unsigned d;

		if (nlen == 0 || nlen > WORD_MAX)
			continue;
		d = distance(word, len, names[i], nlen);
		if (d < best) {
			best = d;
			found = names[i];
		}
	}
	return found;
}
