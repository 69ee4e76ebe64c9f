/* SPDX-License-Identifier: MIT */
#include "prefix.h"

#include <math.h>
#include <stdlib.h>

#include "tap.h"
#include "xalloc.h"
#include "ydoc.h"

/* The shipped file, whole. */
static struct span
read_rules(void)
{
	const char *src = getenv("SRCDIR");
	char       *path = xasprintf("%s/rules/prefixes.yaml", src != NULL ? src : ".");
	FILE       *f = fopen(path, "r");
	char       *text = xmalloc(1 << 20);
	size_t      n = f != NULL ? fread(text, 1, 1 << 20, f) : 0;

	if (f != NULL)
		fclose(f);
	free(path);
	return (struct span){ text, n };
}

static struct prefixes *
load(struct span yaml)
{
	struct diags    *d = diags_new();
	struct prefixes *x = prefixes_new();

	if (prefixes_load(x, ydoc_parse("prefixes.yaml", yaml, d), d) == -1)
		diags_print(d, stdout, false, NULL);
	diags_free(d);
	return x;
}

static struct line
peel(const struct prefixes *x, struct prefix_memo *memo, const char *text, double arrival)
{
	struct line line = {
		.text = span_of(text), .raw = span_of(text), .time = arrival, .arrival = arrival,
		.rank = -1, .node = -1
	};

	prefixes_peel(x, memo, &line);
	return line;
}

static void
test_shipped(struct span yaml)
{
	struct diags *d = diags_new();
	int           err = prefixes_check("prefixes.yaml", yaml, d);

	if (!OK(yaml.n > 0 && err == 0, "the shipped prefixes hold their own tests"))
		diags_print(d, stdout, false, NULL);
	diags_free(d);
}

static void
test_times(const struct prefixes *x)
{
	struct prefix_memo memo = { 0 };
	struct line        line;

	/* 2024-03-01 12:00:00 UTC; the log prints the time of UTC+8 without saying so */
	line = peel(x, &memo, "2024-03-01 20:00:00,500 epoch 1", 1709294401.0);
	NEAR(line.time, 1709294400.5, 1e-6, "a live stream's zone is learnt from the arrival");
	line = peel(x, &memo, "2024-03-01 20:00:10,500 epoch 1", 1709294500.0);
	NEAR(line.time, 1709294410.5, 1e-6, "and kept, whatever the later arrivals");
	prefix_memo_fini(&memo);

	memo = (struct prefix_memo){ 0 };
	line = peel(x, &memo, "Dec 31 23:59:59 host unit[1]: a", 1704067200.0);
	NEAR(line.time, 1704067199, 1e-6, "a year is that of the arrival, or its neighbour");
	line = peel(x, &memo, "Jan  1 00:00:01 host unit[1]: a", 1704067201.0);
	NEAR(line.time, 1704067201, 1e-6, "and New Year is noticed");
	prefix_memo_fini(&memo);

	memo = (struct prefix_memo){ 0 };
	line = peel(x, &memo, "2024-02-30 25:00:00,500 epoch 1", NAN);
	OK(!line.printed_time && line.text.n == 31, "a time that is none is no prefix");
	prefix_memo_fini(&memo);
}

/* A counter on every line, as long as you like, is no rank; ranks that come again are. */
static void
test_confirm(const struct prefixes *x)
{
	struct prefix_memo memo = { 0 };
	struct line        line = { .rank = -1 };
	char               text[32];
	unsigned           peeled = 0;

	for (int i = 0; i < 500; i++) {
		snprintf(text, sizeof text, "%d: row", i);
		line = peel(x, &memo, text, NAN);
		peeled += line.rank >= 0;
	}
	OK(peeled == 0, "500 rows counted up are no ranks");
	for (int i = 0; i < 16; i++) {
		snprintf(text, sizeof text, "%d: ready", i * 7 % 4);
		line = peel(x, &memo, text, NAN);
	}
	OK(line.rank == 15 * 7 % 4 && span_is(line.text, "ready"), "four ranks, each again and again, are");
	prefix_memo_fini(&memo);
}

static void
test_refused(void)
{
	static const struct { const char *name, *yaml, *want; } rows[] = {
		{ "no pattern", "prefixes: [{prefix: a, start: b}]", "needs" },
		{ "unknown key", "prefixes: [{prefix: a, start: b, patern: c}]", "pattern" },
		{ "broken pattern", "prefixes: [{prefix: a, start: b, pattern: '('}]", "wrong" },
		{ "unknown group", "prefixes: [{prefix: a, start: b, pattern: '(?<tmie>x)'}]", "tmie" },
		{ "unknown part of a time",
		    "prefixes: [{prefix: a, start: b, pattern: x, time: '%Q'}]", "%Q" },
		{ "a failing test",
		    "prefixes: [{prefix: a, start: b, pattern: b, tests: [{in: bc, text: d}]}]", "\"c\"" },
		{ "not a mapping", "[1, 2]", "mapping" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct diags *d = diags_new();
		char         *text = NULL;
		size_t        n = 0;
		FILE         *f = open_memstream(&text, &n);
		int           err = prefixes_check("x.yaml", span_of(rows[i].yaml), d);

		diags_print(d, f, false, NULL);
		fclose(f);
		OK(err == -1 && strstr(text, rows[i].want) != NULL, "refused: %s", rows[i].name);
		free(text);
		diags_free(d);
	}
}

int
main(void)
{
	struct span      yaml = read_rules();
	struct prefixes *x = load(yaml);

	test_shipped(yaml);
	test_times(x);
	test_confirm(x);
	test_refused();
	prefixes_free(x);
	free((void *)(uintptr_t)yaml.p);
	return DONE();
}
