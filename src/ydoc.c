/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "ydoc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "buf.h"
#include "map.h"
#include "xalloc.h"

#define DEPTH_MAX 32
#define TEXT_MAX  ((size_t)4 << 20)
#define NODE_MAX  200000

struct ydoc {
	char          *name;
	char          *text;
	size_t         size;
	struct ynode  *root;
	struct ynode **all; /* every node, for freeing */
	size_t         n, cap;
};

/* One open list or map. */
struct frame {
	struct ynode *node;
	struct ynode *key;  /* map: the key whose value is due */
	struct map   *seen; /* map: its keys */
	size_t        item_cap, key_cap;
};

struct builder {
	struct ydoc  *doc;
	struct diags *diags;
	struct frame  stack[DEPTH_MAX];
	unsigned      depth;
	unsigned      documents;
	bool          bad;  /* a mistake was reported */
	bool          stop; /* and nothing sensible can follow */

	/* Where byte_column stands: marks come in order. */
	size_t line, column, start, at;
};

/* libyaml counts characters in a line from 0, we count bytes from 1. */
static unsigned
byte_column(struct builder *b, yaml_mark_t mark)
{
	const struct ydoc *d = b->doc;

	if (mark.line < b->line ||
	    (mark.line == b->line && mark.column < b->column))
		b->line = b->column = b->start = b->at = 0;
	for (; b->line < mark.line; b->line++) {
		const char *nl = memchr(d->text + b->at, '\n', d->size - b->at);

		b->at = nl != NULL ? (size_t)(nl - d->text) + 1 : d->size;
		b->start = b->at;
		b->column = 0;
	}
	for (; b->column < mark.column && b->at < d->size; b->column++) {
		struct span rest = { d->text + b->at, d->size - b->at };
		size_t      n = span_utf8(rest);

		b->at += n > 0 ? n : 1;
	}
	return (unsigned)(b->at - b->start + 1);
}

static void DIAG_PRINTF(3, 4)
mistake(struct builder *b, yaml_mark_t mark, const char *fmt, ...)
{
	char    text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	diags_add(b->diags, DIAG_ERROR, b->doc->name, b->doc->text,
	    (unsigned)mark.line + 1, byte_column(b, mark), "%s", text);
	b->bad = true;
}

static struct ynode *
node_new(struct builder *b, enum ynode_kind kind, yaml_mark_t mark)
{
	struct ydoc  *d = b->doc;
	struct ynode *n = xcalloc(1, sizeof *n);

	n->kind = kind;
	n->line = (unsigned)mark.line + 1;
	n->col = byte_column(b, mark);
	XGROW(d->all, d->n, d->cap);
	d->all[d->n++] = n;
	if (d->n == NODE_MAX) {
		mistake(b, mark, "more than %d values in one file", NODE_MAX);
		b->stop = true;
	}
	return n;
}

static void
add_key(struct builder *b, struct frame *f, struct ynode *key, yaml_mark_t mark)
{
	const struct ynode *first = map_get(f->seen, key->text);

	f->key = key;
	if (first == NULL)
		map_set(f->seen, key->text, key);
	else
		mistake(b, mark, "\"%.80s\" stands here for the second time, the "
		    "first is on line %u", key->text.p, first->line);
}

/* Hangs n into the list or map that is open. */
static void
add_node(struct builder *b, struct ynode *n, yaml_mark_t mark)
{
	struct frame *f;
	struct ynode *into;

	if (b->depth == 0) {
		b->doc->root = n;
		return;
	}
	f = &b->stack[b->depth - 1];
	into = f->node;
	if (into->kind == Y_MAP && f->key == NULL) {
		if (n->kind == Y_SCALAR) {
			add_key(b, f, n, mark);
			return;
		}
		mistake(b, mark, "a key must be text, not a %s (quote a text that "
		    "begins with { or [)", n->kind == Y_LIST ? "list" : "mapping");
		b->stop = true;
		return;
	}
	into->item = xgrow(into->item, into->n, &f->item_cap, sizeof *into->item);
	into->item[into->n] = n;
	if (into->kind == Y_MAP) {
		into->key = xgrow(into->key, into->n, &f->key_cap,
		    sizeof *into->key);
		into->key[into->n] = f->key;
		f->key = NULL;
	}
	into->n++;
}

