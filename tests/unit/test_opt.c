/* SPDX-License-Identifier: MIT */
#include "opt.h"

#include <stdlib.h>

#include "tap.h"
#include "wrap.h"

struct group {
	bool        deep;
	const char *dir;
};

struct values {
	bool            quiet, json;
	const char     *to;
	struct opt_list rules;
	unsigned long   n, size;
	double          x, every;
	int             color;
	struct group    group;
};

#define GROUP(member) offsetof(struct group, member)
static const struct opt group[] = {
	OPT(FLAG, "deep", 0, NULL, GROUP(deep), "go deep"),
	OPT(STRING, "dir", 'd', "DIR", GROUP(dir), "go there"),
	OPT_END
};

#define AT(member) offsetof(struct values, member)
static const char *const when[] = { "auto", "always", "never", NULL };
static const char *const formats[] = { "jsonl", "csv", NULL };
static const struct opt table[] = {
	OPT(FLAG, "quiet", 'q', NULL, AT(quiet), "say less"),
	OPT(FLAG, "json", 'j', NULL, AT(json), "say it in JSON"),
	OPT(STRING, "to", 't', "FORMAT", AT(to), "write FORMAT", .choices = formats),
	OPT(LIST, "rules", 0, "DIR", AT(rules), "add rules"),
	OPT(COUNT, "number", 'n', "N", AT(n), "so many", .initial = "7"),
	OPT(BYTES, "size", 0, "SIZE", AT(size), "so large"),
	OPT(NUMBER, "x", 0, "X", AT(x), "so much", .initial = "0.5"),
	OPT(SECONDS, "every", 0, "TIME", AT(every), "so often"),
	OPT(CHOICE, "color", 0, "WHEN", AT(color), "use colours", .initial = "auto",
	    .choices = when),
	OPT_GROUP(group, AT(group)),
	OPT(FLAG, "secret", 0, NULL, AT(quiet), "for tests", .hidden = true),
	OPT_END
};

/* What became of the words, in one line. */
static void
show(const struct values *v, int n, char **argv, char ret[static 400])
{
	int used = snprintf(ret, 400, "%s%s%sto=%s n=%lu size=%lu x=%g every=%g color=%s "
	    "dir=%s rules=", v->quiet ? "quiet " : "", v->json ? "json " : "",
	    v->group.deep ? "deep " : "", v->to ? v->to : "-", v->n, v->size, v->x, v->every,
	    when[v->color], v->group.dir ? v->group.dir : "-");

	for (size_t i = 0; i < v->rules.n; i++)
		used += snprintf(ret + used, 400 - (size_t)used, "%s,", v->rules.v[i]);
	for (int i = 0; i < n; i++)
		used += snprintf(ret + used, 400 - (size_t)used, " [%s]", argv[i]);
}

#define REST "n=7 size=0 x=0.5 every=0 color=auto dir=- rules="

