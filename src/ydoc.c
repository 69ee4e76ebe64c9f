/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "ydoc_impl.h"

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
	if (d->arena == NULL)
		free(d->text);
	free(d->arena);
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