/* Anchors and tags: a rule is read by people, who should find what it says where it stands. */
static void
refuse_extras(struct builder *b, const yaml_event_t *e,
    const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor != NULL)
		mistake(b, e->start_mark, "anchors (&%.40s) are not read; write the "
		    "value out where it is used", (const char *)anchor);
	if (tag != NULL)
		mistake(b, e->start_mark, "tags (%.40s) are not read; leave it away",
		    (const char *)tag);
}

static void
open_node(struct builder *b, enum ynode_kind kind, const yaml_event_t *e)
{
	struct ynode *n = node_new(b, kind, e->start_mark);

	add_node(b, n, e->start_mark);
	if (b->stop)
		return;
	if (b->depth == DEPTH_MAX) {
		mistake(b, e->start_mark, "nested deeper than %d", DEPTH_MAX);
		b->stop = true;
		return;
	}
	b->stack[b->depth++] = (struct frame){
		.node = n,
		.seen = kind == Y_MAP ? map_new() : NULL,
	};
}

static void
close_node(struct builder *b)
{
	map_free(b->stack[--b->depth].seen);
}

static void
on_scalar(struct builder *b, const yaml_event_t *e)
{
	const char   *text = (const char *)e->data.scalar.value;
	size_t        len = e->data.scalar.length;
	int           style = (int)e->data.scalar.style;
	struct ynode *n = node_new(b, Y_SCALAR, e->start_mark);

	n->text = (struct span){ xstrndup(text, len), len };
	n->plain = style == YAML_PLAIN_SCALAR_STYLE;
	n->block = style == YAML_LITERAL_SCALAR_STYLE ||
	    style == YAML_FOLDED_SCALAR_STYLE;
	refuse_extras(b, e, e->data.scalar.anchor, e->data.scalar.tag);
	if (memchr(text, '\0', len) != NULL)
		mistake(b, e->start_mark, "a NUL byte inside a text");
	add_node(b, n, e->start_mark);
}

/* An alias is refused; an empty text stands for it so that the rest is still checked. */
static void
on_alias(struct builder *b, const yaml_event_t *e)
{
	struct ynode *n = node_new(b, Y_SCALAR, e->start_mark);

	mistake(b, e->start_mark, "aliases (*%.40s) are not read; write the value "
	    "out, or quote a text that begins with *",
	    (const char *)e->data.alias.anchor);
	n->text = (struct span){ xstrdup(""), 0 };
	add_node(b, n, e->start_mark);
}

static void
on_document(struct builder *b, const yaml_event_t *e)
{
	if (b->documents++ == 0)
		return;
	mistake(b, e->start_mark, "a second document begins here; "
	    "a file holds one");
	b->stop = true;
}

static void
on_event(struct builder *b, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		on_document(b, e);
		break;
	case YAML_SCALAR_EVENT:
		on_scalar(b, e);
		break;
	case YAML_ALIAS_EVENT:
		on_alias(b, e);
		break;
	case YAML_SEQUENCE_START_EVENT:
		refuse_extras(b, e, e->data.sequence_start.anchor,
		    e->data.sequence_start.tag);
		open_node(b, Y_LIST, e);
		break;
	case YAML_MAPPING_START_EVENT:
		refuse_extras(b, e, e->data.mapping_start.anchor,
		    e->data.mapping_start.tag);
		open_node(b, Y_MAP, e);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		close_node(b);
		break;
	case YAML_STREAM_END_EVENT:
		b->stop = true;
		break;
	default:
		break;
	}
}

/* The place of a byte: lines are counted here, libyaml only knows its offset. */
static yaml_mark_t
mark_at(const struct ydoc *d, size_t off)
{
	yaml_mark_t m = { 0, 0, 0 };

	for (size_t i = 0; i < off && i < d->size; i++) {
		m.column = d->text[i] == '\n' ? 0 : m.column + 1;
		m.line += d->text[i] == '\n';
	}
	return m;
}

static void
syntax_error(struct builder *b, const yaml_parser_t *p)
{
	const char *problem = p->problem != NULL ? p->problem : "not YAML";

	if (p->error == YAML_READER_ERROR)
		mistake(b, mark_at(b->doc, p->problem_offset),
		    "%s (a YAML file is UTF-8 text)", problem);
	else if (p->context != NULL)
		mistake(b, p->problem_mark, "%s (%s that began on line %zu)",
		    problem, p->context, p->context_mark.line + 1);
	else
		mistake(b, p->problem_mark, "%s", problem);
	b->stop = true;
}

