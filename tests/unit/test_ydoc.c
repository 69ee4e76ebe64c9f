/* SPDX-License-Identifier: MIT */
#include "ydoc.h"

#include <stdlib.h>

#include "embed.h"
#include "tap.h"

/* What is said of a text, without the excerpts; free it. */
static char *
complaints(const struct diags *ds)
{
	char  *all = NULL, *out = NULL;
	size_t n;
	FILE  *f = open_memstream(&all, &n);
	FILE  *g;

	diags_print(ds, f, false, NULL);
	fclose(f);
	g = open_memstream(&out, &n);
	for (char *line = strtok(all, "\n"); line != NULL; line = strtok(NULL, "\n"))
		if (strncmp(line, "f:", 2) == 0)
			fprintf(g, "%s\n", line + 2);
	fclose(g);
	free(all);
	return out;
}

static const struct {
	const char *name;
	struct span in;
	const char *says; /* the beginning of what is said */
} refused[] = {
	{ "a key twice", SPAN_LIT("a: 1\nb: 2\na: 3\n"),
	    "3:1: error: \"a\" stands here for the second time, the first is on line 1\n" },
	{ "the same key in another map is fine but not in its own",
	    SPAN_LIT("a: {x: 1}\nb: {x: 1, y: 2, x: 3}\n"), "2:17: error: \"x\" stands" },
	{ "an anchor", SPAN_LIT("a: &x 1\n"), "1:4: error: anchors (&x) are not read" },
	{ "an alias", SPAN_LIT("a: *x\n"), "1:4: error: aliases (*x) are not read" },
	{ "a tag", SPAN_LIT("a: !!str 1\n"), "1:4: error: tags (" },
	{ "two documents", SPAN_LIT("a: 1\n---\nb: 1\n"), "2:1: error: a second document" },
	{ "a list as a key", SPAN_LIT("[a]: 1\n"), "1:1: error: a key must be text" },
	{ "an open list", SPAN_LIT("a: [1,\n  2\nb: 3\n"), "3:2: error: did not find expected" },
	{ "a tab before a key", SPAN_LIT("a:\n\tb: 1\n"), "2:1: error: found character" },
	{ "no UTF-8", SPAN_LIT("a: 1\nb: \xff\n"), "2:4: error: invalid leading UTF-8" },
	{ "UTF-16", SPAN_LIT("\xff\xfe" "a\0:\0 \0"), "1:1: error: invalid leading UTF-8" },
	{ "a NUL", SPAN_LIT("a: \0\n"), "1:4: error: control characters" },
	{ "a NUL by escape", SPAN_LIT("a: \"x\\0\"\n"), "1:4: error: a NUL byte" },
	{ "all mistakes at once", SPAN_LIT("a: &x 1\nb: *x\na: 2\n"),
	    "1:4: error: anchors (&x) are not read; write the value out where it is used\n"
	    "2:4: error: aliases (*x) are not read; write the value out, or quote a text "
	    "that begins with *\n"
	    "3:1: error: \"a\" stands" },
};

static void
test_refused(void)
{
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct diags *ds = diags_new();
		struct ydoc  *d = ydoc_parse("f", refused[i].in, ds);
		char         *says = complaints(ds);

		OK(d == NULL, "refused: %s", refused[i].name);
		says[strnlen(says, strlen(refused[i].says))] = '\0';
		IS_STR(says, refused[i].says, "and said: %s", refused[i].name);
		free(says);
		ydoc_free(d);
		diags_free(ds);
	}
}

static void
test_limits(void)
{
	static char   deep[100];
	struct diags *ds = diags_new();
	char         *big = malloc(5 << 20);
	struct ydoc  *d;

	memset(deep, '[', 40);
	OK(ydoc_parse("f", (struct span){ deep, 40 }, ds) == NULL, "too deep");
	memset(deep, '[', 32);
	memset(deep + 32, ']', 32);
	d = ydoc_parse("f", (struct span){ deep, 64 }, ds);
	OK(d != NULL, "deep enough for everybody");
	ydoc_free(d);
	memset(big, ' ', 5 << 20);
	OK(ydoc_parse("f", (struct span){ big, 5 << 20 }, ds) == NULL, "too large");
	memset(big, ',', 1 << 20);
	for (size_t i = 0; i < 1 << 20; i += 2)
		big[i] = 'a';
	big[0] = '[';
	big[1] = ' ';
	big[(1 << 20) - 1] = ']';
	OK(ydoc_parse("f", (struct span){ big, 1 << 20 }, ds) == NULL, "too many values");
	OK(ydoc_read("/nonexistent/f", ds) == NULL, "no such file");
	OK(ydoc_read("/", ds) == NULL, "a directory");
	IS_NUM(diags_errors(ds), 5, "each is said");
	free(big);
	diags_free(ds);
}

