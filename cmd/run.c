/* SPDX-License-Identifier: MIT */
/* lossdog run: a command as if nobody watched, and a verdict. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "keeper_run.h"
#include "live.h"
#include "nest.h"
#include "signals.h"

#define STATUS_OWN_FAILURE 125 /* before the command was started */

struct run_cmd_opts {
	struct opts_output    output;
	struct opts_knowledge knowledge;
	struct opts_state     state;
	struct opts_with      with;
	struct opt_list       to, notify, stop_on, on;
	const char           *run, *log, *stop_signal;
	double                stop_grace, cost;
	unsigned long         spool;
	int                   pty, forward;
	bool                  stop_kill, no_unbuffer, status;
};
#define AT(member) offsetof(struct run_cmd_opts, member)

/* ORDER of enum command_pty and enum run_forward */
static const char *const when[] = { "auto", "always", "never", NULL };

static const struct opt opts[] = {
	OPT(LIST, "stop-on", 0, "WHAT", AT(stop_on),
	    "end the command when a finding is WHAT: warning, critical or the id of a rule", .words = WORDS_RULE),
	OPT(STRING, "stop-signal", 0, "SIGNAL", AT(stop_signal), "end it with SIGNAL", .initial = "TERM"),
	OPT(SECONDS, "stop-grace", 0, "TIME", AT(stop_grace), "the time it has to end, a checkpoint included",
	    .initial = "10m"),
	OPT(FLAG, "stop-kill", 0, NULL, AT(stop_kill), "kill it when it has not ended by then"),
	OPT(NUMBER, "cost-per-hour", 0, "COST", AT(cost), "say what was saved by ending it", .initial = "0"),
	OPT(STRING, "log", 0, "FILE", AT(log),
	    "let the command write to FILE, which is followed: it then survives even the end of lossdog",
	    .words = WORDS_FILE),
	OPT(CHOICE, "pty", 0, "WHEN", AT(pty), "give the command a terminal to print to", .initial = "auto",
	    .choices = when),
	OPT(CHOICE, "forward", 0, "WHEN", AT(forward),
	    "send signals on to the command; auto: not those that a scheduler has sent to it as well",
	    .initial = "auto", .choices = when),
	OPT(FLAG, "no-unbuffer", 0, NULL, AT(no_unbuffer), "do not set PYTHONUNBUFFERED"),
	OPT(BYTES, "spool", 0, "SIZE", AT(spool), "keep at most SIZE on disk of what the analysis has not read yet",
	    .initial = "4G"),
	OPT(LIST, "on", 0, "RULE=COMMAND", AT(on),
	    "run COMMAND (without a shell) when RULE, or a finding of that severity, fires; it reads the finding as JSON",
	    .words = WORDS_RULE),
	OPT(FLAG, "status", 0, NULL, AT(status), "keep a line with step, loss, speed and time left below the output"),
	OPT(LIST, "to", 't', "FORMAT=DEST", AT(to), "write the samples as they come, to jsonl=FILE or csv=FILE"),
	OPT(LIST, "notify", 0, "CHANNEL", AT(notify), "tell findings there"),
	OPT(STRING, "run-name", 0, "NAME", AT(run), "call the run NAME"),
	OPT_GROUP(with_opts, AT(with)),
	OPT_GROUP(output_opts, AT(output)),
	OPT_GROUP(knowledge_opts, AT(knowledge)),
	OPT_GROUP(expect_opts, AT(knowledge)),
	OPT_GROUP(state_opts, AT(state)),
	OPT_END
};

static int
own_failure(const struct diag *d)
{
	cmd_diag(d);
	return STATUS_OWN_FAILURE;
}

/* Somebody watches this already: the command takes our place. */
static int
step_aside(const char *why, char **argv)
{
	struct diag d = { .text = "" };
	int         status;

	cmd_remark("%s: the command runs without another watch", why);
	status = nest_exec(argv, &d);
	cmd_diag(&d);
	return status;
}

