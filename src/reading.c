/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "reading.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "object.h"
#include "pairs.h"
#include "prose.h"

#define UNSURE_MAX 16 /* pairs of a line whose names are not known */

/*
 * Sizes stay as printed, with their unit beside them; "M" also stands for a bare "M" of
 * memory.  Frameworks divide by 1024 and print MB, so both spellings are powers of 1024.
 */
static const struct { const char *name; double bytes; } size_units[] = {
	{ "GiB", 0x1p30 }, { "MiB", 0x1p20 }, { "KiB", 0x1p10 }, { "GB", 0x1p30 }, { "MB", 0x1p20 },
	{ "KB", 0x1p10 }, { "G", 0x1p30 }, { "M", 0x1p20 }, { "K", 0x1p10 }, { "B", 1 },
};
#define NSIZES (sizeof size_units / sizeof *size_units)

const char *
match_unit(const char *name)
{
	for (size_t i = 0; name && i < NSIZES; i++)
		if (strcmp(size_units[i].name, name) == 0)
			return size_units[i].name;
	return NULL;
}

double
match_unit_bytes(const char *unit)
{
	for (size_t i = 0; unit && i < NSIZES; i++)
		if (strcmp(size_units[i].name, unit) == 0)
			return size_units[i].bytes;
	return NAN;
}

/* The name of the unit that a size is printed in, or else of the one that is meant. */
static const char *
size_unit_of(struct span after, double meant)
{
	after = span_trim(after);
	for (size_t i = 0; i < NSIZES; i++)
		if (span_starts(after, size_units[i].name))
			return size_units[i].name;
	for (size_t i = 0; i < NSIZES; i++)
		if (size_units[i].bytes == meant)
			return size_units[i].name;
	return NULL;
}

/* What a printed or expected unit makes of a value; a size keeps its unit's name in *size_unit. */
static struct scale
scale_of(const struct metric_info *info, const struct target *t, const struct unit *printed,
    struct span after, const char **size_unit)
{
	const struct unit *u = printed->q != Q_NONE ? printed : t->has_unit ? &t->unit : NULL;
	struct scale s = { .factor = t->scale };

	if (!u)
		return s;
	switch (u->q) {
	case Q_TIME:
	case Q_RATIO:
	case Q_COUNT:
	case Q_RATE:
		if (u->q == Q_COUNT && info->cls == CLASS_RESOURCE && span_starts(span_trim(after), "M"))
			*size_unit = match_unit("M"); /* of memory: a size */
		else /* a resource in percent becomes a fraction; a count of thousands is multiplied out */
			s.factor *= u->factor;
		break;
	case Q_TIME_PER:
		s.factor *= u->factor;
		s.inverse = info->cls == CLASS_RATE;
		break;
	case Q_BYTES:
		*size_unit = size_unit_of(after, u->factor);
		break;
	case Q_NONE:
		break;
	}
	return s;
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

/* target: NULL for a position. */
static void
put(struct reading *g, struct field f, struct target *target, struct scale scale)
{
	struct match *ret = g->ret;

	if (f.range || ret->n >= MATCH_FIELDS) {
		ret->dropped++;
		return;
	}
	f.value = scale_apply(scale, f.value);
	g->of[ret->n] = target;
	g->scale[ret->n] = scale;
	ret->field[ret->n++] = f;
}

static void
add_label(struct reading *g, const char *name, struct span value)
{
	int id = vocab_labels_with(g->vocab, g->labels, name, value);

	g->odd = true;
	if (id >= 0)
		g->labels = id;
}

static void
add_total(struct reading *g, enum key_kind of, struct span text)
{
	struct field f = { .metric = -1, .text = text };
	size_t used;

	switch (of) {
	case KEY_STEP: f.kind = KEY_STEPS; break;
	case KEY_EPOCH: f.kind = KEY_EPOCHS; break;
	case KEY_ITER: f.kind = KEY_ITERS; break;
	default: return;
	}
	if (number_read(text, &f.value, &used) == NUMBER_OK)
		put(g, f, NULL, (struct scale){ .factor = 1 });
}

/*
 * The time of the line.  Tables print a day, a time of day and AM in columns of
 * their own, some without a name: what follows and looks like it belongs to it.
 */
static void
set_stamp(struct reading *g, struct span text, struct span after)
{
	struct span *stamp = &g->ret->stamp, s = after;

	if (stamp->n && text.p >= stamp->p && text.p < stamp->p + stamp->n)
		return;
	*stamp = text;
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = span_from(s, 1);
	size_t n = 0;
	while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == ':' || s.p[n] == '.'))
		n++;
	bool clock = memchr(text.p, ':', text.n) != NULL;
	if (!clock && n >= 7 && memchr(s.p, ':', n))
		stamp->n = (size_t)(s.p + n - text.p);
	else if (clock && s.n >= 2 && (s.p[0] == 'A' || s.p[0] == 'P') && s.p[1] == 'M')
		stamp->n = (size_t)(s.p + 2 - text.p);
}

