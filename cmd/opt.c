/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "opt.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "span.h"
#include "translate.h"
#include "wrap.h"
#include "xalloc.h"

#define LIST_MAX 1000 /* values of one repeatable option */

/* A row with its place in the caller's struct: groups are opened. */
struct row {
	const struct opt *opt;
	void             *at;
};

struct parser {
	struct row  *row;
	size_t       n, cap;
	char        *into;
	struct diag *diag;
};

static void
add_row(const struct opt *o, size_t base, void *arg)
{
	struct parser *p = arg;

	XGROW(p->row, p->n, p->cap);
	p->row[p->n++] = (struct row){ o, p->into + base + o->offset };
}

static void
each(const struct opt *table, size_t base, bool hidden,
    void (*fn)(const struct opt *, size_t, void *), void *arg)
{
	for (const struct opt *o = table; o != NULL && o->kind != OPT_LAST; o++) {
		if (o->kind == OPT_TABLE)
			each(o->table, base + o->offset, hidden, fn, arg);
		else if (hidden || !o->hidden)
			fn(o, base, arg);
	}
}

void
opt_each(const struct opt *table,
    void (*fn)(const struct opt *, size_t, void *), void *arg)
{
	each(table, 0, false, fn, arg);
}

/*
 * Values.
 */

struct suffix {
	const char *text;
	double      factor;
};

/* text as a number from 0 and one of the suffixes ("" among them). */
static int
read_suffixed(const char *text, const struct suffix *suffix, double *ret)
{
	char  *end;
	double v;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	v = strtod(text, &end);
	if (errno != 0)
		return -1;
	for (; suffix->text != NULL; suffix++)
		if (strcmp(end, suffix->text) == 0) {
			*ret = v * suffix->factor;
			return 0;
		}
	return -1;
}

int
opt_seconds(const char *text, double *ret, struct diag *d)
{
	static const struct suffix units[] = { { "", 1 }, { "ms", 1e-3 },
		{ "s", 1 }, { "m", 60 }, { "min", 60 }, { "h", 3600 },
		{ "d", 86400 }, { NULL, 0 } };

	if (read_suffixed(text, units, ret) < 0)
		return diag_set(d, "\"%s\" is no time: write 90, 1.5s, 10m, 2h or 1d",
		    text);
	return 0;
}

int
opt_bytes(const char *text, unsigned long *ret, struct diag *d)
{
	static const struct suffix units[] = { { "", 1 }, { "k", 0x1p10 },
		{ "K", 0x1p10 }, { "M", 0x1p20 }, { "G", 0x1p30 }, { NULL, 0 } };
	double v;

	if (read_suffixed(text, units, &v) < 0 || v > 0x1p53)
		return diag_set(d, "\"%s\" is no size: write 4096, 64k, 16M or 1G",
		    text);
	*ret = (unsigned long)v;
	return 0;
}

static int
read_count(const char *text, unsigned long *ret, struct diag *d)
{
	char *end;

	errno = 0;
	if (*text >= '0' && *text <= '9') {
		*ret = strtoul(text, &end, 10);
		if (*end == '\0' && errno == 0)
			return 0;
	}
	return diag_set(d, "\"%s\" is no whole number", text);
}

static int
read_number(const char *text, double *ret, struct diag *d)
{
	char *end;

	*ret = strtod(text, &end);
	if (end == text || *end != '\0')
		return diag_set(d, "\"%s\" is no number", text);
	return 0;
}

static size_t
count(const char *const *names)
{
	size_t n = 0;

	while (names[n] != NULL)
		n++;
	return n;
}

/* Index of text among the choices, or -1 with the nearest one or all of them. */
static int
find_choice(const char *const *choices, const char *text, struct diag *d)
{
	const char *near;
	char        all[160] = "";
	size_t      used = 0;

	for (int i = 0; choices[i] != NULL; i++)
		if (strcmp(choices[i], text) == 0)
			return i;
	near = diag_nearest(text, choices, count(choices));
	if (near != NULL)
		return diag_set(d, "\"%s\" is not known; did you mean \"%s\"?", text,
		    near);
	for (size_t i = 0; choices[i] != NULL && used < sizeof all; i++)
		used += (size_t)snprintf(all + used, sizeof all - used, "%s%s",
		    i > 0 ? ", " : "", choices[i]);
	return diag_set(d, "\"%s\" is not known; there are: %s", text, all);
}