static const char good[] =
    "when: since_bset(val) >= 3\n"
    "list: [a, 'b', \"c\"]\n"
    "block: |\n"
    "    line one\n"
    "    line two\n"
    "single: 'it''s a test'\n"
    "double: \"a\\tb\\x41c\\u00e9d\"\n"
    "folded: >\n"
    "  one\n"
    "  two\n"
    "\n"
    "  three\n"
    "wrapped: plain text\n"
    "   goes on here\n"
    "\xc3\xa9: x\n"
    "num: -1.5e-3\n"
    "yes: true\n"
    "quoted: \"true\"\n"
    "empty:\n";

static const struct {
	const char *key;
	size_t      off;
	const char *place;
} inside[] = {
	{ "when", 0, "1:7:" },    { "when", 11, "1:18:" },  { "block", 0, "4:5:" },
	{ "block", 5, "4:10:" },  { "block", 9, "5:5:" },   { "block", 14, "5:10:" },
	{ "single", 0, "6:10:" }, { "single", 5, "6:16:" }, { "double", 1, "7:11:" },
	{ "double", 3, "7:14:" }, { "double", 4, "7:18:" }, { "double", 7, "7:25:" },
	{ "folded", 0, "9:3:" },  { "folded", 4, "10:3:" }, { "folded", 8, "12:3:" },
	{ "wrapped", 0, "13:10:" },{ "wrapped", 11, "14:4:" }, { "wrapped", 999, "14:16:" },
};

static void
test_places(const struct ydoc *d)
{
	for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++) {
		struct diags *ds = diags_new();
		char         *says;

		OK(ydoc_error_in(d, ynode_get(ydoc_root(d), inside[i].key), inside[i].off,
		    ds, "x") == -1, "error_in returns -1");
		says = complaints(ds);
		says[strnlen(says, strlen(inside[i].place))] = '\0';
		IS_STR(says, inside[i].place, "place of byte %zu of %s", inside[i].off,
		    inside[i].key);
		free(says);
		diags_free(ds);
	}
}

static void
test_values(const struct ydoc *d)
{
	const struct ynode *r = ydoc_root(d), *n;
	struct diags       *ds = diags_new();
	const char         *s = "?";
	double              v = 7;
	bool                b = false;

	OK(r->kind == Y_MAP && r->n == 12, "a map");
	n = ynode_get(r, "list");
	OK(n && n->kind == Y_LIST && n->n == 3 && n->item[0]->plain && !n->item[1]->plain,
	    "a list");
	OK(span_is(ynode_get(r, "block")->text, "line one\nline two\n") &&
	    ynode_get(r, "block")->block, "a block");
	OK(r->key[7]->col == 1 && r->item[7]->col == 5, "columns count bytes");
	OK(ydoc_num(d, ynode_get(r, "num"), &v, ds), "a number");
	IS_NUM(v, -1.5e-3, "its value");
	OK(ydoc_bool(d, ynode_get(r, "yes"), &b, ds) && b, "true");
	OK(ydoc_str(d, ynode_get(r, "single"), &s, ds), "a text");
	IS_STR(s, "it's a test", "its value");
	IS_NUM(diags_errors(ds), 0, "nothing to complain of so far");
	OK(!ydoc_num(d, ynode_get(r, "yes"), &v, ds), "true is no number");
	OK(!ydoc_num(d, n, &v, ds), "a list is no number");
	OK(!ydoc_bool(d, ynode_get(r, "quoted"), &b, ds), "a text in quotes is no truth value");
	OK(!ydoc_str(d, ynode_get(r, "empty"), &s, ds), "nothing is no text");
	IS_NUM(diags_errors(ds), 4, "each is said");
	IS_NUM(v, -1.5e-3, "and nothing was touched");
	OK(ynode_get(r, "nothing") == NULL && ynode_get(n, "a") == NULL &&
	    ynode_get(NULL, "a") == NULL, "get: NULL where there is nothing");
	diags_free(ds);
}