/* A unit that clings to a position: "epoch: 12.5s" is how long it took, "epoch: 33%" how far it is.  NULL: nothing. */
static struct target *
measured(struct reading *g, struct target *t, const struct unit *unit)
{
	bool epoch = t->kind == KEY_EPOCH;

	if ((!epoch && t->kind != KEY_STEP && t->kind != KEY_ITER) || unit->q == Q_NONE || unit->q == Q_COUNT)
		return t;
	return unit->q != Q_TIME ? NULL :
	    reader_target(g->r, g->vocab, epoch ? SPAN_LIT("epoch time") : SPAN_LIT("step time"));
}

/* total: the text of the number behind a position, "5/100"; n == 0: none. */
static void
add_value(struct reading *g, struct target *t, double value, const struct unit *unit, struct span text,
    struct span after, struct span total, bool range)
{
	/* "GPU 92%" is how busy it is, not which one. */
	if (t->kind == KEY_GPU && unit->q == Q_RATIO && !t->label[0])
		t = reader_target(g->r, g->vocab, SPAN_LIT("gpu/util"));
	if (unit->used && after.n && after.p[0] != ' ' && !(t = measured(g, t, unit)))
		return;
	struct field f = { .kind = t->kind, .metric = -1, .value = value, .text = text, .range = range };

	if (t->kind == KEY_TIME)
		set_stamp(g, text, after);
	if (t->kind == KEY_IGNORE || t->kind == KEY_TIME)
		return;
	if (t->kind == KEY_RANK || t->kind == KEY_GPU) {
		add_label(g, t->label[0] ? t->label : t->kind == KEY_GPU ? "gpu" : "rank", text);
		return;
	}
	if (t->kind != KEY_METRIC) {
		put(g, f, NULL, (struct scale){ .factor = unit->q == Q_COUNT ? unit->factor : 1 });
		if (total.n)
			add_total(g, t->kind, total);
		return;
	}
	/* The class decides what a unit means; it does not depend on the phase. */
	int any = reading_metric(g->vocab, t, PHASE_TRAIN);
	if (any < 0)
		return;
	struct scale scale = scale_of(vocab_metric_info(g->vocab, any), t, unit, after, &f.unit);
	put(g, f, t, scale);
}

static unsigned
digits(struct span s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] >= '0' && s.p[i] <= '9';
	return n;
}

/*
 * The target of a key, whose end is printed in the line.  Digits of a key tell it
 * from others: a line of the same shape needs them again.
 */
static struct target *
target_of(struct reading *g, struct span key, struct span printed)
{
	unsigned n = digits(key);

	if (n && n == digits(printed) && g->keys < READING_KEYS)
		g->key[g->keys++] = printed;
	else if (n)
		g->odd = true;
	return reader_target(g->r, g->vocab, key);
}

/* 1,5 to 1.5. */
static struct span
with_point(struct reading *g, struct span text, char *buf, size_t size)
{
	const char *comma = memchr(text.p, ',', text.n);

	if (!comma || text.n > size || memchr(text.p, '.', text.n))
		return text;
	g->odd = true;
	memcpy(buf, text.p, text.n);
	buf[comma - text.p] = '.';
	return (struct span){ buf, text.n };
}

