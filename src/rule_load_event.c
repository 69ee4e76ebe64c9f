/* SPDX-License-Identifier: MIT */
/* Reading what makes a rule an event's. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "expr_lex.h"
#include "pattern.h"
#include "rule_loader.h"
#include "xalloc.h"

/* /regex/ or /regex/i to a regular expression; a plain text is itself. */
static char *
pattern_of(struct loader *l, const struct ynode *n, bool *exact)
{
	const char *s = loader_str(l, n);
	size_t      len = strlen(s);
	bool        fold = len > 2 && s[len - 1] == 'i' && s[len - 2] == '/';

	*exact = !(len > 2 && s[0] == '/' && (fold || s[len - 1] == '/'));
	if (*exact)
		return xstrdup(s);
	return xasprintf("%s%.*s", fold ? "(?i)" : "", (int)(len - 2 - fold), s + 1);
}

/* The groups (?<name>...) of a pattern. */
static void
captures(struct loader *l, const struct ynode *n, const char *pattern)
{
	struct rule *r = l->r;
	const char  *p = pattern;

	while ((p = strstr(p, "(?<"))) {
		size_t len = strcspn(p + 3, ">");
		char  *name = xstrndup(p + 3, len);
		bool   known = !loader_is_name(name); /* a look-behind is no name */

		p += 3;
		for (unsigned i = 0; i < r->ncapture; i++)
			known = known || strcmp(r->capture[i], name) == 0;
		if (!known && r->ncapture < RULE_CAPTURES)
			r->capture[r->ncapture++] = name;
		else
			free(name);
		if (!known && r->ncapture == RULE_CAPTURES)
			FAIL(l, n, "at most %d groups a rule", RULE_CAPTURES - 1);
	}
}

/* Is it a regular expression that can be searched for? */
static void
check_pattern(struct loader *l, const struct ynode *n, const char *text, bool exact)
{
	char            literal[8][PATTERN_LITERAL_MAX];
	struct pattern *p = NULL;
	struct diag     d = { .text = "" };

	if (l->rules->trusted)
		return;
	if (pattern_compile(text, exact ? PATTERN_LITERAL : 0, &p, &d) == -1)
		FAIL(l, n, "%s", d.text);
	else if (pattern_literals(p, literal, 8) == 0)
		FAIL(l, n, "a pattern needs a text that is always there, to be searched for");
	pattern_free(p);
}

/* All of unless as one regular expression. */
static char *
unless_of(struct loader *l, const struct ynode *n)
{
	struct buf b;
	size_t     count = n->kind == Y_LIST ? n->n : 1;

	buf_init(&b, 4096);
	for (size_t i = 0; i < count; i++) {
		bool  exact;
		char *p = pattern_of(l, n->kind == Y_LIST ? n->item[i] : n, &exact);

		buf_printf(&b, exact ? "%s\\Q%s\\E" : "%s(?:%s)", i ? "|" : "", p);
		free(p);
	}
	return buf_take(&b);
}

static void
events(struct loader *l, const struct ynode *map)
{
	const struct ynode *n = ynode_get(map, "event"), *u = ynode_get(map, "unless");
	struct rules       *set = l->rules;
	size_t              count = !n ? 0 : n->kind == Y_LIST ? n->n : 1;
	char               *unless = u ? unless_of(l, u) : NULL;

	l->r->first_event = set->nevents;
	for (size_t i = 0; i < count; i++) {
		const struct ynode   *item = n->kind == Y_LIST ? n->item[i] : n;
		struct event_pattern *e;

		XGROW(set->event, set->nevents, set->event_size);
		e = &set->event[set->nevents++];
		e->pattern = pattern_of(l, item, &e->exact);
		e->unless = xcopy(unless);
		e->rule = 0;
		l->r->nevents++;
		check_pattern(l, item, e->pattern, e->exact);
		if (!e->exact)
			captures(l, item, e->pattern);
	}
	free(unless);
}

static void
detect(struct loader *l, const struct ynode *n)
{
	static const char *const table[] = { "traceback", "restart", NULL };
	static const char *const groups[] = { "type", "message", "frame" };
	int what = n ? loader_choice(l, n, table, 0) : -1;

	l->r->restart = what == 1;
	l->r->traceback = what == 0;
	for (unsigned i = 0; i < 3 && l->r->traceback; i++)
		l->r->capture[l->r->ncapture++] = xstrdup(groups[i]);
}

void
loader_events(struct loader *l, const struct ynode *map)
{
	static const char *const marks[] = {
		"train", "eval", "save", "compile", "data", "start", "finish", NULL };
	const struct ynode *role = ynode_get(map, "role"), *mark = ynode_get(map, "mark");
	const struct ynode *within = ynode_get(map, "within");
	struct rule        *r = l->r;
	bool                is_event;
	int                 m;

	events(l, map);
	detect(l, ynode_get(map, "detect"));
	is_event = r->nevents > 0 || r->traceback || r->restart;
	if (role && (m = loader_choice(l, role, loader_roles, 1)) > 0)
		r->role = (enum role)m;
	if (is_event && !role)
		FAIL(l, r->node, "role is missing: root, cascade, teardown, advice, warn, info or marker");
	if (!is_event && role)
		FAIL(l, role, "a role is for event rules");
	if (mark && (m = loader_choice(l, mark, marks, 0)) >= 0)
		r->mark = (enum mark)(m + MARK_TRAIN);
	r->count = loader_count(l, map, "count", 1);
	if (within) {
		enum unit_of unit;
		double       v;

		if (!lex_number(span_of(loader_str(l, within)), &v, &unit) || unit == U_NONE)
			FAIL(l, within, "a window has a unit: 50 steps, 10 min, 200 lines");
		else
			r->within = (struct value){ { v }, K_NUM, (unsigned char)unit };
	}
	for (unsigned i = 0; i < r->ncapture; i++)
		l->scope.ncapture = i + 1;
	l->scope.capture = (const char *const *)r->capture;
}
