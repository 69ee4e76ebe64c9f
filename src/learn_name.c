/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "learn_impl.h"

#include <ctype.h>
#include <math.h>

#define NAME_WORDS 4 /* more are prose */
#define CLOCK 1e8 /* whole numbers from here are times and sizes */

/* What is being named: the number, its template, and where doubts go. */
struct naming {
	const struct learn *l;
	struct learn_template *t;
	struct learn_field *f;
	enum phase said;       /* by the newest phase word before the number */
	struct span after;     /* the words behind it */
	struct buf *doubts;
};

static void
take(struct learn_field *f, enum key_kind kind, bool phased, enum phase phase, struct span base)
{
	size_t n = base.n < sizeof f->base ? base.n : sizeof f->base - 1;

	f->kind = kind;
	f->phased = phased;
	f->phase = phase;
	memcpy(f->base, base.p ? base.p : "", n);
	f->base[n] = '\0';
}

static const char *
called(const struct naming *g)
{
	return g->f->key[0] ? g->f->key : "a number without a name";
}

static bool
knows(const struct learn *l, struct span text, bool trust, struct key_meaning *ret)
{
	vocab_key(l->k->vocab, text, ret);
	return ret->kind != KEY_UNKNOWN || (trust && ret->likely);
}

/*
 * The meaning of a text.  Words that the vocabulary does not know may stand in
 * front of a name of two words ("finished with train loss"), and, when the whole is
 * not like a name either ("content loss" is), in front of any.
 */
static bool
meaning_of(const struct learn *l, struct span text, struct key_meaning *ret)
{
	const char *blank;

	text = span_trim(text);
	if (knows(l, text, false, ret))
		return true;
	for (int pass = 0; pass < 2; pass++) {
		for (struct span rest = text; (blank = memchr(rest.p, ' ', rest.n)); ) {
			rest = span_trim(span_from(rest, (size_t)(blank - rest.p)));
			if ((pass > 0 || memchr(rest.p, ' ', rest.n)) && knows(l, rest, pass > 0, ret))
				return true;
		}
		if (knows(l, text, true, ret))
			return true;
	}
	return false;
}

/* The meaning of the words behind a number, of which the first count: "37.3 perplexity estimate based on". */
static bool
meaning_behind(const struct learn *l, struct span text, struct key_meaning *ret)
{
	for (; text.n; text = span_trim(text)) {
		if (knows(l, text, false, ret))
			return ret->kind != KEY_IGNORE;
		while (text.n && text.p[text.n - 1] != ' ')
			text.n--;
	}
	return false;
}

static void
name_position(struct naming *g, const struct key_meaning *m)
{
	struct learn_field *f = g->f;
	enum key_kind kind = m->kind;

	if (kind == KEY_STEP && f->restarts > 0 && f->restarts == f->falls)
		kind = KEY_ITER; /* counts from the start of each epoch */
	bool place = kind == KEY_STEP || kind == KEY_EPOCH || kind == KEY_ITER;
	if (place && g->t->count > 3 && !f->moves && kind != KEY_EPOCH) {
		buf_printf(g->doubts, "'%s' never changes: taken for a setting, not a position\n", called(g));
		return;
	}
	if (place && f->falls > f->restarts && f->falls * 4 > f->n)
		buf_printf(g->doubts, "'%s' often goes back: is it a position?\n", called(g));
	take(f, kind, false, PHASE_NONE, SPAN_NONE);
}

/* A number whose unit alone says what it is. */
static bool
name_by_unit(struct naming *g)
{
	if (g->f->unit.q == Q_RATE && g->f->unit.used > 0)
		take(g->f, KEY_METRIC, false, PHASE_NONE, SPAN_LIT("throughput/steps"));
	else if (g->f->unit.q == Q_TIME_PER)
		take(g->f, KEY_METRIC, false, PHASE_NONE, SPAN_LIT("step_time"));
	else
		return false;
	buf_printf(g->doubts, "'%s' is taken as %s because of its unit\n", called(g), g->f->base);
	return true;
}

/* Has the template a number of this kind before this one? */
static bool
has_kind(const struct naming *g, enum key_kind kind)
{
	for (const struct learn_field *f = g->t->field; f < g->f; f++)
		if (f->kind == kind)
			return true;
	return false;
}

