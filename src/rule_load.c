/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expr_lex.h"
#include "rule_loader.h"
#include "xalloc.h"

static const char *const rule_keys[] = {
	"rule", "of", "title", "alias", "severity", "needs", "each", "every", "min_points", "max_points", "live",
	"mixed", "params", "let", "when", "keep", "silent", "resolve", "inhibits", "event",
	"unless", "role", "mark", "count", "within", "detect", "summary", "summary-zh", "evidence", "evidence-zh",
	"causes", "do", "do-zh", "how", "source", "measured", "tests", NULL
};
static const char *const cause_keys[] = {
	"because", "because-zh", "if", "evidence", "evidence-zh", "do", "do-zh", "how", NULL
};

const char *const loader_roles[] = {
	[ROLE_NONE] = "none", [ROLE_ROOT] = "root", [ROLE_CASCADE] = "cascade",
	[ROLE_TEARDOWN] = "teardown", [ROLE_ADVICE] = "advice", [ROLE_WARN] = "warn",
	[ROLE_INFO] = "info", [ROLE_MARKER] = "marker", NULL
};
static const char *const everys[] = {
	[EVERY_SAMPLE] = "sample", [EVERY_BLOCK] = "block", [EVERY_TICK] = "tick",
	[EVERY_END] = "end", [EVERY_EVENT] = "event", NULL
};

const char *
role_name(enum role r)
{
	return loader_roles[r];
}

const char *
every_name(enum every e)
{
	return everys[e];
}

/* --- scalars and lists --- */

const char *
loader_str(struct loader *l, const struct ynode *n)
{
	const char *s = NULL;

	if (!ydoc_str(l->doc, n, &s, l->diags))
		l->failed = true;
	return s ? s : "";
}

static const char *
str_of(struct loader *l, const struct ynode *map, const char *key)
{
	const struct ynode *n = ynode_get(map, key);

	return n ? loader_str(l, n) : NULL;
}

static char *
copy_of(struct loader *l, const struct ynode *map, const char *key)
{
	return xcopy(str_of(l, map, key));
}

static bool
bool_of(struct loader *l, const struct ynode *map, const char *key)
{
	const struct ynode *n = ynode_get(map, key);
	bool                v = false;

	if (n && !ydoc_bool(l->doc, n, &v, l->diags))
		l->failed = true;
	return v;
}

unsigned
loader_count(struct loader *l, const struct ynode *map, const char *key, unsigned otherwise)
{
	const struct ynode *n = ynode_get(map, key);
	double              v;

	if (!n)
		return otherwise;
	if (!ydoc_num(l->doc, n, &v, l->diags)) {
		l->failed = true;
	} else if (v < 0 || v > 1e6) {
		FAIL(l, n, "%s is a number from 0 to 1000000", key);
	} else {
		return (unsigned)v;
	}
	return otherwise;
}

/* One text or a list of texts. */
static void
names(struct loader *l, const struct ynode *n, struct names *ret)
{
	size_t count = n->kind == Y_LIST ? n->n : 1;

	if (n->kind == Y_MAP || count > RULE_NAMES) {
		FAIL(l, n, "a text or a list of at most %d texts is needed here", RULE_NAMES);
		return;
	}
	for (size_t i = 0; i < count; i++)
		ret->v[ret->n++] = xstrdup(loader_str(l, n->kind == Y_LIST ? n->item[i] : n));
}

static void
names_of(struct loader *l, const struct ynode *map, const char *key, struct names *ret)
{
	const struct ynode *n = ynode_get(map, key);

	if (n)
		names(l, n, ret);
}

/* The number of word in a table of names; -1: a mistake was added. */
int
loader_choice(struct loader *l, const struct ynode *n, const char *const *table, unsigned from)
{
	const char *word = loader_str(l, n), *near;
	unsigned    count = from;
	struct buf  b;

	for (; table[count]; count++)
		if (strcmp(table[count], word) == 0)
			return (int)count;
	buf_init(&b, 400);
	for (unsigned i = from; i < count; i++)
		buf_printf(&b, "%s%s", i > from ? ", " : "", table[i]);
	near = diag_nearest(word, table + from, count - from);
	FAIL(l, n, "\"%s\" is not known here%s%s%s (%s)", word, near ? "; did you mean " : "",
	    near ? near : "", near ? "?" : "", buf_cstr(&b));
	buf_fini(&b);
	return -1;
}

