/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "shape.h"

#include <stdlib.h>

#include "number.h"
#include "xalloc.h"

#define TEXT_MAX   512  /* longer lines are rare and rarely alike */
#define FIELDS_MAX 32
#define SETS       512
#define WAYS       2

/* A number of the line and what it means. */
struct place {
	struct target *target;   /* beside a metric */
	struct scale   scale;
	const char    *unit;
	enum key_kind  kind;
	unsigned short at, n;    /* where its text stands */
};

/* Bytes of the line that must be the same again, digits too. */
struct same {
	unsigned short at, n;
};

struct entry {
	struct shape how;     /* first: what callers see */
	uint64_t     hash;
	unsigned     state;
	enum phase   phase;
	unsigned     places, sames;
	struct same  stamp;   /* where the time of the line stands; n 0: nowhere */
	size_t       n;
	struct place *place;  /* all in one allocation, behind the entry */
	struct same  *same;
	char         *folded, *text;
};

struct shapes {
	struct entry *set[SETS][WAYS];
	uint64_t      hash; /* of the line folded last */
	struct span   last;
	char          folded[LINE_MAX_TEXT + 16];
};

struct shapes *
shapes_new(void)
{
	return xcalloc(1, sizeof(struct shapes));
}

void
shapes_free(struct shapes *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < SETS; i++)
		for (unsigned k = 0; k < WAYS; k++)
			free(s->set[i][k]);
	free(s);
}

/* --- folding --- */

typedef unsigned char vec __attribute__((__vector_size__(16)));

static inline uint64_t
mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

/* Sixteen bytes at a time, the last ones padded with zeroes. */
struct span
shapes_fold(struct shapes *s, struct span text)
{
	uint64_t h = text.n, half[2];
	size_t i;

	if (text.n > LINE_MAX_TEXT)
		text.n = LINE_MAX_TEXT;
	for (i = 0; i < text.n; i += sizeof(vec)) {
		vec v = { 0 };
		if (text.n - i >= sizeof v)
			memcpy(&v, text.p + i, sizeof v);
		else
			memcpy(&v, text.p + i, text.n - i);
		vec digit = (vec)((vec)(v - '0') < 10);
		v = (v & ~digit) | (digit & '0');
		memcpy(s->folded + i, &v, sizeof v);
		memcpy(half, &v, sizeof half);
		h = mix(mix(h, half[0]), half[1]);
	}
	s->hash = h;
	s->last = (struct span){ s->folded, text.n };
	return s->last;
}

/* --- finding --- */

static bool
is_same(const struct entry *e, struct span text)
{
	for (unsigned i = 0; i < e->sames; i++)
		if (memcmp(text.p + e->same[i].at, e->text + e->same[i].at, e->same[i].n) != 0)
			return false;
	return true;
}

const struct shape *
shapes_find(struct shapes *s, struct span text, unsigned state)
{
	struct entry **set = s->set[s->hash % SETS];

	for (unsigned k = 0; k < WAYS; k++) {
		struct entry *e = set[k];
		if (!e || e->hash != s->hash || e->state != state || e->n != s->last.n ||
		    memcmp(e->folded, s->last.p, e->n) != 0 || !is_same(e, text))
			continue;
		/* The one that was used last stays longest. */
		set[k] = set[0];
		set[0] = e;
		return &e->how;
	}
	return NULL;
}

static enum number_err
read_place(const struct place *p, struct span text, double *ret)
{
	struct span s = { text.p + p->at, p->n };
	size_t used;

	if (p->kind == KEY_LEFT)
		return duration_read(s, ret) ? NUMBER_OK : NUMBER_NONE;
	enum number_err e = number_read_wrapped(s, ret, &used);

	*ret = scale_apply(p->scale, *ret);
	return e;
}

bool
shapes_read(const struct shape *how, struct span text, struct reading *g)
{
	const struct entry *e = (const struct entry *)how;
	struct match *ret = g->ret;

	g->phase = e->phase;
	if (e->stamp.n)
		ret->stamp = (struct span){ text.p + e->stamp.at, e->stamp.n };
	for (unsigned i = 0; i < e->places; i++) {
		const struct place *p = &e->place[i];
		struct field *f = &ret->field[ret->n];
		*f = (struct field){ .kind = p->kind, .metric = -1, .unit = p->unit,
		    .text = { text.p + p->at, p->n } };
		enum number_err err = read_place(p, text, &f->value);
		if (err == NUMBER_RANGE)
			ret->dropped++;
		else if (err == NUMBER_OK)
			g->of[ret->n++] = p->target;
		else
			return false;
	}
	return true;
}

/* --- keeping --- */

/* Where part stands in text; false: it is no part of it. */
static bool
offset_of(struct span text, struct span part, unsigned short *at, unsigned short *n)
{
	uintptr_t from = (uintptr_t)part.p, start = (uintptr_t)text.p;

	if (from < start || from - start > text.n || part.n > text.n - (from - start))
		return false;
	*at = (unsigned short)(from - start);
	*n = (unsigned short)part.n;
	return true;
}

static struct entry *
entry_new(const struct reading *g, struct span text)
{
	unsigned places = g ? g->ret->n : 0, sames = g ? g->keys : 0;
	size_t size = sizeof(struct entry) + places * sizeof(struct place) + sames * sizeof(struct same) + 2 * text.n;
	struct entry *e = xcalloc(1, size);

	e->place = (struct place *)(e + 1);
	e->same = (struct same *)(e->place + places);
	e->folded = (char *)(e->same + sames);
	e->text = e->folded + text.n;
	e->n = text.n;
	for (unsigned i = 0; i < places; i++) {
		const struct field *f = &g->ret->field[i];
		struct place *p = &e->place[e->places++];
		*p = (struct place){ .target = g->of[i], .kind = f->kind, .unit = f->unit, .scale = g->scale[i] };
		if (!offset_of(text, f->text, &p->at, &p->n))
			goto foreign;
	}
	if (g && g->ret->stamp.n && !offset_of(text, g->ret->stamp, &e->stamp.at, &e->stamp.n))
		goto foreign;
	for (unsigned i = 0; i < sames; i++, e->sames++)
		if (!offset_of(text, g->key[i], &e->same[i].at, &e->same[i].n))
			goto foreign;
	return e;
foreign: /* unescaped somewhere else */
	free(e);
	return NULL;
}

/* What is kept must give what was read. */
static bool
holds(const struct entry *e, struct span text, const struct match *read)
{
	double v;

	for (unsigned i = 0; i < e->places; i++)
		if (read_place(&e->place[i], text, &v) != NUMBER_OK ||
		    memcmp(&v, &read->field[i].value, sizeof v) != 0)
			return false;
	return true;
}

void
shapes_keep(struct shapes *s, const struct shape *how, struct span text, unsigned state, const struct reading *g)
{
	struct entry **set = s->set[s->hash % SETS], *e;

	if (text.n > TEXT_MAX || text.n != s->last.n ||
	    (g && (g->odd || g->ret->dropped || g->ret->n > FIELDS_MAX)))
		return;
	if (!(e = entry_new(g, text)))
		return;
	e->how = *how;
	e->hash = s->hash;
	e->state = state;
	e->phase = g ? g->phase : PHASE_NONE;
	memcpy(e->folded, s->last.p, text.n);
	memcpy(e->text, text.p, text.n);
	if (g && !holds(e, text, g->ret)) {
		free(e);
		return;
	}
	free(set[WAYS - 1]);
	memmove(set + 1, set, (WAYS - 1) * sizeof *set);
	set[0] = e;
}
