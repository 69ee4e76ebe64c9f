/* SPDX-License-Identifier: MIT */
/* Help: what --help says, and the command of that name. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <ctype.h>
#include <string.h>

#include "cmd.h"
#include "complete.h"
#include "manual.h"

#define WIDTH_MAX 80 /* text is read best in lines that are not too long */

static unsigned
text_width(FILE *f)
{
	unsigned w = cmd_columns(f);

	return w > WIDTH_MAX ? WIDTH_MAX : w;
}

/* The summary as a sentence. */
static void
put_summary(const struct cmd *c, FILE *f)
{
	fprintf(f, "%c%s.\n", toupper((unsigned char)c->summary[0]), c->summary + 1);
}

static void
put_paragraphs(const char *text, FILE *f)
{
	struct buf b;

	while (text != NULL && *text != '\0') {
		const char *end = strstr(text, "\n\n");
		size_t      n = end != NULL ? (size_t)(end - text) : strlen(text);
		struct buf  one;

		buf_init(&one, 1 << 16);
		buf_init(&b, 1 << 16);
		buf_add(&one, text, n);
		opt_wrap(&b, buf_cstr(&one), 0, text_width(f));
		fprintf(f, "\n%s", buf_cstr(&b));
		buf_fini(&one);
		buf_fini(&b);
		text = end != NULL ? end + 2 : NULL;
	}
}

static void
put_commands(const struct cmd *const *list, FILE *f)
{
	for (; *list != NULL; list++)
		fprintf(f, "  %-10s %s\n", (*list)->name, (*list)->summary);
}

static void
usage_all(FILE *f)
{
	const struct cmd *filter = cmd_find(commands, "filter");

	fputs("Usage: python train.py 2>&1 | lossdog [OPTIONS]\n"
	    "       lossdog COMMAND [OPTIONS] ...\n\n"
	    "A watchdog for training runs: reads what a training run prints, and says\n"
	    "what is wrong, why, and what to do about it.\n\nCommands:\n", f);
	put_commands(commands, f);
	fputs("\n\"lossdog help COMMAND\" says more.  Without a command, the options "
	    "are:\n", f);
	opt_help(filter != NULL ? filter->opts : NULL, f, cmd_columns(f));
	fprintf(f, "  %-22s  %s\n", "-V, --version", "say the version and what it was built with");
}

void
cmd_usage(const struct cmd *parent, const struct cmd *c, FILE *f)
{
	if (c == NULL) {
		usage_all(f);
		return;
	}
	fprintf(f, "Usage: lossdog %s%s%s", parent != NULL ? parent->name : "",
	    parent != NULL ? " " : "", c->name);
	if (c->sub != NULL) {
		fputs(" COMMAND ...\n\n", f);
		put_summary(c, f);
		put_paragraphs(c->about, f);
		fputs("\nCommands:\n", f);
		put_commands(c->sub, f);
		fprintf(f, "\n\"lossdog help %s COMMAND\" says more.\n", c->name);
		return;
	}
	fprintf(f, " [OPTIONS]%s%s\n\n", c->args != NULL ? " " : "",
	    c->args != NULL ? c->args : "");
	put_summary(c, f);
	put_paragraphs(c->about, f);
	fputs("\nOptions:\n", f);
	opt_help(c->opts, f, cmd_columns(f));
}

struct help_opts {
	const char *completions;
	const char *words;
	bool        man;
};

#define AT(member) offsetof(struct help_opts, member)
static const char *const shells[] = { "bash", "zsh", "fish", NULL };
static const struct opt opts[] = {
	OPT(STRING, "completions", 0, "SHELL", AT(completions),
	    "write the completions for SHELL", .choices = shells, .hidden = true),
	OPT(STRING, "words", 0, "KIND", AT(words),
	    "list what a completion of that kind offers", .hidden = true),
	OPT(FLAG, "man", 0, NULL, AT(man),
	    "write the commands and options as the manual has them", .hidden = true),
	OPT_END
};

static int
help_command(int argc, char **argv)
{
	const struct cmd *c = cmd_find(commands, argv[0]);
	const struct cmd *sub;

	if (c == NULL)
		return cmd_misuse(NULL, "there is no command \"%s\"", argv[0]);
	if (argc == 1 || c->sub == NULL) {
		cmd_usage(NULL, c, stdout);
		return STATUS_OK;
	}
	sub = cmd_find(c->sub, argv[1]);
	if (sub == NULL)
		return cmd_misuse(c->name, "there is no command \"%s %s\"", c->name,
		    argv[1]);
	cmd_usage(c, sub, stdout);
	return STATUS_OK;
}

static int
run_help(void *arg, int argc, char **argv)
{
	const struct help_opts *o = arg;

	if (o->completions != NULL)
		complete_write(o->completions, stdout);
	else if (o->words != NULL)
		complete_words(o->words, stdout);
	else if (o->man)
		manual_write(stdout);
	else if (argc > 0)
		return help_command(argc, argv);
	else
		cmd_usage(NULL, NULL, stdout);
	return STATUS_OK;
}

const struct cmd cmd_help = {
	.name = "help",
	.args = "[COMMAND]",
	.summary = "say how lossdog or one of its commands is used",
	.opts = opts,
	.size = sizeof(struct help_opts),
	.run = run_help,
};