/* A captured text or a cell: a number with its unit, or a label. */
void
reading_text(struct reading *g, struct target *t, struct span text, struct span after)
{
	double value;
	struct span total = SPAN_NONE;
	size_t used;

	text = span_trim(text);
	if (t->kind == KEY_TIME)
		set_stamp(g, text, after);
	if (t->kind == KEY_LEFT && duration_read(text, &value))
		put(g, (struct field){ .kind = t->kind, .metric = -1, .value = value, .text = text }, NULL,
		    (struct scale){ .factor = 1 });
	if (text.n == 0 || t->kind == KEY_IGNORE || t->kind == KEY_TIME || t->kind == KEY_LEFT)
		return;
	if (t->kind == KEY_RANK || t->kind == KEY_GPU) {
		if (span_starts(text, "GPU "))
			text = span_from(text, 4);
		add_label(g, t->label[0] ? t->label : t->kind == KEY_GPU ? "gpu" : "rank", text);
		return;
	}
	char point[48];
	enum number_err e = number_read_wrapped(g->r->comma ? with_point(g, text, point, sizeof point) : text, &value, &used);
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
		total = span_trim(span_from(rest, 1));
	add_value(g, t, value, &unit, text, rest.n ? rest : after, total, e == NUMBER_RANGE);
}

/* The target of a key that does not say its phase, in one: "val/loss". */
static struct target *
target_in(struct reading *g, const char *phase, struct span key)
{
	char with[VOCAB_NAME_MAX];
	int n = snprintf(with, sizeof with, "%s/%.*s", phase, (int)key.n, key.p);

	return target_of(g, (struct span){ with, (size_t)n < sizeof with ? (size_t)n : sizeof with - 1 }, key);
}

void
reading_named(struct reading *g, const char *phase, struct span text, struct span after)
{
	if (g->name.n == 0)
		return;
	struct target *t = phase ? target_in(g, phase, g->name) : target_of(g, g->name, g->name);
	if (t->known || !g->r->strict)
		reading_text(g, t, text, after);
}

/* --- ways to take numbers out of a line --- */

/* A word of s that is a phase: "Val loss", "[val]", "valid | epoch 1 |"; not "best val". */
static void
phase_words(const struct vocab *v, struct span s, enum phase *ret)
{
	for (size_t i = 0, from; i < s.n; i++) {
		for (from = i; i < s.n && (isalpha((unsigned char)s.p[i]) || (unsigned char)s.p[i] >= 0x80);)
			i++;
		struct span word = { s.p + from, i - from };
		if (word.n < 2 || (from > 0 && !strchr(" \t[(|<>*:", s.p[from - 1])) ||
		    (i < s.n && !strchr(" \t])|<>*:,.-", s.p[i])))
			continue;
		if (span_is_nocase(word, "best"))
			return;
		(void)vocab_phase(v, word, ret);
	}
}

static bool
has_metric(const struct match *m)
{
	for (unsigned i = 0; i < m->n; i++)
		if (m->field[i].kind == KEY_METRIC)
			return true;
	return false;
}

/*
 * A loop written by hand says a phase once for what follows it: "Validation: loss
 * 0.4 acc 0.9".  Where it comes first, it is that of the line.
 */
static struct target *
in_said_phase(struct reading *g, struct target *t, struct span key, enum phase said)
{
	if (!said || t->kind != KEY_METRIC)
		return t;
	if (!g->phase_said && !has_metric(g->ret)) {
		g->phase = said;
		g->phase_said = true;
	}
	if (t->phase || !t->phased || said == (g->phase ? g->phase : PHASE_TRAIN))
		return t;
	return target_in(g, vocab_phase_name[said], key);
}

/* "Accuracy: 9838/10000": a share, where the metric is one. */
static double
share_of(struct reading *g, struct target *t, const struct pair *p)
{
	double total;
	size_t used;
	int any = t->kind == KEY_METRIC && p->total.n ? reading_metric(g->vocab, t, PHASE_TRAIN) : -1;
	enum metric_class cls = any < 0 ? CLASS_OTHER : vocab_metric_info(g->vocab, any)->cls;

	if ((cls != CLASS_SCORE && cls != CLASS_ERROR) || number_read(p->total, &total, &used) != NUMBER_OK ||
	    total < p->value || total <= 1)
		return p->value;
	g->odd = true;
	return p->value / total;
}

