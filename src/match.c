/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "match.h"

#include <math.h>
#include <stdlib.h>

#include "literal.h"
#include "match_impl.h"
#include "shape.h"
#include "xalloc.h"

#define LEAN_MAX       16 /* lines without numbers that count, each for 1 */
#define SCORE_SIGN     64 /* for a sign */

static bool
is_setting(const struct matcher *m, const struct reading *g, unsigned i)
{
	if (g->ret->field[i].kind == KEY_STEPS || g->ret->field[i].kind == KEY_EPOCHS || g->ret->field[i].kind == KEY_ITERS)
		return true;
	if (g->ret->field[i].kind != KEY_METRIC)
		return false;
	int any = reading_metric(m->vocab, g->of[i], PHASE_TRAIN);
	enum metric_class cls = any < 0 ? CLASS_OTHER : vocab_metric_info(g->vocab, any)->cls;
	return cls == CLASS_LR || cls == CLASS_GRAD || cls == CLASS_SCALE;
}

/*
 * Before a line has said where the run stands, learning rates and the like without
 * anything else are the settings of a run ("lr: 0.001, epochs: 5"), as far as the
 * generic profile can tell: only totals are taken of them.  True: nothing is left.
 */
static bool
only_settings(const struct matcher *m, struct reading *g)
{
	struct match *ret = g->ret;
	unsigned kept = 0;

	if (!g->r->profile->generic || m->placed || ret->n == 0)
		return false;
	for (unsigned i = 0; i < ret->n; i++)
		if (!is_setting(m, g, i))
			return false;
	for (unsigned i = 0; i < ret->n; i++) {
		if (ret->field[i].kind == KEY_METRIC)
			continue;
		ret->field[kept] = ret->field[i];
		g->of[kept] = g->of[i];
		g->scale[kept++] = g->scale[i];
	}
	ret->n = kept;
	return kept == 0;
}

/* A position, not only a total: "epoch 3", not "3 epochs". */
static bool
says_where(const struct match *ret)
{
	for (unsigned i = 0; i < ret->n; i++)
		if (ret->field[i].kind == KEY_STEP || ret->field[i].kind == KEY_EPOCH || ret->field[i].kind == KEY_ITER)
			return true;
	return false;
}

/* --- one reader, one line --- */

static void
read_group(struct reading *g, unsigned i, struct span text, struct span line, struct span *rest)
{
	struct span after = span_from(line, (size_t)(text.p - line.p) + text.n);
	enum phase phase;

	switch (g->r->group[i].use) {
	case GROUP_REST:
		*rest = text;
		break;
	case GROUP_PHASE:
		if (vocab_phase(g->vocab, text, &phase)) {
			g->phase = phase;
			g->phase_said = true;
		}
		break;
	case GROUP_KEY:
		g->name = text;
		break;
	case GROUP_VALUE:
		reading_named(g, g->r->group[i].phase, text, after);
		break;
	case GROUP_TARGET:
		reading_text(g, g->r->group[i].target, text, after);
		break;
	default:
		break;
	}
}

