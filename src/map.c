/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "map.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "xalloc.h"

struct entry {
	char    *name;
	size_t   len;
	uint64_t hash;
	void    *value;
};

struct map {
	struct entry *entry; /* in the order of setting */
	size_t        n, cap;
	uint32_t     *slot; /* index into entry + 1; 0: free */
	size_t        nslot; /* a power of two */
};

struct map *
map_new(void)
{
	return xcalloc(1, sizeof(struct map));
}

void
map_free(struct map *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->n; i++)
		free(m->entry[i].name);
	free(m->entry);
	free(m->slot);
	free(m);
}

/* The slot where name is or would go. */
static size_t
find(const struct map *m, struct span name, uint64_t hash)
{
	size_t mask = m->nslot - 1;
	size_t i = (size_t)(hash ^ (hash >> 32)) & mask;

	for (; m->slot[i] != 0; i = (i + 1) & mask) {
		const struct entry *e = &m->entry[m->slot[i] - 1];

		if (e->hash == hash &&
		    span_eq((struct span){ e->name, e->len }, name))
			break;
	}
	return i;
}

/* Twice the slots; at most half of them are ever taken. */
static void
grow(struct map *m)
{
	free(m->slot);
	m->nslot = m->nslot ? m->nslot * 2 : 16;
	m->slot = xcalloc(m->nslot, sizeof *m->slot);
	for (size_t i = 0; i < m->n; i++) {
		const struct entry *e = &m->entry[i];

		m->slot[find(m, (struct span){ e->name, e->len }, e->hash)] =
		    (uint32_t)(i + 1);
	}
}

void *
map_set(struct map *m, struct span name, void *value)
{
	uint64_t hash = span_hash(name);
	size_t   at;
	void    *old;

	assert(value != NULL);
	if (m->n * 2 >= m->nslot)
		grow(m);
	at = find(m, name, hash);
	if (m->slot[at] != 0) {
		struct entry *e = &m->entry[m->slot[at] - 1];

		old = e->value;
		e->value = value;
		return old;
	}
	XGROW(m->entry, m->n, m->cap);
	m->entry[m->n++] = (struct entry){
		.name = xstrndup(name.p, name.n),
		.len = name.n,
		.hash = hash,
		.value = value,
	};
	m->slot[at] = (uint32_t)m->n;
	return NULL;
}

void *
map_get(const struct map *m, struct span name)
{
	size_t at;

	if (m->n == 0)
		return NULL;
	at = m->slot[find(m, name, span_hash(name))];
	return at != 0 ? m->entry[at - 1].value : NULL;
}

size_t
map_count(const struct map *m)
{
	return m->n;
}

void *
map_at(const struct map *m, size_t i, struct span *name)
{
	assert(i < m->n);
	if (name != NULL)
		*name = (struct span){ m->entry[i].name, m->entry[i].len };
	return m->entry[i].value;
}
