/* SPDX-License-Identifier: MIT */
/* profile: what is refused of a profile's text, and what profile_check doubts. */
#include "profile.h"

#include <stdlib.h>

#include "profile_check.h"
#include "reader.h"
#include "tap.h"
#include "ydoc.h"

#define METRICS \
	"phases: {train: [train], val: [val], test: [test]}\n" \
	"positions: {step: [step], ignore: [eta]}\n" \
	"metrics:\n" \
	"  loss: {class: loss, better: lower}\n" \
	"  accuracy: {class: score, also: [acc]}\n" \
	"  step_time: {class: time, unit: s, phased: false}\n" \
	"like:\n" \
	"- {name: '*loss*', class: part}\n"

#define HEAD "profile: x\nreads:\n"

static struct vocab *vocab;

/* Loaded and checked: mistakes and doubts, as "errors/entries". */
static const char *
judge(const char *yaml)
{
	static char out[32];
	struct profiles *all = profiles_new(vocab);
	struct diags *diags = diags_new();

	if (profiles_load(all, ydoc_parse("x.yaml", span_of(yaml), diags), diags) == 0)
		profile_check(profiles_at(all, 0), vocab, true, diags);
	snprintf(out, sizeof out, "%u/%u", diags_errors(diags), diags_count(diags));
	profiles_free(all);
	diags_free(diags);
	return out;
}

static const struct { const char *name, *yaml, *out; } rows[] = {
	{ "a profile", HEAD "- pattern: 'iter (?<step>\\d+) (?<val__loss>%{num})'\n", "0/0" },
	{ "no text", "", "2/2" },
	{ "a list", "- a\n", "2/2" },
	{ "no name", "reads: []\n", "1/1" },
	{ "no readers", "profile: x\n", "1/1" },
	{ "readers that are none", "profile: x\nreads: 3\n", "1/1" },
	{ "a reader that is none", HEAD "- 3\n", "1/1" },
	{ "unknown keys of profile and reader", HEAD "- {patern: a}\nread: 1\n", "3/3" },
	{ "neither pattern nor object", HEAD "- name: a\n", "1/1" },
	{ "two ways to read", HEAD "- {pattern: abcd, pairs: true, columns: true}\n", "1/1" },
	{ "a separator that is none", HEAD "- {pattern: abcd, pairs: {sep: ab}}\n", "1/1" },
	{ "a phase that is none", HEAD "- {pattern: abcd, phase: dev}\n", "1/1" },
	{ "a flag that is none", HEAD "- {pattern: abcd, bar: maybe}\n", "1/1" },
	{ "an unknown shorthand", HEAD "- pattern: 'abcd %{nmu}'\n", "1/1" },
	{ "a wrong expression", HEAD "- pattern: 'abcd ('\n", "1/1" },
	{ "a wrong row", HEAD "- {pattern: abcd, columns: {row: '('}}\n", "1/1" },
	{ "a wrong key pattern", HEAD "- {pattern: abcd, pairs: true, map: {'/(/': loss}}\n", "1/1" },
	{ "a unit that is none", HEAD "- {pattern: abcd, pairs: true, map: {a: step_time parsec}}\n", "1/1" },
	{ "a label without a name", HEAD "- {pattern: abcd, pairs: true, map: {a: label}}\n", "1/1" },
	{ "a map that is none", HEAD "- {pattern: abcd, map: [a]}\n", "1/1" },
	{ "needs that are no list", HEAD "- object: {needs: loss}\n", "1/1" },
	{ "more needs than anybody has", HEAD "- object: {needs: [a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q]}\n", "1/1" },
	{ "no text that is always there", HEAD "- pattern: '^\\d+ (?<loss>%{num})'\n", "0/1" },
	{ "but in a block none is needed", HEAD "- {in: b, pattern: '^\\d+ (?<loss>%{num})'}\n", "0/0" },
	{ "a group that is nearly a position", HEAD "- pattern: 'abcd (?<stepp>\\d+)'\n", "0/1" },
	{ "a group that is a new metric", HEAD "- pattern: 'abcd (?<temperature>\\d+)'\n", "0/0" },
	{ "a group like a metric", HEAD "- pattern: 'abcd (?<loss_box>\\d+)'\n", "0/0" },
	{ "a group that the map names", HEAD "- {pattern: 'abcd (?<acuracy>\\d+)', map: {acuracy: loss}}\n", "0/0" },
	{ "a metric with a slip in a map", HEAD "- {pattern: abcd, pairs: true, map: {a: val/acuracy}}\n", "0/1" },
	{ "a phase with a slip in a map", HEAD "- {pattern: abcd, pairs: true, map: {a: vall/loss}}\n", "0/1" },
	{ "tests that are no list", HEAD "- pattern: abcd\ntests: 3\n", "1/1" },
	{ "a test without lines", HEAD "- pattern: abcd\ntests: [{samples: []}]\n", "1/1" },
	{ "a sample without a metric", HEAD "- pattern: abcd\ntests: [{lines: [a], samples: [{value: 1}]}]\n", "1/1" },
	{ "a key of a sample with a slip", HEAD "- pattern: abcd\ntests: [{lines: [a], samples: [{metric: loss, valeu: 1}]}]\n", "1/1" },
};

