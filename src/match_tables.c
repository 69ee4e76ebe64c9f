/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "literal.h"
#include "match_impl.h"
#include "shape.h"
#include "xalloc.h"

#define LITERALS_MAX 16

/* --- what all matchers share --- */

static void
add_literals(struct matcher *m, const struct pattern *p, unsigned id)
{
	char lit[LITERALS_MAX][PATTERN_LITERAL_MAX];
	unsigned n = pattern_literals(p, lit, LITERALS_MAX);

	for (unsigned i = 0; i < n; i++)
		literals_add(m->t->literals, span_of(lit[i]), id);
}

int
matcher_event(struct matcher *m, unsigned id, const char *pattern, const char *unless, bool exact,
    struct diag *d)
{
	struct event e = { .id = id };
	char lit[LITERALS_MAX][PATTERN_LITERAL_MAX];

	if (pattern_new(pattern, exact ? PATTERN_LITERAL : 0, &e.pattern, d) == -1)
		return -1;
	if (pattern_literals(e.pattern, lit, LITERALS_MAX) == 0) {
		pattern_free(e.pattern);
		return diag_set(d, "an event's pattern needs a text of at least 4 letters that is always there");
	}
	if (unless && pattern_new(unless, 0, &e.unless, d) == -1) {
		pattern_free(e.pattern);
		return -1;
	}
	e.nameless = exact;
	add_literals(m, e.pattern, m->readers + m->t->events);
	XGROW(m->t->event, m->t->events, m->t->event_cap);
	m->t->event[m->t->events++] = e;
	return 0;
}

struct literal_list {
	unsigned n, shortest;
	char     text[LITERALS_MAX][PATTERN_LITERAL_MAX];
};

/* Of the keys that an object must have the longest; of a dotted path its end is what is printed. */
static void
key_literals(const struct reader *r, struct literal_list *ret)
{
	const char *key = "";

	for (unsigned i = 0; i < r->nneeds; i++) {
		const char *dot = strrchr(r->needs[i], '.');
		const char *one = dot && dot[1] ? dot + 1 : r->needs[i];
		if (strlen(one) > strlen(key))
			key = one;
	}
	if (!*key)
		return;
	snprintf(ret->text[0], sizeof ret->text[0], "%.60s\"", key);
	snprintf(ret->text[1], sizeof ret->text[1], "%.60s'", key);
	ret->n = 2;
}

/* Texts of which one stands in every line that the reader can read; none: it is tried on all. */
static void
reader_literals(const struct reader *r, struct literal_list *ret)
{
	ret->n = r->pattern ? pattern_literals(r->pattern, ret->text, LITERALS_MAX) : 0;
	if (ret->n == 0 && r->rest == REST_OBJECT)
		key_literals(r, ret);
	ret->shortest = 0;
	for (unsigned i = 0; i < ret->n; i++)
		if (i == 0 || strlen(ret->text[i]) < ret->shortest)
			ret->shortest = (unsigned)strlen(ret->text[i]);
}

static int
by_score(const void *a, const void *b)
{
	const struct reader *x = *(struct reader *const *)a, *y = *(struct reader *const *)b;

	if (x->profile->generic != y->profile->generic)
		return x->profile->generic ? 1 : -1;
	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	return x->id < y->id ? -1 : 1;
}

static void
score(struct reader *r)
{
	struct literal_list lit;

	reader_literals(r, &lit);
	r->literal = xcalloc(lit.n + 1, sizeof *r->literal);
	r->literals = lit.n;
	for (unsigned i = 0; i < lit.n; i++)
		r->literal[i] = xstrdup(lit.text[i]);
	r->score = lit.shortest + (unsigned)(1000 + r->priority * 100);
	if (r->pattern && *pattern_text(r->pattern) == '^')
		r->score += 10; /* bound to the start of the line */
	r->digits = (r->pattern && pattern_digits(r->pattern)) || (r->row && pattern_digits(r->row));
	r->scored = true;
}

static void
order_readers(struct matcher *m)
{
	m->t->order = xcalloc(m->readers + 1, sizeof *m->t->order);
	for (unsigned i = 0; i < m->readers; i++) {
		struct reader *r = m->t->order[i] = profiles_reader(m->profiles, i);
		if (!r->scored)
			score(r);
		m->t->special += !r->profile->generic;
	}
	qsort(m->t->order, m->readers, sizeof *m->t->order, by_score);
}