/* A size is no loss, nor are seconds: "saved epoch_3_loss.pt (12 MB)". */
static bool
unit_fits(struct reading *g, struct target *t, const struct unit *u)
{
	int any = t->kind == KEY_METRIC ? reading_metric(g->vocab, t, PHASE_TRAIN) : -1;
	enum metric_class cls = any < 0 ? CLASS_OTHER : vocab_metric_info(g->vocab, any)->cls;

	switch (u->q) {
	case Q_BYTES:
		return cls == CLASS_RESOURCE || cls == CLASS_OTHER;
	case Q_TIME:
	case Q_TIME_PER:
	case Q_RATE:
		return cls == CLASS_TIME || cls == CLASS_RATE || cls == CLASS_COUNTER || cls == CLASS_RESOURCE ||
		    cls == CLASS_OTHER;
	default:
		return true;
	}
}

/* "Epoch 1/10 (20/100)": what stands in brackets right behind the epoch, or first in the line, is the batch. */
static void
bare_batch(struct reading *g, const struct pair *p, bool begins)
{
	const struct match *m = g->ret;
	struct field f = { .kind = KEY_ITER, .metric = -1, .value = p->value, .text = p->text, .range = p->range };
	bool behind = (m->n == 1 || (m->n == 2 && m->field[1].kind == KEY_EPOCHS)) && m->field[0].kind == KEY_EPOCH;

	if ((!behind && !(begins && m->n == 0)) || !p->bracket || p->total.n == 0 || p->unit.used ||
	    memchr(p->text.p, '.', p->text.n))
		return;
	put(g, f, NULL, (struct scale){ .factor = 1 });
	add_total(g, KEY_ITER, p->total);
}

/*
 * "epoch 3 train: 2.5 val: 2.75": a phase alone is that of the loss, where the line says
 * so or the value is none of a share; "loss train: 0.5 val: 0.6" goes on with its metric.
 * t where it is neither.
 */
static struct target *
bare_phase(struct reading *g, struct target *t, const struct pair *p, struct span line)
{
	const struct match *m = g->ret;
	const struct target *last = m->n ? g->of[m->n - 1] : NULL;
	enum phase phase;

	if (t->known || !p->joined || p->unit.used || !memchr(p->text.p, '.', p->text.n) ||
	    !vocab_phase(g->vocab, p->key, &phase))
		return t;
	if (last && last->phase && last->phase != phase)
		return target_in(g, vocab_phase_name[phase], span_of(last->base));
	if (last || m->n == 0 || (m->field[0].kind != KEY_EPOCH && m->field[0].kind != KEY_STEP))
		return t;
	bool said = memmem(line.p, line.n, "loss", 4) || memmem(line.p, line.n, "ppl", 3);
	return p->value > 1 || said ? target_in(g, vocab_phase_name[phase], SPAN_LIT("loss")) : t;
}

/* "reward 3, avg reward 2": what has no place beside another of its line keeps its own name; NULL: it has none. */
static struct target *
beside_others(struct reading *g, struct target *t, struct span key)
{
	bool words = memchr(key.p, ' ', key.n) || memchr(key.p, '_', key.n);

	for (unsigned i = 0; words && t->kind == KEY_METRIC && i < g->ret->n; i++)
		if (g->of[i] && g->of[i]->phase == t->phase && strcmp(g->of[i]->base, t->base) == 0)
			return reader_target_own(g->r, t, key);
	return t;
}

/* A place, or the phase, and a measure of the same line have been read. */
static bool
is_report(const struct reading *g)
{
	bool place = g->phase_said, metric = false;

	for (unsigned i = 0; i < g->ret->n; i++) {
		enum key_kind k = g->ret->field[i].kind;
		place = place || k == KEY_STEP || k == KEY_EPOCH || k == KEY_ITER;
		if (k != KEY_METRIC)
			continue;
		int id = reading_metric(g->vocab, g->of[i], PHASE_TRAIN);
		enum metric_class cls = id < 0 ? CLASS_OTHER : vocab_metric_info(g->vocab, id)->cls;
		metric = metric || (cls >= CLASS_LOSS && cls <= CLASS_ERROR) || cls == CLASS_REWARD;
	}
	return place && metric;
}