/* Metrics get their phase and the labels of the line. */
static void
finish_fields(struct matcher *m, struct reading *g, const struct line *line)
{
	struct match *ret = g->ret;
	int labels = g->labels;

	if (line->rank >= 0) {
		char text[16];
		int n = snprintf(text, sizeof text, "%d", line->rank);
		if (labels == 0 && line->rank < RANK_CACHE) {
			if (m->rank_labels[line->rank] < 0)
				m->rank_labels[line->rank] =
				    vocab_labels_with(m->vocab, 0, "rank", (struct span){ text, (size_t)n });
			labels = m->rank_labels[line->rank];
		} else
			labels = vocab_labels_with(m->vocab, labels, "rank", (struct span){ text, (size_t)n });
	}
	if (labels < 0)
		labels = 0;
	enum phase phase = g->phase ? g->phase : PHASE_TRAIN;
	unsigned kept = 0;
	for (unsigned i = 0; i < ret->n; i++) {
		struct field *f = &ret->field[i];
		if (f->kind == KEY_METRIC) {
			struct target *t = g->of[i];
			f->metric = reading_metric(m->vocab, t, phase);
			f->labels = labels;
			for (struct span rest = span_of(t->with); rest.n; ) {
				const char *eq = memchr(rest.p, '=', rest.n), *end = memchr(rest.p, ',', rest.n);
				size_t len = end ? (size_t)(end - rest.p) : rest.n;
				char name[16];
				if (!eq)
					break;
				snprintf(name, sizeof name, "%.*s", (int)(eq - rest.p), rest.p);
				f->labels = vocab_labels_with(m->vocab, f->labels, name,
				    (struct span){ eq + 1, len - (size_t)(eq - rest.p) - 1 });
				rest = span_from(rest, len + 1);
			}
			if (f->metric < 0 || f->labels < 0) {
				ret->dropped++;
				continue;
			}
		}
		ret->field[kept++] = *f;
	}
	ret->n = kept;
	ret->phase = phase;
}

/* A table whose rows are told by their cells alone: lines that look alike are read alike beside it. */
static bool
is_table(const struct reader *r)
{
	return r->rest == REST_COLUMNS && r->stay && !r->opens && !r->hold && !r->digits;
}

/* Nothing is open but such tables. */
static bool
only_tables(const struct matcher *m)
{
	for (unsigned i = 0, seen = 0; seen < m->open && i < profiles_count(m->profiles); i++) {
		const struct block *b = &m->block[i];
		if (!b->name)
			continue;
		seen++;
		if (!is_table(b->opener))
			return false;
	}
	return true;
}

static void
open_block(struct matcher *m, struct reading *g)
{
	struct block *b = &m->block[g->r->profile->index];

	if (!b->name)
		m->open++;
	b->name = g->r->opens ? g->r->opens : "";
	b->opener = g->r;
	b->labels = g->labels;
	b->phase = g->r->sets_phase ? g->r->set_phase : g->phase;
	if (g->r->rest != REST_COLUMNS)
		b->columns = 0;
	if (is_table(g->r))
		m->state++;
}

static void
close_block(struct matcher *m, struct block *b, struct match *ret)
{
	if (!b->name)
		return;
	if (b->opener->hold)
		ret->release = true;
	if (is_table(b->opener))
		m->state++;
	b->name = NULL;
	m->open--;
}

static void
start_reading(struct reading *g, struct matcher *m, struct reader *r, struct match *ret)
{
	struct block *b = &m->block[r->profile->index];
	bool inside = b->name && r->in;

	g->vocab = m->vocab;
	g->r = r;
	g->ret = ret;
	g->labels = inside ? b->labels : 0;
	g->phase = r->phase ? r->phase : inside && b->phase ? b->phase : m->phase;
	g->phase_said = false;
	g->keys = 0;
	g->name = SPAN_NONE;
	g->odd = false;
	g->row = false;
	ret->n = 0;
	ret->stamp = SPAN_NONE;
}

static bool
try_reader(struct matcher *m, struct reader *r, const struct line *line, struct match *ret, struct reading *g)
{
	struct span cap[PATTERN_GROUPS], rest = line->text;
	struct block *b = &m->block[r->profile->index];

	if (r->in && (!b->name || strcmp(b->name, r->in) != 0))
		return false;
	if (!r->ready)
		reader_prepare(r, m->vocab);
	/* The cheap refusal first: nothing of the reading is set up for a line that does not match. */
	if (r->pattern) {
		if (!pattern_match(r->pattern, line->text, 0, cap, r->groups > 0 ? r->groups : 1))
			return false;
		rest = span_from(line->text, (size_t)(cap[0].p - line->text.p) + cap[0].n);
	}
	start_reading(g, m, r, ret);
	struct span behind = rest;
	for (unsigned i = 1; i < r->groups; i++)
		if (cap[i].p)
			read_group(g, i, cap[i], line->text, &rest);
	bool ok = ret->n > 0 || r->context || r->opens || r->closes || r->finish || r->starts || r->sets_phase;
	if (r->rest == REST_PAIRS)
		reading_pairs(g, rest);
	else if (r->rest == REST_OBJECT) {
		const char *brace = rest.n ? memchr(rest.p, '{', rest.n) : NULL;
		if (!brace || (!r->pattern && !r->anywhere && brace != rest.p) ||
		    !reading_object(g, span_from(rest, (size_t)(brace - rest.p))))
			return false;
	} else if (r->rest == REST_COLUMNS && !reading_header(g, b, r->pattern && rest.p == behind.p ? line->text : rest))
		return false;
	return r->rest == REST_COLUMNS || ((ret->n > 0 || ok) && !only_settings(m, g));
}

