/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <math.h>
#include <stdio.h>

#include "clock.h"
#include "prefix_impl.h"
#include "ydoc.h"

/* Checks a file of prefixes by what it says of itself. */
struct check {
	struct ydoc     *doc;
	struct prefixes *prefixes;
	struct diags    *diags;
	int              err;
};

static const char *const level_names[] = { "", "debug", "info", "warning", "error", "critical" };

static void
check_pattern(struct check *c, const struct ynode *node, bool groups)
{
	struct pattern *p;
	struct diag     d = { 0 };
	const char     *name, *near;
	unsigned        number;

	if (node == NULL || pattern_new(node->text.p, PATTERN_ANCHORED, &p, &d) == -1)
		return; /* loading said it */
	if (pattern_check(p, &d) == -1)
		c->err = ydoc_error_in(c->doc, node, d.col > 0 ? d.col - 1 : 0, c->diags, "%s", d.text);
	for (unsigned i = 0; (name = pattern_group(p, i, &number)) != NULL; i++) {
		near = diag_nearest(name, prefix_group_names, 5);
		if (groups && near != NULL && strcmp(near, name) == 0)
			continue;
		c->err = ydoc_error(c->doc, node, c->diags,
		    "a group cannot be called %s: there are time, rank, node, level and text", name);
	}
	pattern_free(p);
}

static void
expect(struct check *c, const struct ynode *test, const char *key, const char *got)
{
	const struct ynode *want = ynode_get(test, key);
	struct span         text = want != NULL ? want->text : SPAN_LIT("");

	if (!span_is(text, got))
		c->err = ydoc_error(c->doc, want != NULL ? want : test, c->diags,
		    "%s is \"%s\", not \"%.*s\"", key, got, (int)text.n, text.p);
}

static void
expect_number(struct check *c, const struct ynode *test, const char *key, int got)
{
	char text[16] = "";

	if (got >= 0)
		snprintf(text, sizeof text, "%d", got);
	expect(c, test, key, text);
}

static void
peel(struct check *c, struct prefix_memo *memo, struct span in, struct line *line)
{
	*line = (struct line){
		.text = in, .raw = in, .time = NAN, .arrival = NAN, .rank = -1, .node = -1
	};
	prefixes_peel(c->prefixes, memo, line);
}

/* in: a line, or several of which the last is looked at. */
static void
check_test(struct check *c, const struct ynode *test)
{
	static const char *const keys[] = { "in", "text", "time", "rank", "node", "level", NULL };
	const struct ynode      *in, *text;
	struct prefix_memo       memo = { 0 };
	struct line              line = { .time = NAN, .rank = -1, .node = -1 };
	char                     iso[32] = "";

	if (test->kind != Y_MAP || !ydoc_keys(c->doc, test, keys, c->diags) ||
	    (in = ynode_get(test, "in")) == NULL || (text = ynode_get(test, "text")) == NULL) {
		c->err = ydoc_error(c->doc, test, c->diags, "a test needs in and text");
		return;
	}
	if (in->kind == Y_LIST)
		for (size_t i = 0; i < in->n; i++)
			peel(c, &memo, in->item[i]->text, &line);
	else
		peel(c, &memo, in->text, &line);
	if (line.printed_time)
		clock_iso(line.time, iso);
	if (!span_eq(line.text, text->text))
		c->err = ydoc_error(c->doc, text, c->diags, "text is \"%.*s\", not \"%.*s\"",
		    (int)line.text.n, line.text.p, (int)text->text.n, text->text.p);
	expect(c, test, "time", iso);
	expect(c, test, "level", level_names[line.level]);
	expect_number(c, test, "rank", line.rank);
	expect_number(c, test, "node", line.node);
	prefix_memo_fini(&memo);
}

static void
check_tests(struct check *c, const struct ynode *node)
{
	const struct ynode *tests = ynode_get(node, "tests");

	for (size_t i = 0; tests != NULL && tests->kind == Y_LIST && i < tests->n; i++)
		check_test(c, tests->item[i]);
}

static void
check_doc(struct check *c)
{
	const struct ynode *root = ydoc_root(c->doc), *list = ynode_get(root, "prefixes"), *v;

	for (size_t i = 0; list != NULL && i < list->n; i++) {
		check_pattern(c, ynode_get(list->item[i], "pattern"), true);
		check_pattern(c, ynode_get(list->item[i], "sure"), false);
	}
	if (c->err != 0)
		return;
	for (size_t i = 0; list != NULL && i < list->n; i++)
		check_tests(c, list->item[i]);
	if ((v = ynode_get(root, "json")) != NULL)
		check_tests(c, v);
}

int
prefixes_check(const char *name, struct span yaml, struct diags *diags)
{
	struct check c = { ydoc_parse(name, yaml, diags), prefixes_new(), diags, 0 };

	c.err = c.doc == NULL ? -1 : prefixes_load(c.prefixes, ydoc_parse(name, yaml, diags), diags);
	if (c.err == 0)
		check_doc(&c);
	prefixes_free(c.prefixes);
	ydoc_free(c.doc);
	return c.err;
}
