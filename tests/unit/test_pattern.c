/* SPDX-License-Identifier: MIT */
/* pattern: shorthands, groups, bounds, and how far a match gets. */
#include "pattern.h"

#include "tap.h"

static struct pattern *
make(const char *text, unsigned flags)
{
	struct pattern *p = NULL;
	struct diag d;

	if (pattern_new(text, flags, &p, &d) == -1)
		printf("# %s\n", d.text);
	return p;
}

static bool
matches(const char *text, unsigned flags, const char *s)
{
	struct pattern *p = make(text, flags);
	struct span cap[1];
	bool hit = pattern_match(p, span_of(s), 0, cap, 1);

	pattern_free(p);
	return hit;
}

static void
test_match(void)
{
	struct pattern *p = make("(?<a>x)?(?<b>y)(?<n>%{num})", 0);
	struct span cap[4], nul = { "a\0b1", 4 };
	unsigned number;

	OK(pattern_match(p, SPAN_LIT("..y-1.5e3"), 0, cap, 4), "a match");
	OK(cap[1].p == NULL, "a group that is not set");
	OK(span_is(cap[2], "y") && span_is(cap[3], "-1.5e3"), "does not hide those after it");
	IS_STR(pattern_group(p, 0, &number), "a", "groups by name");
	OK(pattern_group(p, 3, &number) == NULL, "and no more");
	OK(!pattern_match(p, SPAN_LIT(""), 0, cap, 4) && !pattern_match(p, SPAN_NONE, 0, cap, 4), "nothing");
	pattern_free(p);
	OK(matches("LOSS", PATTERN_NOCASE, "a loss"), "without case");
	OK(!matches("loss", PATTERN_ANCHORED, "a loss"), "anchored");
	OK(matches("a.b", PATTERN_LITERAL, "xa.b") && !matches("a.b", PATTERN_LITERAL, "xacb"), "literal");
	p = make("b(\\d)", 0);
	OK(pattern_match(p, nul, 0, cap, 2) && span_is(cap[1], "1"), "a NUL is a byte");
	pattern_free(p);
	OK(matches("^%{int}$", 0, "1,234") && !matches("^%{int}$", 0, "1.5"), "%%{int}");
	OK(matches("^%{num}$", 0, "nan") && matches("^%{num}$", 0, "-inf"), "%%{num} with words");
	OK(matches("^%{time}$", 0, "2 days, 1:02:03.5"), "%%{time}");
	OK(matches("^\\%{num}$", 0, "%{num}"), "an escape is no shorthand");
}

static void
test_mistakes(void)
{
	struct pattern *p = NULL;
	struct diag d = { .col = 0 };

	OK(pattern_new("ab%{nmu}", 0, &p, &d) == -1 && d.col == 3, "an unknown shorthand, with its place");
	OK(pattern_new("ab%{num", 0, &p, &d) == -1 && d.col == 3, "one without an end");
	OK(p == NULL, "and nothing else");
	p = make("%{num} (", 0);
	OK(pattern_check(p, &d) == -1 && d.col == 9, "a mistake behind a shorthand has its place in the text");
	OK(pattern_quarantined(p), "and the pattern matches nothing");
	pattern_free(p);
	p = make("(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)"
	    "(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)(a)", 0);
	OK(pattern_check(p, &d) == -1, "too many groups");
	pattern_free(p);
}

static void
test_bound(void)
{
	static char text[4096];
	struct pattern *p = make("(a+)+$", 0);
	struct span cap[1];

	memset(text, 'a', sizeof text - 2);
	text[sizeof text - 2] = 'b';
	for (unsigned i = 0; i < 40 && !pattern_quarantined(p); i++)
		(void)pattern_match(p, span_of(text), 0, cap, 1);
	OK(pattern_errors(p) > 0, "a pattern that would take for ever is given up");
	OK(pattern_quarantined(p), "and at last put out of use");
	pattern_free(p);
}

static void
test_reach(void)
{
	struct pattern *p = make("^step (?<step>%{int}) loss (?<loss>%{num})$", 0);
	struct pattern_reach r;

	OK(pattern_reach(p, SPAN_LIT("step 12 acc 3"), &r) && r.bytes == 8 && !r.whole, "how far it gets");
	IS_STR(pattern_text(p) + r.at, "loss (?<loss>%{num})$", "and at what of the text it stops");
	OK(pattern_reach(p, SPAN_LIT("step 12 loss 3"), &r) && r.whole, "all the way");
	OK(!pattern_reach(p, SPAN_LIT("nothing"), &r), "nowhere");
	pattern_free(p);
}

int
main(void)
{
	test_match();
	test_mistakes();
	test_bound();
	test_reach();
	return DONE();
}
