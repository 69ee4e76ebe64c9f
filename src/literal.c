/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "literal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

/* --- the literals of a regular expression --- */

#define SET_MAX 16 /* alternatives worth carrying */
#define REPEAT_MAX 8

struct set {
	unsigned n;
	char     lit[SET_MAX][PATTERN_LITERAL_MAX];
};

struct walk {
	const char *p;
	unsigned    depth;
	bool        nocase; /* (?i) was met: what follows is folded */
	bool        give_up;
	unsigned    least;  /* times, of the quantifier met last */
};

/* Longer is rarer; each alternative costs a little. */
static int
score(const struct set *s)
{
	size_t shortest = PATTERN_LITERAL_MAX;

	if (s->n == 0)
		return 0;
	for (unsigned i = 0; i < s->n; i++)
		if (strlen(s->lit[i]) < shortest)
			shortest = strlen(s->lit[i]);
	return shortest < 2 ? 0 : (int)(shortest * 8) - (int)s->n;
}

static void
keep_better(struct set *best, const struct set *s)
{
	if (score(s) > score(best))
		*best = *s;
}

struct literal_run {
	char   text[PATTERN_LITERAL_MAX];
	size_t n;
};

static void
run_end(struct literal_run *run, struct set *best)
{
	struct set one = { .n = 1 };

	memcpy(one.lit[0], run->text, run->n);
	one.lit[0][run->n] = '\0';
	keep_better(best, &one);
	run->n = 0;
}

static void
run_add(struct walk *w, struct literal_run *run, char c, struct set *best)
{
	if (run->n + 1 >= PATTERN_LITERAL_MAX)
		run_end(run, best);
	run->text[run->n++] = w->nocase ? (char)tolower((unsigned char)c) : c;
}

/* The quantifier at w->p: 0 none, '?' may be absent, '+' at least once; moves past it. */
static char
quantifier(struct walk *w)
{
	char q = 0;

	w->least = 1;
	if (*w->p == '?' || *w->p == '*')
		q = '?';
	else if (*w->p == '+')
		q = '+';
	else if (*w->p == '{' && isdigit((unsigned char)w->p[1])) {
		w->least = (unsigned)atoi(w->p + 1);
		q = w->least == 0 ? '?' : '+';
		while (*w->p && *w->p != '}')
			w->p++;
	}
	if (q && *w->p)
		w->p++;
	if (q && (*w->p == '?' || *w->p == '+'))
		w->p++; /* lazy, possessive */
	return q;
}

static void
skip_class(struct walk *w)
{
	w->p++; /* [ */
	if (*w->p == '^')
		w->p++;
	if (*w->p == ']')
		w->p++;
	while (*w->p && *w->p != ']') {
		if (*w->p == '\\' && w->p[1])
			w->p++;
		else if (w->p[0] == '[' && w->p[1] == ':') {
			const char *end = strstr(w->p + 2, ":]");
			if (end)
				w->p = end + 1;
		}
		w->p++;
	}
	if (*w->p)
		w->p++;
}

/* An escape: the character it stands for, or 0 when it stands for several or none. */
static char
escape(struct walk *w)
{
	char c = w->p[1];

	if (!c) {
		w->p++;
		return 0;
	}
	w->p += 2;
	if (c == 't')
		return '\t';
	if (c == 'x' || c == 'p' || c == 'P' || c == 'k' || c == 'g' || c == 'Q' || c == 'N')
		w->give_up = true;
	return isalnum((unsigned char)c) ? 0 : c;
}

static void alternatives(struct walk *, struct set *);

