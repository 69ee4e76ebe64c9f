/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "reading.h"

#include <math.h>

#include "object.h"
#include "pairs.h"

static double
convert(const struct metric_info *info, const struct target *t, const struct unit *printed, double v,
    struct span after, const char **size_unit)
{
	const struct unit *u = printed->q != Q_NONE ? printed : t->has_unit ? &t->unit : NULL;

	if (t->scale != 1)
		v *= t->scale;
	if (!u)
		return v;
	switch (u->q) {
	case Q_TIME:
	case Q_RATIO:
	case Q_COUNT:
	case Q_RATE:
		if (u->q == Q_COUNT && info->cls == CLASS_RESOURCE && span_starts(span_trim(after), "M")) {
			*size_unit = "M"; /* of memory: a size */
			return v;
		}
		/* A resource in percent becomes a fraction; a count of thousands is multiplied out. */
		return v * u->factor;
	case Q_TIME_PER:
		return info->cls == CLASS_RATE ? (v != 0 ? 1 / (v * u->factor) : v) : v * u->factor;
	case Q_BYTES: {
		/* A size stays as printed, with its unit beside it. */
		static const char *const names[] = { "GiB", "MiB", "KiB", "GB", "MB", "KB", "G", "M", "K", "B" };
		after = span_trim(after);
		for (size_t i = 0; i < sizeof names / sizeof *names; i++)
			if (span_starts(after, names[i])) {
				*size_unit = names[i];
				break;
			}
		return v;
	}
	case Q_NONE:
		break;
	}
	return v;
}

int
reading_metric(struct vocab *vocab, struct target *t, enum phase phase)
{
	if (t->phase)
		phase = t->phase;
	else if (!t->phased)
		phase = PHASE_NONE;
	if (t->id[phase] < 0)
		t->id[phase] = vocab_metric(vocab, phase, t->phased, span_of(t->base));
	return t->id[phase];
}

static void
put(struct match *ret, const struct field *f)
{
	if (f->range || ret->n >= MATCH_FIELDS)
		ret->dropped++;
	else
		ret->field[ret->n++] = *f;
}

static void
add_label(struct reading *g, const char *name, struct span value)
{
	int id = vocab_labels_with(g->vocab, g->labels, name, value);

	if (id >= 0)
		g->labels = id;
}

static void
add_value(struct reading *g, struct target *t, double value, const struct unit *unit, struct span text,
    struct span after, double total, bool range)
{
	struct field f = { .kind = t->kind, .metric = -1, .value = value, .text = text, .range = range };
	unsigned n = g->ret->n;

	if (t->kind == KEY_IGNORE || t->kind == KEY_TIME)
		return;
	if (t->kind == KEY_RANK || t->kind == KEY_GPU) {
		add_label(g, t->label[0] ? t->label : t->kind == KEY_GPU ? "gpu" : "rank", text);
		return;
	}
	if (t->kind != KEY_METRIC) {
		if (unit->q == Q_COUNT)
			f.value *= unit->factor;
		put(g->ret, &f);
		if (isnan(total))
			return;
		f.kind = t->kind == KEY_STEP ? KEY_STEPS : t->kind == KEY_EPOCH ? KEY_EPOCHS :
		    t->kind == KEY_ITER ? KEY_ITERS : KEY_IGNORE;
		f.value = total;
		if (f.kind != KEY_IGNORE)
			put(g->ret, &f);
		return;
	}
	/* The class decides what a unit means; it does not depend on the phase. */
	int any = reading_metric(g->vocab, t, PHASE_TRAIN);
	if (any < 0)
		return;
	f.value = convert(vocab_metric_info(g->vocab, any), t, unit, value, after, &f.unit);
	put(g->ret, &f);
	if (g->ret->n > n)
		g->of[n] = t;
}

/* A captured text or a cell: a number with its unit, or a label. */
void
reading_text(struct reading *g, struct target *t, struct span text, struct span after)
{
	double value, total = NAN;
	size_t used;

	text = span_trim(text);
	if (text.n == 0 || t->kind == KEY_IGNORE)
		return;
	if (t->kind == KEY_RANK || t->kind == KEY_GPU) {
		add_label(g, t->label[0] ? t->label : t->kind == KEY_GPU ? "gpu" : "rank", text);
		return;
	}
	enum number_err e = number_read_wrapped(text, &value, &used);
	if (e == NUMBER_NONE || e == NUMBER_ODD) {
		g->ret->dropped += e == NUMBER_ODD;
		return;
	}
	struct span rest = span_from(text, used);
	struct unit unit = unit_read(rest.n ? rest : after);
	/* Behind the group a unit must cling to the number, but for a percent sign. */
	if (rest.n == 0 && unit.used && after.p[0] == ' ' && unit.q != Q_RATIO)
		unit = (struct unit){ .q = Q_NONE };
	if (rest.n > 1 && rest.p[0] == '/' && t->kind != KEY_METRIC)
		(void)number_read(span_trim(span_from(rest, 1)), &total, &used);
	add_value(g, t, value, &unit, text, rest.n ? rest : after, total, e == NUMBER_RANGE);
}

/* --- ways to take numbers out of a line --- */

