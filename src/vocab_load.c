/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>

#include "vocab_impl.h"
#include "xalloc.h"
#include "ydoc.h"

struct reading {
	struct vocab *v;
	const struct ydoc *doc;
	struct diags *diags;
};

static void
add_word(struct reading *r, const struct ynode *at, struct span word, struct entry *e)
{
	char folded[VOCAB_NAME_MAX];
	struct span f = vocab_fold(word, folded, sizeof folded);

	struct entry *old = map_set(r->v->words, f, e);
	if (old && old->base && e->base && strcmp(old->base, e->base) != 0 && at)
		ydoc_error(r->doc, at, r->diags, "'%.*s' already means %s",
		    (int)word.n, word.p, old->base);
}

static struct entry *
new_entry(struct vocab *v, const char *base, enum key_kind kind)
{
	struct entry *e = xcalloc(1, sizeof *e);

	e->base = xstrdup(base);
	e->kind = kind;
	XGROW(v->entry, v->entries, v->entry_cap);
	v->entry[v->entries++] = e;
	return e;
}

static bool
read_info(struct reading *r, const struct ynode *m, struct metric_info *info, bool *phased)
{
	const struct ynode *n;
	const char *text;
	bool yes;

	*phased = true;
	info->may_be_zero = true;
	if ((n = ynode_get(m, "class")) && ydoc_str(r->doc, n, &text, r->diags) &&
	    !vocab_class(text, &info->cls))
		ydoc_error(r->doc, n, r->diags, "'%s' is no class of metrics", text);
	if ((n = ynode_get(m, "better")) && ydoc_str(r->doc, n, &text, r->diags)) {
		if (strcmp(text, "lower") == 0)
			info->dir = DIR_LOWER;
		else if (strcmp(text, "higher") == 0)
			info->dir = DIR_HIGHER;
		else
			ydoc_error(r->doc, n, r->diags, "better is lower or higher, not '%s'", text);
	}
	if ((n = ynode_get(m, "phased")) && ydoc_bool(r->doc, n, &yes, r->diags))
		*phased = yes;
	if ((n = ynode_get(m, "negative")) && ydoc_bool(r->doc, n, &yes, r->diags))
		info->may_be_negative = yes;
	if ((n = ynode_get(m, "zero")) && ydoc_bool(r->doc, n, &yes, r->diags))
		info->may_be_zero = yes;
	if ((n = ynode_get(m, "nan")) && ydoc_bool(r->doc, n, &yes, r->diags))
		info->may_be_nan = yes;
	if ((n = ynode_get(m, "running_mean")) && ydoc_bool(r->doc, n, &yes, r->diags))
		info->running_mean = yes;
	return true;
}

static void
read_metric(struct reading *r, const struct ynode *key, const struct ynode *m)
{
	static const char *const keys[] = { "class", "better", "phased", "phase", "negative", "zero",
	    "nan", "running_mean", "unit", "also", NULL };
	const struct ynode *n;
	const char *text;

	if (m->kind != Y_MAP) {
		ydoc_error(r->doc, m, r->diags, "a metric is described by a mapping");
		return;
	}
	(void)ydoc_keys(r->doc, m, keys, r->diags);
	struct entry *e = new_entry(r->v, key->text.p, KEY_METRIC);
	(void)read_info(r, m, &e->info, &e->phased);
	if ((n = ynode_get(m, "phase")) && ydoc_str(r->doc, n, &text, r->diags) &&
	    !vocab_phase(r->v, span_of(text), &e->phase))
		ydoc_error(r->doc, n, r->diags, "'%s' is no phase", text);
	if ((n = ynode_get(m, "unit")) && ydoc_str(r->doc, n, &text, r->diags)) {
		if (unit_find(span_of(text), &e->unit))
			e->has_unit = true;
		else
			ydoc_error(r->doc, n, r->diags, "'%s' is no unit", text);
	}
	e->info.unit = e->has_unit ? e->unit.q : Q_NONE;
	add_word(r, NULL, key->text, e);
	n = ynode_get(m, "also");
	for (size_t i = 0; n && n->kind == Y_LIST && i < n->n; i++)
		if (ydoc_str(r->doc, n->item[i], &text, r->diags))
			add_word(r, n->item[i], span_of(text), e);
}

