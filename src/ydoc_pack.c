/* SPDX-License-Identifier: MIT */
/*
 * A tree as bytes: the number of nodes and of links, then the nodes depth first,
 * each a byte of kind and style, its line and column, and either its text with
 * a NUL or its children (a map's with the key before each value).  Numbers are in base 128,
 * lowest digits first.  Unpacking trusts the bytes: the build made them.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ydoc_impl.h"
#include "xalloc.h"

#define PACKED_PLAIN 4
#define PACKED_BLOCK 8

struct packer {
	const char *without;
	struct buf *out;
	size_t      nodes, links;
};

static void
put(struct buf *b, size_t n)
{
	for (; n >= 128; n >>= 7)
		buf_char(b, (char)((n & 127) | 128));
	buf_char(b, (char)n);
}

static bool
left_out(const struct packer *p, const struct ynode *map, size_t i)
{
	return map->kind == Y_MAP && span_is(map->key[i]->text, p->without);
}

static void
pack(struct packer *p, const struct ynode *node)
{
	size_t n = 0;

	p->nodes++;
	buf_char(p->out, (char)((unsigned)node->kind | (node->plain ? PACKED_PLAIN : 0) |
	    (node->block ? PACKED_BLOCK : 0)));
	put(p->out, node->line);
	put(p->out, node->col);
	if (node->kind == Y_SCALAR) {
		put(p->out, node->text.n);
		buf_add(p->out, node->text.p, node->text.n + 1);
		return;
	}
	for (size_t i = 0; i < node->n; i++)
		n += !left_out(p, node, i);
	put(p->out, n);
	p->links += node->kind == Y_MAP ? 2 * n : n;
	for (size_t i = 0; i < node->n; i++) {
		if (left_out(p, node, i))
			continue;
		if (node->kind == Y_MAP)
			pack(p, node->key[i]);
		pack(p, node->item[i]);
	}
}

void
ydoc_pack(const struct ydoc *d, const char *without, struct buf *out)
{
	struct buf    nodes;
	struct packer p = { without, &nodes, 0, 0 };

	buf_init(&nodes, SIZE_MAX);
	pack(&p, d->root);
	put(out, p.nodes);
	put(out, p.links);
	buf_span(out, buf_get(&nodes));
	buf_fini(&nodes);
}

struct unpacker {
	const unsigned char *at;
	struct ynode        *node; /* the next that is free */
	struct ynode       **link;
};

static size_t
get(struct unpacker *u)
{
	size_t n = 0;

	for (unsigned shift = 0;; shift += 7) {
		unsigned char c = *u->at++;

		n |= (size_t)(c & 127) << shift;
		if (c < 128)
			return n;
	}
}

static struct ynode *
unpack(struct unpacker *u)
{
	struct ynode *node = u->node++;
	unsigned char style = *u->at++;

	node->kind = style & 3;
	node->plain = style & PACKED_PLAIN;
	node->block = style & PACKED_BLOCK;
	node->line = (unsigned)get(u);
	node->col = (unsigned)get(u);
	if (node->kind == Y_SCALAR) {
		node->text.n = get(u);
		node->text.p = (const char *)u->at;
		u->at += node->text.n + 1;
		return node;
	}
	node->n = get(u);
	node->item = u->link;
	u->link += node->n;
	if (node->kind == Y_MAP) {
		node->key = u->link;
		u->link += node->n;
	}
	for (size_t i = 0; i < node->n; i++) {
		if (node->kind == Y_MAP)
			node->key[i] = unpack(u);
		node->item[i] = unpack(u);
	}
	return node;
}

struct ydoc *
ydoc_unpack(const char *name, const char *text, const void *packed)
{
	struct unpacker u = { .at = packed };
	struct ydoc    *d = xcalloc(1, sizeof *d);
	size_t          nodes = get(&u), links = get(&u);

	d->name = xstrdup(name);
	d->text = (char *)text;
	d->size = strlen(text);
	d->arena = xcalloc(1, nodes * sizeof *u.node + links * sizeof *u.link);
	u.node = d->arena;
	u.link = (struct ynode **)(u.node + nodes);
	d->root = unpack(&u);
	return d;
}
