/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "rule_impl.h"
#include "translate.h"

/* Where to, and in which language. */
struct telling { struct buf *b; enum lang lang; };

/* A line, or a part of one, that is made in English and said in the reader's language. */
#define SAY(t, ...) translate_printf((t)->lang, (t)->b, __VA_ARGS__)

static void
list(const struct telling *t, const char *label, const struct names *n)
{
	if (n->n == 0)
		return;
	SAY(t, "%s", label);
	for (unsigned i = 0; i < n->n; i++)
		buf_printf(t->b, "%s%s", i ? ", " : "", n->v[i]);
	buf_char(t->b, '\n');
}

/* "  # why", as it stands behind what needs a reason. */
static void
reason(const struct telling *t, const char *why)
{
	if (!why)
		return;
	buf_str(t->b, "   # ");
	SAY(t, "%s", why);
}

static void
levels(const struct telling *t, const struct rule *r)
{
	const struct ynode *n = ynode_get(r->node, "severity");

	if (!n || n->kind == Y_SCALAR) {
		SAY(t, "Severity: %s.\n", severity_name(rule_severity(r)));
		return;
	}
	for (unsigned i = 0; i < r->nlevel; i++) {
		const struct ynode *item = n->item[i];
		const struct ynode *when = item->kind == Y_MAP ? ynode_get(item, "when") : NULL;

		if (when)
			SAY(t, "Severity: %s when %s.\n", severity_name(r->level[i].severity), when->text.p);
		else
			SAY(t, "Severity: %s%s.\n", severity_name(r->level[i].severity), i ? " otherwise" : "");
	}
}

static void
looks_at(const struct telling *t, const struct rule *r)
{
	for (unsigned i = 0; i < r->nneed; i++) {
		const struct need *need = &r->need[i];
		const struct ynode *n = ynode_get(ynode_get(r->node, "needs"), need->name);

		SAY(t, "  %s is ", need->name);
		if (need->classes && n && n->kind == Y_MAP)
			SAY(t, "every metric of the class %s", ynode_get(n, "class")->text.p ?
			    ynode_get(n, "class")->text.p : "list");
		else if (need->classes)
			SAY(t, "every metric of a class");
		for (unsigned k = 0; k < need->metrics.n; k++) {
			if (k)
				SAY(t, ", else ");
			buf_str(t->b, need->metrics.v[k]);
		}
		if (need->optional)
			SAY(t, " (may be missing)");
		buf_char(t->b, '\n');
	}
}

static void
events(const struct telling *t, const struct rule *r)
{
	const struct ynode *n = ynode_get(r->node, "event");

	if (r->traceback)
		SAY(t, "Looks for whole Python tracebacks.\n");
	if (r->restart)
		SAY(t, "Looks for a position that goes back.\n");
	if (!n)
		return;
	SAY(t, "Looks for lines with\n");
	for (size_t i = 0; i < (n->kind == Y_LIST ? n->n : 1); i++)
		buf_printf(t->b, "  %s\n", (n->kind == Y_LIST ? n->item[i] : n)->text.p);
	SAY(t, "Its role: %s.\n", role_name(r->role));
}

static void
condition(const struct telling *t, const struct rule *r)
{
	static const char *const every[] = {
		[EVERY_SAMPLE] = "at each new point", [EVERY_BLOCK] = "at each completed block",
		[EVERY_TICK] = "as time passes", [EVERY_END] = "at the end",
		[EVERY_EVENT] = "at the event",
	};

	if (r->when_text)
		SAY(t, "Fires %s when\n  %s\n", every[r->every], r->when_text);
	if (r->keep > 1)
		SAY(t, "  %u times in a row\n", r->keep);
	if (r->min_points > 1 && r->nneed)
		SAY(t, "  after %u points\n", r->min_points);
	for (unsigned i = 0; i < r->nsilent; i++) {
		SAY(t, "%s", i ? "or" : "Silent when");
		buf_printf(t->b, "\n  %s", r->silent[i].text ? r->silent[i].text : "?");
		reason(t, r->silent[i].why);
		buf_char(t->b, '\n');
	}
}

static void
parameters(const struct telling *t, const struct rule *r)
{
	if (r->nparam)
		SAY(t, "Parameters\n");
	for (unsigned i = 0; i < r->nparam; i++) {
		buf_printf(t->b, "  %s = ", r->param[i].name);
		text_number(t->b, r->param[i].value.num, (enum unit_of)r->param[i].value.unit);
		if (r->param[i].value.unit && r->param[i].value.unit != U_TIME &&
		    r->param[i].value.unit != U_BYTES)
			buf_printf(t->b, " %s", unit_name((enum unit_of)r->param[i].value.unit));
		reason(t, r->param[i].reason);
		buf_char(t->b, '\n');
	}
}

/* A text of the rule, as it stands in the file. */
static const char *
source_of(const struct telling *t, const struct text *text)
{
	return lang_pick(t->lang, text->source, text->zh ? text->zh->source : NULL);
}

static void
causes(const struct telling *t, const struct rule *r)
{
	if (r->ncause)
		SAY(t, "Causes, most likely first\n");
	for (unsigned i = 0; i < r->ncause; i++) {
		const struct cause *c = &r->cause[i];

		buf_printf(t->b, "  %u. %s\n", i + 1, source_of(t, &c->because));
		if (c->advice.source) {
			SAY(t, "     do: ");
			buf_printf(t->b, "%s\n", source_of(t, &c->advice));
		}
		for (unsigned k = 0; k < c->nhow; k++)
			buf_printf(t->b, "     %s: %s\n", c->how[k].profile, c->how[k].flags);
	}
}

void
rule_explain(const struct rule *r, enum lang lang, struct buf *b)
{
	const struct telling t = { b, lang };

	buf_printf(b, "%s: ", r->name);
	SAY(&t, "%s", r->title);
	buf_char(b, '\n');
	list(&t, "Also called: ", &r->alias);
	levels(&t, r);
	looks_at(&t, r);
	events(&t, r);
	condition(&t, r);
	parameters(&t, r);
	list(&t, "While it fires, these stay silent: ", &r->inhibits);
	causes(&t, r);
	if (r->source)
		SAY(&t, "Source: %s\n", r->source);
	if (r->measured)
		SAY(&t, "Measured: %s\n", r->measured);
	SAY(&t, "File: %s\n", r->file);
}
