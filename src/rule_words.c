/* SPDX-License-Identifier: MIT */
/*
 * The words of rules in another language:
 *
 *	lang: zh
 *	rules:
 *	  nonfinite:
 *	  - en: the English text, as it stands in the rule
 *	    zh: the same in Chinese, with the same values in braces
 *
 * A text is found by what it says: when the rule is changed, the old words are
 * no longer used, and are never shown for something that they do not mean.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "rule_impl.h"
#include "xalloc.h"

static const char *const top_keys[] = { "lang", "rules", NULL };
static const char *const pair_keys[] = { "en", "zh", NULL };

static char *
key_of(const char *rule, struct span english)
{
	return xasprintf("%s\n%.*s", rule, (int)english.n, english.p);
}

static int
add(struct rules *set, struct ydoc *doc, const struct ynode *id, const struct ynode *pair,
    struct diags *diags)
{
	const struct ynode *english, *text;
	struct wording     *w;
	char               *key;

	if (!ydoc_keys(doc, pair, pair_keys, diags))
		return -1;
	english = ynode_get(pair, "en");
	text = ynode_get(pair, "zh");
	if (!english || !text || english->kind != Y_SCALAR || text->kind != Y_SCALAR)
		return ydoc_error(doc, pair, diags, "a text has two forms: en and zh");
	w = xcalloc(1, sizeof *w);
	*w = (struct wording){ doc, id, english, text, false };
	key = key_of(id->text.p, english->text);
	free(map_set(set->words, span_of(key), w)); /* a later file's words replace these */
	free(key);
	return 0;
}

static int
add_rule(struct rules *set, struct ydoc *doc, const struct ynode *id, const struct ynode *list,
    struct diags *diags)
{
	int status = 0;

	if (list->kind != Y_LIST)
		return ydoc_error(doc, list, diags, "a list of texts is needed here: - en: ..., zh: ...");
	for (size_t i = 0; i < list->n; i++)
		if (add(set, doc, id, list->item[i], diags) == -1)
			status = -1;
	return status;
}

static int
check_head(const struct ydoc *doc, const struct ynode *root, struct diags *diags)
{
	const struct ynode *name, *rules;
	enum lang           l;

	if (!ydoc_keys(doc, root, top_keys, diags))
		return -1;
	name = ynode_get(root, "lang");
	rules = ynode_get(root, "rules");
	if (!name || name->kind != Y_SCALAR || !lang_find(name->text.p, &l) || l != LANG_ZH)
		return ydoc_error(doc, name ? name : root, diags, "lang is missing or not known: zh");
	if (!rules || rules->kind != Y_MAP)
		return ydoc_error(doc, root, diags, "rules is missing: a map from ids to texts");
	return 0;
}

int
rules_words(struct rules *set, struct ydoc *doc, struct diags *diags)
{
	const struct ynode *rules;
	int                 status = 0;

	if (!doc)
		return -1;
	XGROW(set->doc, set->ndocs, set->doc_size);
	set->doc[set->ndocs++] = doc;
	if (check_head(doc, ydoc_root(doc), diags) == -1)
		return -1;
	if (!set->words)
		set->words = map_new();
	rules = ynode_get(ydoc_root(doc), "rules");
	for (size_t i = 0; i < rules->n; i++)
		if (add_rule(set, doc, rules->key[i], rules->item[i], diags) == -1)
			status = -1;
	return status;
}

struct wording *
wording_find(const struct rules *set, const char *rule, struct span english)
{
	char           *key;
	struct wording *w;

	if (!set->words)
		return NULL;
	key = key_of(rule, english);
	w = map_get(set->words, span_of(key));
	free(key);
	return w;
}

int
wordings_check(const struct rules *set, struct diags *diags)
{
	int status = 0;

	for (size_t i = 0; set->words && i < map_count(set->words); i++) {
		struct wording *w = map_at(set->words, i, NULL);
		const char     *id = w->id->text.p, *near;

		if (w->used)
			continue;
		w->used = true; /* said once */
		if (rules_find(set, id)) {
			ydoc_warn(w->doc, w->english, diags, "the rule %s has no such text", id);
			continue;
		}
		near = rules_nearest(set, id);
		status = ydoc_error(w->doc, w->id, diags, "no rule is called \"%s\"%s%s%s", id,
		    near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
	}
	return status;
}

void
wordings_free(struct rules *set)
{
	for (size_t i = 0; set->words && i < map_count(set->words); i++)
		free(map_at(set->words, i, NULL));
	map_free(set->words);
	set->words = NULL;
}