static int
add_value(struct opt_list *list, const char *text, struct diag *d)
{
	if (list->n == LIST_MAX)
		return diag_set(d, "given more than %d times", LIST_MAX);
	XGROW(list->v, list->n, list->cap);
	list->v[list->n++] = text;
	return 0;
}

static int
set_value(const struct row *r, const char *text, struct diag *d)
{
	const struct opt *o = r->opt;
	int               choice = 0;

	if (o->choices != NULL) {
		choice = find_choice(o->choices, text, d);
		if (choice < 0)
			return -1;
	}
	switch (o->kind) {
	case OPT_STRING:
		*(const char **)r->at = text;
		return 0;
	case OPT_LIST:
		return add_value(r->at, text, d);
	case OPT_COUNT:
		return read_count(text, r->at, d);
	case OPT_NUMBER:
		return read_number(text, r->at, d);
	case OPT_SECONDS:
		return opt_seconds(text, r->at, d);
	case OPT_BYTES:
		return opt_bytes(text, r->at, d);
	case OPT_CHOICE:
		*(int *)r->at = choice;
		return 0;
	case OPT_FLAG:
	case OPT_TABLE:
	case OPT_LAST:
		break;
	}
	return diag_set(d, "takes no value");
}

/*
 * Words.
 */

static const struct row *
find_letter(const struct parser *p, char letter)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->row[i].opt->letter == letter)
			return &p->row[i];
	return NULL;
}

/* The row called name, or the only one that begins so. */
static const struct row *
find_name(const struct parser *p, struct span name)
{
	const struct row *found = NULL;

	for (size_t i = 0; i < p->n; i++) {
		struct span full = span_of(p->row[i].opt->name);

		if (span_eq(full, name))
			return &p->row[i];
		if (name.n > 1 && full.n > name.n &&
		    memcmp(full.p, name.p, name.n) == 0) {
			if (found != NULL)
				return NULL;
			found = &p->row[i];
		}
	}
	return found;
}

static int
unknown_name(const struct parser *p, struct span name)
{
	const char **names = xcalloc(p->n + 1, sizeof *names);
	char        *word = xstrndup(name.p, name.n);
	const char  *near;

	for (size_t i = 0; i < p->n; i++)
		names[i] = p->row[i].opt->hidden ? "" : p->row[i].opt->name;
	near = diag_nearest(word, names, p->n);
	if (near != NULL)
		diag_set(p->diag, "there is no option --%s; did you mean --%s?", word,
		    near);
	else
		diag_set(p->diag, "there is no option --%s", word);
	free(word);
	free(names);
	return -1;
}

/* Sets r to text, which came with the option or is NULL: then the next word is taken. */
static int
take_value(struct parser *p, const struct row *r, const char *text,
    char ***next, char **end)
{
	struct diag d;

	if (text == NULL && *next < end)
		text = *(*next)++;
	if (text == NULL)
		return diag_set(p->diag, "--%s wants a value: --%s %s", r->opt->name,
		    r->opt->name, r->opt->arg);
	if (set_value(r, text, &d) < 0)
		return diag_set(p->diag, "--%s: %s", r->opt->name, d.text);
	return 0;
}

/* word is what stands behind "--". */
static int
parse_long(struct parser *p, const char *word, char ***next, char **end)
{
	const char       *eq = strchr(word, '=');
	struct span       name = { word, eq != NULL ? (size_t)(eq - word) : strlen(word) };
	const struct row *r = find_name(p, name);
	bool              yes = true;

	if (r == NULL && span_starts(name, "no-")) {
		r = find_name(p, span_from(name, 3));
		yes = false;
		if (r != NULL && r->opt->kind != OPT_FLAG)
			r = NULL;
	}
	if (r == NULL)
		return unknown_name(p, name);
	if (r->opt->kind != OPT_FLAG)
		return take_value(p, r, eq != NULL ? eq + 1 : NULL, next, end);
	if (eq != NULL)
		return diag_set(p->diag, "--%s takes no value", r->opt->name);
	*(bool *)r->at = yes;
	return 0;
}

/* word is what stands behind "-": letters of flags, the last may have a value. */
static int
parse_short(struct parser *p, const char *word, char ***next, char **end)
{
	for (; *word != '\0'; word++) {
		const struct row *r = find_letter(p, *word);

		if (r == NULL)
			return diag_set(p->diag, "there is no option -%c", *word);
		if (r->opt->kind != OPT_FLAG)
			return take_value(p, r, word[1] != '\0' ? word + 1 : NULL, next,
			    end);
		*(bool *)r->at = true;
	}
	return 0;
}