static void
build(struct builder *b)
{
	yaml_parser_t parser;
	yaml_event_t  e;

	if (!yaml_parser_initialize(&parser)) {
		mistake(b, (yaml_mark_t){ 0, 0, 0 }, "no memory for the YAML parser");
		return;
	}
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser,
	    (const unsigned char *)b->doc->text, b->doc->size);
	while (!b->stop) {
		if (!yaml_parser_parse(&parser, &e)) {
			syntax_error(b, &parser);
			break;
		}
		on_event(b, &e);
		yaml_event_delete(&e);
	}
	while (b->depth > 0)
		close_node(b);
	yaml_parser_delete(&parser);
}

struct ydoc *
ydoc_parse(const char *name, struct span text, struct diags *diags)
{
	struct builder b = { .diags = diags };
	struct ydoc   *d;

	if (text.n > TEXT_MAX) {
		diags_add(diags, DIAG_ERROR, name, NULL, 0, 0,
		    "larger than %zu MiB", TEXT_MAX >> 20);
		return NULL;
	}
	if (span_starts(text, "\xef\xbb\xbf"))
		text = span_from(text, 3);
	b.doc = d = xcalloc(1, sizeof *d);
	d->name = xstrdup(name);
	d->text = xstrndup(text.p, text.n);
	d->size = text.n;
	build(&b);
	if (b.bad) {
		ydoc_free(d);
		return NULL;
	}
	if (d->root == NULL) { /* an empty file */
		d->root = node_new(&b, Y_SCALAR, (yaml_mark_t){ 0, 0, 0 });
		d->root->text = (struct span){ xstrdup(""), 0 };
		d->root->plain = true;
	}
	return d;
}

/* All of f into b, which stops at its cap; false with errno on a failure. */
static bool
read_all(FILE *f, struct buf *b)
{
	char   chunk[16384];
	size_t n;

	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0 && !b->over)
		buf_add(b, chunk, n);
	return !ferror(f);
}

struct ydoc *
ydoc_read(const char *path, struct diags *diags)
{
	FILE        *f = fopen(path, "re");
	struct ydoc *d = NULL;
	struct buf   b;

	buf_init(&b, TEXT_MAX);
	if (f == NULL || !read_all(f, &b))
		diags_add(diags, DIAG_ERROR, path, NULL, 0, 0,
		    "cannot be read: %s", strerror(errno));
	else if (b.over)
		diags_add(diags, DIAG_ERROR, path, NULL, 0, 0,
		    "larger than %zu MiB", TEXT_MAX >> 20);
	else
		d = ydoc_parse(path, buf_get(&b), diags);
	if (f != NULL)
		fclose(f);
	buf_fini(&b);
	return d;
}

void
ydoc_free(struct ydoc *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->n; i++) {
		free((char *)d->all[i]->text.p);
		free(d->all[i]->item);
		free(d->all[i]->key);
		free(d->all[i]);
	}
	free(d->all);
	free(d->text);
	free(d->name);
	free(d);
}

const struct ynode *
ydoc_root(const struct ydoc *d)
{
	return d->root;
}

const char *
ydoc_name(const struct ydoc *d)
{
	return d->name;
}

const char *
ydoc_text(const struct ydoc *d)
{
	return d->text;
}

static int
add_at(const struct ydoc *d, struct diags *diags, enum diag_level level,
    unsigned line, unsigned col, const char *fmt, va_list ap)
{
	struct buf b;

	buf_init(&b, 4096);
	buf_vprintf(&b, fmt, ap);
	diags_add(diags, level, d->name, d->text, line, col, "%s", buf_cstr(&b));
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

int
ydoc_error_in(const struct ydoc *d, const struct ynode *n, size_t off,
    struct diags *diags, const char *fmt, ...)
{
	const char *p = d->text;
	unsigned    line = 1;
	const char *start;
	va_list     ap;

	for (; line < n->line && (start = strchr(p, '\n')) != NULL; line++)
		p = start + 1;
	start = p;
	p += strnlen(p, n->col - 1);
	if (off > n->text.n)
		off = n->text.n;
	p = n->block ? find_block(p, n->text, off) : find_flow(p, n->text, off);
	for (const char *nl; (nl = memchr(start, '\n', (size_t)(p - start))); line++)
		start = nl + 1;
	va_start(ap, fmt);
	add_at(d, diags, DIAG_ERROR, line, (unsigned)(p - start) + 1, fmt, ap);
	va_end(ap);
	return -1;
}

const struct ynode *
ynode_get(const struct ynode *map, const char *key)
{
	if (map == NULL || map->kind != Y_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++)
		if (span_is(map->key[i]->text, key))
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