static void
read_like(struct reading *r, const struct ynode *m)
{
	static const char *const keys[] = { "name", "class", "better", "phased", "negative", "zero",
	    "nan", "running_mean", "setting", NULL };
	struct like like = { .glob = NULL };
	const struct ynode *n;
	const char *text;
	bool yes;

	if (m->kind != Y_MAP || !(n = ynode_get(m, "name")) || !ydoc_str(r->doc, n, &text, r->diags)) {
		ydoc_error(r->doc, m, r->diags, "an entry of like: has a name: with a glob");
		return;
	}
	(void)ydoc_keys(r->doc, m, keys, r->diags);
	(void)read_info(r, m, &like.info, &like.phased);
	if ((n = ynode_get(m, "setting")) && ydoc_bool(r->doc, n, &yes, r->diags))
		like.setting = yes;
	like.glob = xstrdup(text);
	XGROW(r->v->like, r->v->likes, r->v->like_cap);
	r->v->like[r->v->likes++] = like;
}

static void
read_words(struct reading *r, const struct ynode *map, bool phases)
{
	const char *text;

	for (size_t i = 0; i < map->n; i++) {
		const struct ynode *key = map->key[i], *list = map->item[i];
		enum key_kind kind = KEY_IGNORE;
		size_t phase = 0;
		for (size_t k = 1; phases && k < 4; k++)
			if (span_is(key->text, vocab_phase_name[k]))
				phase = k;
		if (phases ? phase == 0 : !vocab_position(key->text, &kind)) {
			ydoc_error(r->doc, key, r->diags, "'%s' is no %s", key->text.p,
			    phases ? "phase (train, val, test)" : "position");
			continue;
		}
		struct entry *e = phases ? NULL : new_entry(r->v, key->text.p, kind);
		for (size_t k = 0; list->kind == Y_LIST && k < list->n; k++) {
			if (!ydoc_str(r->doc, list->item[k], &text, r->diags))
				continue;
			if (phases)
				map_set(r->v->phases, span_of(text), (void *)(phase + 1));
			else
				add_word(r, list->item[k], span_of(text), e);
		}
	}
}

/* "val/loss": [Validierungsverlust, ...]: whole keys in other words, phase and all. */
static void
read_foreign(struct reading *r, const struct ynode *key, const struct ynode *list)
{
	char folded[VOCAB_NAME_MAX];
	enum phase phase = PHASE_NONE;
	struct span base = key->text;
	const char *slash = memchr(base.p, '/', base.n), *text;

	if (slash && vocab_phase(r->v, (struct span){ base.p, (size_t)(slash - base.p) }, &phase))
		base = span_from(base, (size_t)(slash - base.p) + 1);
	const struct entry *known = map_get(r->v->words, vocab_fold(base, folded, sizeof folded));
	if (!known || list->kind != Y_LIST) {
		ydoc_error(r->doc, known ? list : key, r->diags, known ? "is a list of words" :
		    "'%s' is no metric or position of the vocabulary", key->text.p);
		return;
	}
	struct entry *e = new_entry(r->v, known->base, known->kind);
	struct entry copy = *known;
	copy.base = e->base;
	*e = copy;
	e->phase = phase;
	for (size_t i = 0; i < list->n; i++)
		if (ydoc_str(r->doc, list->item[i], &text, r->diags))
			map_set(r->v->words, vocab_fold(span_of(text), folded, sizeof folded), e);
}

int
vocab_load(struct vocab *v, struct ydoc *doc, struct diags *diags)
{
	static const char *const keys[] = { "phases", "fillers", "positions", "metrics", "words", "like", NULL };

	if (!doc)
		return -1;
	unsigned before = diags_errors(diags);
	struct reading r = { .v = v, .doc = doc, .diags = diags };
	const struct ynode *root = ydoc_root(doc), *n;
	const char *text;
	if (root->kind != Y_MAP)
		ydoc_error(doc, root, diags, "a vocabulary is a mapping with metrics:");
	else
		(void)ydoc_keys(doc, root, keys, diags);
	if ((n = ynode_get(root, "phases")) && n->kind == Y_MAP)
		read_words(&r, n, true);
	if ((n = ynode_get(root, "fillers")) && n->kind == Y_LIST)
		for (size_t i = 0; i < n->n; i++)
			if (ydoc_str(doc, n->item[i], &text, diags))
				map_set(v->fillers, span_of(text), v);
	if ((n = ynode_get(root, "positions")) && n->kind == Y_MAP)
		read_words(&r, n, false);
	if ((n = ynode_get(root, "metrics")) && n->kind == Y_MAP)
		for (size_t i = 0; i < n->n; i++)
			read_metric(&r, n->key[i], n->item[i]);
	if ((n = ynode_get(root, "words")) && n->kind == Y_MAP)
		for (size_t i = 0; i < n->n; i++)
			read_foreign(&r, n->key[i], n->item[i]);
	if ((n = ynode_get(root, "like")) && n->kind == Y_LIST)
		for (size_t i = 0; i < n->n; i++)
			read_like(&r, n->item[i]);
	ydoc_free(doc);
	return diags_errors(diags) == before ? 0 : -1;
}
