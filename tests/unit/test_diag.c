/* SPDX-License-Identifier: MIT */
#include "diag.h"

#include <stdlib.h>

#include "tap.h"

static const char source[] =
    "rule: x\n"
    "\twhen: since_bset(val) >= 3\n"
    "caf\xc3\xa9: \x1b[31m\n"
    "last";

/* What diags_print writes; free it. */
static char *
print(const struct diags *ds, bool colour)
{
	char  *text = NULL;
	size_t n;
	FILE  *f = open_memstream(&text, &n);

	diags_print(ds, f, colour, NULL);
	fclose(f);
	return text;
}

static const struct {
	const char *name;
	const char *file;
	unsigned    line, col;
	const char *out;
} rows[] = {
	{ "a place", "r.yaml", 2, 8,
	    "r.yaml:2:8: error: wrong\n"
	    "    2 |  when: since_bset(val) >= 3\n"
	    "      |        ^\n" },
	{ "the caret counts characters, the column bytes", "r.yaml", 3, 6,
	    "r.yaml:3:6: error: wrong\n"
	    "    3 | caf\xc3\xa9: \\x1b[31m\n"
	    "      |     ^\n" },
	{ "the last line has no end", "r.yaml", 4, 1,
	    "r.yaml:4:1: error: wrong\n"
	    "    4 | last\n"
	    "      | ^\n" },
	{ "a column past the line", "r.yaml", 4, 99,
	    "r.yaml:4:99: error: wrong\n"
	    "    4 | last\n"
	    "      |     ^\n" },
	{ "a line past the file", "r.yaml", 99, 1,
	    "r.yaml:99:1: error: wrong\n"
	    "   99 | \n"
	    "      | ^\n" },
	{ "no column", "r.yaml", 1, 0,
	    "r.yaml:1: error: wrong\n"
	    "    1 | rule: x\n" },
	{ "no line", "r.yaml", 0, 0, "r.yaml: error: wrong\n" },
	{ "no file", NULL, 0, 0, "error: wrong\n" },
};

static void
test_print(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct diags *ds = diags_new();
		char         *text;

		diags_add(ds, DIAG_ERROR, rows[i].file, source, rows[i].line,
		    rows[i].col, "wrong");
		text = print(ds, false);
		IS_STR(text, rows[i].out, "print: %s", rows[i].name);
		free(text);
		diags_free(ds);
	}
}

static void
test_long_line(void)
{
	static char   text[100001];
	struct diags *ds = diags_new();
	char         *out;

	memset(text, 'x', sizeof text - 1);
	text[50000] = '!';
	diags_add(ds, DIAG_ERROR, "f", text, 1, 50001, "here");
	out = print(ds, false);
	OK(strlen(out) < 400, "a long line is cut");
	OK(strstr(out, "x!x") != NULL, "around the place");
	if (strstr(out, "x!x") != NULL)
		IS_NUM(strchr(out, '^') - strrchr(out, '|'),
		    strchr(out, '!') - strchr(out, '|'), "with the caret below it");
	free(out);
	diags_free(ds);
}

static void
test_many(void)
{
	struct diags *ds = diags_new();
	char         *out;

	for (int i = 0; i < 250; i++)
		diags_add(ds, i % 2 ? DIAG_WARNING : DIAG_ERROR, "f", NULL, 1, 1, "no %d",
		    i);
	IS_NUM(diags_errors(ds), 125, "all errors count");
	IS_NUM(diags_count(ds), 100, "a hundred are kept");
	out = print(ds, false);
	OK(strstr(out, "and 150 more\n") != NULL, "and the rest is said");
	OK(strstr(out, "f:1:1: warning: no 1\n") != NULL, "warnings are called so");
	free(out);
	diags_free(ds);
	diags_free(NULL);
}

static const char *const names[] = { "since_best", "trend", "gap", "last", "best" };

static const struct {
	const char *word, *near;
} nearest[] = {
	{ "since_bset", "since_best" }, { "sincebest", "since_best" },
	{ "TREND", "trend" },           { "tredn", "trend" },
	{ "trends", "trend" },          { "gpa", "gap" },
	{ "lst", "last" },              { "zzz", NULL },
	{ "trxyzd", NULL },
	{ "", NULL },                   { "x", NULL },
	{ "a_word_that_is_much_longer_than_any_name_that_could_be_meant_with_it", NULL },
};

int
main(void)
{
	struct diag d;
	struct diags *ds;
	char *text;

	test_print();
	test_long_line();
	test_many();
	for (size_t i = 0; i < sizeof nearest / sizeof nearest[0]; i++)
		IS_STR(diag_nearest(nearest[i].word, names, sizeof names / sizeof names[0]),
		    nearest[i].near, "nearest to \"%s\"", nearest[i].word);

	OK(diag_set(&d, "%d of %s", 3, "x") == -1, "set returns -1");
	IS_STR(d.text, "3 of x", "set");
	OK(diag_set(NULL, "x") == -1, "nobody needs to listen");
	OK(diag_at(&d, "f", 3, 4, "at") == -1 && d.line == 3 && d.col == 4 &&
	    strcmp(d.file, "f") == 0, "at");

	ds = diags_new();
	diags_add(ds, DIAG_ERROR, "f\x1b[2J", NULL, 0, 0, "key \"%s\"", "\x1b]0;x\a");
	text = print(ds, false);
	OK(strchr(text, '\x1b') == NULL && strchr(text, '\a') == NULL,
	    "names and texts from files are harmless");
	free(text);
	text = print(ds, true);
	OK(strstr(text, "\x1b[1;31merror:\x1b[0m") != NULL, "colours when asked for");
	free(text);
	diags_free(ds);
	return DONE();
}
