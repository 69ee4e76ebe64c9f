/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <math.h>
#include <stdlib.h>

#include "buf.h"
#include "prefix_impl.h"
#include "xalloc.h"
#include "ydoc.h"

static const char *const json_names[] = {
	"text", "time", "level", "stream", "rank", "plain", "forms", "tests", NULL
};
static const enum json_key json_kinds[] = { J_TEXT, J_TIME, J_LEVEL, J_STREAM, J_RANK, J_PLAIN };

struct prefixes *
prefixes_new(void)
{
	struct prefixes *x = xcalloc(1, sizeof *x);

	x->json = map_new();
	return x;
}

static void
list_fini(struct list *list)
{
	for (unsigned i = 0; i < list->n; i++)
		free(list->text[i]);
}

static void
layer_fini(struct layer *layer)
{
	free(layer->name);
	pattern_free(layer->pattern);
	pattern_free(layer->sure);
	pattern_free(layer->tail);
	list_fini(&layer->start);
	list_fini(&layer->time);
}

void
prefixes_free(struct prefixes *x)
{
	if (x == NULL)
		return;
	for (size_t i = 0; i < x->n; i++)
		layer_fini(&x->layer[i]);
	free(x->layer);
	list_fini(&x->json_time);
	map_free(x->json);
	free(x);
}

static int
load_list(const struct ydoc *doc, const struct ynode *node, struct list *ret, struct diags *diags)
{
	const struct ynode *one = node;
	const char         *text;
	size_t              n = node->kind == Y_LIST ? node->n : 1;

	if (n == 0 || n > LIST_MAX)
		return ydoc_error(doc, node, diags, "a list of 1 to %d texts is expected", LIST_MAX);
	for (size_t i = 0; i < n; i++) {
		if (node->kind == Y_LIST)
			one = node->item[i];
		if (!ydoc_str(doc, one, &text, diags))
			return -1;
		if (*text == '\0')
			return ydoc_error(doc, one, diags, "an empty text says nothing here");
		ret->text[ret->n++] = xstrdup(text);
	}
	return 0;
}

static int
load_times(const struct ydoc *doc, const struct ynode *node, struct list *ret, struct diags *diags)
{
	char bad;

	if (load_list(doc, node, ret, diags) == -1)
		return -1;
	for (unsigned i = 0; i < ret->n; i++)
		if (!stamp_check(ret->text[i], &bad))
			return ydoc_error(doc, node, diags,
			    "%%%c is no part of a time: there are %%Y %%y %%m %%d %%b %%D %%e %%H %%M "
			    "%%S %%f %%p %%z %%s", bad);
	return 0;
}

static int
load_pattern(const struct ydoc *doc, const struct ynode *node, unsigned flags, struct pattern **ret,
    struct diags *diags)
{
	struct diag d = { 0 };
	const char *text;

	if (!ydoc_str(doc, node, &text, diags))
		return -1;
	if (pattern_new(text, flags, ret, &d) == -1)
		return ydoc_error_in(doc, node, d.col > 0 ? d.col - 1 : 0, diags, "%s", d.text);
	return 0;
}

static const char *const layer_keys[] = {
	"prefix", "start", "pattern", "time", "confirm", "sure", "tail", "tests", NULL
};

static int
load_fields(struct prefixes *x, const struct ydoc *doc, const struct ynode *node, struct layer *l,
    struct diags *diags)
{
	const struct ynode *name = ynode_get(node, "prefix"), *start = ynode_get(node, "start");
	const struct ynode *pattern = ynode_get(node, "pattern"), *v;
	const char         *text;
	bool                confirm = false;

	if (name == NULL || start == NULL || pattern == NULL)
		return ydoc_error(doc, node, diags, "a prefix needs prefix (its name), start and pattern");
	if (!ydoc_str(doc, name, &text, diags))
		return -1;
	l->name = xstrdup(text);
	if (load_list(doc, start, &l->start, diags) == -1 ||
	    load_pattern(doc, pattern, PATTERN_ANCHORED, &l->pattern, diags) == -1)
		return -1;
	if ((v = ynode_get(node, "time")) != NULL && load_times(doc, v, &l->time, diags) == -1)
		return -1;
	if ((v = ynode_get(node, "sure")) != NULL &&
	    load_pattern(doc, v, PATTERN_ANCHORED, &l->sure, diags) == -1)
		return -1;
	if ((v = ynode_get(node, "tail")) != NULL &&
	    load_pattern(doc, v, 0, &l->tail, diags) == -1)
		return -1;
	if ((v = ynode_get(node, "confirm")) != NULL && !ydoc_bool(doc, v, &confirm, diags))
		return -1;
	if (!confirm)
		return 0;
	if (x->streaks == PREFIX_STREAKS)
		return ydoc_error(doc, v, diags, "at most %d prefixes can have confirm", PREFIX_STREAKS);
	l->streak = x->streaks++;
	return 0;
}

