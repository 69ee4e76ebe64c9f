/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "manual.h"

#include <ctype.h>
#include <string.h>

#include "cmd.h"

/*
 * text for mdoc: no word of it is taken for a macro, a hyphen is a hyphen, and a
 * sentence begins a line, as roff wants it.
 */
static void
put_text(const char *s, size_t n, FILE *f)
{
	bool start = true;

	for (size_t i = 0; i < n; i++) {
		if (start && (s[i] == '.' || s[i] == '\''))
			fputs("\\&", f);
		start = s[i] == '\n' || (s[i] == ' ' && i > 0 && s[i - 1] == '.');
		if (s[i] == '\\')
			fputs("\\e", f);
		else if (s[i] == '-')
			fputs("\\-", f);
		else
			fputc(start ? '\n' : s[i], f);
		while (start && i + 1 < n && s[i + 1] == ' ')
			i++;
	}
}

static void
put_option(const struct opt *o, size_t base, void *arg)
{
	FILE *f = arg;

	(void)base;
	fputs(".It ", f);
	if (o->letter != 0)
		fprintf(f, "Fl %c , ", o->letter);
	fputs("Fl \\-", f);
	put_text(o->name, strlen(o->name), f);
	if (o->arg != NULL)
		fprintf(f, " Ar %s", o->arg);
	fputc('\n', f);
	put_text((char[]){ (char)toupper((unsigned char)o->help[0]) }, 1, f);
	put_text(o->help + 1, strlen(o->help) - 1, f);
	for (size_t i = 0; o->choices != NULL && o->choices[i] != NULL; i++)
		fprintf(f, "%s%s", i > 0 ? ", " : ": ", o->choices[i]);
	fputs(o->kind == OPT_LIST ? "; may be repeated.\n" : ".\n", f);
	if (o->initial != NULL)
		fprintf(f, "The default is %s.\n", o->initial);
}

static void
put_about(const char *text, FILE *f)
{
	while (text != NULL && *text != '\0') {
		const char *end = strstr(text, "\n\n");

		fputs(".Pp\n", f);
		put_text(text, end != NULL ? (size_t)(end - text) : strlen(text), f);
		fputc('\n', f);
		text = end != NULL ? end + 2 : NULL;
	}
}

static void
count_option(const struct opt *o, size_t base, void *arg)
{
	(void)o;
	(void)base;
	++*(unsigned *)arg;
}

static void
put_command(const struct cmd *parent, const struct cmd *c, FILE *f)
{
	unsigned n = 0;

	fprintf(f, ".Ss lossdog%s%s%s%s\n", parent != NULL ? " " : "",
	    parent != NULL ? parent->name : "",
	    strcmp(c->name, "filter") == 0 ? "" : " ",
	    strcmp(c->name, "filter") == 0 ? "" : c->name);
	if (c->args != NULL)
		fprintf(f, "Operands:\n.Ar %s\n.Pp\n", c->args);
	fputc(toupper((unsigned char)c->summary[0]), f);
	put_text(c->summary + 1, strlen(c->summary) - 1, f);
	fputs(".\n", f);
	put_about(c->about, f);
	opt_each(c->opts, count_option, &n);
	if (n == 0)
		return;
	fputs(".Bl -tag -width indent\n", f);
	opt_each(c->opts, put_option, f);
	fputs(".El\n", f);
}

void
manual_write(FILE *f)
{
	fputs(".Sh COMMANDS AND OPTIONS\n"
	    ".Fl h , Fl \\-help\nis understood by every command.\n", f);
	for (const struct cmd *const *c = commands; *c != NULL; c++) {
		put_command(NULL, *c, f);
		for (const struct cmd *const *s = (*c)->sub; s != NULL && *s != NULL; s++)
			put_command(*c, *s, f);
	}
}