static void
test_many(void)
{
	struct profiles *all = profiles_new(vocab);
	struct diags *diags = diags_new();
	struct buf series;

	buf_init(&series, 1000);
	OK(profiles_load(all, ydoc_parse("a/x.yaml", SPAN_LIT("profile: x\ntitle: X\nversions: 1 to 3\nreads: [{name: r, pattern: abcd}, {pattern: efgh}]\n"
	    "tests: [{lines: [a], samples: [{metric: lr, value: 1}, {metric: lr, value: 2}, {metric: train/loss}]}]\n"), diags), diags) == 0, "a profile");
	IS_STR(profile_title(profiles_at(all, 0)), "X", "its title");
	IS_STR(profile_versions(profiles_at(all, 0)), "1 to 3", "its versions");
	profile_series(profiles_at(all, 0), &series);
	IS_STR(buf_cstr(&series), "lr, train/loss", "the series of its tests");
	OK(profiles_load(all, ydoc_parse("a/y.yaml", SPAN_LIT("profile: x\nreads: []\n"), diags), diags) == -1, "another of its name beside it is refused");
	OK(profiles_load(all, ydoc_parse("b/x.yaml", SPAN_LIT("profile: x\nreads: [{name: s, pattern: abcd}]\n"), diags), diags) == 0 &&
	    profiles_count(all) == 1, "one of another folder takes its place");
	IS_STR(profiles_reader_name(all, 0), "x/s", "and its readers' numbers");
	OK(profiles_load(all, ydoc_parse("b/y.yaml", SPAN_LIT("profile: y\nreads: [{name: s, pattern: abcd}]\n"), diags), diags) == 0 &&
	    profiles_find(all, "y") == profiles_at(all, 1) && !profiles_find(all, "z"), "found by name");
	OK(profiles_reader_count(all) == 2, "readers are counted over all");
	IS_STR(profile_title(profiles_at(all, 1)), "y", "without a title its name");
	buf_fini(&series);
	profiles_free(all);
	diags_free(diags);
}

static void
test_nearest(void)
{
	struct profiles *all = profiles_new(vocab);
	struct diags *diags = diags_new();
	struct nearest n;

	(void)profiles_load(all, ydoc_parse("x.yaml", SPAN_LIT(HEAD "- {name: a, pattern: '^MINE (?<step>\\d+) (?<loss>%{num})$'}\n"
	    "- {name: b, in: block, pattern: '^inner (?<loss>%{num})'}\n"), diags), diags);
	profile_nearest(all, NULL, SPAN_LIT("MINE 5 x"), &n);
	IS_STR(n.reader, "x/a", "who came nearest");
	OK(n.bytes == 7 && !n.whole && n.block == NULL, "how far");
	profile_nearest(all, NULL, SPAN_LIT("inner 0.5"), &n);
	OK(n.whole && strcmp(n.block, "block") == 0, "who would read it in a block");
	profile_nearest(all, NULL, SPAN_LIT("something else"), &n);
	OK(n.reader == NULL, "nobody");
	profiles_free(all);
	diags_free(diags);
}

int
main(void)
{
	struct diags *diags = diags_new();

	vocab = vocab_new();
	OK(vocab_load(vocab, ydoc_parse("metrics", span_of(METRICS), diags), diags) == 0, "the vocabulary");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		IS_STR(judge(rows[i].yaml), rows[i].out, "%s", rows[i].name);
	test_many();
	test_nearest();
	vocab_free(vocab);
	diags_free(diags);
	return DONE();
}
