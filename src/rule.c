/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "rule.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "expr_lex.h"
#include "rule_impl.h"
#include "xalloc.h"

#define RULES_MAX 2000

struct rules *
rules_new(struct vocab *v)
{
	struct rules *set = xcalloc(1, sizeof *set);

	set->vocab = v;
	return set;
}

static void
names_free(struct names *n)
{
	for (unsigned i = 0; i < n->n; i++)
		free(n->v[i]);
}

static void
cause_fini(struct cause *c)
{
	text_fini(&c->because);
	text_fini(&c->evidence);
	text_fini(&c->advice);
	expr_fini(&c->when);
	for (unsigned i = 0; i < c->nhow; i++) {
		free(c->how[i].profile);
		free(c->how[i].flags);
	}
	free(c->how);
}

static void
conditions_free(struct rule *r)
{
	for (unsigned i = 0; i < r->nlevel; i++)
		expr_fini(&r->level[i].when);
	for (unsigned i = 0; i < r->nlet; i++) {
		free(r->let[i].name);
		expr_fini(&r->let[i].e);
	}
	for (unsigned i = 0; i < r->nsilent; i++) {
		expr_fini(&r->silent[i].e);
		free(r->silent[i].text);
		free(r->silent[i].why);
	}
	expr_fini(&r->when);
	expr_fini(&r->resolve);
	free(r->when_text);
}

static void
texts_free(struct rule *r)
{
	text_fini(&r->summary);
	text_fini(&r->evidence);
	text_fini(&r->advice);
	for (unsigned i = 0; i < r->ncause; i++)
		cause_fini(&r->cause[i]);
	free(r->name);
	free(r->of);
	free(r->title);
	free(r->file);
	free(r->source);
	free(r->measured);
}

void
rule_free(struct rule *r)
{
	if (!r)
		return;
	conditions_free(r);
	texts_free(r);
	names_free(&r->alias);
	names_free(&r->inhibits);
	for (unsigned i = 0; i < r->nneed; i++) {
		free(r->need[i].name);
		names_free(&r->need[i].metrics);
		names_free(&r->need[i].except);
	}
	for (unsigned i = 0; i < r->nparam; i++) {
		free(r->param[i].name);
		free(r->param[i].reason);
	}
	for (unsigned i = 0; i < r->ncapture; i++)
		free(r->capture[i]);
	for (unsigned i = 0; i < r->nover; i++) {
		free(r->over[i].key);
		free(r->over[i].run);
		free(r->over[i].metric);
	}
	free(r->over);
	free(r);
}

void
rules_free(struct rules *set)
{
	if (!set)
		return;
	for (unsigned i = 0; i < set->n; i++)
		rule_free(set->at[i]);
	for (unsigned i = 0; i < set->nevents; i++) {
		free(set->event[i].pattern);
		free(set->event[i].unless);
	}
	for (unsigned i = 0; i < set->nids; i++) {
		free(set->ids[i].name);
		free(set->ids[i].where);
	}
	wordings_free(set);
	for (unsigned i = 0; i < set->ndocs; i++)
		ydoc_free(set->doc[i]);
	free(set->inhibits);
	free(set->at);
	free(set->event);
	free(set->ids);
	free(set->doc);
	free(set);
}

unsigned
rules_id(struct rules *set, const char *name)
{
	for (unsigned i = 0; i < set->nids; i++)
		if (strcmp(set->ids[i].name, name) == 0)
			return i;
	XGROW(set->ids, set->nids, set->id_size);
	set->ids[set->nids] = (struct id){ xstrdup(name), NULL };
	return set->nids++;
}

/* Takes event patterns from `from` on out again: their rule was not good. */
static void
events_drop(struct rules *set, unsigned from, unsigned n)
{
	if (n == 0)
		return;
	for (unsigned i = from; i < from + n; i++) {
		free(set->event[i].pattern);
		free(set->event[i].unless);
	}
	memmove(set->event + from, set->event + from + n,
	    (set->nevents - from - n) * sizeof *set->event);
	set->nevents -= n;
	for (unsigned i = 0; i < set->n; i++)
		if (set->at[i]->first_event > from)
			set->at[i]->first_event -= n;
}

