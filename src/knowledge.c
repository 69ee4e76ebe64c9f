/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "knowledge.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "embed.h"
#include "series.h"
#include "xalloc.h"
#include "ydoc.h"

enum file_kind { F_NONE, F_METRICS, F_PREFIXES, F_PROFILE, F_WORDS, F_RULE };

/* In this order, since each may use what stands before it. */
static const struct { enum file_kind kind; const char *start; } places[] = {
	{ F_METRICS, "metrics.yaml" },
	{ F_PREFIXES, "prefixes.yaml" },
	{ F_PROFILE, "profiles/" },
	{ F_WORDS, "lang/" },
	{ F_RULE, "diagnostics/" },
};

static bool
wanted(const struct knowledge *k, enum file_kind kind)
{
	return kind == F_RULE ? k->rules != NULL : kind != F_WORDS || (k->rules && k->want & KNOWLEDGE_WORDS);
}

/* Takes doc; NULL: it could not be parsed, which diags tells. */
static int
load(struct knowledge *k, enum file_kind kind, struct ydoc *doc, struct diags *diags)
{
	switch (kind) {
	case F_METRICS:
		return vocab_load(k->vocab, doc, diags);
	case F_PREFIXES:
		return prefixes_load(k->prefixes, doc, diags);
	case F_PROFILE:
		return profiles_load(k->profiles, doc, diags);
	case F_WORDS:
		return rules_words(k->rules, doc, diags);
	case F_RULE:
		return rules_load(k->rules, doc, diags);
	case F_NONE:
		break;
	}
	return 0;
}

/* The tests of the shipped files, a third of them, are for `profiles` and `rules` only. */
static int
load_shipped(struct knowledge *k, enum file_kind kind, const struct embed_file *f, struct diags *diags)
{
	struct ydoc *doc;

	if (!wanted(k, kind))
		return 0;
	if (k->want & KNOWLEDGE_WHOLE)
		doc = ydoc_parse(f->name, (struct span){ f->data, f->size }, diags);
	else
		doc = ydoc_unpack(f->name, f->data, f->packed);
	return load(k, kind, doc, diags);
}

static int
load_embedded(struct knowledge *k, struct diags *diags)
{
	int status = 0;

	if (k->rules)
		rules_trusted(k->rules, !(k->want & KNOWLEDGE_WHOLE));

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		for (size_t f = 0; f < embed_count; f++)
			if (strncmp(embed_files[f].name, places[i].start, strlen(places[i].start)) == 0 &&
			    load_shipped(k, places[i].kind, &embed_files[f], diags) == -1)
				status = -1;
	if (k->rules)
		rules_trusted(k->rules, false);
	return status;
}

static int
load_path(struct knowledge *k, enum file_kind kind, const char *path, struct diags *diags)
{
	return wanted(k, kind) ? load(k, kind, ydoc_read(path, diags), diags) : 0;
}

static int
is_yaml(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return e->d_name[0] != '.' && ((n > 5 && strcmp(e->d_name + n - 5, ".yaml") == 0) ||
	    (n > 4 && strcmp(e->d_name + n - 4, ".yml") == 0));
}

/* All YAML files of a folder, in the order of their names; a missing folder has none. */
static int
load_folder(struct knowledge *k, enum file_kind kind, const char *dir, struct diags *diags)
{
	struct dirent **list;
	int n = scandir(dir, &list, is_yaml, alphasort), status = 0;

	for (int i = 0; i < n; i++) {
		/* dir ends with '/', as in places */
		char *path = xasprintf("%s%s", dir, list[i]->d_name);
		if (load_path(k, kind, path, diags) == -1)
			status = -1;
		free(path);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return status;
}

static int
load_dir(struct knowledge *k, const char *dir, bool must, struct diags *diags)
{
	struct stat st;
	int status = 0;

	if (stat(dir, &st) == -1 || !S_ISDIR(st.st_mode)) {
		if (!must)
			return 0;
		return diags_add(diags, DIAG_ERROR, dir, NULL, 0, 0, "is no directory with rules");
	}
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		char *path = xasprintf("%s/%s", dir, places[i].start);
		int s = 0;
		if (path[strlen(path) - 1] == '/')
			s = load_folder(k, places[i].kind, path, diags);
		else if (stat(path, &st) == 0)
			s = load_path(k, places[i].kind, path, diags);
		if (s == -1)
			status = -1;
		free(path);
	}
	return status;
}

