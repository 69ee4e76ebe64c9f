/* SPDX-License-Identifier: MIT */
/*
 * cmd: what a command is, and the few things all commands say alike.
 *
 * A command is one file that ends with its entry:
 *
 *	static int
 *	run_export(void *arg, int argc, char **argv)
 *	{
 *		const struct export_opts *o = arg;
 *		...
 *		return STATUS_OK;
 *	}
 *
 *	const struct cmd cmd_export = {
 *		.name = "export",
 *		.args = "LOG...",
 *		.summary = "write the samples of logs as JSON lines or CSV",
 *		.about = "One paragraph or more, for help and the manual.",
 *		.opts = opts,
 *		.size = sizeof(struct export_opts),
 *		.words = WORDS_FILE,
 *		.run = run_export,
 *	};
 *
 * and one row in the table of lossdog.c.  argv holds the operands only.  A
 * command with sub-commands (rules list) has .sub and neither opts nor run.
 *
 * Results go to stdout, remarks to stderr.  lossdog.c flushes and checks
 * stdout after run; a command returns a status and never exits.
 */
#ifndef CMD_H
#define CMD_H

#include <stdbool.h>
#include <stdio.h>

#include "lang.h"
#include "opt.h"

enum cmd_status {
	STATUS_OK,
	STATUS_WARNING,     /* a warning fired */
	STATUS_CRITICAL,    /* something critical fired */
	STATUS_UNKNOWN,     /* used wrongly, unreadable, bad configuration */
	STATUS_STOPPED = 86 /* run: lossdog ended the command */
};

struct cmd {
	const char              *name;
	const char              *args;    /* operands: "LOG..."; NULL: none */
	const char              *summary; /* one line, no capital, no full stop */
	const char              *about;   /* paragraphs, "\n\n" between; NULL: none */
	const struct opt        *opts;    /* NULL: none but --help */
	size_t                   size;    /* of the struct that opts fill */
	enum opt_words           words;   /* what the operands are */
	bool                     stop;    /* the first operand ends the options */
	unsigned                 least;   /* operands that must be there */
	const struct cmd *const *sub;     /* sub-commands, NULL-terminated */
	int (*run)(void *opts, int argc, char **argv);
};

/* --json --quiet --color: how a command speaks. */
struct opts_output {
	bool json;
	bool quiet;
	bool unchecked;
	int  color; /* enum cmd_color */
};
enum cmd_color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
extern const struct opt output_opts[];

/* --profile --rules --config: what it knows. */
struct opts_knowledge {
	struct opt_list profiles;
	struct opt_list rules;
	const char     *config;
	const char     *expect_lr;
	const char     *baseline;
};
extern const struct opt knowledge_opts[];
/* --expect-lr and --baseline, for the commands that judge; of struct opts_knowledge as well. */
extern const struct opt expect_opts[];

/* --state-dir --no-state: what it remembers. */
struct opts_state {
	const char *dir;
	bool        none;
};
extern const struct opt state_opts[];

/* --with: monitors beside a run. */
struct opts_with {
	struct opt_list files;
};
extern const struct opt with_opts[];

/* Colours on f?  choice is an enum cmd_color; NO_COLOR and a terminal decide "auto". */
bool cmd_color(int choice, FILE *f);

/* The terminal takes UTF-8: also where the locale that is named is not installed, as on many a node. */
bool cmd_utf8(void);
/* We write UTF-8: a terminal of another character set gets English instead of l. */
enum lang cmd_spoken(enum lang l);
/* The language of whoever reads this: the configuration's, or that of the environment. */
enum lang cmd_lang(void);
/* A text in that language (translate.h), to be freed. */
char *cmd_text(const char *english);
/* Prints what the format makes in that language. */
void cmd_say(FILE *, const char *fmt, ...) DIAG_PRINTF(2, 3);
/* Prints a text in that language in so many columns: on the left of them, or (less than 0) on the right. */
void cmd_cell(FILE *, const char *english, int columns);

/*
 * What is printed on stderr is in that language.  Prints "lossdog: ..."; returns
 * STATUS_UNKNOWN.
 */
int cmd_error(const char *fmt, ...) DIAG_PRINTF(1, 2);
/* The same for what a function put into d, with its place if it has one. */
int cmd_diag(const struct diag *d);
/* All mistakes in files. */
void cmd_diags(const struct diags *);
/* As cmd_error, with a pointer to the command's help. */
int cmd_misuse(const char *command, const char *fmt, ...) DIAG_PRINTF(2, 3);
/* A remark that is no failure: "lossdog: ...". */
void cmd_remark(const char *fmt, ...) DIAG_PRINTF(1, 2);

/* Columns of the terminal of f, 80 when it is none. */
unsigned cmd_columns(FILE *f);

extern const struct cmd cmd_filter, cmd_run, cmd_watch, cmd_check, cmd_export,
    cmd_report, cmd_compare, cmd_runs, cmd_profiles, cmd_rules, cmd_notify,
    cmd_config, cmd_help;
/* The larger ones of profiles. */
extern const struct cmd cmd_profiles_learn, cmd_profiles_test;

/* The table, NULL-terminated: what this binary has. "filter" runs when none is named. */
extern const struct cmd *const commands[];

/* The command called name among list, or NULL. */
const struct cmd *cmd_find(const struct cmd *const *list, const char *name);

/* The text of --help for a command; parent is NULL or the command it is a sub of. */
void cmd_usage(const struct cmd *parent, const struct cmd *, FILE *);

/* The lines of --version. */
void cmd_version(FILE *);

#endif