void
reading_pairs(struct reading *g, struct span rest)
{
	struct reader *r = g->r;
	struct pairs ps;
	struct pair p;
	unsigned place = 0;

	pairs_init(&ps, rest, r->sep);
	while (pairs_next(&ps, &p)) {
		struct target *t;
		if (p.key.n == 0 || p.key.n > 60)
			continue;
		/* The keys of the line before, by place: most lines of a run are alike. */
		bool at = place < READER_PREDICT;
		if (at && r->predict[place].n == p.key.n &&
		    memcmp(r->predict[place].key, p.key.p, p.key.n) == 0)
			t = r->predict[place].target;
		else {
			t = reader_target(r, g->vocab, p.key);
			if (at && p.key.n <= sizeof r->predict[place].key) {
				memcpy(r->predict[place].key, p.key.p, p.key.n);
				r->predict[place].n = (unsigned char)p.key.n;
				r->predict[place].target = t;
			}
		}
		place++;
		if (!t->known && (r->strict || (!p.joined && !r->spaced)))
			continue;
		struct span after = span_from(rest, (size_t)(p.text.p - rest.p) + p.text.n);
		add_value(g, t, p.value, &p.unit, p.text, after, p.total, p.range);
	}
}

bool
reading_object(struct reading *g, struct span s)
{
	struct object o;
	struct object_item it;
	struct reader *r = g->r;
	unsigned needed = 0;

	object_init(&o, s);
	while (object_next(&o, &it)) {
		if (it.kind == OBJ_NULL || it.kind == OBJ_BOOL)
			continue;
		for (unsigned i = 0; i < r->nneeds; i++)
			if (span_is(it.path, r->needs[i]))
				needed |= 1u << i;
		double value;
		size_t used;
		struct target *t = reader_target(r, g->vocab, it.path);
		if (t->kind == KEY_RANK || t->kind == KEY_GPU) {
			reading_text(g, t, it.text, SPAN_NONE);
			continue;
		}
		enum number_err e = number_read_wrapped(it.text, &value, &used);
		if (it.kind == OBJ_STRING && (e == NUMBER_NONE || e == NUMBER_ODD)) {
			enum phase phase;
			/* "mode": "train", "split": "val" */
			if (!g->phase_said && it.key.n <= 6 && (span_is(it.key, "mode") || span_is(it.key, "phase") ||
			    span_is(it.key, "split")) && vocab_phase(g->vocab, it.text, &phase)) {
				g->phase = phase;
				g->phase_said = true;
			}
			continue;
		}
		if (e == NUMBER_NONE || e == NUMBER_ODD)
			continue;
		if (it.kind == OBJ_STRING && used < it.text.n && unit_read(span_from(it.text, used)).q == Q_NONE)
			continue; /* "3 blind mice" */
		if (!t->known && r->strict)
			continue;
		struct span after = span_from(it.text, used);
		struct unit unit = unit_read(after);
		add_value(g, t, value, &unit, it.text, after, NAN, e == NUMBER_RANGE);
	}
	return needed + 1 == 1u << r->nneeds && (!object_bad(&o) || r->nneeds > 0);
}

/* The next cell of a table; false at the end of the line. */
static bool
cell_next(struct span *s, char sep, struct span *ret)
{
	if (sep == 0) {
		*s = span_trim(*s);
		if (s->n == 0)
			return false;
		size_t n = 0;
		while (n < s->n && s->p[n] != ' ' && s->p[n] != '\t')
			n++;
		*ret = (struct span){ s->p, n };
		*s = span_from(*s, n);
		return true;
	}
	if (!s->p)
		return false;
	const char *end = s->n ? memchr(s->p, sep, s->n) : NULL;
	size_t n = end ? (size_t)(end - s->p) : s->n;
	*ret = span_trim((struct span){ s->p, n });
	if (end)
		*s = span_from(*s, n + 1);
	else
		*s = SPAN_NONE;
	if (ret->n > 1 && ret->p[0] == '"' && ret->p[ret->n - 1] == '"')
		*ret = (struct span){ ret->p + 1, ret->n - 2 };
	return true;
}

/* A header names the columns of the rows that follow. */
bool
reading_header(struct reading *g, struct block *b, struct span s)
{
	struct span cell;
	unsigned n = 0, metrics = 0;

	while (n < COLUMNS_MAX && cell_next(&s, g->r->sep, &cell)) {
		struct target *t = reader_target(g->r, g->vocab, cell);
		b->column[n++] = t;
		metrics += t->known && t->kind == KEY_METRIC;
	}
	b->columns = n;
	return n > 1 && metrics > 0;
}

bool
reading_row(struct reading *g, const struct block *b, struct span text)
{
	struct reader *r = b->opener;
	struct span cell, s = text, cap[1];
	unsigned n = 0, numbers = 0;
	double v;
	size_t used;

	if (r->row && !pattern_match(r->row, text, 0, cap, 1))
		return false;
	while (n < b->columns && cell_next(&s, r->sep, &cell)) {
		enum number_err e = number_read_wrapped(cell, &v, &used);
		numbers += e == NUMBER_OK || e == NUMBER_RANGE;
		n++;
	}
	bool more = r->sep ? s.p != NULL : span_trim(s).n > 0;
	if (n < b->columns || (more && !r->flex && !r->row) || (!r->row && numbers * 2 < b->columns))
		return false;
	s = text;
	for (unsigned i = 0; i < b->columns && cell_next(&s, r->sep, &cell); i++)
		if (!r->strict || b->column[i]->known)
			reading_text(g, b->column[i], cell, SPAN_NONE);
	return g->ret->n > 0;
}
