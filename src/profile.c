/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "profile.h"

#include <ctype.h>
#include <stdlib.h>

#include "reader.h"
#include "xalloc.h"
#include "ydoc.h"

struct profiles {
	struct vocab    *vocab;
	struct profile **profile;
	size_t           n, cap;
	struct reader  **reader; /* borrowed from the profiles, in order of id */
	size_t           readers, reader_cap;
	unsigned         loads;
};

/* What a YAML text is read into, and where its mistakes go. */
struct reading {
	struct profiles *all;
	struct profile  *profile;
	const struct ydoc *doc;
	struct diags    *diags;
};

/* --- what a map says of a key --- */

/* What stands behind the name: a label "gpu=0", a factor "*100", or a unit. */
static bool
target_suffix(struct reading *r, const struct ynode *at, struct target *t, struct span rest)
{
	if (rest.n == 0)
		return true;
	if (memchr(rest.p, '=', rest.n) && rest.n < sizeof t->with)
		memcpy(t->with, rest.p, rest.n);
	else if (span_starts(rest, "*"))
		t->scale = strtod(rest.p + 1, NULL);
	else if (unit_find(rest, &t->unit))
		t->has_unit = true;
	else {
		ydoc_error(r->doc, at, r->diags, "'%.*s' is no unit", (int)rest.n, rest.p);
		return false;
	}
	return true;
}

/*
 * The meaning in a map: "loss", "val/loss", "step_time ms", "step", "label gpu",
 * "ignore", "gpu/util gpu=0", "val/&" (as printed): a canonical name or position, then a unit or a label.
 */
static bool
target_parse(struct reading *r, const struct ynode *at, struct target *t, const char *text)
{
	struct span rest = span_trim(span_of(text));
	const char *blank = memchr(rest.p, ' ', rest.n);
	struct span word = { rest.p, blank ? (size_t)(blank - rest.p) : rest.n };
	enum phase phase = PHASE_NONE;

	t->known = true;
	rest = span_trim(span_from(rest, word.n));
	if (span_is(word, "label")) {
		if (rest.n == 0 || rest.n >= sizeof t->label) {
			ydoc_error(r->doc, at, r->diags, "a label has a short name: 'label gpu'");
			return false;
		}
		memcpy(t->label, rest.p, rest.n);
		t->kind = KEY_RANK;
		return true;
	}
	if (vocab_position(word, &t->kind)) {
		target_base(t, word);
		rest.n = 0;
		return true;
	}
	const char *slash = memchr(word.p, '/', word.n);
	size_t n = slash ? (size_t)(slash - word.p) : 0;
	t->kind = KEY_METRIC;
	if (slash && (span_is((struct span){ word.p, n }, "train") ||
	    span_is((struct span){ word.p, n }, "val") || span_is((struct span){ word.p, n }, "test")) &&
	    vocab_phase(r->all->vocab, (struct span){ word.p, n }, &phase)) {
		t->phase = phase;
		target_base(t, span_from(word, n + 1));
	} else {
		struct key_meaning m;
		vocab_key(r->all->vocab, word, &m);
		t->phased = m.kind == KEY_UNKNOWN && !m.likely ? !slash : m.phased;
		t->phase = m.phase;
		target_base(t, m.kind == KEY_METRIC ? m.base : word);
		if (m.kind == KEY_METRIC && m.has_unit)
			t->unit = m.unit, t->has_unit = true;
	}
	return target_suffix(r, at, t, rest);
}

/* --- YAML --- */

static bool
read_flag(struct reading *r, const struct ynode *m, const char *key, bool *ret)
{
	const struct ynode *n = ynode_get(m, key);

	return n && ydoc_bool(r->doc, n, ret, r->diags);
}

static const char *
read_text(struct reading *r, const struct ynode *m, const char *key)
{
	const struct ynode *n = ynode_get(m, key);
	const char *text;

	return n && ydoc_str(r->doc, n, &text, r->diags) ? text : NULL;
}

static char *
read_copy(struct reading *r, const struct ynode *m, const char *key)
{
	return xcopy(read_text(r, m, key));
}

static char **
read_list(struct reading *r, const struct ynode *m, const char *key, size_t *ret)
{
	const struct ynode *n = ynode_get(m, key);
	const char *text;
	char **list;

	*ret = 0;
	if (!n)
		return NULL;
	if (n->kind != Y_LIST) {
		ydoc_error(r->doc, n, r->diags, "%s: is a list", key);
		return NULL;
	}
	list = xcalloc(n->n + 1, sizeof *list);
	for (size_t i = 0; i < n->n; i++)
		if (ydoc_str(r->doc, n->item[i], &text, r->diags))
			list[(*ret)++] = xstrdup(text);
	return list;
}