static void
test_keys(const struct ydoc *d)
{
	static const char *const all[] = { "when", "list", "block", "single", "double",
		"folded", "wrapped", "\xc3\xa9", "num", "yes", "quoted", "empty", NULL };
	static const char *const some[] = { "when", "list", "block", "singel", "double",
		"folded", "wrapped", "\xc3\xa9", "num", "yes", "quoted", "empty", NULL };
	struct diags *ds = diags_new();
	char         *says;

	OK(ydoc_keys(d, ydoc_root(d), all, ds), "all keys are known");
	OK(!ydoc_keys(d, ydoc_root(d), some, ds), "one is not");
	OK(!ydoc_keys(d, ynode_get(ydoc_root(d), "list"), all, ds), "a list has no keys");
	says = complaints(ds);
	IS_STR(says, "6:1: error: there is no key \"single\" here; did you mean \"singel\"?\n"
	    "2:7: error: this should be a mapping (key: value)\n", "and said");
	free(says);
	diags_free(ds);
}

/* The same tree, but for what stands under tests in a. */
static bool
same(const struct ynode *a, const struct ynode *b)
{
	size_t j = 0;

	if (a->kind != b->kind || a->line != b->line || a->col != b->col || a->plain != b->plain ||
	    a->block != b->block || (a->kind == Y_SCALAR && (!span_eq(a->text, b->text) || b->text.p[b->text.n])))
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (a->kind == Y_MAP && span_is(a->key[i]->text, "tests"))
			continue;
		if (j == b->n || (a->kind == Y_MAP && !same(a->key[i], b->key[j])) || !same(a->item[i], b->item[j]))
			return false;
		j++;
	}
	return j == b->n;
}

/* What the binary starts with is what its YAML says, in every file. */
static void
test_packed(void)
{
	struct diags *ds = diags_new();
	unsigned      bad = 0;

	for (size_t i = 0; i < embed_count; i++) {
		const struct embed_file *f = &embed_files[i];
		struct ydoc *whole = ydoc_parse(f->name, (struct span){ f->data, f->size }, ds);
		struct ydoc *quick = ydoc_unpack(f->name, f->data, f->packed);

		if (whole == NULL || !same(ydoc_root(whole), ydoc_root(quick)) ||
		    strcmp(ydoc_text(quick), ydoc_text(whole)) != 0 || strcmp(ydoc_name(quick), f->name) != 0) {
			printf("# %s\n", f->name);
			bad++;
		}
		ydoc_free(whole);
		ydoc_free(quick);
	}
	OK(embed_count > 100 && bad == 0, "the packed files are the files");
	diags_free(ds);
}

int
main(void)
{
	struct diags *ds = diags_new();
	struct ydoc  *d = ydoc_parse("f", (struct span){ good, sizeof good - 1 }, ds);

	test_refused();
	test_limits();
	test_packed();
	OK(d != NULL, "a good file");
	if (d == NULL)
		return DONE();
	test_values(d);
	test_places(d);
	test_keys(d);
	IS_STR(ydoc_name(d), "f", "name");
	ydoc_free(d);
	d = ydoc_parse("f", SPAN_LIT("\xef\xbb\xbf"), ds);
	OK(d != NULL && ydoc_root(d)->kind == Y_SCALAR && ydoc_root(d)->text.n == 0,
	    "an empty file with a BOM");
	ydoc_free(d);
	d = ydoc_parse("f", SPAN_LIT("\xef\xbb\xbf" "a: 1\r\nb: 2\r\n"), ds);
	OK(d != NULL && ynode_get(ydoc_root(d), "b")->line == 2, "BOM and CRLF");
	ydoc_free(d);
	ydoc_free(NULL);
	diags_free(ds);
	return DONE();
}