/* What a line that was read changes for those after it. */
static void
obey(struct matcher *m, struct reading *g)
{
	struct reader *r = g->r;
	struct block *b = &m->block[r->profile->index];

	if (r->closes)
		close_block(m, b, g->ret);
	if (r->opens || r->rest == REST_COLUMNS) {
		close_block(m, b, g->ret);
		open_block(m, g);
	}
	if (r->sets_phase && !r->opens && m->phase != r->set_phase) {
		m->phase = r->set_phase;
		m->state++;
	}
}

void
matcher_meet(struct matcher *m, const struct profile *p)
{
	for (unsigned i = 0; i < m->readers; i++)
		if (m->t->order[i]->profile == p)
			m->met[i / 64] |= UINT64_C(1) << (i % 64);
	m->state++;
}

static bool
has_metric(const struct match *m)
{
	for (unsigned i = 0; i < m->n; i++)
		if (m->field[i].kind == KEY_METRIC)
			return true;
	return false;
}

static void
took(struct matcher *m, struct reader *r, struct match *ret)
{
	ret->profile = r->profile;
	ret->reader = r->name;
	ret->reader_id = r->id;
	ret->bar = r->bar;
	ret->main_bar = r->main_bar;
	ret->finish = r->finish;
	ret->starts = r->starts;
	if (!m->placed && says_where(ret)) {
		m->placed = true;
		m->state++;
	}
	m->hits[r->id]++;
	if (m->lines[r->profile->index]++ == 0)
		matcher_meet(m, r->profile);
	if (has_metric(ret))
		m->score[r->profile->index] += SCORE_NUMBERS;
	else if (m->lean[r->profile->index] < LEAN_MAX)
		m->lean[r->profile->index]++;
}

/* --- the line --- */

static void
try_event(struct matcher *m, unsigned at, const struct line *line, struct match *ret)
{
	struct event *e = &m->t->event[at];
	struct span cap[PATTERN_GROUPS];
	const char *name;
	unsigned number;

	if (ret->events == MATCH_EVENTS || !pattern_match(e->pattern, line->text, 0, cap, PATTERN_GROUPS) ||
	    (e->unless && pattern_match(e->unless, line->text, 0, cap + 1, 1)))
		return;
	ret->event[ret->events].id = e->id;
	ret->event[ret->events].n = 0;
	for (unsigned k = 0; !e->nameless && (name = pattern_group(e->pattern, k, &number)); k++)
		if (number < PATTERN_GROUPS && cap[number].p && ret->event[ret->events].n < 8) {
			unsigned i = ret->event[ret->events].n++;
			ret->event[ret->events].cap[i] = cap[number];
			ret->event[ret->events].name[i] = name;
		}
	ret->events++;
}

/* The candidates of [from, to), in order; the next at or after *at. */
static bool
next_hit(const struct matcher *m, unsigned *at, unsigned to)
{
	for (unsigned i = *at; i < to; i = (i / 64 + 1) * 64) {
		uint64_t bits = m->hit[i / 64] >> (i % 64);
		if (bits == 0)
			continue;
		*at = i + (unsigned)__builtin_ctzll(bits);
		return *at < to;
	}
	return false;
}

