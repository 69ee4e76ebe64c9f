/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "reader.h"

#include <ctype.h>
#include <stdlib.h>

#include "xalloc.h"

#define KEYS_MAX 4096

/* --- targets --- */

struct target *
reader_target_new(struct reader *r)
{
	struct target *t = xcalloc(1, sizeof *t);

	t->scale = 1;
	t->phased = true;
	for (size_t i = 0; i < sizeof t->id / sizeof *t->id; i++)
		t->id[i] = -1;
	XGROW(r->own, r->nown, r->own_cap);
	r->own[r->nown++] = t;
	return t;
}

void
target_base(struct target *t, struct span base)
{
	size_t n = base.n < sizeof t->base ? base.n : sizeof t->base - 1;

	memcpy(t->base, base.p, n);
	t->base[n] = '\0';
}

/* What the vocabulary says of a key. */
static void
target_look_up(struct target *t, const struct vocab *v, struct span key)
{
	struct key_meaning m;

	vocab_key(v, key, &m);
	t->kind = m.kind == KEY_UNKNOWN ? KEY_METRIC : m.kind;
	t->known = m.kind != KEY_UNKNOWN || m.likely;
	t->phased = m.phased;
	t->phase = m.phase;
	t->unit = m.unit;
	t->has_unit = m.has_unit;
	target_base(t, m.base);
}

/* "reward/&": what is captured takes the place of the sign. */
static void
put_in_place(struct target *t, struct span printed)
{
	char  *at = strchr(t->base, '&');
	size_t room = sizeof t->base - (size_t)(at - t->base) - 1, n = printed.n < room ? printed.n : room;

	for (size_t i = 0; i < n; i++)
		at[i] = (char)tolower((unsigned char)printed.p[i]);
	at[n] = '\0';
}

static struct target *
match_key_pattern(struct reader *r, const struct vocab *v, struct span key)
{
	struct span cap[4];

	for (unsigned i = 0; i < r->nkeys; i++) {
		if (!pattern_match(r->keys[i].pattern, key, 0, cap, 4))
			continue;
		struct target *t = reader_target_new(r);
		*t = *r->keys[i].target;
		/* "val/&": the key's own name, or what is captured of it, in this phase. */
		if (strcmp(t->base, "&") == 0) {
			enum phase phase = t->phase;
			struct span printed = cap[1].p ? cap[1] : key;
			target_look_up(t, v, printed);
			if (t->has_unit && t->unit.q == Q_COUNT) { /* "AP (M)": of medium objects, not millions */
				t->has_unit = false;
				target_base(t, printed);
				for (char *c = t->base; *c; c++)
					*c = (char)tolower((unsigned char)*c);
			}
			t->kind = KEY_METRIC;
			t->known = t->phased = true;
			t->phase = phase;
		} else if (strchr(t->base, '&'))
			put_in_place(t, cap[1].p ? cap[1] : key);
		const char *name;
		unsigned number;
		size_t n = 0;
		for (unsigned g = 0; (name = pattern_group(r->keys[i].pattern, g, &number)); g++)
			if (number < 4 && cap[number].p && n < sizeof t->with)
				n += (size_t)snprintf(t->with + n, sizeof t->with - n, "%s%s=%.*s",
				    n ? "," : "", name, (int)cap[number].n, cap[number].p);
		return t;
	}
	return NULL;
}

struct target *
reader_target(struct reader *r, const struct vocab *v, struct span key)
{
	struct target *t = map_get(r->map, key);

	if (t)
		return t;
	if (map_count(r->map) > KEYS_MAX) { /* keys that never repeat: not a log of metrics */
		static const struct target none = { .kind = KEY_IGNORE };
		return (struct target *)(uintptr_t)&none;
	}
	char fold[VOCAB_NAME_MAX];
	size_t n = 0;
	for (; n < key.n && n < sizeof fold; n++)
		fold[n] = (char)tolower((unsigned char)key.p[n]);
	if (!(t = map_get(r->map, (struct span){ fold, n })) && !(t = match_key_pattern(r, v, key))) {
		t = reader_target_new(r);
		target_look_up(t, v, key);
	}
	map_set(r->map, key, t);
	return t;
}

