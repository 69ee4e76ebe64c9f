/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "profile_check.h"

#include <ctype.h>
#include <stdlib.h>

#include "reader.h"
#include "xalloc.h"
#include "ydoc.h"

#define LITERALS_MAX 16
#define WORDS_MAX    2048

/* A profile that is looked at. */
struct checking {
	const struct profile *profile;
	const struct vocab *vocab;
	struct diags *diags;
	const struct reader *reader;
	const struct ynode *node; /* the reader's */
	const char **words;       /* what a name may be */
	size_t nwords;
};

/* --- patterns --- */

static bool
has_literal(const struct pattern *p)
{
	char lit[LITERALS_MAX][PATTERN_LITERAL_MAX];

	return pattern_literals(p, lit, LITERALS_MAX) > 0;
}

/* from: where in the text at its place it begins. */
static void
check_pattern(struct checking *c, struct pattern *p, const struct ynode *at, size_t from)
{
	struct diag d = { .col = 0 };

	if (p && at && pattern_check(p, &d) == -1)
		ydoc_error_in(c->profile->doc, at, from + (d.col ? d.col - 1 : 0), c->diags, "%s", d.text);
}

/* Keys of the map that are patterns, in their order. */
static void
check_keys(struct checking *c)
{
	const struct ynode *map = ynode_get(c->node, "map");
	unsigned n = 0;

	for (size_t i = 0; map && map->kind == Y_MAP && i < map->n && n < c->reader->nkeys; i++) {
		struct span key = map->key[i]->text;
		if (key.n > 2 && key.p[0] == '/' && key.p[key.n - 1] == '/')
			check_pattern(c, c->reader->keys[n++].pattern, map->key[i], 1);
	}
}

/* A reader is found by a text of its lines; without one it would be tried on every line. */
static void
check_literal(struct checking *c)
{
	const struct reader *r = c->reader;

	if (!r->pattern || r->in || r->profile->generic || pattern_quarantined(r->pattern) || has_literal(r->pattern))
		return;
	ydoc_warn(c->profile->doc, ynode_get(c->node, "pattern"), c->diags,
	    "the pattern has no text that is always there, so it is tried on every line of every log; it needs "
	    "a word of four letters or more outside of ? and *");
}

/* --- names --- */

/* "train/loss", "loss": the name behind the phase; false: what stands before '/' is near to a phase and is none. */
static bool
check_phase(struct checking *c, const struct ynode *at, size_t off, struct span *name)
{
	static const char *const phases[] = { "train", "val", "test" };
	const char *slash = memchr(name->p, '/', name->n);
	char word[16];
	enum phase phase;

	if (!slash || (size_t)(slash - name->p) >= sizeof word)
		return true;
	struct span before = { name->p, (size_t)(slash - name->p) };
	if (vocab_phase(c->vocab, before, &phase)) {
		*name = span_from(*name, before.n + 1);
		return true;
	}
	snprintf(word, sizeof word, "%.*s", (int)before.n, before.p);
	const char *near = before.n > 2 ? diag_nearest(word, phases, sizeof phases / sizeof *phases) : NULL;
	if (near)
		ydoc_warn_in(c->profile->doc, at, off, c->diags, "'%s' is no phase; did you mean %s/%.*s?", word, near,
		    (int)(name->n - before.n - 1), slash + 1);
	return !near;
}

/* A name that the vocabulary does not know is a new metric, unless it is a known one with a slip. */
static void
check_name(struct checking *c, const struct ynode *at, size_t off, struct span name, const char *what)
{
	struct key_meaning m;
	enum key_kind kind;
	char word[VOCAB_NAME_MAX];

	if (vocab_position(name, &kind) || span_is(name, "rest") || span_is(name, "phase") || span_is(name, "&"))
		return;
	vocab_key(c->vocab, name, &m);
	if (m.kind != KEY_UNKNOWN || !check_phase(c, at, off, &name) || m.likely || name.n < 3 || name.n >= sizeof word)
		return;
	snprintf(word, sizeof word, "%.*s", (int)name.n, name.p);
	const char *near = diag_nearest(word, c->words, c->nwords);
	if (near && strcmp(near, word) != 0)
		ydoc_warn_in(c->profile->doc, at, off, c->diags, "%s '%s' is no metric that is known; did you mean '%s'?", what,
		    word, near);
}

static size_t
place_of_group(const struct ynode *pattern, const char *group)
{
	char *text = xasprintf("<%s>", group);
	size_t at = span_find(pattern->text, text);

	free(text);
	return at == (size_t)-1 ? 0 : at + 1;
}

/* A group is a metric, a position, or is told what it is by map:. */
static void
check_groups(struct checking *c)
{
	const struct ynode *at = ynode_get(c->node, "pattern");
	unsigned number;
	const char *group;

	if (!c->reader->pattern || !at || pattern_quarantined(c->reader->pattern))
		return;
	for (unsigned i = 0; (group = pattern_group(c->reader->pattern, i, &number)); i++) {
		char name[64];
		size_t n = 0;
		for (const char *p = group; *p && n + 1 < sizeof name; p++)
			if (p[0] == '_' && p[1] == '_')
				name[n++] = '/', p++;
			else
				name[n++] = *p;
		name[n] = '\0';
		const struct ynode *map = ynode_get(c->node, "map");
		if (!map || !ynode_get(map, name))
			check_name(c, at, place_of_group(at, group), (struct span){ name, n }, "the group");
	}
}

