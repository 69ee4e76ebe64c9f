/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "match.h"

#include <math.h>
#include <stdlib.h>

#include "literal.h"
#include "reader.h"
#include "reading.h"
#include "xalloc.h"

#define LITERALS_MAX   16
#define RANK_CACHE     64
#define TAIL_UNREAD    24 /* more than this behind what a reader took may hold an event */

struct event {
	unsigned        id;
	struct pattern *pattern, *unless;
	bool            nameless; /* no named groups */
};

struct matcher {
	struct profiles *profiles;
	struct vocab    *vocab;
	struct literals *literals;
	unsigned         readers;
	unsigned        *order;   /* reader ids, the most specific first */
	unsigned         generic; /* how many of order's tail are generic */
	struct event    *event;
	unsigned         events;
	size_t           event_cap;
	uint64_t        *hit;
	unsigned         words;
	bool             ready;
	const struct profile *only;

	/* State of the stream. */
	uint64_t        *lines;   /* read by each profile */
	uint64_t        *hits;    /* by each reader */
	struct block    *block;   /* one a profile */
	unsigned         open;    /* blocks open */
	struct reader   *sticky;
	enum phase       phase;   /* context */
	bool             placed;  /* a line has said where the run stands */
	int              rank_labels[RANK_CACHE];
};

/* --- making one --- */

struct matcher *
matcher_new(struct profiles *profiles, struct vocab *vocab)
{
	struct matcher *m = xcalloc(1, sizeof *m);

	m->profiles = profiles;
	m->vocab = vocab;
	m->literals = literals_new();
	m->readers = profiles_reader_count(profiles);
	m->block = xcalloc(profiles_count(profiles) + 1, sizeof *m->block);
	m->lines = xcalloc(profiles_count(profiles) + 1, sizeof *m->lines);
	m->hits = xcalloc(m->readers + 1, sizeof *m->hits);
	for (unsigned i = 0; i < RANK_CACHE; i++)
		m->rank_labels[i] = -1;
	return m;
}

void
matcher_free(struct matcher *m)
{
	if (!m)
		return;
	for (unsigned i = 0; i < m->events; i++) {
		pattern_free(m->event[i].pattern);
		pattern_free(m->event[i].unless);
	}
	free(m->event);
	free(m->order);
	free(m->hit);
	free(m->block);
	free(m->lines);
	free(m->hits);
	literals_free(m->literals);
	free(m);
}

void
matcher_only(struct matcher *m, const struct profile *p)
{
	m->only = p;
}

static void
add_literals(struct matcher *m, const struct pattern *p, unsigned id)
{
	char lit[LITERALS_MAX][PATTERN_LITERAL_MAX];
	unsigned n = pattern_literals(p, lit, LITERALS_MAX);

	for (unsigned i = 0; i < n; i++)
		literals_add(m->literals, span_of(lit[i]), id);
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
	add_literals(m, e.pattern, m->readers + m->events);
	XGROW(m->event, m->events, m->event_cap);
	m->event[m->events++] = e;
	return 0;
}

/* The keys an object must have are its literals. */
static unsigned
reader_literals(struct matcher *m, struct reader *r)
{
	char lit[LITERALS_MAX][PATTERN_LITERAL_MAX];
	unsigned n = r->pattern ? pattern_literals(r->pattern, lit, LITERALS_MAX) : 0, best = 0;

	for (unsigned i = 0; i < n; i++) {
		literals_add(m->literals, span_of(lit[i]), r->id);
		if (i == 0 || strlen(lit[i]) < best)
			best = (unsigned)strlen(lit[i]);
	}
	if (n == 0 && r->rest == REST_OBJECT && r->nneeds) {
		size_t longest = 0;
		for (unsigned i = 1; i < r->nneeds; i++)
			if (strlen(r->needs[i]) > strlen(r->needs[longest]))
				longest = i;
		/* The last part of a dotted path is the key that is printed. */
		const char *key = r->needs[longest], *dot = strrchr(key, '.');
		key = dot && dot[1] ? dot + 1 : key;
		char quoted[PATTERN_LITERAL_MAX];
		snprintf(quoted, sizeof quoted, "%.60s\"", key);
		literals_add(m->literals, span_of(quoted), r->id);
		snprintf(quoted, sizeof quoted, "%.60s'", key);
		literals_add(m->literals, span_of(quoted), r->id);
		best = (unsigned)strlen(key);
		n = 1;
	}
	/* No literal: it is a candidate for every line, unless a block keeps it closed. */
	if (n == 0 && !r->in)
		literals_always(m->literals, r->id);
	return best;
}

static int
by_score(const void *a, const void *b, void *arg)
{
	const struct matcher *m = arg;
	const struct reader *x = profiles_reader(m->profiles, *(const unsigned *)a);
	const struct reader *y = profiles_reader(m->profiles, *(const unsigned *)b);

	if (x->profile->generic != y->profile->generic)
		return x->profile->generic ? 1 : -1;
	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	return x->id < y->id ? -1 : 1;
}