static bool
has_place(const struct naming *g)
{
	return has_kind(g, KEY_STEP) || has_kind(g, KEY_EPOCH) || has_kind(g, KEY_ITER);
}

/* A number without a name of its own: by how it moves. */
static void
name_nameless(struct naming *g, bool total)
{
	struct learn_field *f = g->f;
	bool counts = f->whole && f->moves && f->min >= 0 && f->max < CLOCK && f->falls <= f->restarts;

	if (f->unit.q == Q_RATIO || (f->bracket && !total))
		return; /* how far a bar is; a mean beside its value */
	if (counts && (total || !has_place(g)) && !has_kind(g, KEY_STEP) && !has_kind(g, KEY_ITER)) {
		take(f, f->restarts > 0 || has_kind(g, KEY_EPOCH) ? KEY_ITER : KEY_STEP, false, PHASE_NONE, SPAN_NONE);
		buf_printf(g->doubts, "a number without a name that counts up is taken as the %s\n",
		    f->kind == KEY_ITER ? "batch of the epoch (iter)" : "step");
	} else if (f->moves && !f->whole && f->unit.q == Q_NONE)
		buf_str(g->doubts, "a number that changes has no name and is left out\n");
}

static unsigned
words_of(struct span s)
{
	unsigned n = s.n > 0;

	for (size_t i = 1; i < s.n; i++)
		n += s.p[i - 1] == ' ' && s.p[i] != ' ';
	return n;
}

/* "time: 120ms" beside a step is that of the step. */
static bool
name_time(struct naming *g)
{
	if (!span_is_nocase(span_of(g->f->key), "time") || g->f->falls == 0 || !has_place(g))
		return false;
	take(g->f, KEY_METRIC, false, PHASE_NONE, SPAN_LIT("step_time"));
	buf_printf(g->doubts, "'%s' is taken as the time of a step\n", called(g));
	return true;
}

/* A name that the vocabulary does not know. */
static void
name_unknown(struct naming *g, const struct key_meaning *m)
{
	struct learn_field *f = g->f;

	if ((!f->joined || words_of(m->base) > NAME_WORDS) && g->t->kind == LEARN_TEXT)
		return; /* prose before a number, not a name */
	if (!f->moves) {
		if (g->t->count > 3)
			buf_printf(g->doubts, "'%s' never changes and is left out\n", called(g));
		return;
	}
	if (g->t->kind != LEARN_TEXT && f->whole && f->falls == 0 && f->min >= 0 && f->max < CLOCK && !has_place(g)) {
		take(f, KEY_STEP, false, PHASE_NONE, SPAN_NONE);
		f->guessed = true;
		buf_printf(g->doubts, "'%s' counts up and is taken as the step\n", called(g));
		return;
	}
	if (f->whole && (f->falls == 0 || fabs(f->max) >= CLOCK)) {
		buf_printf(g->doubts, "'%s' only counts up, or is a time or a size, and is left out\n", called(g));
		return;
	}
	buf_printf(g->doubts, "'%s' is not in the vocabulary; it is taken as it is called\n", called(g));
	take(f, KEY_METRIC, m->phased, m->phase ? m->phase : g->said, m->base);
}

static void
name_field(struct naming *g)
{
	struct learn_field *f = g->f;
	struct key_meaning m = { .kind = KEY_UNKNOWN };
	bool total = f + 1 < g->t->field + g->t->fields && f[1].total_of == (int)(f - g->t->field);
	bool known = f->key[0] && meaning_of(g->l, span_of(f->key), &m);

	if (!known && !f->joined && !total && g->after.n)
		known = meaning_behind(g->l, g->after, &m);
	if (known && (m.kind == KEY_IGNORE || m.kind == KEY_TIME))
		return;
	if (known && m.kind != KEY_METRIC && m.kind != KEY_UNKNOWN)
		name_position(g, &m);
	else if (known && (m.kind == KEY_METRIC || words_of(m.base) <= NAME_WORDS))
		take(f, KEY_METRIC, m.phased, m.phase ? m.phase : m.phased ? g->said : PHASE_NONE, m.base);
	else if (name_by_unit(g) || name_time(g))
		;
	else if (!f->key[0] || total)
		name_nameless(g, total);
	else
		name_unknown(g, &m);
}

