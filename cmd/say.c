/* SPDX-License-Identifier: MIT */
/* What all commands share: their common options and how they speak. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "cmd.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "conf.h"
#include "translate.h"
#include "xalloc.h"

static const char *const colors[] = { "auto", "always", "never", NULL };

#define OUTPUT(member) offsetof(struct opts_output, member)
const struct opt output_opts[] = {
	OPT(FLAG, "json", 'j', NULL, OUTPUT(json),
	    "print one JSON object a line, for programs"),
	OPT(FLAG, "quiet", 'q', NULL, OUTPUT(quiet), "print findings only"),
	OPT(FLAG, "unchecked", 0, NULL, OUTPUT(unchecked), "the verdict names each check that could not be made, and why"),
	OPT(CHOICE, "color", 0, "WHEN", OUTPUT(color), "use colours",
	    .initial = "auto", .choices = colors),
	OPT_END
};

#define KNOWLEDGE(member) offsetof(struct opts_knowledge, member)
const struct opt knowledge_opts[] = {
	OPT(LIST, "profile", 'p', "NAME", KNOWLEDGE(profiles),
	    "read with this profile only", .words = WORDS_PROFILE),
	OPT(LIST, "rules", 0, "DIR", KNOWLEDGE(rules),
	    "add the rules and profiles in DIR, which override those of the same name",
	    .words = WORDS_DIR),
	OPT(STRING, "config", 0, "FILE", KNOWLEDGE(config),
	    "read this configuration instead of the user's", .words = WORDS_FILE),
	OPT_END
};

const struct opt expect_opts[] = {
	OPT(STRING, "expect-lr", 0, "SCHEDULE", KNOWLEDGE(expect_lr),
	    "hold the learning rate against this, as \"cosine warmup=2000 peak=3e-4 total=100000\""),
	OPT(STRING, "baseline", 0, "LOG", KNOWLEDGE(baseline),
	    "compare with the run of this log, step by step", .words = WORDS_FILE),
	OPT_END
};

#define STATE(member) offsetof(struct opts_state, member)
const struct opt state_opts[] = {
	OPT(STRING, "state-dir", 0, "DIR", STATE(dir), "keep the state in DIR",
	    .words = WORDS_DIR),
	OPT(FLAG, "no-state", 0, NULL, STATE(none), "keep no state"),
	OPT_END
};

const struct opt with_opts[] = {
	OPT(LIST, "with", 'w', "FILE", offsetof(struct opts_with, files),
	    "FILE belongs to the run: what a monitor writes (nvidia-smi, vmstat), or the system's log; {dir}, {name} "
	    "and {stem} are those of the run's log", .words = WORDS_FILE),
	OPT_END
};

bool
cmd_color(int choice, FILE *f)
{
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (choice != COLOR_AUTO)
		return choice == COLOR_ALWAYS;
	if (no != NULL && *no != '\0')
		return false;
	return isatty(fileno(f)) && term != NULL && strcmp(term, "dumb") != 0;
}

/* --- languages --- */

static const char *
charset(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *value = NULL;

	for (size_t i = 0; i < sizeof names / sizeof *names && (!value || !*value); i++)
		value = getenv(names[i]);
	return value ? value : "";
}

bool
cmd_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 || strcasestr(charset(), "utf-8") ||
	    strcasestr(charset(), "utf8");
}

enum lang
cmd_spoken(enum lang l)
{
	return cmd_utf8() || !strchr(charset(), '.') ? l : LANG_EN;
}

/* Asked for when there is something to say, so that a start does not wait for it. */
enum lang
cmd_lang(void)
{
	struct diags *diags = diags_new();
	struct conf  *conf = conf_new();
	enum lang     l = LANG_EN;

	(void)conf_load(conf, NULL, diags); /* whoever uses the rest of it tells of the mistakes */
	(void)lang_find(conf_text(conf, "", "lang"), &l);
	conf_free(conf);
	diags_free(diags);
	return cmd_spoken(l);
}

char *
cmd_text(const char *english)
{
	return translated(cmd_lang(), english);
}

static void
vsay(FILE *f, const char *fmt, va_list ap)
{
	struct buf b;
	char      *text;

	buf_init(&b, 64 << 10);
	buf_vprintf(&b, fmt, ap);
	text = cmd_text(buf_cstr(&b));
	fputs(text, f);
	free(text);
	buf_fini(&b);
}

void
cmd_say(FILE *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsay(f, fmt, ap);
	va_end(ap);
}

void
cmd_cell(FILE *f, const char *english, int columns)
{
	char *text = cmd_text(english);
	int   blanks = abs(columns) - (int)span_width(span_of(text));

	if (columns < 0)
		fprintf(f, "%*s%s", blanks > 0 ? blanks : 0, "", text);
	else
		fprintf(f, "%s%*s", text, blanks > 0 ? blanks : 0, "");
	free(text);
}

/* --- on stderr --- */

static void
complain(const char *fmt, va_list ap)
{
	fflush(stdout);
	fputs("lossdog: ", stderr);
	vsay(stderr, fmt, ap);
	fputc('\n', stderr);
}

int
cmd_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
	return STATUS_UNKNOWN;
}

void
cmd_remark(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
}

int
cmd_diag(const struct diag *d)
{
	if (d->file == NULL)
		return cmd_error("%s", d->text);
	if (d->line == 0)
		return cmd_error("%s: %s", d->file, d->text);
	return cmd_error("%s:%u:%u: %s", d->file, d->line, d->col, d->text);
}

void
cmd_diags(const struct diags *diags)
{
	diags_print(diags, stderr, cmd_color(COLOR_AUTO, stderr), cmd_text);
}

int
cmd_misuse(const char *command, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
	cmd_say(stderr, "Try \"lossdog help%s%s\".", command != NULL ? " " : "", command != NULL ? command : "");
	fputc('\n', stderr);
	return STATUS_UNKNOWN;
}

unsigned
cmd_columns(FILE *f)
{
	struct winsize w;

	if (ioctl(fileno(f), TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
		return w.ws_col;
	return 80;
}

const struct cmd *
cmd_find(const struct cmd *const *list, const char *name)
{
	for (; *list != NULL; list++)
		if (strcmp((*list)->name, name) == 0)
			return *list;
	return NULL;
}