/* A rule of the same id makes way. */
static void
add(struct rules *set, struct rule *r)
{
	for (unsigned i = 0; i < set->n; i++) {
		struct rule *old = set->at[i];

		if (strcmp(old->name, r->name) != 0)
			continue;
		if (old->nevents > 0) {
			r->first_event -= old->nevents;
			events_drop(set, old->first_event, old->nevents);
		}
		rule_free(old);
		set->at[i] = r;
		return;
	}
	XGROW(set->at, set->n, set->size);
	set->at[set->n++] = r;
}

static int
load_one(struct rules *set, struct ydoc *doc, const struct ynode *n, struct diags *diags)
{
	unsigned     from = set->nevents;
	struct rule *r;

	if (set->n >= RULES_MAX)
		return ydoc_error(doc, n, diags, "more than %d rules", RULES_MAX);
	r = rule_load(set, doc, n, diags);
	if (!r) {
		events_drop(set, from, set->nevents - from);
		return -1;
	}
	add(set, r);
	return 0;
}

int
rules_load(struct rules *set, struct ydoc *doc, struct diags *diags)
{
	const struct ynode *root;
	int                 status = 0;

	if (!doc)
		return -1;
	XGROW(set->doc, set->ndocs, set->doc_size);
	set->doc[set->ndocs++] = doc;
	root = ydoc_root(doc);
	if (root->kind != Y_LIST)
		return load_one(set, doc, root, diags);
	for (size_t i = 0; i < root->n; i++)
		if (load_one(set, doc, root->item[i], diags) == -1)
			status = -1;
	return status;
}

const struct rule *
rules_find(const struct rules *set, const char *id)
{
	for (unsigned i = 0; i < set->n; i++)
		if (strcmp(set->at[i]->name, id) == 0)
			return set->at[i];
	for (unsigned i = 0; i < set->n; i++)
		for (unsigned k = 0; k < set->at[i]->alias.n; k++)
			if (strcmp(set->at[i]->alias.v[k], id) == 0)
				return set->at[i];
	return NULL;
}

const char *
rules_nearest(const struct rules *set, const char *id)
{
	const char **name = xcalloc(set->n * (1 + RULE_NAMES) + 1, sizeof *name);
	size_t       n = 0;
	const char  *near;

	for (unsigned i = 0; i < set->n; i++) {
		name[n++] = set->at[i]->name;
		for (unsigned k = 0; k < set->at[i]->alias.n; k++)
			name[n++] = set->at[i]->alias.v[k];
	}
	near = diag_nearest(id, name, n);
	free(name);
	return near;
}

static int
no_rule(const struct rules *set, const struct rule *r, const char *id, const char *key,
    struct diags *diags)
{
	const char         *near = rules_nearest(set, id);
	const struct ynode *n = key ? ynode_get(r->node, key) : r->node;

	if (near)
		return ydoc_error(r->doc, n ? n : r->node, diags,
		    "no rule is called \"%s\"; did you mean %s?", id, near);
	return ydoc_error(r->doc, n ? n : r->node, diags, "no rule is called \"%s\"", id);
}

static bool
any_matches(const struct rules *set, const char *glob)
{
	for (unsigned i = 0; i < set->n; i++)
		if (fnmatch(glob, set->at[i]->name, 0) == 0)
			return true;
	return false;
}

static bool
is_rule(const struct rules *set, unsigned id)
{
	for (unsigned i = 0; i < set->n; i++)
		if (set->at[i]->id == id)
			return true;
	return false;
}