static void
read_signs(struct matcher *m)
{
	unsigned base = m->readers + m->t->events;

	for (unsigned word = base / 64; word < m->t->words; word++)
		for (uint64_t bits = m->hit[word]; bits; bits &= bits - 1) {
			unsigned i = word * 64 + (unsigned)__builtin_ctzll(bits);
			if (i < base || m->sign_of[i - base] >= SIGN_SEEN)
				continue;
			m->score[m->sign_of[i - base]] += SCORE_SIGN;
			m->sign_of[i - base] |= SIGN_SEEN;
		}
}

/* Tries the events; those that were candidates are noted in how, while there is room. */
static void
read_events(struct matcher *m, const struct line *line, struct match *ret, struct shape *how)
{
	for (unsigned i = m->readers; next_hit(m, &i, m->readers + m->t->events); i++) {
		if (how->events < SHAPE_EVENTS)
			how->event[how->events] = (unsigned short)(i - m->readers);
		how->events++;
		try_event(m, i - m->readers, line, ret);
	}
}

static bool
allowed(const struct matcher *m, const struct reader *r)
{
	return !m->only || r->profile == m->only;
}

/*
 * The candidates of [from, to): first those of profiles that have read lines of
 * this run, then the rest.  Those that may have told digits apart are noted in how.
 */
static bool
try_candidates(struct matcher *m, const struct line *line, struct match *ret, unsigned from, unsigned to,
    struct reading *g, struct shape *how)
{
	for (int met = 1; met >= 0; met--)
		for (unsigned i = from; next_hit(m, &i, to); i++) {
			struct reader *r = m->t->order[i];
			if ((m->met[i / 64] >> (i % 64) & 1) != (unsigned)met || !allowed(m, r))
				continue;
			if (try_reader(m, r, line, ret, g))
				return true;
			if (r->digits && !r->in && how->doubts++ < SHAPE_DOUBTS)
				how->doubt[how->doubts - 1] = r;
		}
	return false;
}

/* The readers of open blocks: rows of a table, and those that are read only inside. */
static bool
try_blocks(struct matcher *m, const struct line *line, struct match *ret, struct reading *g)
{
	unsigned seen = 0;

	for (unsigned i = 0; i < profiles_count(m->profiles) && seen < m->open; i++) {
		struct block *b = &m->block[i];
		if (!b->name)
			continue;
		seen++;
		struct profile *p = profiles_get(m->profiles, i);
		if (b->columns) {
			start_reading(g, m, b->opener, ret);
			g->labels = b->labels;
			if (reading_row(g, b, line->text)) {
				g->row = true;
				return true;
			}
		}
		for (size_t k = 0; k < p->readers; k++)
			if (p->reader[k]->in && allowed(m, p->reader[k]) &&
			    try_reader(m, p->reader[k], line, ret, g))
				return true;
	}
	return false;
}

static void
close_blocks(struct matcher *m, const struct reader *by, struct match *ret)
{
	for (unsigned i = 0, seen = 0, open = m->open; seen < open && i < profiles_count(m->profiles); i++) {
		struct block *b = &m->block[i];
		if (!b->name)
			continue;
		seen++;
		if (b->opener->stay || b->opener == by || (by && by->profile->index == i && by->in))
			continue;
		close_block(m, b, ret);
	}
}

/* A reader whose lines leave nothing behind for the next ones. */
static bool
is_plain(const struct reader *r)
{
	return !r->in && !r->opens && !r->closes && !r->sets_phase && r->rest != REST_COLUMNS;
}

