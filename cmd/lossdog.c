/* SPDX-License-Identifier: MIT */
/* The table of commands; finds one, runs it, checks that its output was written. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "xalloc.h"

const struct cmd *const commands[] = {
	&cmd_filter,
	&cmd_run,
	&cmd_runs,
	&cmd_watch,
	&cmd_check,
	&cmd_export,
	&cmd_profiles,
	&cmd_rules,
	&cmd_notify,
	&cmd_config,
	&cmd_help,
	NULL
};

/*
 * A closed descriptor 0, 1 or 2 would be given to the next file that is opened.
 * Each is held by something on which its use fails; a command that we become or run finds it closed.
 */
static void
hold_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)open("/dev/null", (fd == 0 ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
}

/* stdout is written, or the status says that it is not. */
static int
finish_output(int status)
{
	bool failed = ferror(stdout) != 0;

	errno = 0;
	if (fflush(stdout) == EOF)
		failed = true;
	if (!failed)
		return status;
	if (errno == 0)
		return cmd_error("cannot write to standard output");
	return cmd_error("cannot write to standard output: %s", strerror(errno));
}

static int
run_leaf(const struct cmd *parent, const struct cmd *c, int argc, char **argv)
{
	char        name[64];
	struct diag d;
	void       *opts = xcalloc(1, c->size);
	int         n = 0, status;

	snprintf(name, sizeof name, "%s%s%s", parent != NULL ? parent->name : "",
	    parent != NULL ? " " : "", c->name);
	switch (opt_parse(c->opts, opts, argc, argv, c->stop, &n, &d)) {
	case OPT_HELP:
		cmd_usage(parent, c, stdout);
		status = STATUS_OK;
		break;
	case OPT_OK:
		if (n > 0 && c->args == NULL)
			status = cmd_misuse(name, "%s takes no operand, but \"%s\" was given",
			    name, argv[0]);
		else if ((unsigned)n < c->least)
			status = cmd_misuse(name, "%s wants %s", name, c->args);
		else
			status = c->run(opts, n, argv);
		break;
	default:
		status = cmd_misuse(name, "%s", d.text);
		break;
	}
	opt_fini(c->opts, opts);
	free(opts);
	return status;
}

static int
no_such(const struct cmd *parent, const struct cmd *const *list, const char *word)
{
	const char *names[32];
	const char *near;
	const char *under = parent != NULL ? parent->name : NULL;
	size_t      n = 0;

	for (; list[n] != NULL && n < sizeof names / sizeof names[0]; n++)
		names[n] = list[n]->name;
	near = diag_nearest(word, names, n);
	if (near != NULL)
		return cmd_misuse(under, "there is no command \"%s%s%s\"; did you mean "
		    "\"%s\"?", under ? under : "", under ? " " : "", word, near);
	if (under == NULL && access(word, F_OK) == 0)
		return cmd_misuse(under, "there is no command \"%s\"; to read the file, "
		    "say \"lossdog < %s\" or \"lossdog check --replay %s\"", word, word,
		    word);
	return cmd_misuse(under, "there is no command \"%s%s%s\"", under ? under : "",
	    under ? " " : "", word);
}

static int
run_sub(const struct cmd *parent, int argc, char **argv)
{
	const struct cmd *c;

	if (argc > 0 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)) {
		cmd_usage(NULL, parent, stdout);
		return STATUS_OK;
	}
	if (argc == 0)
		return cmd_misuse(parent->name, "%s wants one of its commands",
		    parent->name);
	c = cmd_find(parent->sub, argv[0]);
	if (c == NULL)
		return no_such(parent, parent->sub, argv[0]);
	return run_leaf(parent, c, argc - 1, argv + 1);
}

static bool
is_option(const char *word, const char *name, const char *letter)
{
	return strcmp(word, name) == 0 || strcmp(word, letter) == 0;
}

/* The filter is what runs when no command is named. */
static int
run_default(int argc, char **argv)
{
	const struct cmd *filter = cmd_find(commands, "filter");

	if (filter == NULL || (argc == 0 && isatty(STDIN_FILENO))) {
		cmd_usage(NULL, NULL, stdout);
		return STATUS_OK;
	}
	return run_leaf(NULL, filter, argc, argv);
}

static int
run(int argc, char **argv)
{
	const struct cmd *c;

	if (argc > 0 && is_option(argv[0], "--version", "-V")) {
		cmd_version(stdout);
		return STATUS_OK;
	}
	if (argc > 0 && is_option(argv[0], "--help", "-h")) {
		cmd_usage(NULL, NULL, stdout);
		return STATUS_OK;
	}
	if (argc == 0 || argv[0][0] == '-')
		return run_default(argc, argv);
	c = cmd_find(commands, argv[0]);
	if (c == NULL)
		return no_such(NULL, commands, argv[0]);
	return c->sub != NULL ? run_sub(c, argc - 1, argv + 1)
	                      : run_leaf(NULL, c, argc - 1, argv + 1);
}

int
main(int argc, char **argv)
{
	hold_descriptors();
	return finish_output(run(argc - 1, argv + 1));
}