/* An alias belongs to one rule. */
static int
check_aliases(const struct rules *set, struct diags *diags)
{
	int status = 0;

	for (unsigned i = 0; i < set->n; i++)
		for (unsigned k = 0; k < set->at[i]->alias.n; k++) {
			const struct rule *r = set->at[i];
			const struct rule *found = rules_find(set, r->alias.v[k]);

			if (found != r)
				status = ydoc_error(r->doc, ynode_get(r->node, "alias"), diags,
				    "%s is already a name of the rule %s", r->alias.v[k], found->name);
		}
	return status;
}

static void
inhibits_init(struct rules *set)
{
	unsigned n = set->n;

	free(set->inhibits);
	set->inhibits = xcalloc((size_t)n * n + 1, sizeof *set->inhibits);
	for (unsigned a = 0; a < n; a++)
		for (unsigned b = 0; b < n; b++)
			set->inhibits[a * n + b] = a != b &&
			    (set->at[a]->id == set->at[b]->id ||
			    names_match(&set->at[a]->inhibits, rule_told(set->at[b])));
}

void
rules_trusted(struct rules *set, bool trusted)
{
	set->trusted = trusted;
}

int
rules_finish(struct rules *set, struct diags *diags)
{
	int status = check_aliases(set, diags);

	if (wordings_check(set, diags) == -1)
		status = -1;
	inhibits_init(set);
	for (unsigned i = 0; i < set->n; i++) {
		struct rule *r = set->at[i];

		for (unsigned k = 0; k < r->inhibits.n; k++)
			if (!any_matches(set, r->inhibits.v[k]))
				status = no_rule(set, r, r->inhibits.v[k], "inhibits", diags);
		if (r->of && (!rules_find(set, r->of) || rules_find(set, r->of)->of))
			status = no_rule(set, r, r->of, "of", diags);
		for (unsigned k = 0; k < r->nwatch; k++)
			if (!is_rule(set, r->watch[k]))
				status = no_rule(set, r, set->ids[r->watch[k]].name, "when", diags);
		for (unsigned k = 0; k < r->nevents; k++)
			set->event[r->first_event + k].rule = i;
	}
	return status;
}

/* --- what others ask --- */

unsigned
rules_count(const struct rules *set)
{
	return set->n;
}

const struct rule *
rules_at(const struct rules *set, unsigned i)
{
	return set->at[i];
}

const char *
rule_id(const struct rule *r)
{
	return r->name;
}

const char *
rule_told(const struct rule *r)
{
	return r->of ? r->of : r->name;
}

const char *
rule_title(const struct rule *r)
{
	return r->title;
}

enum severity
rule_severity(const struct rule *r)
{
	enum severity most = SEV_INFO;

	for (unsigned i = 0; i < r->nlevel; i++)
		if (r->level[i].severity > most)
			most = r->level[i].severity;
	for (unsigned i = 0; i < r->nover && !r->over[i].run && !r->over[i].metric; i++)
		if (strcmp(r->over[i].key, "severity") == 0)
			most = (enum severity)r->over[i].value;
	return most;
}

const char *
rule_file(const struct rule *r)
{
	return r->file;
}

const char *
rule_alias(const struct rule *r, unsigned i)
{
	return i < r->alias.n ? r->alias.v[i] : NULL;
}

unsigned
rules_event_count(const struct rules *set)
{
	return set->nevents;
}

struct rule_event
rules_event(const struct rules *set, unsigned i)
{
	const struct event_pattern *e = &set->event[i];

	return (struct rule_event){ e->pattern, e->unless, set->at[e->rule]->name, e->exact };
}

bool
names_match(const struct names *names, const char *name)
{
	for (unsigned i = 0; i < names->n; i++)
		if (fnmatch(names->v[i], name, 0) == 0)
			return true;
	return false;
}

bool
need_match(const struct need *need, const struct vocab *v, int metric, unsigned *rank)
{
	const struct metric_info *info = vocab_metric_info(v, metric);
	const char               *name = vocab_metric_name(v, metric);

	*rank = 0;
	if (names_match(&need->except, name))
		return false;
	if (need->classes)
		return (need->classes >> info->cls & 1) &&
		    (!need->phases || (need->phases >> info->phase & 1));
	for (unsigned i = 0; i < need->metrics.n; i++)
		if (fnmatch(need->metrics.v[i], name, 0) == 0) {
			*rank = i;
			return true;
		}
	return false;
}

