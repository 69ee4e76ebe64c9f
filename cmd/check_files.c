/* SPDX-License-Identifier: MIT */
/* Ready files with which other programs call `lossdog check`. */
#include "config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "check_impl.h"
#include "runname.h"

/* Each path from the root, quoted with the marks that the file's readers understand. */
static void
paths(FILE *f, int argc, char **argv, char mark)
{
	for (int i = 0; i < argc; i++) {
		char *path = path_absolute(argv[i]);

		if (strpbrk(path, " \t\"'\\$`*?[]&|;<>()") == NULL) {
			fprintf(f, " %s", path);
		} else {
			fprintf(f, " %c", mark);
			for (const char *p = path; *p != '\0'; p++)
				if (mark == '\'' && *p == '\'')
					fputs("'\\''", f);
				else if (mark == '"' && strchr("\"\\", *p) != NULL)
					fprintf(f, "\\%c", *p);
				else
					putc(*p, f);
			putc(mark, f);
		}
		free(path);
	}
}

static void
print_cron(FILE *f, const char *program, int argc, char **argv)
{
	fputs("# Every 5 minutes; cron mails what is printed, and nothing is when all is well.\n"
	    "# Add it with: crontab -e\n"
	    "*/5 * * * *  ", f);
	fprintf(f, "%s check --time-limit 4m", program);
	paths(f, argc, argv, '\'');
	putc('\n', f);
}

static void
print_systemd(FILE *f, const char *program, int argc, char **argv)
{
	fputs("# Two units, for ~/.config/systemd/user/ or /etc/systemd/system/; then:\n"
	    "#   systemctl --user daemon-reload && systemctl --user enable --now lossdog.timer\n"
	    "# --- lossdog.service ---\n"
	    "[Unit]\n"
	    "Description=Check of training logs\n"
	    "\n"
	    "[Service]\n"
	    "Type=oneshot\n", f);
	fprintf(f, "ExecStart=%s check --time-limit 4m", program);
	paths(f, argc, argv, '"');
	fputs("\n"
	    "# A warning or a critical finding is an answer, not a failure of the check.\n"
	    "SuccessExitStatus=1 2\n"
	    "Nice=10\n"
	    "IOSchedulingClass=idle\n"
	    "NoNewPrivileges=yes\n"
	    "ProtectSystem=full\n"
	    "PrivateTmp=yes\n"
	    "\n"
	    "# --- lossdog.timer ---\n"
	    "[Unit]\n"
	    "Description=Check of training logs every 5 minutes\n"
	    "\n"
	    "[Timer]\n"
	    "OnBootSec=2min\n"
	    "OnUnitActiveSec=5min\n"
	    "AccuracySec=30s\n"
	    "\n"
	    "[Install]\n"
	    "WantedBy=timers.target\n", f);
}

static void
print_logrotate(FILE *f, const char *program, int argc, char **argv)
{
	(void)program;
	fputs("# For /etc/logrotate.d/.  Both ways of rotating lose no line: with `create` the\n"
	    "# training must reopen its log; with `copytruncate` it need not.\n", f);
	paths(f, argc, argv, '"');
	fputs(" {\n"
	    "\tdaily\n"
	    "\trotate 14\n"
	    "\tmissingok\n"
	    "\tnotifempty\n"
	    "\tcopytruncate\n"
	    "\tcompress\n"
	    "\tdelaycompress\n"
	    "}\n", f);
}

static void
print_nagios(FILE *f, const char *program, int argc, char **argv)
{
	fputs("# Nagios, Icinga 1, Naemon: a command and a service.\n"
	    "define command {\n"
	    "\tcommand_name  check_lossdog\n", f);
	fprintf(f, "\tcommand_line  %s check --format nagios --time-limit 50s $ARG1$\n}\n\n", program);
	fputs("define service {\n"
	    "\tuse                  generic-service\n"
	    "\thost_name            localhost\n"
	    "\tservice_description  Training runs\n"
	    "\tcheck_command        check_lossdog!", f);
	paths(f, argc, argv, '\'');
	fputs("\n\tcheck_interval       5\n"
	    "\tmax_check_attempts   1\n"
	    "}\n", f);
}

static void
print_icinga(FILE *f, const char *program, int argc, char **argv)
{
	fputs("// Icinga 2: a command and a service.\n"
	    "object CheckCommand \"lossdog\" {\n", f);
	fprintf(f, "\tcommand = [ \"%s\", \"check\", \"--format\", \"nagios\" ]\n", program);
	fputs("\targuments = {\n"
	    "\t\t\"--time-limit\" = \"50s\"\n"
	    "\t\t\"paths\" = { value = \"$lossdog_paths$\", skip_key = true, repeat_key = false, order = 1 }\n"
	    "\t}\n"
	    "\ttimeout = 1m\n"
	    "}\n\n"
	    "apply Service \"training-runs\" {\n"
	    "\tcheck_command = \"lossdog\"\n"
	    "\tcheck_interval = 5m\n"
	    "\tmax_check_attempts = 1\n"
	    "\tvars.lossdog_paths = [", f);
	for (int i = 0; i < argc; i++) {
		char *path = path_absolute(argv[i]);

		fprintf(f, "%s\"%s\"", i > 0 ? ", " : " ", path);
		free(path);
	}
	fputs(" ]\n\tassign where host.name == NodeName\n}\n", f);
}

const struct check_file check_files[] = {
	{ "cron", "print a line for crontab", print_cron },
	{ "systemd", "print a systemd service and timer", print_systemd },
	{ "logrotate", "print a logrotate section that keeps every line readable", print_logrotate },
	{ "nagios", "print a Nagios command and service", print_nagios },
	{ "icinga", "print an Icinga 2 command and service", print_icinga },
	{ NULL, NULL, NULL }
};