/* The long way: the scan, the events, the candidates. */
static bool
search(struct matcher *m, const struct line *line, struct span folded, struct match *ret, struct reading *g)
{
	struct shape how = { .events = 0 };
	bool plain = only_tables(m), found;

	memset(m->hit, 0, m->t->words * sizeof *m->hit);
	(void)literals_scan(m->t->literals, folded, m->hit);
	read_signs(m);
	read_events(m, line, ret, &how);
	found = (m->open && try_blocks(m, line, ret, g)) ||
	    try_candidates(m, line, ret, 0, m->t->special, g, &how) ||
	    try_candidates(m, line, ret, m->t->special, m->readers, g, &how);
	if (plain && how.events <= SHAPE_EVENTS && how.doubts <= SHAPE_DOUBTS &&
	    (!found || g->row || (is_plain(g->r) && !g->r->digits))) {
		how.reader = found ? g->r : NULL;
		how.row = found && g->row;
		shapes_keep(m->shapes, &how, line->text, m->state, found ? g : NULL);
	}
	return found;
}

/* The short way: as its like was read. */
static bool
repeat(struct matcher *m, const struct shape *how, const struct line *line, struct match *ret, struct reading *g)
{
	struct span cap[1];

	for (unsigned i = 0; i < how->doubts; i++)
		if (pattern_match(how->doubt[i]->pattern, line->text, 0, cap, 1))
			return false;
	for (unsigned i = 0; i < how->events; i++)
		try_event(m, how->event[i], line, ret);
	if (!how->reader)
		return true;
	start_reading(g, m, how->reader, ret);
	g->row = how->row;
	if (g->row)
		g->labels = m->block[how->reader->profile->index].labels;
	return shapes_read(how, line->text, g);
}

bool
match_line(struct matcher *m, const struct line *line, struct match *ret)
{
	struct reading g;
	bool found;

	if (!m->hit)
		matcher_ready(m);
	ret->n = ret->events = ret->dropped = 0;
	ret->profile = NULL;
	ret->stamp = SPAN_NONE;
	ret->release = ret->hold = false;
	struct span folded = shapes_fold(m->shapes, line->text);
	const struct shape *how = only_tables(m) ? shapes_find(m->shapes, line->text, m->state) : NULL;
	if (how && repeat(m, how, line, ret, &g))
		found = how->reader != NULL;
	else {
		ret->n = ret->events = ret->dropped = 0;
		found = search(m, line, folded, ret, &g);
	}
	if (found) {
		finish_fields(m, &g, line);
		if (!g.row)
			obey(m, &g);
	}
	if (m->open)
		close_blocks(m, found ? g.r : NULL, ret);
	if (!found) {
		ret->n = 0;
		return ret->events > 0 || ret->release;
	}
	took(m, g.r, ret);
	const struct block *b = &m->block[g.r->profile->index];
	ret->hold = b->name && b->opener->hold;
	return true;
}

const struct profile *
matcher_profile(const struct matcher *m)
{
	/* Frameworks before monitors and the generic profile, which are beside them. */
	const struct profile *best[3] = { NULL, NULL, NULL };
	uint64_t most[3] = { 0, 0, 0 };

	for (unsigned i = 0; i < profiles_count(m->profiles); i++) {
		struct profile *p = profiles_get(m->profiles, i);
		/* Lines without numbers alone are weak: dashes, the lines of a configuration. */
		unsigned which = m->score[i] == 0 ? 2 : p->generic || p->aside;
		uint64_t score = m->score[i] + m->lean[i];
		if (m->lines[i] > 0 && score > most[which]) {
			most[which] = score;
			best[which] = p;
		}
	}
	return best[0] ? best[0] : best[1] ? best[1] : best[2];
}

uint64_t
matcher_hits(const struct matcher *m, unsigned reader)
{
	return reader < m->readers ? m->hits[reader] : 0;
}

uint64_t
matcher_errors(const struct matcher *m, const char **whose)
{
	uint64_t sum = 0, most = 0;

	*whose = NULL;
	for (unsigned i = 0; i < m->readers; i++) {
		const struct reader *r = profiles_reader(m->profiles, i);
		uint64_t n = r->pattern ? pattern_errors(r->pattern) : 0;
		sum += n;
		if (n > most) {
			most = n;
			*whose = r->full;
		}
	}
	for (unsigned i = 0; i < m->t->events; i++)
		sum += pattern_errors(m->t->event[i].pattern);
	return sum;
}