static void
get_ready(struct matcher *m)
{
	m->ready = true;
	m->order = xcalloc(m->readers + 1, sizeof *m->order);
	for (unsigned i = 0; i < m->readers; i++) {
		struct reader *r = profiles_reader(m->profiles, i);
		m->order[i] = i;
		r->score = reader_literals(m, r) + (unsigned)(1000 + r->priority * 100);
		if (r->pattern && strchr(pattern_text(r->pattern), '^') == pattern_text(r->pattern))
			r->score += 10; /* bound to the start of the line */
		m->generic += r->profile->generic;
	}
	qsort_r(m->order, m->readers, sizeof *m->order, by_score, m);
	literals_finish(m->literals);
	m->words = (m->readers + m->events) / 64 + 1;
	m->hit = xcalloc(m->words, sizeof *m->hit);
}


/*
 * Before a line has said where the run stands, learning rates and the like alone
 * are the settings of a run ("lr: 0.001"), as far as the generic profile can tell.
 */
static bool
only_settings(const struct matcher *m, const struct reading *g)
{
	const struct match *ret = g->ret;

	if (!g->r->profile->generic || m->placed || ret->n == 0)
		return false;
	for (unsigned i = 0; i < ret->n; i++) {
		if (ret->field[i].kind != KEY_METRIC)
			return false;
		int any = reading_metric(m->vocab, g->of[i], PHASE_TRAIN);
		enum metric_class cls = any < 0 ? CLASS_OTHER : vocab_metric_info(g->vocab, any)->cls;
		if (cls != CLASS_LR && cls != CLASS_GRAD && cls != CLASS_SCALE)
			return false;
	}
	return true;
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
	case GROUP_TARGET: {
		size_t end = (size_t)(text.p - line.p) + text.n;
		reading_text(g, g->r->group[i].target, text, span_from(line, end));
		break;
	}
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
}

static void
close_block(struct matcher *m, struct block *b, struct match *ret)
{
	if (!b->name)
		return;
	if (b->opener->hold)
		ret->release = true;
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
	ret->n = 0;
}

static bool
try_reader(struct matcher *m, struct reader *r, const struct line *line, struct match *ret, struct span *left)
{
	struct span cap[PATTERN_GROUPS], rest = line->text;
	struct block *b = &m->block[r->profile->index];
	struct reading g;

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
	start_reading(&g, m, r, ret);
	for (unsigned i = 1; i < r->groups; i++)
		if (cap[i].p)
			read_group(&g, i, cap[i], line->text, &rest);
	bool ok = ret->n > 0 || r->context || r->opens || r->closes || r->finish || r->starts || r->sets_phase;
	if (r->rest == REST_PAIRS)
		reading_pairs(&g, rest);
	else if (r->rest == REST_OBJECT) {
		const char *brace = rest.n ? memchr(rest.p, '{', rest.n) : NULL;
		if (!brace || (!r->pattern && !r->anywhere && brace != rest.p) ||
		    !reading_object(&g, span_from(rest, (size_t)(brace - rest.p))))
			return false;
	} else if (r->rest == REST_COLUMNS && !reading_header(&g, b, r->pattern ? line->text : rest))
		return false;
	if (r->rest != REST_COLUMNS && ((ret->n == 0 && !ok) || only_settings(m, &g)))
		return false;
	finish_fields(m, &g, line);
	if (r->closes)
		close_block(m, b, ret);
	if (r->opens || r->rest == REST_COLUMNS) {
		close_block(m, b, ret);
		open_block(m, &g);
	}
	if (r->sets_phase && !r->opens)
		m->phase = r->set_phase;
	*left = r->rest == REST_NONE ? rest : SPAN_NONE;
	return true;
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
	m->placed = m->placed || says_where(ret);
	m->hits[r->id]++;
	m->lines[r->profile->index]++;
}

/* --- the line --- */

static void
read_events(struct matcher *m, const struct line *line, struct match *ret)
{
	struct span cap[PATTERN_GROUPS];

	for (unsigned i = 0; i < m->events; i++) {
		unsigned bit = m->readers + i;
		if (!(m->hit[bit / 64] >> (bit % 64) & 1))
			continue;
		struct event *e = &m->event[i];
		if (ret->events == MATCH_EVENTS || !pattern_match(e->pattern, line->text, 0, cap, PATTERN_GROUPS) ||
		    (e->unless && pattern_match(e->unless, line->text, 0, cap + 1, 1)))
			continue;
		ret->event[ret->events].id = e->id;
		ret->event[ret->events].n = 0;
		const char *name;
		unsigned number;
		for (unsigned k = 0; !e->nameless && (name = pattern_group(e->pattern, k, &number)); k++)
			if (number < PATTERN_GROUPS && cap[number].p && ret->event[ret->events].n < 8) {
				unsigned at = ret->event[ret->events].n++;
				ret->event[ret->events].cap[at] = cap[number];
				ret->event[ret->events].name[at] = name;
			}
		ret->events++;
	}
}

static bool
allowed(const struct matcher *m, const struct reader *r)
{
	return !m->only || r->profile == m->only;
}