/* Where the user's own rules are, or NULL. */
static char *
user_dir(void)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config && config[0] == '/')
		return xasprintf("%s/lossdog/rules", config);
	return home && home[0] == '/' ? xasprintf("%s/.config/lossdog/rules", home) : NULL;
}

bool
knowledge_is_shipped(void)
{
	char *dir = user_dir();
	struct stat st;
	bool ret = !dir || stat(dir, &st) != 0;

	free(dir);
	return ret;
}

static int
load_users(struct knowledge *k, struct diags *diags)
{
	char *dir = user_dir();
	int status = 0;

	if (dir)
		status = load_dir(k, dir, false, diags);
	free(dir);
	return status;
}

int
knowledge_init(struct knowledge *k, const char *const *dirs, size_t n, unsigned want, struct diags *diags)
{
	int status;

	*k = (struct knowledge){ .want = want };
	k->vocab = vocab_new();
	k->prefixes = prefixes_new();
	k->profiles = profiles_new(k->vocab);
	k->rules = want & KNOWLEDGE_RULES ? rules_new(k->vocab) : NULL;
	status = load_embedded(k, diags);
	if (load_users(k, diags) == -1)
		status = -1;
	for (size_t i = 0; i < n; i++)
		if (load_dir(k, dirs[i], true, diags) == -1)
			status = -1;
	if (k->rules && rules_finish(k->rules, diags) == -1)
		status = -1;
	return status;
}

struct knowledge
knowledge_lines(const struct knowledge *k)
{
	struct knowledge lines = *k;

	lines.rules = NULL;
	lines.model = NULL; /* that of k looks for the rules' events */
	return lines;
}

void
knowledge_lines_fini(struct knowledge *lines)
{
	matcher_free(lines->model);
	lines->model = NULL;
}

static int
add_events(struct matcher *m, const struct rules *rules, struct diag *d)
{
	for (unsigned i = 0; i < rules_event_count(rules); i++) {
		struct rule_event e = rules_event(rules, i);
		struct diag why = { .text = "" };
		if (matcher_event(m, i, e.pattern, e.unless, e.exact, &why) == -1)
			return diag_set(d, "rule %s: %s", e.rule, why.text);
	}
	return 0;
}

struct matcher *
knowledge_matcher(struct knowledge *k, struct diag *d)
{
	if (k->model && k->model_of != profiles_loads(k->profiles)) {
		matcher_free(k->model);
		k->model = NULL;
	}
	if (!k->model) {
		k->model = matcher_new(k->profiles, k->vocab);
		k->model_of = profiles_loads(k->profiles);
		if (k->rules && add_events(k->model, k->rules, d) == -1) {
			matcher_free(k->model);
			k->model = NULL;
			return NULL;
		}
	}
	return matcher_like(k->model);
}

/* What a file is, by its first key. */
static enum file_kind
kind_of(const char *path, struct diags *diags)
{
	static const struct { const char *key; enum file_kind kind; } keys[] = {
		{ "profile", F_PROFILE }, { "rule", F_RULE }, { "metrics", F_METRICS },
		{ "phases", F_METRICS }, { "prefixes", F_PREFIXES }, { "lang", F_WORDS },
	};
	struct ydoc *doc = ydoc_read(path, diags);
	enum file_kind kind = F_NONE;

	if (!doc)
		return F_NONE;
	const struct ynode *root = ydoc_root(doc);
	if (root->kind == Y_LIST)
		kind = F_RULE;
	for (size_t i = 0; kind == F_NONE && i < sizeof keys / sizeof *keys; i++)
		if (ynode_get(root, keys[i].key))
			kind = keys[i].kind;
	if (kind == F_NONE)
		ydoc_error(doc, root, diags, "is neither a profile (profile:) nor a rule (rule:)");
	ydoc_free(doc);
	return kind;
}

int
knowledge_file(struct knowledge *k, const char *path, struct diags *diags)
{
	enum file_kind kind = kind_of(path, diags);

	return kind == F_NONE ? -1 : load_path(k, kind, path, diags);
}

void
knowledge_fini(struct knowledge *k)
{
	series_set_free(k->baseline);
	matcher_free(k->model);
	rules_free(k->rules);
	profiles_free(k->profiles);
	prefixes_free(k->prefixes);
	vocab_free(k->vocab);
	free(k->expect_lr);
	*k = (struct knowledge){ 0 };
}