static struct pattern *
read_pattern(struct reading *r, const struct ynode *m, const char *key, unsigned flags)
{
	const char *text = read_text(r, m, key);
	struct pattern *p = NULL;
	struct diag d = { .col = 0 };

	if (text && pattern_new(text, flags, &p, &d) == -1)
		ydoc_error_in(r->doc, ynode_get(m, key), d.col ? d.col - 1 : 0, r->diags, "%s", d.text);
	return p;
}

static enum phase
read_phase(struct reading *r, const struct ynode *m, const char *key, bool *given)
{
	const char *text = read_text(r, m, key);
	enum phase phase = PHASE_NONE;

	if (text && strcmp(text, "none") != 0 && !vocab_phase(r->all->vocab, span_of(text), &phase))
		ydoc_error(r->doc, ynode_get(m, key), r->diags,
		    "'%s' is no phase: train, val, test or none", text);
	if (given)
		*given = text != NULL;
	return phase;
}

static void
read_map(struct reading *r, struct reader *rd, const struct ynode *m)
{
	const char *text;

	if (m->kind != Y_MAP) {
		ydoc_error(r->doc, m, r->diags, "map: goes from printed keys to metrics");
		return;
	}
	for (size_t i = 0; i < m->n; i++) {
		if (!ydoc_str(r->doc, m->item[i], &text, r->diags))
			continue;
		struct target *t = reader_target_new(rd);
		if (!target_parse(r, m->item[i], t, text))
			continue;
		struct span key = m->key[i]->text;
		if (key.n > 2 && key.p[0] == '/' && key.p[key.n - 1] == '/') {
			struct diag d = { .col = 0 };
			char *re = xstrndup(key.p + 1, key.n - 2);
			rd->keys = xrealloc(rd->keys, rd->nkeys + 1, sizeof *rd->keys);
			rd->keys[rd->nkeys].target = t;
			if (pattern_new(re, PATTERN_ANCHORED, &rd->keys[rd->nkeys].pattern, &d) == 0)
				rd->nkeys++;
			else
				ydoc_error_in(r->doc, m->key[i], d.col, r->diags, "%s", d.text);
			free(re);
			continue;
		}
		map_set(rd->map, key, t);
		char *lower = xstrndup(key.p, key.n);
		for (char *p = lower; *p; p++)
			*p = (char)tolower((unsigned char)*p);
		map_set(rd->map, span_of(lower), t);
		free(lower);
	}
}

static void
read_drop(struct reading *r, struct reader *rd, const struct ynode *m)
{
	size_t n;
	char **list = read_list(r, m, "drop", &n);

	for (size_t i = 0; i < n; i++) {
		struct target *t = reader_target_new(rd);
		t->kind = KEY_IGNORE;
		t->known = true;
		map_set(rd->map, span_of(list[i]), t);
		free(list[i]);
	}
	free(list);
}

static char
read_sep(struct reading *r, const struct ynode *m)
{
	const char *text = m->kind == Y_MAP ? read_text(r, m, "sep") : NULL;

	if (!text)
		return 0;
	if (strcmp(text, "blank") == 0)
		return 0;
	if (strcmp(text, "tab") == 0)
		return '\t';
	if (strcmp(text, "gap") == 0)
		return READER_GAP;
	if (strlen(text) != 1)
		ydoc_error(r->doc, ynode_get(m, "sep"), r->diags, "sep: is one character, tab, blank or gap");
	return text[0];
}

/* pairs:, object:, columns: are true or a mapping with what they need. */
static void
read_rest(struct reading *r, struct reader *rd, const struct ynode *m)
{
	static const char *const pair_keys[] = { "sep", "strict", "spaced", NULL };
	static const char *const object_keys[] = { "needs", "anywhere", "strict", NULL };
	static const char *const column_keys[] = { "sep", "row", "flex", "strict", NULL };
	static const struct { const char *name; enum rest rest; const char *const *keys; } kind[] = {
		{ "pairs", REST_PAIRS, pair_keys },
		{ "object", REST_OBJECT, object_keys },
		{ "columns", REST_COLUMNS, column_keys },
	};

	for (size_t i = 0; i < sizeof kind / sizeof *kind; i++) {
		const struct ynode *n = ynode_get(m, kind[i].name);
		size_t nneeds = 0;
		if (!n)
			continue;
		if (rd->rest != REST_NONE) {
			ydoc_error(r->doc, n, r->diags, "a reader has one of pairs, object and columns");
			continue;
		}
		rd->rest = kind[i].rest;
		if (n->kind != Y_MAP)
			continue;
		(void)ydoc_keys(r->doc, n, kind[i].keys, r->diags);
		rd->sep = read_sep(r, n);
		(void)read_flag(r, n, "strict", &rd->strict);
		(void)read_flag(r, n, "spaced", &rd->spaced);
		(void)read_flag(r, n, "anywhere", &rd->anywhere);
		(void)read_flag(r, n, "flex", &rd->flex);
		rd->row = read_pattern(r, n, "row", 0);
		rd->needs = read_list(r, n, "needs", &nneeds);
		rd->nneeds = (unsigned)nneeds;
		if (nneeds > READER_NEEDS)
			ydoc_error(r->doc, ynode_get(n, "needs"), r->diags, "needs: has at most %d keys", READER_NEEDS);
	}
}