/* --- the user's changes --- */

#define SETTINGS (4 + SCOPE_PARAMS)

/* What can be changed of a rule; their number. */
static unsigned
settings(const struct rule *r, const char *ret[static SETTINGS])
{
	static const char *const all[] = { "enabled", "severity", "keep", "min_points" };
	unsigned n = 0;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		ret[n++] = all[i];
	for (unsigned i = 0; i < r->nparam; i++)
		ret[n++] = r->param[i].name;
	return n;
}

static bool
has_setting(const struct rule *r, const char *key)
{
	const char *name[SETTINGS];
	unsigned    n = settings(r, name);

	while (n > 0 && strcmp(name[n - 1], key) != 0)
		n--;
	return n > 0;
}

static int
no_setting(const struct rule *r, const char *key, struct diag *d)
{
	const char *name[SETTINGS], *near;
	unsigned    n = settings(r, name);
	struct buf  b;

	if ((near = diag_nearest(key, name, n)) != NULL)
		return diag_set(d, "the rule %s has no parameter %s; did you mean %s?", r->name, key, near);
	buf_init(&b, 200);
	for (unsigned i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i > 0 ? ", " : "", name[i]);
	diag_set(d, "the rule %s has no parameter %s; there are: %s", r->name, key, buf_cstr(&b));
	buf_fini(&b);
	return -1;
}

/* What the text of a change means. */
static int
override_value(const char *key, const char *text, double *ret, struct diag *d)
{
	enum severity severity;
	enum unit_of  unit;
	bool          on;

	if (strcmp(key, "enabled") == 0) {
		if (!conf_bool(text, &on))
			return diag_set(d, "a rule is off, or has a map of parameters; \"%s\" is neither", text);
		*ret = on;
	} else if (strcmp(key, "severity") == 0) {
		if (!severity_find(text, &severity))
			return diag_set(d, "%s is no severity (info, notice, warning, critical)", text);
		*ret = severity;
	} else if (!lex_number(span_of(text), ret, &unit))
		return diag_set(d, "%s is no number", text);
	return 0;
}

/* What is for some runs or metrics stands behind, and so prevails over, what is for all. */
static void
override(struct rule *r, const struct override *o)
{
	unsigned at = r->nover++;

	r->over = xrealloc(r->over, r->nover, sizeof *r->over);
	for (; !o->run && !o->metric && at > 0 && (r->over[at - 1].run || r->over[at - 1].metric); at--)
		r->over[at] = r->over[at - 1];
	r->over[at] = (struct override){ xstrdup(o->key), xcopy(o->run), xcopy(o->metric), o->value };
}

int
rules_override(struct rules *set, const char *id, const char *key, const char *text,
    const char *run, const char *metric, struct diag *d)
{
	const struct rule *base = rules_find(set, id);
	struct override    o = { (char *)(uintptr_t)key, (char *)(uintptr_t)run, (char *)(uintptr_t)metric, 0 };
	bool               done = false;

	if (!base) {
		const char *near = rules_nearest(set, id);

		return diag_set(d, "no rule is called \"%s\"%s%s%s", id, near ? "; did you mean " : "",
		    near ? near : "", near ? "?" : "");
	}
	if (metric && base->nneed == 0)
		return diag_set(d, "the rule %s is about no metric", base->name);
	if (override_value(key, text, &o.value, d) == -1)
		return -1;
	/* What is said of a rule holds for its variants. */
	for (unsigned i = 0; i < set->n; i++) {
		struct rule *r = set->at[i];

		if ((r != base && (!r->of || strcmp(r->of, base->name) != 0)) || !has_setting(r, key))
			continue;
		override(r, &o);
		done = true;
	}
	return done ? 0 : no_setting(base, key, d);
}