static int
check_opts(const struct run_cmd_opts *o, struct live *l, struct run_opts *ro, struct diag *d)
{
	ro->stop_signal = signals_find(o->stop_signal);
	if (ro->stop_signal < 0)
		return diag_set(d, "--stop-signal %s: there is no such signal", o->stop_signal);
	if (o->log != NULL && o->pty == COMMAND_PTY_ALWAYS)
		return diag_set(d, "--log and --pty=always exclude each other: what prints to a file has no terminal");
	return live_check(l, d);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/* What people call it: the job, the script, the module, or the command. */
static void
title(char *const *argv, char *ret, size_t size)
{
	const char *job = getenv("SLURM_JOB_NAME"), *id = getenv("SLURM_JOB_ID");

	if (job != NULL && id != NULL) {
		snprintf(ret, size, "%s-%s", job, id);
		return;
	}
	snprintf(ret, size, "%s", base_name(argv[0]));
	for (char *const *a = argv; *a != NULL; a++) {
		size_t n = strlen(*a);

		if (n > 3 && strcmp(*a + n - 3, ".py") == 0)
			snprintf(ret, size, "%s", base_name(*a));
		else if (strcmp(*a, "-m") == 0 && a[1] != NULL && a > argv)
			snprintf(ret, size, "%s", a[1]);
		else
			continue;
		return;
	}
}

/* Options whose value is where a training saves, whatever comes before and behind: --output_dir, --save-path. */
static bool
names_place(const char *option)
{
	static const char *const words[] = { "output", "save", "ckpt", "checkpoint", "out_dir", "out-dir",
		"outdir", "logdir", "log_dir", "log-dir", "root_dir", "work_dir", "work-dir", NULL };

	for (const char *const *w = words; *w != NULL; w++)
		if (strncmp(option, "-", 1) == 0 && strcasestr(option, *w) != NULL)
			return true;
	return false;
}

#define PLACES 5

/* The working directory, and where the command line says that checkpoints go. */
static void
find_places(char *const *argv, const char *ret[PLACES + 1])
{
	unsigned n = 0;

	ret[n++] = ".";
	for (; *argv != NULL && n < PLACES; argv++) {
		const char *eq = strchr(*argv, '=');

		if (!names_place(*argv))
			continue;
		if (eq != NULL && eq[1] != '\0')
			ret[n++] = eq + 1;
		else if (eq == NULL && argv[1] != NULL && argv[1][0] != '-')
			ret[n++] = argv[1];
	}
	ret[n] = NULL;
}

static int
run_with(const struct run_cmd_opts *o, struct knowledge *k, char **argv)
{
	struct diag d = { .text = "" };
	char        mark[NEST_MARK_MAX], job[NEST_JOB_MAX];
	char        name[128];
	const char *dirs[PLACES + 1];
	int         ranks, rank = nest_rank(&ranks);
	struct live live = { .to = &o->to, .with = &o->with, .knowledge = k, .source = argv[0],
		.run = o->run != NULL ? o->run : name, .stop_on = &o->stop_on, .hooks = { .on = &o->on }, .status = o->status, .cost = o->cost, .dirs = dirs,
		.ranks = ranks,
		.record = { .config = o->knowledge.config, .notify = &o->notify, .state = &o->state,
		    .argv = argv, .rank = ranks == 1 ? -1 : rank, .job = ranks == 1 ? NULL : nest_job(job),
		    .log = o->log },
		.profile = o->knowledge.profiles.n > 0 ? o->knowledge.profiles.v[0] : NULL };
	struct run_opts ro = {
		.keeper = { .name = "lossdog", .quiet = o->output.quiet, .spool = o->spool,
		    .analyser_stdout = o->output.json && o->output.quiet },
		.command = { .argv = argv, .pty = (enum command_pty)o->pty, .log = o->log,
		    .buffered = o->no_unbuffer, .mark = nest_mark(mark) },
		.forward = (enum run_forward)o->forward,
		.stop_grace = o->stop_grace,
		.stop_kill = o->stop_kill,
	};
	int status;

	if (live_know(&live, &o->knowledge) == -1)
		return STATUS_OWN_FAILURE;
	if (check_opts(o, &live, &ro, &d) != 0)
		return own_failure(&d);
	if (record_prepare(&live.record) == -1)
		return STATUS_OWN_FAILURE;
	title(argv, name, sizeof name);
	find_places(argv, dirs);
	live_prepare(&live, &o->output);
	status = keeper_run(&ro, live_analyse, &live, &d);
	live_fini(&live);
	if (status == KEEPER_FAILED)
		return own_failure(&d);
	if (d.text[0] != '\0')
		cmd_diag(&d);
	if (status < 0)
		signals_die(-status);
	return status;
}

static int
run_run(void *arg, int argc, char **argv)
{
	const struct run_cmd_opts *o = arg;
	struct knowledge           k = { .rules = NULL };
	const char                *why = nest_why();
	int                        status;

	argv[argc] = NULL; /* behind the operands stands what was before them */
	if (why != NULL)
		return step_aside(why, argv);
	if (!know_with("run", &o->with, false))
		return STATUS_OWN_FAILURE;
	status = run_with(o, &k, argv);
	knowledge_fini(&k);
	return status;
}

const struct cmd cmd_run = {
	.name = "run",
	.args = "COMMAND [ARGUMENT...]",
	.summary = "run a command, watch what it prints, hand on how it ends",
	.about = "The command runs as if lossdog were not there: on the same terminal, with its own outputs apart, "
	    "signals and exit status handed on.  Findings and the verdict go to standard error.\n\n"
	    "The exit status is the command's; a signal that ended it ends lossdog too.  86: lossdog ended it "
	    "(--stop-on).  125: lossdog could not begin, 126: the command could not be executed, 127: it was not "
	    "found.\n\n"
	    "Started once for each process (srun lossdog run ..., mpirun lossdog run ...), they are one run in the "
	    "archive that they share; its start, its end and each finding are told once.",
	.opts = opts,
	.size = sizeof(struct run_cmd_opts),
	.words = WORDS_COMMAND,
	.stop = true,
	.least = 1,
	.run = run_run,
};