static const struct {
	const char *name;
	bool        stop;
	const char *words; /* split at blanks; ~ is a blank */
	const char *out;   /* what show gives, or "bad: " and the sentence, or "help" */
} rows[] = {
	{ "nothing", false, "", "to=- " REST },
	{ "flags", false, "-q --json", "quiet json to=- " REST },
	{ "letters in one word", false, "-qj", "quiet json to=- " REST },
	{ "a value behind a letter", false, "-tcsv", "to=csv " REST },
	{ "a value after a letter", false, "-t csv", "to=csv " REST },
	{ "a value after letters", false, "-qt csv", "quiet to=csv " REST },
	{ "a value after =", false, "--to=csv", "to=csv " REST },
	{ "a value after a name", false, "--to csv", "to=csv " REST },
	{ "an empty value", false, "--rules=", "to=- " REST "," },
	{ "a value that looks like an option", false, "--rules --json", "to=- " REST "--json," },
	{ "many values", false, "--rules a --rules=b", "to=- " REST "a,b," },
	{ "operands among options", false, "a -q b", "quiet to=- " REST " [a] [b]" },
	{ "- is an operand", false, "- -q", "quiet to=- " REST " [-]" },
	{ "-- ends the options", false, "-q -- -j --to", "quiet to=- " REST " [-j] [--to]" },
	{ "stop at the first operand", true, "-q python -j", "quiet to=- " REST " [python] [-j]" },
	{ "stop with --", true, "-q -- python -- -j", "quiet to=- " REST " [python] [--] [-j]" },
	{ "nothing after --", false, "-q --", "quiet to=- " REST },
	{ "an abbreviation", false, "--qui --col=never",
	    "quiet to=- n=7 size=0 x=0.5 every=0 color=never dir=- rules=" },
	{ "no- undoes a flag", false, "-q --no-quiet", "to=- " REST },
	{ "the last one counts", false, "--to csv --to jsonl", "to=jsonl " REST },
	{ "a group", false, "--deep -d /x", "deep to=- n=7 size=0 x=0.5 every=0 color=auto dir=/x rules=" },
	{ "numbers", false, "-n 12 --size 4k --x -1.5e3 --every 10m",
	    "to=- n=12 size=4096 x=-1500 every=600 color=auto dir=- rules=" },
	{ "a hidden one works", false, "--secret", "quiet to=- " REST },
	{ "help", false, "a --help --wrong", "help" },
	{ "-h", false, "-h", "help" },
	{ "help of somebody else", true, "python --help", "to=- " REST " [python] [--help]" },
	{ "unknown", false, "--quite", "bad: there is no option --quite; did you mean --quiet?" },
	{ "unknown and far", false, "--zzz", "bad: there is no option --zzz" },
	{ "a hidden one is not told", false, "--secrte", "bad: there is no option --secrte" },
	{ "unknown letter", false, "-qz", "bad: there is no option -z" },
	{ "ambiguous", false, "--d", "bad: there is no option --d" },
	{ "no value", false, "--to", "bad: --to wants a value: --to FORMAT" },
	{ "a value too many", false, "--quiet=1", "bad: --quiet takes no value" },
	{ "a value to undo", false, "--no-to", "bad: there is no option --no-to" },
	{ "wrong choice", false, "--to cvs", "bad: --to: \"cvs\" is not known; did you mean \"csv\"?" },
	{ "far choice", false, "--to parquet", "bad: --to: \"parquet\" is not known; there are: jsonl, csv" },
	{ "no count", false, "-n -1", "bad: --number: \"-1\" is no whole number" },
	{ "half a count", false, "-n 1.5", "bad: --number: \"1.5\" is no whole number" },
	{ "too large a count", false, "-n 99999999999999999999", "bad: --number: \"99999999999999999999\" is no whole number" },
	{ "no number", false, "--x 1x", "bad: --x: \"1x\" is no number" },
	{ "no time", false, "--every soon", "bad: --every: \"soon\" is no time: write 90, 1.5s, 10m, 2h or 1d" },
	{ "no size", false, "--size 4q", "bad: --size: \"4q\" is no size: write 4096, 64k, 16M or 1G" },
};

static void
test_row(size_t i)
{
	struct values v = { 0 };
	struct diag   d;
	char         *words = strdup(rows[i].words), *argv[20];
	char          out[400] = "help";
	int           argc = 0, n = -1;

	for (char *w = strtok(words, " "); w != NULL; w = strtok(NULL, " "))
		argv[argc++] = w;
	argv[argc] = NULL;
	switch (opt_parse(table, &v, argc, argv, rows[i].stop, &n, &d)) {
	case OPT_OK:
		show(&v, n, argv, out);
		break;
	case OPT_BAD:
		snprintf(out, sizeof out, "bad: %s", d.text);
		break;
	case OPT_HELP:
		break;
	}
	IS_STR(out, rows[i].out, "%s", rows[i].name);
	opt_fini(table, &v);
	free(words);
}

static void
test_help(void)
{
	char  *text = NULL;
	size_t n;
	FILE  *f = open_memstream(&text, &n);

	opt_help(table, f, 60, LANG_EN);
	fclose(f);
	OK(strstr(text, "  -q, --quiet             say less\n") != NULL, "help: a flag");
	OK(strstr(text, "  -t, --to FORMAT         write FORMAT: jsonl, csv\n") != NULL,
	    "help: choices");
	OK(strstr(text, "      --rules DIR         add rules (may be repeated)\n") != NULL,
	    "help: a list");
	OK(strstr(text, "  -n, --number N          so many [7]\n") != NULL, "help: initial");
	OK(strstr(text, "--deep") != NULL, "help: a group");
	OK(strstr(text, "--secret") == NULL, "help: nothing hidden");
	OK(strstr(text, "  -h, --help ") != NULL, "help: itself");
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		if (strlen(line) > 60)
			OK(false, "help: \"%s\" fits", line);
	free(text);
}

int
main(void)
{
	struct buf b;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		test_row(i);
	test_help();
	buf_init(&b, 1000);
	wrap(&b, "one two  three\nfour averyveryverylongword x", 2, 12);
	IS_STR(buf_cstr(&b), "one two\n  three four\n  averyveryverylongword\n  x\n", "wrap");
	buf_reset(&b);
	wrap(&b, "把学习率降低一半，再看 GPU 利用率。", 2, 12);
	IS_STR(buf_cstr(&b), "把学习率降\n  低一半，再\n  看 GPU 利\n  用率。\n", "wrap: Chinese, no mark begins a line");
	buf_fini(&b);
	return DONE();
}
