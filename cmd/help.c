/* SPDX-License-Identifier: MIT */
/* Help: what --help says, and the command of that name. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "complete.h"
#include "manual.h"
#include "wrap.h"
#include "xalloc.h"

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
	char *text = cmd_text(c->summary);

	fprintf(f, "%c%s%s\n", toupper((unsigned char)text[0]), text + 1, text[0] & 0x80 ? "。" : ".");
	free(text);
}

static void
put_paragraphs(const char *about, FILE *f)
{
	while (about != NULL && *about != '\0') {
		const char *end = strstr(about, "\n\n");
		char       *english = xstrndup(about, end != NULL ? (size_t)(end - about) : strlen(about));
		char       *text = cmd_text(english);
		struct buf  b;

		buf_init(&b, 1 << 16);
		wrap(&b, text, 0, text_width(f));
		fprintf(f, "\n%s", buf_cstr(&b));
		buf_fini(&b);
		free(text);
		free(english);
		about = end != NULL ? end + 2 : NULL;
	}
}

static void
put_commands(const struct cmd *const *list, FILE *f)
{
	for (; *list != NULL; list++) {
		fprintf(f, "  %-10s ", (*list)->name);
		cmd_say(f, "%s", (*list)->summary);
		fputc('\n', f);
	}
}

static void
usage_all(FILE *f)
{
	const struct cmd *filter = cmd_find(commands, "filter");

	cmd_say(f, "Usage: %s", "python train.py 2>&1 | lossdog [OPTIONS]");
	fputs("\n       lossdog COMMAND [OPTIONS] ...\n", f);
	put_paragraphs("A watchdog for training runs: reads what a training run prints, and says what is wrong, why, "
	    "and what to do about it.", f);
	cmd_say(f, "\nCommands:\n");
	put_commands(commands, f);
	cmd_say(f, "\n\"lossdog help COMMAND\" says more.  Without a command, the options are:\n");
	opt_help(filter != NULL ? filter->opts : NULL, f, cmd_columns(f), cmd_lang());
	fprintf(f, "  %-22s  ", "-V, --version");
	cmd_say(f, "say the version and what it was built with");
	fputc('\n', f);
}

void
cmd_usage(const struct cmd *parent, const struct cmd *c, FILE *f)
{
	if (c == NULL) {
		usage_all(f);
		return;
	}
	cmd_say(f, "Usage: lossdog %s%s%s", parent != NULL ? parent->name : "",
	    parent != NULL ? " " : "", c->name);
	if (c->sub != NULL) {
		fputs(" COMMAND ...\n\n", f);
		put_summary(c, f);
		put_paragraphs(c->about, f);
		cmd_say(f, "\nCommands:\n");
		put_commands(c->sub, f);
		cmd_say(f, "\n\"lossdog help %s COMMAND\" says more.\n", c->name);
		return;
	}
	fprintf(f, " [OPTIONS]%s%s\n\n", c->args != NULL ? " " : "",
	    c->args != NULL ? c->args : "");
	put_summary(c, f);
	put_paragraphs(c->about, f);
	cmd_say(f, "\nOptions:\n");
	opt_help(c->opts, f, cmd_columns(f), cmd_lang());
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