/* A word that is no setting, with a fraction joined to it: "reg: 0.25". */
static bool
may_be_metric(const struct reading *g, const struct target *t, const struct pair *p)
{
	struct key_meaning m;

	if (t->kind != KEY_METRIC || !p->joined || p->bracket || p->unit.q != Q_NONE || p->total.n || p->key.n < 2 ||
	    p->key.n > 30 || !isalpha((unsigned char)p->key.p[0]) || !memchr(p->text.p, '.', p->text.n))
		return false;
	for (size_t i = 0; i < p->key.n; i++)
		if (!isalnum((unsigned char)p->key.p[i]) && !strchr("_/@.-", p->key.p[i]))
			return false;
	vocab_key(g->vocab, p->key, &m);
	return m.kind == KEY_UNKNOWN && !m.setting;
}

static void
add_pair(struct reading *g, struct target *t, struct span rest, const struct pair *p)
{
	struct span after = span_from(rest, (size_t)(p->text.p - rest.p) + p->text.n);

	if (strcmp(t->base, "throughput/samples") == 0 && span_starts(span_trim(after), "tok"))
		t = target_of(g, span_of("tokens/s"), p->key); /* Throughput: 9000 tokens/s */
	add_value(g, t, share_of(g, t, p), &p->unit, p->text, after, p->total, p->range);
}

void
reading_pairs(struct reading *g, struct span rest)
{
	struct reader *r = g->r;
	struct pairs ps;
	struct pair p, unsure[UNSURE_MAX];
	struct target *of[UNSURE_MAX];
	unsigned n = 0;
	enum phase said = PHASE_NONE;
	const char *from = rest.p;

	if (r->profile->generic)
		rest = prose_before_bar(rest);
	/* Nor is a record that was not read as one. */
	if (r->profile->generic && (prose_is(rest) ||
	    (rest.n > 1 && span_starts(rest, "{\"") && span_trim(rest).p[span_trim(rest).n - 1] == '}')))
		return;
	pairs_init(&ps, rest, r->sep);
	while (pairs_next(&ps, &p)) {
		struct target *t;
		if (p.key.n == 0 && r->profile->generic)
			bare_batch(g, &p, p.text.p <= rest.p + 2);
		if (p.key.n == 0 || p.key.n > 60)
			continue;
		t = target_of(g, p.key, p.key);
		if (r->profile->generic) {
			phase_words(g->vocab, (struct span){ from, (size_t)(p.key.p + p.key.n - from) }, &said);
			struct target *bare = bare_phase(g, t, &p, rest);
			t = bare != t ? bare : in_said_phase(g, t, p.key, said);
			from = p.text.p + p.text.n;
			if (!(t = beside_others(g, t, p.key)))
				continue;
		}
		bool sure = t->known || (!r->strict && (p.joined || r->spaced));
		if (!sure && r->profile->generic && n < UNSURE_MAX && may_be_metric(g, t, &p)) {
			of[n] = t;
			unsure[n++] = p;
		}
		if (!sure || (r->strict && !unit_fits(g, t, &p.unit)))
			continue;
		add_pair(g, t, rest, &p);
	}
	/* Beside a place or a phase and a measure, a few are metrics, whatever their names; many are settings. */
	for (unsigned i = 0; n < UNSURE_MAX && is_report(g) && i < n; i++)
		add_pair(g, of[i], rest, &unsure[i]);
}

bool
reading_object(struct reading *g, struct span s)
{
	struct object o;
	struct object_item it;
	struct reader *r = g->r;
	unsigned needed = 0;
	bool known = false;

	object_init(&o, s);
	while (object_next(&o, &it)) {
		if (it.kind == OBJ_NULL || it.kind == OBJ_BOOL)
			continue;
		for (unsigned i = 0; i < r->nneeds; i++)
			if (span_is(it.path, r->needs[i]))
				needed |= 1u << i;
		double value;
		size_t used;
		struct target *t = target_of(g, it.path, it.key);
		if (t->kind == KEY_RANK || t->kind == KEY_GPU || t->kind == KEY_TIME) {
			reading_text(g, t, it.text, SPAN_NONE);
			continue;
		}
		enum number_err e = number_read_wrapped(it.text, &value, &used);
		if (it.kind == OBJ_STRING && e == NUMBER_OK && span_starts(span_from(it.text, used), "/") &&
		    t->kind != KEY_METRIC) {
			reading_text(g, t, it.text, SPAN_NONE); /* "10/1000": with its total */
			continue;
		}
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
		known = known || (t->known && t->kind != KEY_IGNORE);
		struct span after = span_from(it.text, used);
		struct unit unit = unit_read(after);
		add_value(g, t, value, &unit, it.text, after, SPAN_NONE, e == NUMBER_RANGE);
	}
	if (r->profile->generic && !known)
		return false; /* records of something else */
	return needed + 1 == 1u << r->nneeds && (!object_bad(&o) || r->nneeds > 0);
}