static struct reader *
read_reader(struct reading *r, const struct ynode *m)
{
	static const char *const keys[] = { "name", "pattern", "nocase", "pairs", "object", "columns",
	    "phase", "set", "map", "drop", "comma", "opens", "in", "closes", "hold", "stay", "bar", "main",
	    "finish", "starts", "context", "priority", NULL };
	const struct ynode *n;
	bool nocase = false, given;
	double priority;

	struct reader *rd = xcalloc(1, sizeof *rd);
	rd->profile = r->profile;
	rd->map = map_new();
	rd->line = m->line;
	if (m->kind != Y_MAP) {
		ydoc_error(r->doc, m, r->diags, "a reader is a mapping with pattern: or object:");
		return rd;
	}
	(void)ydoc_keys(r->doc, m, keys, r->diags);
	rd->name = read_copy(r, m, "name");
	rd->full = xasprintf("%s/%s", r->profile->name ? r->profile->name : "?", rd->name ? rd->name : "?");
	(void)read_flag(r, m, "nocase", &nocase);
	rd->pattern = read_pattern(r, m, "pattern", nocase ? PATTERN_NOCASE : 0);
	read_rest(r, rd, m);
	rd->phase = read_phase(r, m, "phase", NULL);
	rd->set_phase = read_phase(r, m, "set", &given);
	rd->sets_phase = given;
	if ((n = ynode_get(m, "map")))
		read_map(r, rd, n);
	read_drop(r, rd, m);
	rd->opens = read_copy(r, m, "opens");
	rd->in = read_copy(r, m, "in");
	rd->closes = read_copy(r, m, "closes");
	(void)read_flag(r, m, "hold", &rd->hold);
	(void)read_flag(r, m, "comma", &rd->comma);
	(void)read_flag(r, m, "stay", &rd->stay);
	(void)read_flag(r, m, "bar", &rd->bar);
	(void)read_flag(r, m, "main", &rd->main_bar);
	(void)read_flag(r, m, "finish", &rd->finish);
	(void)read_flag(r, m, "starts", &rd->starts);
	(void)read_flag(r, m, "context", &rd->context);
	if ((n = ynode_get(m, "priority")) && ydoc_num(r->doc, n, &priority, r->diags))
		rd->priority = (int)priority;
	if (!rd->pattern && rd->rest != REST_OBJECT && !ynode_get(m, "pattern"))
		ydoc_error(r->doc, m, r->diags, "a reader needs a pattern:, or object: for lines that are one");
	return rd;
}

static void
profile_free(struct profile *p)
{
	for (size_t i = 0; i < p->readers; i++)
		reader_free(p->reader[i]);
	for (size_t i = 0; i < p->signs; i++)
		free(p->sign[i]);
	free(p->reader);
	free(p->sign);
	free(p->name);
	free(p->title);
	free(p->versions);
	free(p->file);
	ydoc_free(p->doc);
	free(p);
}

struct profiles *
profiles_new(struct vocab *v)
{
	struct profiles *all = xcalloc(1, sizeof *all);

	all->vocab = v;
	return all;
}

void
profiles_free(struct profiles *all)
{
	if (!all)
		return;
	for (size_t i = 0; i < all->n; i++)
		profile_free(all->profile[i]);
	free(all->profile);
	free(all->reader);
	free(all);
}

/* Readers are numbered anew after each load: a profile may have been replaced. */
static void
number_readers(struct profiles *all)
{
	all->readers = 0;
	for (size_t i = 0; i < all->n; i++) {
		struct profile *p = all->profile[i];
		p->index = (unsigned)i;
		for (size_t k = 0; k < p->readers; k++) {
			XGROW(all->reader, all->readers, all->reader_cap);
			p->reader[k]->id = (unsigned)all->readers;
			all->reader[all->readers++] = p->reader[k];
		}
	}
}