/* A total belongs to the position before it. */
static void
name_total(struct learn_template *t, struct learn_field *f)
{
	switch (t->field[f->total_of].kind) {
	case KEY_STEP:  take(f, KEY_STEPS, false, PHASE_NONE, SPAN_NONE); break;
	case KEY_EPOCH: take(f, KEY_EPOCHS, false, PHASE_NONE, SPAN_NONE); break;
	case KEY_ITER:  take(f, KEY_ITERS, false, PHASE_NONE, SPAN_NONE); break;
	default: break;
	}
}

/* Words behind a number, up to the next border: "3 epochs, 0.5 loss". */
static struct span
words_after(struct span shape, size_t at)
{
	size_t from = at;

	while (from < shape.n && shape.p[from] == ' ')
		from++;
	for (at = from; at < shape.n && (isalpha((unsigned char)shape.p[at]) || shape.p[at] == '_' ||
	    (shape.p[at] == ' ' && at + 1 < shape.n && isalpha((unsigned char)shape.p[at + 1]))); at++)
		;
	/* A name that has its own number behind it is no name of this one. */
	size_t end = at;
	while (end < shape.n && (shape.p[end] == ' ' || shape.p[end] == ':' || shape.p[end] == '='))
		end++;
	if (end < shape.n && shape.p[end] == MARK_NUMBER)
		at = from;
	return (struct span){ shape.p + from, at - from };
}

/* The phase that a word of the text names; short ones mean too much. */
static void
hear_phase(const struct learn *l, struct span word, enum phase *said)
{
	enum phase phase;

	if (word.n >= 3 && vocab_phase(l->k->vocab, word, &phase))
		*said = phase;
}

static void
name_text(struct naming *g)
{
	struct span shape = { g->t->shape, g->t->shape_n };
	size_t word = 0;
	unsigned n = 0;

	for (size_t i = 0; i <= shape.n && n < g->t->fields; i++) {
		if (i < shape.n && isalpha((unsigned char)shape.p[i]))
			continue;
		hear_phase(g->l, (struct span){ shape.p + word, i - word }, &g->said);
		word = i + 1;
		if (i == shape.n || shape.p[i] != MARK_NUMBER)
			continue;
		g->f = &g->t->field[n++];
		g->after = words_after(shape, i + 1);
		if (g->f->total_of < 0)
			name_field(g);
		else
			name_total(g->t, g->f);
	}
}

static void
name_items(struct naming *g)
{
	struct span shape = { g->t->shape, g->t->kind == LEARN_OBJECT ? g->t->shape_n : 0 };
	size_t word = 0;

	for (size_t i = 0; i < shape.n; i++) {
		if (isalpha((unsigned char)shape.p[i]))
			continue;
		hear_phase(g->l, (struct span){ shape.p + word, i - word }, &g->said);
		word = i + 1;
		if (shape.p[i] == '{')
			break;
	}
	g->t->phase = g->said;
	for (unsigned i = 0; i < g->t->fields; i++) {
		g->f = &g->t->field[i];
		name_field(g);
	}
}

/* One line gives each name once; what comes twice is left out the second time. */
static void
drop_twins(struct learn_template *t, struct buf *doubts)
{
	for (unsigned i = 1; i < t->fields; i++)
		for (unsigned k = 0; k < i && t->field[i].kind != KEY_UNKNOWN; k++) {
			const struct learn_field *a = &t->field[k], *b = &t->field[i];
			if (a->kind != b->kind || strcmp(a->base, b->base) != 0 || a->phase != b->phase)
				continue;
			if (b->total_of < 0 && b->kind == KEY_METRIC)
				buf_printf(doubts, "a second number is called %s and is left out\n", b->base);
			t->field[i].kind = KEY_UNKNOWN;
		}
}

void
learn_name(const struct learn *l, struct learn_template *t, struct buf *doubts)
{
	struct naming g = { .l = l, .t = t, .doubts = doubts };

	if (t->kind == LEARN_TEXT)
		name_text(&g);
	else
		name_items(&g);
	drop_twins(t, doubts);
}