/* Bytes of the separator at the start of s; a bar may be drawn with lines. */
static size_t
separator(struct span s, char sep)
{
	static const char *const drawn[] = { "\xe2\x94\x82", "\xe2\x94\x83", "\xe2\x95\x91" };

	if (s.p[0] == sep)
		return 1;
	for (size_t i = 0; sep == '|' && i < sizeof drawn / sizeof *drawn; i++)
		if (span_starts(s, drawn[i]))
			return 3;
	return 0;
}

/* The next cell of a table; false at the end of the line. */
static bool
cell_next(struct span *s, char sep, struct span *ret)
{
	if (sep == 0 || sep == READER_GAP) {
		*s = span_trim(*s);
		if (s->n == 0)
			return false;
		size_t n = 0;
		while (n < s->n && s->p[n] != '\t' && (s->p[n] != ' ' ||
		    (sep == READER_GAP && n + 1 < s->n && s->p[n + 1] != ' ')))
			n++;
		*ret = (struct span){ s->p, n };
		*s = span_from(*s, n);
		return true;
	}
	if (!s->p)
		return false;
	size_t n = 0, len = 0;
	while (n < s->n && (len = separator(span_from(*s, n), sep)) == 0)
		n++;
	*ret = span_trim((struct span){ s->p, n });
	*s = len ? span_from(*s, n + len) : SPAN_NONE;
	if (ret->n > 1 && ret->p[0] == '"' && ret->p[ret->n - 1] == '"')
		*ret = (struct span){ ret->p + 1, ret->n - 2 };
	return true;
}

/* A header names the columns of the rows that follow. */
bool
reading_header(struct reading *g, struct block *b, struct span s)
{
	struct target *column[COLUMNS_MAX];
	struct span cell;
	unsigned n = 0, metrics = 0;

	while (n < COLUMNS_MAX && cell_next(&s, g->r->sep, &cell)) {
		struct target *t = reader_target(g->r, g->vocab, cell);
		column[n++] = t;
		metrics += t->known && t->kind == KEY_METRIC;
	}
	if (n < 2 || metrics == 0)
		return false; /* the table that may be open stays as it is */
	memcpy(b->column, column, n * sizeof *column);
	b->columns = n;
	return true;
}

bool
reading_row(struct reading *g, const struct block *b, struct span text)
{
	struct reader *r = b->opener;
	struct span cell, s = text, cap[1];
	unsigned n = 0, numbers = 0, empty = 0;
	double v;
	size_t used;

	if (r->row && !pattern_match(r->row, text, 0, cap, 1))
		return false;
	while (n < b->columns && cell_next(&s, r->sep, &cell)) {
		enum number_err e = number_read_wrapped(cell, &v, &used);
		numbers += e == NUMBER_OK || e == NUMBER_RANGE;
		empty += cell.n == 0; /* what this row does not say */
		n++;
	}
	bool more = r->sep && r->sep != READER_GAP ? s.p != NULL : span_trim(s).n > 0;
	if (n < b->columns || (more && !r->flex && !r->row) || (!r->row && (numbers * 2 < b->columns - empty || numbers == 0)))
		return false;
	s = text;
	for (unsigned i = 0; i < b->columns && cell_next(&s, r->sep, &cell); i++)
		if (!r->strict || b->column[i]->known)
			reading_text(g, b->column[i], cell, b->column[i]->kind == KEY_TIME ? s : SPAN_NONE);
	return g->ret->n > 0;
}