/* Two files of one folder: not one that replaces the other, but a mistake. */
static bool
are_neighbours(const char *a, const char *b)
{
	const char *x = strrchr(a, '/'), *y = strrchr(b, '/');
	size_t n = x ? (size_t)(x - a) : 0;

	return n == (y ? (size_t)(y - b) : 0) && strncmp(a, b, n) == 0 && strcmp(a, b) != 0;
}

static void
check_twins(struct reading *r, const struct ynode *at)
{
	const struct profile *other = profiles_find(r->all, r->profile->name);

	if (other && are_neighbours(other->file, r->profile->file))
		ydoc_error(r->doc, at, r->diags, "%s is called %s as well: one of the two needs another name",
		    other->file, other->name);
}

static void
add_profile(struct profiles *all, struct profile *p)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->profile[i]->name, p->name) == 0) {
			profile_free(all->profile[i]);
			all->profile[i] = p;
			return;
		}
	XGROW(all->profile, all->n, all->cap);
	all->profile[all->n++] = p;
}

int
profiles_load(struct profiles *all, struct ydoc *doc, struct diags *diags)
{
	static const char *const keys[] = { "profile", "title", "versions", "signs", "aside", "generic", "reads", "tests",
	    "about", NULL };
	const struct ynode *root, *n;

	if (!doc)
		return -1;
	unsigned before = diags_errors(diags);
	all->loads++;
	struct profile *p = xcalloc(1, sizeof *p);
	struct reading r = { .all = all, .profile = p, .doc = doc, .diags = diags };
	p->file = xstrdup(ydoc_name(doc));
	p->doc = doc;
	root = ydoc_root(doc);
	if (root->kind != Y_MAP || !ynode_get(root, "profile"))
		ydoc_error(doc, root, diags, "a profile begins with profile: and its name");
	else
		(void)ydoc_keys(doc, root, keys, diags);
	p->name = read_copy(&r, root, "profile");
	if (p->name)
		check_twins(&r, ynode_get(root, "profile"));
	p->title = read_copy(&r, root, "title");
	p->versions = read_copy(&r, root, "versions");
	p->sign = read_list(&r, root, "signs", &p->signs);
	(void)read_flag(&r, root, "aside", &p->aside);
	(void)read_flag(&r, root, "generic", &p->generic);
	n = ynode_get(root, "reads");
	if (!n || n->kind != Y_LIST)
		ydoc_error(doc, n ? n : root, diags, "a profile has a list of readers: reads:");
	for (size_t i = 0; n && n->kind == Y_LIST && i < n->n; i++) {
		XGROW(p->reader, p->readers, p->reader_cap);
		p->reader[p->readers++] = read_reader(&r, n->item[i]);
	}
	if (!p->name || diags_errors(diags) != before) {
		profile_free(p);
		return -1;
	}
	add_profile(all, p);
	number_readers(all);
	return 0;
}

unsigned
profiles_loads(const struct profiles *all)
{
	return all->loads;
}

unsigned
profiles_count(const struct profiles *all)
{
	return (unsigned)all->n;
}

const struct profile *
profiles_at(const struct profiles *all, unsigned i)
{
	return all->profile[i];
}

const struct profile *
profiles_find(const struct profiles *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->profile[i]->name, name) == 0)
			return all->profile[i];
	return NULL;
}

const char *
profile_name(const struct profile *p)
{
	return p->name;
}

const char *
profile_title(const struct profile *p)
{
	return p->title ? p->title : p->name;
}

const char *
profile_versions(const struct profile *p)
{
	return p->versions;
}

const char *
profile_file(const struct profile *p)
{
	return p->file;
}

const char *
profile_text(const struct profile *p)
{
	return ydoc_text(p->doc);
}

unsigned
profiles_reader_count(const struct profiles *all)
{
	return (unsigned)all->readers;
}

const char *
profiles_reader_name(const struct profiles *all, unsigned i)
{
	return all->reader[i]->full;
}

int
profiles_reader_find(const struct profiles *all, const char *name, unsigned guess)
{
	if (!name)
		return -1;
	if (guess < all->readers && strcmp(all->reader[guess]->full, name) == 0)
		return (int)guess;
	for (unsigned i = 0; i < all->readers; i++)
		if (strcmp(all->reader[i]->full, name) == 0)
			return (int)i;
	return -1;
}

struct reader *
profiles_reader(const struct profiles *all, unsigned id)
{
	return all->reader[id];
}

struct profile *
profiles_get(const struct profiles *all, unsigned i)
{
	return all->profile[i];
}