static bool
is_help(const struct parser *p, const char *word)
{
	return strcmp(word, "--help") == 0 ||
	    (strcmp(word, "-h") == 0 && find_letter(p, 'h') == NULL);
}

static enum opt_answer
parse_words(struct parser *p, int argc, char **argv, bool stop, int *ret)
{
	char **next = argv, **end = argv + argc;
	int    n = 0;

	while (next < end) {
		char *word = *next++;
		int   rc;

		if (strcmp(word, "--") == 0) {
			stop = true;
			if (next == end)
				break;
			word = *next++;
		} else if (is_help(p, word))
			return OPT_HELP;
		else if (word[0] == '-' && word[1] != '\0') {
			rc = word[1] == '-' ? parse_long(p, word + 2, &next, end)
			                    : parse_short(p, word + 1, &next, end);
			if (rc < 0)
				return OPT_BAD;
			continue;
		}
		argv[n++] = word;
		while (stop && next < end)
			argv[n++] = *next++;
	}
	*ret = n;
	return OPT_OK;
}

enum opt_answer
opt_parse(const struct opt *table, void *into, int argc, char **argv, bool stop,
    int *ret, struct diag *d)
{
	struct parser   p = { .into = into, .diag = d };
	enum opt_answer answer = OPT_OK;

	each(table, 0, true, add_row, &p);
	for (size_t i = 0; i < p.n && answer == OPT_OK; i++)
		if (p.row[i].opt->initial != NULL &&
		    set_value(&p.row[i], p.row[i].opt->initial, d) < 0)
			answer = OPT_BAD;
	if (answer == OPT_OK)
		answer = parse_words(&p, argc, argv, stop, ret);
	free(p.row);
	return answer;
}

void
opt_fini(const struct opt *table, void *into)
{
	struct parser p = { .into = into };

	each(table, 0, true, add_row, &p);
	for (size_t i = 0; i < p.n; i++)
		if (p.row[i].opt->kind == OPT_LIST) {
			struct opt_list *list = p.row[i].at;

			free(list->v);
			*list = (struct opt_list){ NULL, 0, 0 };
		}
	free(p.row);
}

/*
 * Help.
 */

struct helper {
	FILE     *f;
	unsigned  width;
	enum lang lang;
};

#define HELP_COLUMN 26 /* where the sentences begin */

static void
help_text(const struct opt *o, enum lang lang, struct buf *b)
{
	translate(lang, o->help, b);
	if (o->choices != NULL) {
		translate(lang, ": ", b);
		for (size_t i = 0; o->choices[i] != NULL; i++)
			buf_printf(b, "%s%s", i > 0 ? ", " : "", o->choices[i]);
	}
	if (o->initial != NULL)
		buf_printf(b, " [%s]", o->initial);
	if (o->kind == OPT_LIST)
		translate(lang, " (may be repeated)", b);
}

static void
help_row(const struct opt *o, size_t base, void *arg)
{
	const struct helper *h = arg;
	struct buf           text, lines;
	char                 letter[8] = "   ";

	(void)base;
	buf_init(&text, 4096);
	buf_init(&lines, 8192);
	if (o->letter != 0)
		snprintf(letter, sizeof letter, "-%c,", o->letter);
	buf_printf(&lines, "  %s --%s%s%s", letter, o->name, o->arg != NULL ? " " : "", o->arg != NULL ? o->arg : "");
	if (lines.n < HELP_COLUMN - 1)
		buf_printf(&lines, "%*s", (int)(HELP_COLUMN - lines.n), "");
	else
		buf_printf(&lines, "\n%*s", HELP_COLUMN, "");
	help_text(o, h->lang, &text);
	wrap(&lines, buf_cstr(&text), HELP_COLUMN, h->width);
	fputs(buf_cstr(&lines), h->f);
	buf_fini(&text);
	buf_fini(&lines);
}

void
opt_help(const struct opt *table, FILE *f, unsigned width, enum lang lang)
{
	static const struct opt own[] = {
		OPT(FLAG, "help", 'h', NULL, 0, "say this and stop"),
		OPT_END
	};
	struct helper h = { f, width < 60 ? 60 : width > 100 ? 100 : width, lang };

	opt_each(table, help_row, &h);
	opt_each(own, help_row, &h);
}