/* A group: what it requires, into *ret. */
static void
group(struct walk *w, struct set *ret)
{
	bool negative = false;

	ret->n = 0;
	w->p++; /* ( */
	if (*w->p == '?') {
		const char *p = w->p + 1;
		if (*p == '=' || *p == '!' || (p[0] == '<' && (p[1] == '=' || p[1] == '!'))) {
			p += *p == '<';
			negative = *p++ == '!';
		} else if (*p == '<' || *p == '\'' || *p == 'P') {
			char close = strchr(p, '<') == p || *p == 'P' ? '>' : '\'';
			p++;
			while (*p && *p != close)
				p++;
			p += *p ? 1 : 0;
		} else {
			for (; *p && *p != ':' && *p != ')' && *p != '|' && *p != '>'; p++)
				if (*p == 'i')
					w->nocase = true;
			if (*p == ')') { /* (?i) */
				w->p = p + 1;
				return;
			}
			p += *p ? 1 : 0;
		}
		w->p = p;
	}
	alternatives(w, ret);
	if (*w->p == ')')
		w->p++;
	if (negative) /* what is looked for, ahead or behind, is in the text as well */
		ret->n = 0;
}

static void
sequence(struct walk *w, struct set *best)
{
	struct literal_run run = { .n = 0 };
	struct set sub;

	best->n = 0;
	while (*w->p && *w->p != '|' && *w->p != ')' && !w->give_up) {
		char c = 0;
		sub.n = 0;
		if (*w->p == '\\')
			c = escape(w);
		else if (*w->p == '[')
			skip_class(w);
		else if (*w->p == '(')
			group(w, &sub);
		else {
			c = strchr(".^$", *w->p) ? 0 : *w->p;
			w->p++;
		}
		if (c)
			run_add(w, &run, c, best);
		char q = quantifier(w);
		if (q == '?' && c)
			run.n--;
		for (unsigned i = 1; c && i < w->least && i < REPEAT_MAX; i++) /* -{20,} */
			run_add(w, &run, c, best);
		if (q != '?' && !c)
			keep_better(best, &sub);
		if (q || !c)
			run_end(&run, best);
	}
	run_end(&run, best);
	if (score(best) == 0)
		best->n = 0;
}

static void
alternatives(struct walk *w, struct set *ret)
{
	struct set all = { .n = 0 }, one;
	bool open = false; /* an alternative that requires nothing: nor does the whole */

	if (++w->depth > 40)
		w->give_up = true;
	for (;;) {
		sequence(w, &one);
		if (one.n == 0 || all.n + one.n > SET_MAX)
			open = true;
		for (unsigned i = 0; i < one.n && !open; i++)
			memcpy(all.lit[all.n++], one.lit[i], PATTERN_LITERAL_MAX);
		if (*w->p != '|' || w->give_up)
			break;
		w->p++;
	}
	w->depth--;
	*ret = all;
	if (open || w->give_up)
		ret->n = 0;
}

unsigned
literal_set(const char *regex, bool nocase, char (*ret)[PATTERN_LITERAL_MAX], unsigned max)
{
	struct walk w = { .p = regex, .nocase = nocase };
	struct set set;

	alternatives(&w, &set);
	/* A stray ')' means that the walk misread it; requiring nothing is always right. */
	if (w.give_up || *w.p || set.n > max)
		return 0;
	memcpy(ret, set.lit, set.n * sizeof *ret);
	return set.n;
}

/* --- one pass that finds many --- */

/*
 * A window of WINDOW bytes slides over the text and looks at its last BLOCK
 * bytes: a table says how far it may jump because no literal's window has that
 * block any nearer to its end (Wu and Manber, 1994).  Literals shorter than the
 * window are found by their owners' patterns alone: their bit is always set.
 */
#define WINDOW    4
#define BLOCK     3
#define HASH_BITS 15
#define HASH_SIZE (1u << HASH_BITS)

struct entry {
	char    *text; /* folded */
	size_t   n;
	size_t   at;   /* where its window starts */
	unsigned id;
	unsigned next; /* entry of the same hash, 0: none; entries count from 1 */
};

struct literals {
	unsigned char shift[HASH_SIZE];
	uint16_t      head[HASH_SIZE];
	struct entry *entry;
	size_t        n, cap;
	uint64_t      always[64]; /* owners of literals that are too short */
	unsigned      max_id;
};