struct target *
reader_target_own(struct reader *r, const struct target *like, struct span key)
{
	char name[VOCAB_NAME_MAX];
	size_t n = 0;

	name[n++] = '='; /* no key begins so: it joins one to its value */
	for (size_t i = 0; i < key.n && n < sizeof name; i++)
		name[n++] = key.p[i] == ' ' ? '_' : (char)tolower((unsigned char)key.p[i]);
	struct target *t = map_get(r->map, (struct span){ name, n });
	if (t || map_count(r->map) > KEYS_MAX)
		return t;
	t = reader_target_new(r);
	*t = *like;
	for (size_t i = 0; i < sizeof t->id / sizeof *t->id; i++)
		t->id[i] = -1;
	target_base(t, (struct span){ name + 1, n - 1 });
	map_set(r->map, (struct span){ name, n }, t);
	return t;
}

struct span
reader_key(const struct reader *r, const struct target *t)
{
	struct span key;

	for (size_t i = 0; i < map_count(r->map); i++)
		if (map_at(r->map, i, &key) == t)
			return key;
	return SPAN_NONE;
}

/* --- groups of a pattern --- */

/* "val__loss", "step", "lr": '__' stands for '/', which a group's name cannot hold. */
static struct span
group_key(const char *name, char *buf, size_t size)
{
	size_t n = 0;

	for (const char *p = name; *p && n + 1 < size; p++) {
		if (p[0] == '_' && p[1] == '_') {
			buf[n++] = '/';
			p++;
		} else
			buf[n++] = *p;
	}
	buf[n] = '\0';
	return (struct span){ buf, n };
}

void
reader_prepare(struct reader *r, const struct vocab *v)
{
	const char *name;
	unsigned number;
	char buf[64];

	if (r->ready)
		return;
	r->ready = true;
	for (unsigned i = 0; r->pattern && (name = pattern_group(r->pattern, i, &number)); i++) {
		if (number >= PATTERN_GROUPS)
			continue;
		if (number + 1 > r->groups)
			r->groups = number + 1;
		if (strcmp(name, "rest") == 0)
			r->group[number].use = GROUP_REST;
		else if (strcmp(name, "phase") == 0)
			r->group[number].use = GROUP_PHASE;
		else if (strcmp(name, "key") == 0)
			r->group[number].use = GROUP_KEY;
		else if (strcmp(name, "value") == 0 || strncmp(name, "value__", 7) == 0) {
			r->group[number].use = GROUP_VALUE;
			r->group[number].phase = name[5] ? name + 7 : NULL;
		} else {
			struct span key = group_key(name, buf, sizeof buf);
			enum key_kind kind;
			struct target *t;
			r->group[number].use = GROUP_TARGET;
			if (!map_get(r->map, key) && vocab_position(key, &kind)) {
				t = reader_target_new(r);
				t->kind = kind;
				t->known = true;
				map_set(r->map, key, t);
			} else {
				t = reader_target(r, v, key);
				t->known = true;
			}
			r->group[number].target = t;
		}
	}
}

void
reader_free(struct reader *r)
{
	for (size_t i = 0; i < r->nown; i++)
		free(r->own[i]);
	for (unsigned i = 0; i < r->nkeys; i++)
		pattern_free(r->keys[i].pattern);
	for (unsigned i = 0; i < r->nneeds; i++)
		free(r->needs[i]);
	free(r->needs);
	free(r->keys);
	free(r->own);
	map_free(r->map);
	pattern_free(r->pattern);
	pattern_free(r->row);
	for (unsigned i = 0; i < r->literals; i++)
		free(r->literal[i]);
	free(r->literal);
	free(r->name);
	free(r->full);
	free(r->opens);
	free(r->in);
	free(r->closes);
	free(r);
}
