/* SPDX-License-Identifier: MIT */
/* literal: the texts that a match must contain, and the scan for many of them. */
#include "literal.h"

#include "tap.h"

static const struct { const char *name, *regex, *out; bool nocase; } rows[] = {
	{ "the longest run", "^step \\d+ loss: ", " loss: ", false },
	{ "alternatives", "(?:train|valid) \\d", "train valid", false },
	{ "an alternative without a text", "(?:train|\\d+)", "", false },
	{ "what may be absent does not count", "(?:loss)?\\d+(?:accuracy)*", "", false },
	{ "at least once does", "(?:loss)+ \\d", "loss", false },
	{ "a character that may be absent", "losses?", "losse", false },
	{ "repetition", "^-{20,}$", "--------", false },
	{ "repetition from none", "x{0,3}", "", false },
	{ "what is looked ahead for", "^(?=.*\"mode\": \"train\")", "\"mode\": \"train\"", false },
	{ "what is looked behind for", "(?<=total )\\d+", "total ", false },
	{ "what must not be there", "^(?!.*secret)\\d+", "", false },
	{ "escapes", "a\\.b\\[c\\] \\d", "a.b[c] ", false },
	{ "classes end a run", "ab[cd]efgh", "efgh", false },
	{ "a class with a bracket in it", "[]x]loss", "loss", false },
	{ "named groups", "(?<step>\\d+) steps", " steps", false },
	{ "case", "LOSS", "loss", true },
	{ "case within the pattern", "(?i)LOSS", "loss", false },
	{ "one character is none", "a\\d", "", false },
	{ "unbalanced", "loss)", "", false },
	{ "what the walk does not know", "\\Qloss\\E", "", false },
};

static const char *
literals_of(const char *regex, bool nocase)
{
	static char out[2048];
	char lit[16][PATTERN_LITERAL_MAX];
	unsigned n = literal_set(regex, nocase, lit, 16);

	out[0] = '\0';
	for (unsigned i = 0; i < n; i++) {
		if (i)
			strcat(out, " ");
		strcat(out, lit[i]);
	}
	return out;
}

static uint64_t
scan(const struct literals *l, const char *text)
{
	uint64_t hit[4] = { 0 };

	(void)literals_scan(l, span_of(text), hit);
	return hit[0];
}

static void
test_scan(void)
{
	struct literals *l = literals_new();
	char deep[400] = "";

	literals_add(l, SPAN_LIT("train_loss"), 0);
	literals_add(l, SPAN_LIT("loss: "), 1);
	literals_add(l, SPAN_LIT("loss: "), 2);
	literals_add(l, SPAN_LIT("epoch"), 3);
	literals_always(l, 5);
	literals_finish(l);
	OK(scan(l, "") == 1 << 5, "nothing in nothing, but who has no literal");
	OK(scan(l, "train_loss: 0.0") == (1 << 0 | 1 << 1 | 1 << 2 | 1 << 5), "one text for two, one within another");
	OK(scan(l, "EPOCH 0") == (1 << 3 | 1 << 5), "case is folded");
	OK(scan(l, "the end is an epoch") == (1 << 3 | 1 << 5), "at the end");
	OK(scan(l, "epoc") == 1 << 5, "cut off");
	literals_free(l);
	for (unsigned i = 0; i < 60; i++)
		strcat(deep, "(?:");
	strcat(deep, "loss");
	IS_STR(literals_of(deep, false), "", "nesting beyond the bound asks for nothing");
}

int
main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		IS_STR(literals_of(rows[i].regex, rows[i].nocase), rows[i].out, "%s", rows[i].name);
	test_scan();
	return DONE();
}
