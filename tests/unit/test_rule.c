/* SPDX-License-Identifier: MIT */
/* rule: files to rules, mistakes with their place, the user's changes. */
#include <stdlib.h>

#include "buf.h"
#include "rule.h"
#include "rule_impl.h"
#include "tap.h"
#include "ydoc.h"

static struct vocab *vocab;

#define GOOD \
	"rule: good-one\n" \
	"title: a rule\n" \
	"alias: [fine]\n" \
	"severity: warning\n" \
	"needs: {loss: train/loss, lr?: lr}\n" \
	"params:\n" \
	"  limit: {value: 2, reason: because}\n" \
	"when: loss > limit\n" \
	"summary: \"{each} is {loss}\"\n" \
	"causes:\n" \
	"- {because: it is, do: this, how: {keras: flag}}\n" \
	"tests:\n" \
	"- series: {loss: \"1x20 3\"}\n" \
	"  expect: {at: 21, severity: warning, cause: it is, summary: is 3}\n" \
	"- series: {loss: \"1x30\"}\n" \
	"  expect: none\n"

/* All mistakes of a text, as printed. */
static char *
mistakes(const char *yaml)
{
	struct rules *set = rules_new(vocab);
	struct diags *d = diags_new();
	char         *text = NULL;
	size_t        n = 0;
	FILE         *f = open_memstream(&text, &n);

	if (rules_load(set, ydoc_parse("a.yaml", span_of(yaml), d), d) == 0)
		rules_finish(set, d);
	diags_print(d, f, false, NULL);
	fclose(f);
	diags_free(d);
	rules_free(set);
	return text;
}

static const struct { const char *name, *yaml, *part; } bad[] = {
	{ "an unknown key", "rule: a\ntitle: t\nseverty: info\nneeds: {x: lr}\nwhen: x > 1\nsummary: s\n", "a.yaml:3:1" },
	{ "no condition", "rule: a\ntitle: t\nseverity: info\nneeds: {x: lr}\nsummary: s\n", "when is missing" },
	{ "a bad id", "rule: A b\ntitle: t\nseverity: info\nneeds: {x: lr}\nwhen: x > 1\nsummary: s\n", "lower case" },
	{ "an unknown severity", "rule: a\ntitle: t\nseverity: warn\nneeds: {x: lr}\nwhen: x > 1\nsummary: s\n", "warning" },
	{ "an unknown function", "rule: a\ntitle: t\nseverity: info\nneeds: {x: lr}\nwhen: medain(x, 3) > 1\nsummary: s\n", "a.yaml:5:7" },
	{ "one in a text", "rule: a\ntitle: t\nseverity: info\nneeds: {x: lr}\nwhen: x > 1\nsummary: \"is {lasst(x)}\"\n", "last" },
	{ "an open brace", "rule: a\ntitle: t\nseverity: info\nneeds: {x: lr}\nwhen: x > 1\nsummary: \"is {x\"\n", "not closed" },
	{ "an unknown class", "rule: a\ntitle: t\nseverity: info\nneeds: {x: {class: losss}}\nwhen: x > 1\nsummary: s\n", "class" },
	{ "an event without a role", "rule: a\ntitle: t\nseverity: info\nevent: some text\nsummary: s\n", "role is missing" },
	{ "a broken pattern", "rule: a\ntitle: t\nseverity: info\nrole: root\nevent: \"/some (text/\"\nsummary: s\n", "a.yaml:5" },
	{ "a pattern without a text", "rule: a\ntitle: t\nseverity: info\nrole: root\nevent: \"/.*/\"\nsummary: s\n", "always there" },
	{ "a group that is not there", "rule: a\ntitle: t\nseverity: info\nrole: root\nevent: some text\nsummary: \"{$size}\"\n", "group" },
	{ "an unknown rule to inhibit", "rule: a\ntitle: t\nseverity: info\nneeds: {x: lr}\nwhen: x > 1\nsummary: s\ninhibits: [b]\n", "no rule" },
	{ "an unknown event", "rule: a\ntitle: t\nseverity: info\nneeds: {x: lr}\nwhen: seen(\"b\")\nsummary: s\n", "no rule" },
	{ "a parameter that is no number", "rule: a\ntitle: t\nseverity: info\nneeds: {x: lr}\nparams: {p: much}\nwhen: x > p\nsummary: s\n", "with or without a unit" },
	{ "no map", "just a text\n", "mapping" },
};

static void
good(void)
{
	struct rules          *set = rules_new(vocab);
	struct diags          *d = diags_new();
	struct rules_test_stat stat;
	struct buf             b;
	struct diag            why = { .text = "" };

	buf_init(&b, 65536);
	OK(rules_load(set, ydoc_parse("good.yaml", SPAN_LIT(GOOD), d), d) == 0 && rules_finish(set, d) == 0, "a good rule");
	IS_NUM(diags_count(d), 1, "a series that is used nowhere is warned of");
	OK(rules_find(set, "fine") == rules_at(set, 0), "an alias finds it");
	IS_STR(rules_nearest(set, "good-oen"), "good-one", "the nearest id");
	IS_NUM(rule_severity(rules_at(set, 0)), SEV_WARNING, "its severity");
	IS_NUM(rules_test(set, NULL, &b, &stat), 0, "its own tests pass");
	OK(stat.tests == 2 && stat.causes_untested == 0, "both, and they reach its cause");
	rule_explain(rules_at(set, 0), LANG_EN, &b);
	OK(strstr(buf_cstr(&b), "loss > limit") && strstr(buf_cstr(&b), "limit = 2   # because"),
	    "explained with condition and parameters");
	OK(rules_override(set, "fine", "limit", "5", NULL, NULL, &why) == 0, "a parameter is changed");
	IS_NUM(rules_test(set, NULL, &b, &stat), 1, "and then its test fails");
	OK(rules_override(set, "fine", "limt", "5", NULL, NULL, &why) == -1 &&
	    strstr(why.text, "no parameter"), "one that is not there: %s", why.text);
	OK(rules_load(set, ydoc_parse("again.yaml", SPAN_LIT(GOOD), d), d) == 0 && rules_count(set) == 1,
	    "a later rule of the same id replaces it");
	buf_fini(&b);
	diags_free(d);
	rules_free(set);
}

int
main(void)
{
	vocab = vocab_new();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char *got = mistakes(bad[i].yaml);

		if (!OK(strstr(got, bad[i].part) != NULL, "%s", bad[i].name))
			printf("# %s\n", got);
		free(got);
	}
	good();
	vocab_free(vocab);
	return DONE();
}