/* Adds the layer, or puts it in the place of the one of its name. */
static int
add_layer(struct prefixes *x, const struct ydoc *doc, const struct ynode *node, struct layer *l,
    struct diags *diags)
{
	for (size_t i = 0; i < x->n; i++)
		if (strcmp(x->layer[i].name, l->name) == 0) {
			layer_fini(&x->layer[i]);
			x->layer[i] = *l;
			return 0;
		}
	if (x->n == PREFIX_LAYERS) {
		layer_fini(l);
		return ydoc_error(doc, node, diags, "there are more than %d prefixes", PREFIX_LAYERS);
	}
	XGROW(x->layer, x->n, x->cap);
	x->layer[x->n++] = *l;
	return 0;
}

static int
load_layer(struct prefixes *x, const struct ydoc *doc, const struct ynode *node, struct diags *diags)
{
	struct layer l = { .streak = -1 };

	if (node->kind != Y_MAP)
		return ydoc_error(doc, node, diags, "a prefix is a mapping: prefix, start, pattern");
	if (!ydoc_keys(doc, node, layer_keys, diags))
		return -1;
	if (load_fields(x, doc, node, &l, diags) == -1) {
		layer_fini(&l);
		return -1;
	}
	return add_layer(x, doc, node, &l, diags);
}

static int
load_json(struct prefixes *x, const struct ydoc *doc, const struct ynode *node, struct diags *diags)
{
	const struct ynode *v;
	int                 err = 0;

	if (node->kind != Y_MAP || !ydoc_keys(doc, node, json_names, diags))
		return -1;
	for (unsigned k = 0; k < J_N; k++) {
		if ((v = ynode_get(node, json_names[k])) == NULL)
			continue;
		if (v->kind != Y_LIST)
			return ydoc_error(doc, v, diags, "a list of keys is expected");
		for (size_t i = 0; i < v->n; i++)
			map_set(x->json, v->item[i]->text, (void *)(uintptr_t)&json_kinds[k]);
	}
	if ((v = ynode_get(node, "forms")) != NULL) {
		list_fini(&x->json_time);
		x->json_time.n = 0;
		err = load_times(doc, v, &x->json_time, diags);
	}
	return err;
}

/* Marks layer i at byte `at` for all that may stand there by a shape; past its end that is anything. */
static void
index_byte(struct prefixes *x, size_t i, const char *shape, size_t at)
{
	char s = at < strlen(shape) ? shape[at] : '*';

	if (strchr("#^?*", s) == NULL)
		x->byte[at][(unsigned char)s] |= 1ULL << i;
	else
		for (unsigned c = 0; c < 256; c++)
			if (prefix_shape(s, (char)c))
				x->byte[at][c] |= 1ULL << i;
}

static void
index_layers(struct prefixes *x)
{
	memset(x->byte, 0, sizeof x->byte);
	for (size_t i = 0; i < x->n; i++)
		for (unsigned k = 0; k < x->layer[i].start.n; k++)
			for (size_t at = 0; at < HEAD; at++)
				index_byte(x, i, x->layer[i].start.text[k], at);
	if (map_count(x->json) > 0)
		for (size_t at = 0; at < HEAD; at++)
			index_byte(x, JSON_LAYER, "{", at);
}

static int
load_doc(struct prefixes *x, const struct ydoc *doc, struct diags *diags)
{
	static const char *const keys[] = { "prefixes", "json", NULL };
	const struct ynode      *root = ydoc_root(doc), *v;
	int                      err = 0;

	if (root->kind != Y_MAP)
		return ydoc_error(doc, root, diags, "a mapping is expected: prefixes, json");
	if (!ydoc_keys(doc, root, keys, diags))
		err = -1;
	if ((v = ynode_get(root, "prefixes")) != NULL) {
		if (v->kind != Y_LIST)
			err = ydoc_error(doc, v, diags, "a list of prefixes is expected");
		for (size_t i = 0; v->kind == Y_LIST && i < v->n; i++)
			if (load_layer(x, doc, v->item[i], diags) == -1)
				err = -1;
	}
	if ((v = ynode_get(root, "json")) != NULL && load_json(x, doc, v, diags) == -1)
		err = -1;
	index_layers(x);
	return err;
}

int
prefixes_load(struct prefixes *x, struct ydoc *doc, struct diags *diags)
{
	int          err;

	if (doc == NULL)
		return -1;
	err = load_doc(x, doc, diags);
	ydoc_free(doc);
	return err;
}