/* Candidates in order: first of profiles that have read lines of this run, then the rest. */
static struct reader *
try_candidates(struct matcher *m, const struct line *line, struct match *ret, unsigned from, unsigned to,
    unsigned *place, struct span *left)
{
	for (int pass = 0; pass < 2; pass++) {
		for (unsigned i = from; i < to; i++) {
			unsigned id = m->order[i];
			if (!(m->hit[id / 64] >> (id % 64) & 1))
				continue;
			struct reader *r = profiles_reader(m->profiles, id);
			if ((m->lines[r->profile->index] > 0) != (pass == 0) || !allowed(m, r))
				continue;
			if (try_reader(m, r, line, ret, left))
				return r;
			++*place;
		}
	}
	return NULL;
}

/* The readers of open blocks: rows of a table, and those that are read only inside. */
static struct reader *
try_blocks(struct matcher *m, const struct line *line, struct match *ret, struct span *left)
{
	unsigned seen = 0;

	for (unsigned i = 0; i < profiles_count(m->profiles) && seen < m->open; i++) {
		struct block *b = &m->block[i];
		if (!b->name)
			continue;
		seen++;
		struct profile *p = profiles_get(m->profiles, i);
		if (b->columns) {
			struct reading g;
			start_reading(&g, m, b->opener, ret);
			g.labels = b->labels;
			if (reading_row(&g, b, line->text)) {
				finish_fields(m, &g, line);
				*left = SPAN_NONE;
				return b->opener;
			}
		}
		for (size_t k = 0; k < p->readers; k++)
			if (p->reader[k]->in && allowed(m, p->reader[k]) &&
			    try_reader(m, p->reader[k], line, ret, left))
				return p->reader[k];
	}
	return NULL;
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

bool
match_line(struct matcher *m, const struct line *line, struct match *ret)
{
	struct reader *r = NULL;
	struct span left = SPAN_NONE;
	unsigned place = 0;

	if (!m->ready)
		get_ready(m);
	ret->n = ret->events = ret->dropped = 0;
	ret->profile = NULL;
	ret->release = ret->hold = false;
	/* The reader of the line before, when it was the best choice there: no scan is needed. */
	if (m->sticky && m->open == 0 && try_reader(m, m->sticky, line, ret, &left) && left.n <= TAIL_UNREAD) {
		took(m, m->sticky, ret);
		return true;
	}
	memset(m->hit, 0, m->words * sizeof *m->hit);
	bool any = literals_scan(m->literals, line->text, m->hit);
	if (any)
		read_events(m, line, ret);
	if (m->open)
		r = try_blocks(m, line, ret, &left);
	if (!r && any)
		r = try_candidates(m, line, ret, 0, m->readers - m->generic, &place, &left);
	if (!r && any) {
		place = 1;
		r = try_candidates(m, line, ret, m->readers - m->generic, m->readers, &place, &left);
	}
	m->sticky = r && place == 0 && m->open == 0 && !r->in ? r : NULL;
	if (m->open)
		close_blocks(m, r, ret);
	if (!r) {
		ret->n = 0;
		return ret->events > 0 || ret->release;
	}
	took(m, r, ret);
	const struct block *b = &m->block[r->profile->index];
	ret->hold = b->name && b->opener->hold;
	return true;
}

const struct profile *
matcher_profile(const struct matcher *m)
{
	const struct profile *best = NULL, *generic = NULL;
	uint64_t most = 0;

	for (unsigned i = 0; i < profiles_count(m->profiles); i++) {
		struct profile *p = profiles_get(m->profiles, i);
		if (m->lines[i] == 0)
			continue;
		if (p->generic)
			generic = p;
		else if (m->lines[i] > most) {
			most = m->lines[i];
			best = p;
		}
	}
	return best ? best : generic;
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
	for (unsigned i = 0; i < m->events; i++)
		sum += pattern_errors(m->event[i].pattern);
	return sum;
}

/* --- for people who write profiles --- */

void
profiles_check_patterns(struct profiles *all, struct diags *diags)
{
	for (unsigned i = 0; i < profiles_reader_count(all); i++) {
		struct reader *r = profiles_reader(all, i);
		struct diag d = { .col = 0 };
		if (r->pattern && pattern_check(r->pattern, &d) == -1)
			diags_add(diags, DIAG_ERROR, r->profile->file, NULL, r->line, 0, "reader %s: %s",
			    r->name ? r->name : "?", d.text);
		if (r->row && pattern_check(r->row, &d) == -1)
			diags_add(diags, DIAG_ERROR, r->profile->file, NULL, r->line, 0, "reader %s: row: %s",
			    r->name ? r->name : "?", d.text);
	}
}

const char *
matcher_nearest(struct matcher *m, const struct line *line, size_t *reach)
{
	const char *name = NULL;

	*reach = 0;
	for (unsigned i = 0; i < m->readers; i++) {
		struct reader *r = profiles_reader(m->profiles, i);
		if (!r->pattern || r->profile->generic || !allowed(m, r))
			continue;
		size_t n = pattern_reach(r->pattern, line->text);
		if (n > *reach) {
			*reach = n;
			name = r->name;
		}
	}
	return name;
}
