/* SPDX-License-Identifier: MIT */
#include "span.h"
#include "tap.h"

static const struct {
	const char *name;
	struct span in;
	size_t      want;
} utf8[] = {
	{ "ASCII", SPAN_LIT("a"), 1 },
	{ "two bytes", SPAN_LIT("\xc3\xa9"), 2 },
	{ "three bytes", SPAN_LIT("\xe2\x82\xac"), 3 },
	{ "four bytes", SPAN_LIT("\xf0\x9f\x90\x95"), 4 },
	{ "nothing", SPAN_LIT(""), 0 },
	{ "cut", SPAN_LIT("\xe2\x82"), 0 },
	{ "continuation alone", SPAN_LIT("\xa9"), 0 },
	{ "overlong slash", SPAN_LIT("\xc0\xaf"), 0 },
	{ "overlong in three", SPAN_LIT("\xe0\x80\xaf"), 0 },
	{ "surrogate", SPAN_LIT("\xed\xa0\x80"), 0 },
	{ "past the last", SPAN_LIT("\xf4\x90\x80\x80"), 0 },
	{ "NUL is a character", SPAN_LIT("\0"), 1 },
};

static const struct {
	const char *name, *in, *needle;
	size_t      want;
} find[] = {
	{ "at the start", "loss: 1", "loss", 0 },
	{ "in the middle", "a loss", "loss", 2 },
	{ "not there", "a los", "loss", (size_t)-1 },
	{ "longer than the text", "a", "loss", (size_t)-1 },
	{ "nothing is everywhere", "a", "", 0 },
	{ "nothing in nothing", "", "", 0 },
};

static const struct {
	const char *name, *in, *out;
} trim[] = {
	{ "both ends", " \t a b \r\n", "a b" },
	{ "nothing to do", "ab", "ab" },
	{ "only blanks", " \t\r\n", "" },
	{ "empty", "", "" },
};

int
main(void)
{
	for (size_t i = 0; i < sizeof utf8 / sizeof utf8[0]; i++)
		IS_NUM(span_utf8(utf8[i].in), utf8[i].want, "utf8: %s", utf8[i].name);
	for (size_t i = 0; i < sizeof find / sizeof find[0]; i++)
		OK(span_find(span_of(find[i].in), find[i].needle) == find[i].want,
		    "find: %s", find[i].name);
	for (size_t i = 0; i < sizeof trim / sizeof trim[0]; i++)
		OK(span_is(span_trim(span_of(trim[i].in)), trim[i].out), "trim: %s",
		    trim[i].name);
	OK(span_is(SPAN_LIT("ab"), "ab") && !span_is(SPAN_LIT("ab"), "abc"), "is");
	OK(span_is_nocase(SPAN_LIT("LoSs"), "loss"), "is_nocase");
	OK(!span_is_nocase(SPAN_LIT("loss"), "lost"), "is_nocase: another word");
	OK(span_starts(SPAN_LIT("loss: 1"), "loss"), "starts");
	OK(!span_starts((struct span){ "loss: 1", 3 }, "loss"), "starts: too short");
	OK(!span_is(SPAN_LIT("a\0b"), "a"), "a NUL is a byte like others");
	OK(span_eq(SPAN_NONE, SPAN_LIT("")), "none is empty");
	OK(span_from(SPAN_LIT("abc"), 9).n == 0, "from past the end");
	OK(span_hash(SPAN_LIT("")) == 0xcbf29ce484222325ULL, "FNV-1a of nothing");
	OK(span_hash(SPAN_LIT("a")) == 0xaf63dc4c8601ec8cULL, "FNV-1a of a");
	return DONE();
}
