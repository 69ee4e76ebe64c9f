/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "prefix.h"

#include <math.h>

#include "prefix_impl.h"

#define TAIL_MAX   100  /* bytes in which it is looked for */
#define SCORE_SURE 4    /* repetitions that confirm a layer */
#define SEARCH     4096 /* lines in which a layer to be confirmed is looked for */

const char *const prefix_group_names[] = { "time", "rank", "node", "level", "text", NULL };

enum line_level
prefix_level(struct span s)
{
	static const struct { const char *word; enum line_level level; } words[] = {
		{ "info", LEVEL_INFO }, { "i", LEVEL_INFO }, { "warning", LEVEL_WARNING },
		{ "warn", LEVEL_WARNING }, { "w", LEVEL_WARNING }, { "debug", LEVEL_DEBUG },
		{ "d", LEVEL_DEBUG }, { "error", LEVEL_ERROR }, { "e", LEVEL_ERROR },
		{ "err", LEVEL_ERROR }, { "critical", LEVEL_CRITICAL }, { "c", LEVEL_CRITICAL },
		{ "fatal", LEVEL_CRITICAL }, { "f", LEVEL_CRITICAL }, { "crit", LEVEL_CRITICAL },
		{ "exception", LEVEL_ERROR }, { "notice", LEVEL_INFO }, { "success", LEVEL_INFO },
		{ "trace", LEVEL_DEBUG }, { "log", LEVEL_INFO },
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (span_is_nocase(s, words[i].word))
			return words[i].level;
	return LEVEL_NONE;
}

long
prefix_number(struct span s)
{
	long   v = 0;
	size_t i = s.n;

	while (i > 0 && (unsigned)(s.p[i - 1] - '0') < 10 && s.n - i < 9)
		i--;
	if (i == s.n)
		return -1;
	for (; i < s.n; i++)
		v = v * 10 + (s.p[i] - '0');
	return v;
}

bool
prefix_shape(char shape, char c)
{
	switch (shape) {
	case '#': return c >= '0' && c <= '9';
	case '^': return c >= 'A' && c <= 'Z';
	case '?': return c >= 'a' && c <= 'z';
	case '*': return true;
	default: return c == shape;
	}
}

static bool
starts(const struct layer *layer, struct span s)
{
	for (unsigned i = 0; i < layer->start.n; i++) {
		const char *shape = layer->start.text[i];
		size_t      k = 0;

		while (shape[k] != '\0' && k < s.n && prefix_shape(shape[k], s.p[k]))
			k++;
		if (shape[k] == '\0')
			return true;
	}
	return false;
}

static void
find_groups(struct layer *layer)
{
	const char *name;
	unsigned    number;

	layer->known = true;
	layer->ncap = 1;
	for (unsigned i = 0; (name = pattern_group(layer->pattern, i, &number)) != NULL; i++)
		for (unsigned k = 0; k < G_N; k++)
			if (number < PATTERN_GROUPS && strcmp(name, prefix_group_names[k]) == 0) {
				layer->group[k] = number;
				if (layer->ncap <= number)
					layer->ncap = number + 1;
			}
}

bool
prefix_time(const struct list *forms, struct span s, double arrival, struct stamp_memo *memo,
    double *ret)
{
	for (unsigned i = 0; i < forms->n; i++)
		if (stamp_read(s, forms->text[i], arrival, memo, ret))
			return true;
	return false;
}

/* What the groups say; false: that is no prefix, after all. */
static bool
read_groups(const struct layer *layer, const struct span *cap, double arrival,
    struct prefix_memo *memo, struct facts *ret)
{
	const unsigned *g = layer->group;

	*ret = (struct facts){ NAN, -1, -1, LEVEL_NONE };
	if (g[G_LEVEL] && cap[g[G_LEVEL]].p != NULL) {
		ret->level = prefix_level(cap[g[G_LEVEL]]);
		if (ret->level == LEVEL_NONE)
			return false;
	}
	if (g[G_RANK] && cap[g[G_RANK]].p != NULL)
		ret->rank = prefix_number(cap[g[G_RANK]]);
	if (g[G_NODE] && cap[g[G_NODE]].p != NULL)
		ret->node = prefix_number(cap[g[G_NODE]]);
	return !g[G_TIME] || cap[g[G_TIME]].p == NULL ||
	    prefix_time(&layer->time, cap[g[G_TIME]], arrival, &memo->stamp, &ret->time);
}

void
prefix_apply(const struct facts *f, struct line *line)
{
	if (!isnan(f->time)) {
		line->time = f->time;
		line->printed_time = true;
	}
	if (f->rank >= 0)
		line->rank = (int)f->rank;
	if (f->node >= 0)
		line->node = (int)f->node;
	if (f->level != LEVEL_NONE)
		line->level = f->level;
}

/*
 * "0: " is srun's rank, and as well the iteration of darknet or the row of a
 * list.  A launcher's prefix stands on every line and comes again (rank 0 after
 * rank 0); a counter grows by one a line.  So a line scores when its key was
 * seen in this streak and is not the last one plus 1; any line without the
 * prefix ends the streak.  Once sure, always sure.
 */
static bool
confirmed(const struct layer *layer, struct prefix_memo *memo, struct span prefix, struct span text,
    const struct facts *f)
{
	struct prefix_streak *s = &memo->streak[layer->streak];
	long                  key;
	uint64_t              bit;
	struct span           whole;

	if (s->score >= SCORE_SURE)
		return true;
	if (layer->sure != NULL && pattern_match(layer->sure, text, 0, &whole, 1)) {
		s->score = SCORE_SURE;
		return true;
	}
	key = f->rank >= 0 ? f->rank : (long)(span_hash(prefix) >> 2);
	bit = 1ULL << (key & 63);
	if (s->line + 1 != memo->lines) {
		s->seen = 0;
		s->score = 0;
	} else if ((s->seen & bit) && key != s->last + 1)
		s->score++;
	s->line = memo->lines;
	s->seen |= bit;
	s->last = key;
	return s->score >= SCORE_SURE;
}

/* A layer to be confirmed is looked for at the start of a stream, and now and then. */
static bool
worth_trying(const struct layer *layer, const struct prefix_memo *memo)
{
	return layer->streak < 0 || memo->streak[layer->streak].score >= SCORE_SURE ||
	    memo->lines < SEARCH || memo->lines % 256 < 16;
}

/* What a logger puts at the end of a line, looked for there alone. */
static void
drop_tail(struct pattern *tail, struct span *text)
{
	struct span whole;

	if (pattern_match(tail, *text, text->n > TAIL_MAX ? text->n - TAIL_MAX : 0, &whole, 1))
		text->n = (size_t)(whole.p - text->p);
}

static bool
try_layer(struct layer *layer, struct prefix_memo *memo, struct line *line)
{
	struct span  cap[PATTERN_GROUPS], rest;
	struct facts f;

	if (!worth_trying(layer, memo) || !starts(layer, line->text))
		return false;
	if (!layer->known)
		find_groups(layer);
	if (!pattern_match(layer->pattern, line->text, 0, cap, layer->ncap) ||
	    !read_groups(layer, cap, line->arrival, memo, &f))
		return false;
	rest = span_from(line->text, cap[0].n);
	if (layer->streak >= 0 && !confirmed(layer, memo, cap[0], rest, &f))
		return false;
	prefix_apply(&f, line);
	line->text = layer->group[G_TEXT] && cap[layer->group[G_TEXT]].p != NULL
	    ? cap[layer->group[G_TEXT]] : rest;
	if (layer->tail != NULL)
		drop_tail(layer->tail, &line->text);
	return true;
}

/* The layers that the first bytes of s leave possible. */
static uint64_t
candidates_for(const struct prefixes *x, struct span s)
{
	uint64_t ret = UINT64_MAX;

	for (size_t i = 0; i < HEAD && i < s.n; i++)
		ret &= x->byte[i][(unsigned char)s.p[i]];
	return ret;
}

/* The layer that the text starts with, peeled; -1: none.  *open loses those that cannot come again. */
static int
peel_one(const struct prefixes *x, struct prefix_memo *memo, struct line *line, unsigned depth,
    uint64_t *open)
{
	uint64_t candidates = candidates_for(x, line->text) & *open;
	unsigned i;
	bool     whole = false;

	if (depth < memo->n && (candidates >> memo->layer[depth] & 1)) {
		i = memo->layer[depth];
		if (i != JSON_LAYER && try_layer(&x->layer[i], memo, line)) {
			*open &= ~(1ULL << i);
			return (int)i;
		}
	}
	for (; candidates != 0; candidates &= candidates - 1) {
		i = (unsigned)__builtin_ctzll(candidates);
		if (i == JSON_LAYER ? !prefix_json(x, memo, line, &whole)
		                    : !try_layer(&x->layer[i], memo, line))
			continue;
		if (i != JSON_LAYER || whole)
			*open &= ~(1ULL << i);
		return (int)i;
	}
	return -1;
}

void
prefixes_peel(const struct prefixes *x, struct prefix_memo *memo, struct line *line)
{
	uint64_t      open = UINT64_MAX;
	unsigned char layer[PREFIX_DEPTH];
	unsigned      n = 0;
	int           i;

	memo->unwrapped = false;
	memo->lines++;
	while (n < PREFIX_DEPTH && line->text.n > 0 &&
	    (i = peel_one(x, memo, line, n, &open)) >= 0)
		layer[n++] = (unsigned char)i;
	if (n == 0)
		return;
	memcpy(memo->layer, layer, n);
	memo->n = (unsigned char)n;
}
