/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "rule_impl.h"

static void
list(struct buf *b, const char *label, const struct names *n)
{
	for (unsigned i = 0; i < n->n; i++)
		buf_printf(b, "%s%s", i ? ", " : label, n->v[i]);
	if (n->n)
		buf_char(b, '\n');
}

static void
levels(const struct rule *r, struct buf *b)
{
	const struct ynode *n = ynode_get(r->node, "severity");

	if (!n || n->kind == Y_SCALAR) {
		buf_printf(b, "Severity: %s.\n", severity_name(rule_severity(r)));
		return;
	}
	for (unsigned i = 0; i < r->nlevel; i++) {
		const struct ynode *item = n->item[i];
		const struct ynode *when = item->kind == Y_MAP ? ynode_get(item, "when") : NULL;

		buf_printf(b, "Severity: %s%s%s.\n", severity_name(r->level[i].severity),
		    when ? " when " : i ? " otherwise" : "", when ? when->text.p : "");
	}
}

static void
looks_at(const struct rule *r, struct buf *b)
{
	for (unsigned i = 0; i < r->nneed; i++) {
		const struct need *need = &r->need[i];
		const struct ynode *n = ynode_get(ynode_get(r->node, "needs"), need->name);

		buf_printf(b, "  %s is ", need->name);
		if (need->classes && n && n->kind == Y_MAP)
			buf_printf(b, "every metric of the class %s", ynode_get(n, "class")->text.p ?
			    ynode_get(n, "class")->text.p : "list");
		else if (need->classes)
			buf_str(b, "every metric of a class");
		for (unsigned k = 0; k < need->metrics.n; k++)
			buf_printf(b, "%s%s", k ? ", else " : "", need->metrics.v[k]);
		buf_str(b, need->optional ? " (may be missing)\n" : "\n");
	}
}

static void
events(const struct rule *r, struct buf *b)
{
	const struct ynode *n = ynode_get(r->node, "event");

	if (r->traceback)
		buf_str(b, "Looks for whole Python tracebacks.\n");
	if (r->restart)
		buf_str(b, "Looks for a position that goes back.\n");
	if (!n)
		return;
	buf_str(b, "Looks for lines with\n");
	for (size_t i = 0; i < (n->kind == Y_LIST ? n->n : 1); i++)
		buf_printf(b, "  %s\n", (n->kind == Y_LIST ? n->item[i] : n)->text.p);
	buf_printf(b, "Its role: %s.\n", role_name(r->role));
}

static void
condition(const struct rule *r, struct buf *b)
{
	static const char *const every[] = {
		[EVERY_SAMPLE] = "at each new point", [EVERY_BLOCK] = "at each completed block",
		[EVERY_TICK] = "as time passes", [EVERY_END] = "at the end",
		[EVERY_EVENT] = "at the event",
	};

	if (r->when_text)
		buf_printf(b, "Fires %s when\n  %s\n", every[r->every], r->when_text);
	if (r->keep > 1)
		buf_printf(b, "  %u times in a row\n", r->keep);
	if (r->min_points > 1 && r->nneed)
		buf_printf(b, "  after %u points\n", r->min_points);
	for (unsigned i = 0; i < r->nsilent; i++)
		buf_printf(b, "%s\n  %s%s%s\n", i ? "or" : "Silent when",
		    r->silent[i].text ? r->silent[i].text : "?", r->silent[i].why ? "   # " : "",
		    r->silent[i].why ? r->silent[i].why : "");
}

static void
parameters(const struct rule *r, struct buf *b)
{
	if (r->nparam)
		buf_str(b, "Parameters\n");
	for (unsigned i = 0; i < r->nparam; i++) {
		buf_printf(b, "  %s = ", r->param[i].name);
		text_number(b, r->param[i].value.num, (enum unit_of)r->param[i].value.unit);
		if (r->param[i].value.unit && r->param[i].value.unit != U_TIME &&
		    r->param[i].value.unit != U_BYTES)
			buf_printf(b, " %s", unit_name((enum unit_of)r->param[i].value.unit));
		buf_printf(b, "%s%s\n", r->param[i].reason ? "   # " : "",
		    r->param[i].reason ? r->param[i].reason : "");
	}
}

static void
causes(const struct rule *r, struct buf *b)
{
	if (r->ncause)
		buf_str(b, "Causes, most likely first\n");
	for (unsigned i = 0; i < r->ncause; i++) {
		const struct cause *c = &r->cause[i];

		buf_printf(b, "  %u. %s\n", i + 1, c->because.source);
		if (c->advice.source)
			buf_printf(b, "     do: %s\n", c->advice.source);
		for (unsigned k = 0; k < c->nhow; k++)
			buf_printf(b, "     %s: %s\n", c->how[k].profile, c->how[k].flags);
	}
}

void
rule_explain(const struct rule *r, struct buf *b)
{
	buf_printf(b, "%s: %s\n", r->name, r->title);
	list(b, "Also called: ", &r->alias);
	levels(r, b);
	looks_at(r, b);
	events(r, b);
	condition(r, b);
	parameters(r, b);
	list(b, "While it fires, these stay silent: ", &r->inhibits);
	causes(r, b);
	if (r->source)
		buf_printf(b, "Source: %s\n", r->source);
	if (r->measured)
		buf_printf(b, "Measured: %s\n", r->measured);
	buf_printf(b, "File: %s\n", r->file);
}