/* What a map goes to: "val/loss", "step_time ms", "gpu/util gpu=0", "label gpu". */
static void
check_map(struct checking *c)
{
	const struct ynode *map = ynode_get(c->node, "map");

	for (size_t i = 0; map && map->kind == Y_MAP && i < map->n; i++) {
		struct span s = map->item[i]->kind == Y_SCALAR ? span_trim(map->item[i]->text) : SPAN_NONE;
		const char *blank = s.n ? memchr(s.p, ' ', s.n) : NULL;
		struct span word = { s.p, blank ? (size_t)(blank - s.p) : s.n };
		if (word.n && !span_is(word, "label"))
			check_name(c, map->item[i], 0, word, "the metric");
	}
}

/* --- tests --- */

static void
check_test(struct checking *c, const struct ynode *test)
{
	static const char *const keys[] = { "lines", "samples", NULL };
	static const char *const sample[] = { "metric", "value", "step", "epoch", "labels", NULL };
	const struct ydoc *doc = c->profile->doc;
	const struct ynode *lines = ynode_get(test, "lines"), *samples = ynode_get(test, "samples");

	if (test->kind != Y_MAP) {
		ydoc_error(doc, test, c->diags, "a test has lines: and samples:");
		return;
	}
	(void)ydoc_keys(doc, test, keys, c->diags);
	if (!lines || lines->kind != Y_LIST || lines->n == 0)
		ydoc_error(doc, lines ? lines : test, c->diags, "lines: is a list of lines of a log");
	if (samples && samples->kind != Y_LIST)
		ydoc_error(doc, samples, c->diags, "samples: is a list; an empty one says that none may come out");
	for (size_t i = 0; samples && samples->kind == Y_LIST && i < samples->n; i++) {
		const struct ynode *s = samples->item[i];
		if (s->kind != Y_MAP || !ynode_get(s, "metric"))
			ydoc_error(doc, s, c->diags, "a sample of a test is {metric: train/loss, value: 0.5, step: 10}");
		else
			(void)ydoc_keys(doc, s, sample, c->diags);
	}
}

static void
check_tests(struct checking *c)
{
	const struct ynode *tests = ynode_get(ydoc_root(c->profile->doc), "tests");

	if (tests && tests->kind != Y_LIST)
		ydoc_error(c->profile->doc, tests, c->diags, "tests: is a list");
	for (size_t i = 0; tests && tests->kind == Y_LIST && i < tests->n; i++)
		check_test(c, tests->item[i]);
}

void
profile_series(const struct profile *p, struct buf *out)
{
	const struct ynode *tests = ynode_get(ydoc_root(p->doc), "tests"), *samples, *metric;
	struct map *seen = map_new();

	for (size_t i = 0; tests && tests->kind == Y_LIST && i < tests->n; i++) {
		samples = ynode_get(tests->item[i], "samples");
		for (size_t k = 0; samples && samples->kind == Y_LIST && k < samples->n; k++) {
			metric = ynode_get(samples->item[k], "metric");
			if (!metric || metric->kind != Y_SCALAR || map_set(seen, metric->text, seen))
				continue;
			buf_str(out, map_count(seen) > 1 ? ", " : "");
			buf_span(out, metric->text);
		}
	}
	map_free(seen);
}

void
profile_check(const struct profile *p, const struct vocab *v, bool doubts, struct diags *diags)
{
	const struct ynode *reads = ynode_get(ydoc_root(p->doc), "reads");
	struct checking c = { .profile = p, .vocab = v, .diags = diags };

	c.words = xcalloc(WORDS_MAX, sizeof *c.words);
	c.nwords = vocab_bases(v, c.words, WORDS_MAX);
	for (size_t i = 0; i < p->readers && reads && i < reads->n; i++) {
		c.reader = p->reader[i];
		c.node = reads->item[i];
		check_pattern(&c, c.reader->pattern, ynode_get(c.node, "pattern"), 0);
		check_keys(&c);
		if (ynode_get(c.node, "columns"))
			check_pattern(&c, c.reader->row, ynode_get(ynode_get(c.node, "columns"), "row"), 0);
		if (!doubts)
			continue;
		check_literal(&c);
		check_groups(&c);
		check_map(&c);
	}
	check_tests(&c);
	free(c.words);
}

/* --- lines that nobody reads --- */

/* One of the texts that the pattern is found by stands in the line. */
static bool
is_candidate(const struct reader *r, const char *folded)
{
	char lit[LITERALS_MAX][PATTERN_LITERAL_MAX];
	unsigned n = pattern_literals(r->pattern, lit, LITERALS_MAX);

	for (unsigned i = 0; i < n; i++) {
		for (char *p = lit[i]; *p; p++)
			*p = (char)tolower((unsigned char)*p);
		if (strstr(folded, lit[i]))
			return true;
	}
	return false;
}

static void
try_reader(const struct reader *r, struct span line, struct nearest *ret)
{
	struct pattern_reach reach;

	if (!pattern_reach(r->pattern, line, &reach) ||
	    (ret->reader && (reach.bytes < ret->bytes || (reach.bytes == ret->bytes && !reach.whole))))
		return;
	*ret = (struct nearest){ .reader = r->full, .pattern = pattern_text(r->pattern), .at = reach.at,
	    .from = reach.from, .bytes = reach.bytes, .whole = reach.whole, .block = r->in };
}

void
profile_nearest(const struct profiles *all, const struct profile *only, struct span line, struct nearest *ret)
{
	char *folded = xstrndup(line.p ? line.p : "", line.n);

	*ret = (struct nearest){ .reader = NULL };
	for (char *p = folded; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	for (unsigned i = 0; i < profiles_reader_count(all); i++) {
		const struct reader *r = profiles_reader(all, i);
		if (!r->pattern || (only ? r->profile != only : r->profile->generic || !is_candidate(r, folded)))
			continue;
		try_reader(r, line, ret);
	}
	free(folded);
}