static inline unsigned
block_hash(const char *p)
{
	uint32_t v = (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8 |
	    (uint32_t)(unsigned char)p[2] << 16;

	return ((v | 0x202020u) * 2654435761u) >> (32 - HASH_BITS);
}

struct literals *
literals_new(void)
{
	struct literals *l = xcalloc(1, sizeof *l);

	l->n = 1; /* 0 ends a chain */
	XGROW(l->entry, 1, l->cap);
	return l;
}

void
literals_free(struct literals *l)
{
	if (!l)
		return;
	for (size_t i = 1; i < l->n; i++)
		free(l->entry[i].text);
	free(l->entry);
	free(l);
}

/* Letters that logs are full of make a poor window; the more of them, the worse. */
static unsigned
commonness(const char *p)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < WINDOW; i++)
		sum += strchr(" eotainslrd:=0", p[i]) ? 2 : isalnum((unsigned char)p[i]) ? 1 : 0;
	return sum;
}

void
literals_always(struct literals *l, unsigned id)
{
	if (id >= sizeof l->always * 8)
		return;
	if (id > l->max_id)
		l->max_id = id;
	l->always[id / 64] |= UINT64_C(1) << (id % 64);
}

void
literals_add(struct literals *l, struct span s, unsigned id)
{
	if (id >= sizeof l->always * 8 || l->n > UINT16_MAX - 1)
		return;
	if (id > l->max_id)
		l->max_id = id;
	if (s.n < WINDOW) {
		literals_always(l, id);
		return;
	}
	XGROW(l->entry, l->n, l->cap);
	struct entry *e = &l->entry[l->n++];
	*e = (struct entry){ .text = xstrndup(s.p, s.n), .n = s.n, .id = id };
	for (size_t i = 0; i < s.n; i++)
		e->text[i] = (char)(isdigit((unsigned char)e->text[i]) ? '0' : tolower((unsigned char)e->text[i]));
	unsigned least = UINT32_MAX;
	for (size_t i = 0; i + WINDOW <= s.n; i++) {
		unsigned c = commonness(e->text + i);
		if (c < least) {
			least = c;
			e->at = i;
		}
	}
}

void
literals_finish(struct literals *l)
{
	memset(l->shift, WINDOW - BLOCK + 1, sizeof l->shift);
	memset(l->head, 0, sizeof l->head);
	for (size_t i = 1; i < l->n; i++) {
		struct entry *e = &l->entry[i];
		for (unsigned k = 0; k + BLOCK <= WINDOW; k++) {
			unsigned h = block_hash(e->text + e->at + k);
			unsigned char jump = (unsigned char)(WINDOW - BLOCK - k);
			if (jump < l->shift[h])
				l->shift[h] = jump;
		}
		unsigned h = block_hash(e->text + e->at + WINDOW - BLOCK);
		e->next = l->head[h];
		l->head[h] = (uint16_t)i;
	}
}

unsigned
literals_count(const struct literals *l)
{
	return (unsigned)(l->n - 1);
}

static bool
same_folded(const char *text, const char *folded, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] != folded[i] && tolower((unsigned char)text[i]) != folded[i])
			return false;
	return true;
}

/* Looks at the literals whose window ends at s.p + end; true when one stands there. */
static bool
verify(const struct literals *l, unsigned hash, struct span s, size_t end, uint64_t *hit)
{
	bool any = false;

	for (unsigned i = l->head[hash]; i; i = l->entry[i].next) {
		const struct entry *e = &l->entry[i];
		size_t before = e->at + WINDOW;
		if (end < before || s.n - (end - before) < e->n)
			continue;
		if (!same_folded(s.p + end - before, e->text, e->n))
			continue;
		hit[e->id / 64] |= UINT64_C(1) << (e->id % 64);
		any = true;
	}
	return any;
}

bool
literals_scan(const struct literals *l, struct span s, uint64_t *hit)
{
	bool any = false;

	for (unsigned i = 0; i <= l->max_id / 64; i++) {
		hit[i] |= l->always[i];
		any |= l->always[i] != 0;
	}
	for (size_t end = WINDOW; end <= s.n; ) {
		unsigned h = block_hash(s.p + end - BLOCK);
		unsigned jump = l->shift[h];
		if (jump) {
			end += jump;
			continue;
		}
		any |= verify(l, h, s, end, hit);
		end++;
	}
	return any;
}