/* The texts that recognise a profile without numbers; each counts once. */
static void
add_signs(struct matcher *m)
{
	unsigned base = m->readers + m->t->events;

	for (unsigned i = 0; i < profiles_count(m->profiles); i++)
		m->t->signs += (unsigned)profiles_get(m->profiles, i)->signs;
	m->t->sign_of = xcalloc(m->t->signs + 1, sizeof *m->t->sign_of);
	m->t->signs = 0;
	for (unsigned i = 0; i < profiles_count(m->profiles); i++) {
		struct profile *p = profiles_get(m->profiles, i);
		for (size_t k = 0; k < p->signs; k++) {
			literals_add(m->t->literals, span_of(p->sign[k]), base + m->t->signs);
			m->t->sign_of[m->t->signs++] = i;
		}
	}
}

static void
make_tables(struct matcher *m)
{
	m->t->ready = true;
	order_readers(m);
	for (unsigned i = 0; i < m->readers; i++) {
		const struct reader *r = m->t->order[i];

		for (unsigned k = 0; k < r->literals; k++)
			literals_add(m->t->literals, span_of(r->literal[k]), i);
		/* A block keeps its readers closed. */
		if (r->literals == 0 && !r->in)
			literals_always(m->t->literals, i);
	}
	add_signs(m);
	literals_finish(m->t->literals);
	m->t->words = (m->readers + m->t->events + m->t->signs) / 64 + 1;
}

/* --- making one --- */

static struct matcher *
with_tables(struct profiles *profiles, struct vocab *vocab, struct tables *t)
{
	struct matcher *m = xcalloc(1, sizeof *m);

	m->profiles = profiles;
	m->vocab = vocab;
	m->t = t;
	t->users++;
	m->shapes = shapes_new();
	m->readers = profiles_reader_count(profiles);
	m->block = xcalloc(profiles_count(profiles) + 1, sizeof *m->block);
	m->lines = xcalloc(profiles_count(profiles) + 1, sizeof *m->lines);
	m->score = xcalloc(profiles_count(profiles) + 1, sizeof *m->score);
	m->lean = xcalloc(profiles_count(profiles) + 1, sizeof *m->lean);
	m->hits = xcalloc(m->readers + 1, sizeof *m->hits);
	for (unsigned i = 0; i < RANK_CACHE; i++)
		m->rank_labels[i] = -1;
	return m;
}

struct matcher *
matcher_new(struct profiles *profiles, struct vocab *vocab)
{
	struct tables *t = xcalloc(1, sizeof *t);

	t->literals = literals_new();
	return with_tables(profiles, vocab, t);
}

struct matcher *
matcher_like(struct matcher *m)
{
	if (!m->t->ready)
		make_tables(m);
	return with_tables(m->profiles, m->vocab, m->t);
}

static void
tables_release(struct tables *t)
{
	if (--t->users > 0)
		return;
	for (unsigned i = 0; i < t->events; i++) {
		pattern_free(t->event[i].pattern);
		pattern_free(t->event[i].unless);
	}
	free(t->event);
	free(t->order);
	free(t->sign_of);
	literals_free(t->literals);
	free(t);
}

void
matcher_free(struct matcher *m)
{
	if (!m)
		return;
	tables_release(m->t);
	free(m->hit);
	free(m->met);
	shapes_free(m->shapes);
	free(m->block);
	free(m->lines);
	free(m->score);
	free(m->lean);
	free(m->sign_of);
	free(m->hits);
	free(m);
}

void
matcher_only(struct matcher *m, const struct profile *p)
{
	m->only = p;
}

void
matcher_ready(struct matcher *m)
{
	if (!m->t->ready)
		make_tables(m);
	m->hit = xcalloc(m->t->words, sizeof *m->hit);
	m->met = xcalloc(m->t->words, sizeof *m->met);
	m->sign_of = xcalloc(m->t->signs + 1, sizeof *m->sign_of);
	memcpy(m->sign_of, m->t->sign_of, m->t->signs * sizeof *m->sign_of);
}