/* --- expressions and texts --- */

static void
add_error(void *arg, size_t off, const char *sentence)
{
	struct loader *l = arg;

	l->failed = true;
	ydoc_error_in(l->doc, l->node, off, l->diags, "%s", sentence);
}

bool
loader_is_name(const char *s)
{
	if (!*s || !strchr("abcdefghijklmnopqrstuvwxyz", *s))
		return false;
	return s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

/* Remembers which events the conditions name, so that the rule is evaluated at them. */
static unsigned
use_id(void *arg, const char *name, size_t off)
{
	struct loader *l = arg;
	struct rule   *r = l->r;
	unsigned       id = rules_id(l->rules, name);

	(void)off;
	if (!l->rules->ids[id].where)
		l->rules->ids[id].where = xasprintf("%s:%u", ydoc_name(l->doc), l->node->line);
	for (unsigned i = 0; i < r->nwatch; i++)
		if (r->watch[i] == id)
			return id;
	if (r->nwatch < RULE_NAMES)
		r->watch[r->nwatch++] = id;
	return id;
}

static bool
expression(struct loader *l, const struct ynode *n, enum kind want, struct expr *ret)
{
	struct expr_errors errors = { add_error, l, 0 };

	l->node = n;
	if (n->kind != Y_SCALAR) {
		FAIL(l, n, "a condition is a text");
		return false;
	}
	if (expr_parse(n->text, ret, &errors) == -1)
		return false;
	return expr_check(ret, &l->scope, want, &errors) == 0;
}

static bool
parse_words(struct loader *l, const struct ynode *n, struct text *ret)
{
	struct expr_errors errors = { add_error, l, 0 };

	l->node = n;
	if (n->kind != Y_SCALAR) {
		FAIL(l, n, "a text is needed here");
		return false;
	}
	return text_parse(n->text, &l->scope, ret, &errors) == 0;
}

/* Its other form: beside it in the rule, else from the files of words. */
static void
chinese(struct loader *l, const struct ynode *map, const char *key, struct text *text)
{
	char                name[32];
	const struct ynode *beside;
	struct ydoc        *doc = l->doc;
	struct wording     *w;
	struct text         zh = { 0 };

	snprintf(name, sizeof name, "%s-zh", key);
	beside = ynode_get(map, name);
	w = wording_find(l->rules, l->r->name, ynode_get(map, key)->text);
	if (w)
		w->used = true;
	if (!beside && !w)
		return;
	l->doc = beside ? doc : w->doc; /* a mistake is where the text stands */
	if (parse_words(l, beside ? beside : w->text, &zh)) {
		text->zh = xmalloc(sizeof zh);
		*text->zh = zh;
	}
	l->doc = doc;
}

static void
words(struct loader *l, const struct ynode *map, const char *key, struct text *ret)
{
	const struct ynode *n = ynode_get(map, key);

	if (n && parse_words(l, n, ret))
		chinese(l, map, key, ret);
}

/* --- needs --- */

static void
classes(struct loader *l, const struct ynode *n, struct need *need)
{
	struct names names_in = { 0 };

	names(l, n, &names_in);
	for (unsigned i = 0; i < names_in.n; i++) {
		enum metric_class c;

		if (vocab_class(names_in.v[i], &c))
			need->classes |= 1u << c;
		else
			FAIL(l, n, "no class of metrics is called \"%s\"", names_in.v[i]);
		free(names_in.v[i]);
	}
}

static void
phases(struct loader *l, const struct ynode *n, struct need *need)
{
	static const char *const table[] = { "none", "train", "val", "test", NULL };
	size_t count = n->kind == Y_LIST ? n->n : 1;

	for (size_t i = 0; i < count; i++) {
		int p = loader_choice(l, n->kind == Y_LIST ? n->item[i] : n, table, 0);

		need->phases |= p < 0 ? 0 : 1u << p;
	}
}

static void
selector(struct loader *l, const struct ynode *n, struct need *need)
{
	static const char *const keys[] = { "class", "phase", "not", NULL };

	if (n->kind != Y_MAP) {
		names(l, n, &need->metrics);
		return;
	}
	if (!ydoc_keys(l->doc, n, keys, l->diags))
		l->failed = true;
	if (!ynode_get(n, "class"))
		FAIL(l, n, "class is missing: which metrics?");
	else
		classes(l, ynode_get(n, "class"), need);
	if (ynode_get(n, "phase"))
		phases(l, ynode_get(n, "phase"), need);
	names_of(l, n, "not", &need->except);
}

static void
needs(struct loader *l, const struct ynode *n)
{
	struct rule *r = l->r;

	if (!n)
		return;
	if (n->kind != Y_MAP || n->n > SCOPE_NEEDS) {
		FAIL(l, n, "needs is a map of at most %d names", SCOPE_NEEDS);
		return;
	}
	for (size_t i = 0; i < n->n; i++) {
		struct need *need = &r->need[r->nneed];
		char        *name = xstrdup(loader_str(l, n->key[i]));
		size_t       len = strlen(name);

		if (len > 1 && name[len - 1] == '?') {
			need->optional = true;
			name[len - 1] = '\0';
		}
		if (!loader_is_name(name))
			FAIL(l, n->key[i], "a name here is lower case letters, digits and _");
		need->name = name;
		l->scope.need[l->scope.nneed++] = name;
		r->nneed++;
		selector(l, n->item[i], need);
	}
}

static void
each(struct loader *l, const struct ynode *n)
{
	const char *name = n ? loader_str(l, n) : NULL;

	for (unsigned i = 0; name && i < l->r->nneed; i++)
		if (strcmp(l->r->need[i].name, name) == 0) {
			l->r->each = i;
			return;
		}
	if (name)
		FAIL(l, n, "\"%s\" is none of the names of needs", name);
}

/* --- params, lets --- */

static void
params(struct loader *l, const struct ynode *n)
{
	static const char *const keys[] = { "value", "unit", "reason", "source", NULL };

	if (!n)
		return;
	if (n->kind != Y_MAP || n->n > SCOPE_PARAMS) {
		FAIL(l, n, "params is a map of at most %d names", SCOPE_PARAMS);
		return;
	}
	for (size_t i = 0; i < n->n; i++) {
		const struct ynode *v = n->item[i];
		struct param       *p = &l->r->param[l->r->nparam];
		enum unit_of        unit = U_NONE;
		double              num = 0;

		if (v->kind == Y_MAP) {
			if (!ydoc_keys(l->doc, v, keys, l->diags))
				l->failed = true;
			p->reason = copy_of(l, v, ynode_get(v, "reason") ? "reason" : "source");
			v = ynode_get(v, "value");
		}
		if (!v)
			FAIL(l, n->item[i], "value is missing");
		else if (!lex_number(span_of(loader_str(l, v)), &num, &unit))
			FAIL(l, v, "a parameter is a number with or without a unit (5, 2%%, 10 min)");
		p->name = xstrdup(loader_str(l, n->key[i]));
		if (!loader_is_name(p->name))
			FAIL(l, n->key[i], "a name here is lower case letters, digits and _");
		p->value = (struct value){ { num }, K_NUM, (unsigned char)unit };
		l->scope.param[l->scope.nparam] = p->name;
		l->scope.param_unit[l->scope.nparam++] = (unsigned char)unit;
		l->r->nparam++;
	}
}

static void
lets(struct loader *l, const struct ynode *n)
{
	if (!n)
		return;
	if (n->kind != Y_MAP || n->n > SCOPE_LETS) {
		FAIL(l, n, "let is a map of at most %d names", SCOPE_LETS);
		return;
	}
	for (size_t i = 0; i < n->n; i++) {
		struct let *let = &l->r->let[l->r->nlet];

		let->name = xstrdup(loader_str(l, n->key[i]));
		l->r->nlet++;
		if (!loader_is_name(let->name))
			FAIL(l, n->key[i], "a name here is lower case letters, digits and _");
		if (!expression(l, n->item[i], K_UNKNOWN, &let->e))
			continue;
		l->scope.let[l->scope.nlet] = let->name;
		l->scope.let_expr[l->scope.nlet++] = &let->e;
	}
}

/* --- severity, silent, resolve --- */

static bool
severity(struct loader *l, const struct ynode *n, enum severity *ret)
{
	static const char *const table[] = { "info", "notice", "warning", "critical", NULL };
	int s = loader_choice(l, n, table, 0);

	*ret = s < 0 ? SEV_INFO : (enum severity)s;
	return s >= 0;
}

static void
levels(struct loader *l, const struct ynode *n)
{
	static const char *const keys[] = { "when", "level", NULL };

	if (!n) {
		if (l->r->role != ROLE_ADVICE && l->r->role != ROLE_MARKER)
			FAIL(l, l->r->node, "severity is missing");
		l->r->nlevel = 1;
		return;
	}
	if (n->kind == Y_SCALAR) {
		severity(l, n, &l->r->level[l->r->nlevel++].severity);
		return;
	}
	if (n->kind != Y_LIST || n->n > RULE_LEVELS || n->n == 0) {
		FAIL(l, n, "severity is a word or a list of at most %d", RULE_LEVELS);
		return;
	}
	for (size_t i = 0; i < n->n; i++) {
		struct level       *v = &l->r->level[l->r->nlevel++];
		const struct ynode *item = n->item[i];

		if (item->kind == Y_SCALAR) {
			severity(l, item, &v->severity);
			continue;
		}
		if (!ydoc_keys(l->doc, item, keys, l->diags) || !ynode_get(item, "level")) {
			FAIL(l, item, "this is {when: CONDITION, level: SEVERITY}");
			continue;
		}
		severity(l, ynode_get(item, "level"), &v->severity);
		if (ynode_get(item, "when"))
			expression(l, ynode_get(item, "when"), K_BOOL, &v->when);
	}
}

static void
silents(struct loader *l, const struct ynode *n)
{
	static const char *const keys[] = { "if", "why", NULL };

	if (!n)
		return;
	if (n->kind != Y_LIST || n->n > RULE_NAMES) {
		FAIL(l, n, "silent is a list of at most %d conditions", RULE_NAMES);
		return;
	}
	for (size_t i = 0; i < n->n; i++) {
		struct silent      *s = &l->r->silent[l->r->nsilent++];
		const struct ynode *item = n->item[i], *cond = item;

		if (item->kind == Y_MAP) {
			if (!ydoc_keys(l->doc, item, keys, l->diags))
				l->failed = true;
			cond = ynode_get(item, "if");
			s->why = copy_of(l, item, "why");
		}
		if (!cond)
			FAIL(l, item, "if is missing");
		else if (expression(l, cond, K_BOOL, &s->e))
			s->text = xstrndup(cond->text.p, cond->text.n);
	}
}

static void
resolve(struct loader *l, const struct ynode *n)
{
	if (!n)
		return;
	if (n->kind == Y_SCALAR && span_is(n->text, "never"))
		l->r->never = true;
	else
		expression(l, n, K_BOOL, &l->r->resolve);
}

/* --- causes --- */

static void
hows(struct loader *l, const struct ynode *n, struct cause *c)
{
	if (!n)
		return;
	if (n->kind != Y_MAP || n->n > RULE_HOW) {
		FAIL(l, n, "how is a map from profiles to flags");
		return;
	}
	c->how = xcalloc(n->n, sizeof *c->how);
	for (size_t i = 0; i < n->n; i++) {
		c->how[c->nhow].profile = xstrdup(loader_str(l, n->key[i]));
		c->how[c->nhow++].flags = xstrdup(loader_str(l, n->item[i]));
	}
}

static void
causes(struct loader *l, const struct ynode *n)
{
	if (!n)
		return;
	if (n->kind != Y_LIST || n->n > FINDING_CAUSES) {
		FAIL(l, n, "causes is a list of at most %d", FINDING_CAUSES);
		return;
	}
	for (size_t i = 0; i < n->n; i++) {
		const struct ynode *item = n->item[i];
		struct cause       *c = &l->r->cause[l->r->ncause++];

		if (!ydoc_keys(l->doc, item, cause_keys, l->diags)) {
			l->failed = true;
			continue;
		}
		if (!ynode_get(item, "because"))
			FAIL(l, item, "because is missing");
		words(l, item, "because", &c->because);
		words(l, item, "evidence", &c->evidence);
		words(l, item, "do", &c->advice);
		if (ynode_get(item, "if"))
			expression(l, ynode_get(item, "if"), K_BOOL, &c->when);
		hows(l, ynode_get(item, "how"), c);
	}
}

/* --- the rule --- */

static void
head(struct loader *l, const struct ynode *map)
{
	struct rule *r = l->r;
	size_t       len;

	r->name = copy_of(l, map, "rule");
	if (!r->name) {
		FAIL(l, map, "rule is missing: its id");
		r->name = xstrdup("?");
	}
	len = strlen(r->name);
	if (ynode_get(map, "rule") &&
	    (len == 0 || strspn(r->name, "abcdefghijklmnopqrstuvwxyz0123456789-") != len))
		FAIL(l, ynode_get(map, "rule"), "an id is lower case letters, digits and hyphens");
	r->of = copy_of(l, map, "of");
	r->id = rules_id(l->rules, r->of ? r->of : r->name);
	r->title = copy_of(l, map, "title");
	if (!r->title) {
		FAIL(l, map, "title is missing");
		r->title = xstrdup(r->name);
	}
	r->source = copy_of(l, map, "source");
	r->measured = copy_of(l, map, "measured");
	r->file = xstrdup(ydoc_name(l->doc));
	names_of(l, map, "alias", &r->alias);
	names_of(l, map, "inhibits", &r->inhibits);
}

static void
condition(struct loader *l, const struct ynode *map)
{
	static const char *const table[] = { "sample", "block", "tick", "end", "event", "eval", NULL };
	const struct ynode *when = ynode_get(map, "when"), *every = ynode_get(map, "every");
	struct rule        *r = l->r;
	bool                is_event = r->role != ROLE_NONE;
	int                 e;

	r->every = is_event ? EVERY_EVENT : EVERY_SAMPLE;
	if (every && (e = loader_choice(l, every, table, 0)) >= 0)
		r->every = e == 5 ? EVERY_SAMPLE : (enum every)e;
	if (!when && !is_event)
		FAIL(l, map, "when is missing: the condition");
	if (when && expression(l, when, K_BOOL, &r->when))
		r->when_text = xstrndup(when->text.p, when->text.n);
	if ((r->every == EVERY_SAMPLE || r->every == EVERY_BLOCK) && r->nneed == 0)
		FAIL(l, map, "needs is missing: which series?");
	r->min_points = loader_count(l, map, "min_points",
	    r->every == EVERY_SAMPLE || r->every == EVERY_BLOCK ? RULE_MIN_POINTS : 0);
	r->max_points = loader_count(l, map, "max_points", 0);
	r->keep = loader_count(l, map, "keep", 1);
	r->live = bool_of(l, map, "live");
	r->mixed = bool_of(l, map, "mixed");
}

/* What stands in the file and is used nowhere is a mistake of its own. */
static void
unused(struct loader *l)
{
	struct rule *r = l->r;

	for (unsigned i = 0; i < r->nparam; i++)
		if (!l->scope.param_used[i])
			ydoc_warn(l->doc, ynode_get(r->node, "params"), l->diags,
			    "the parameter %s is used nowhere", r->param[i].name);
	for (unsigned i = 0; i < r->nneed; i++)
		if (!l->scope.used[i] && i != r->each)
			ydoc_warn(l->doc, ynode_get(r->node, "needs"), l->diags,
			    "the series %s is used nowhere", r->need[i].name);
}

struct rule *
rule_load(struct rules *set, struct ydoc *doc, const struct ynode *map, struct diags *diags)
{
	struct loader l = { .rules = set, .doc = doc, .diags = diags, .node = map };
	struct rule  *r = xcalloc(1, sizeof *r);

	l.r = r;
	l.scope.id = use_id;
	l.scope.arg = &l;
	r->node = map;
	r->doc = doc;
	if (!ydoc_keys(doc, map, rule_keys, diags)) {
		l.failed = true;
		if (map->kind != Y_MAP) {
			free(r);
			return NULL;
		}
	}
	head(&l, map);
	needs(&l, ynode_get(map, "needs"));
	each(&l, ynode_get(map, "each"));
	params(&l, ynode_get(map, "params"));
	loader_events(&l, map);
	lets(&l, ynode_get(map, "let"));
	condition(&l, map);
	levels(&l, ynode_get(map, "severity"));
	silents(&l, ynode_get(map, "silent"));
	resolve(&l, ynode_get(map, "resolve"));
	words(&l, map, "summary", &r->summary);
	words(&l, map, "evidence", &r->evidence);
	words(&l, map, "do", &r->advice);
	causes(&l, ynode_get(map, "causes"));
	if (!ynode_get(map, "summary") && r->role != ROLE_ADVICE && r->role != ROLE_MARKER)
		FAIL(&l, map, "summary is missing");
	r->tests = ynode_get(map, "tests");
	r->nstreak = l.scope.nstreak;
	memcpy(r->wants, l.scope.wants, sizeof r->wants);
	if (!l.failed)
		unused(&l);
	if (l.failed) {
		rule_free(r);
		return NULL;
	}
	return r;
}
