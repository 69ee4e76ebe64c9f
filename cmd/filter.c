/* SPDX-License-Identifier: MIT */
/* lossdog without a command: standard input passes through, findings go to standard error. */
#include "config.h"

#include <signal.h>

#include "cmd.h"
#include "keeper.h"
#include "live.h"
#include "nest.h"
#include "signals.h"

struct filter_opts {
	struct opts_output    output;
	struct opts_knowledge knowledge;
	struct opts_state     state;
	struct opts_with      with;
	struct opt_list       to, notify, on;
	int                   fail_on;
	const char           *run;
};
#define AT(member) offsetof(struct filter_opts, member)

static const struct opt opts[] = {
	OPT(CHOICE, "fail-on", 0, "SEVERITY", AT(fail_on), "exit with 1 or 2 when a finding is at least that bad",
	    .initial = "never", .choices = live_fail_on),
	OPT(LIST, "to", 't', "FORMAT=DEST", AT(to), "write the samples as they come, to jsonl=FILE or csv=FILE"),
	OPT(LIST, "on", 0, "RULE=COMMAND", AT(on),
	    "run COMMAND (without a shell) when RULE, or a finding of that severity, fires; it reads the finding as JSON",
	    .words = WORDS_RULE),
	OPT(LIST, "notify", 0, "CHANNEL", AT(notify), "tell findings there"),
	OPT(STRING, "run-name", 0, "NAME", AT(run), "call the run NAME", .initial = "stdin"),
	OPT_GROUP(with_opts, AT(with)),
	OPT_GROUP(output_opts, AT(output)),
	OPT_GROUP(knowledge_opts, AT(knowledge)),
	OPT_GROUP(expect_opts, AT(knowledge)),
	OPT_GROUP(state_opts, AT(state)),
	OPT_END
};

/* Somebody watches this already: the bytes pass all the same, also after a Ctrl-C, to their end. */
static int
step_aside(const char *why)
{
	char *cat[] = { "cat", NULL };
	struct diag d = { .text = "" };

	cmd_remark("%s: its output passes without another watch", why);
	signal(SIGINT, SIG_IGN);
	int status = nest_exec(cat, &d);
	cmd_diag(&d);
	return status;
}

/* What was asked for beside the watching is done wherever it is. */
static bool
only_watches(const struct filter_opts *o)
{
	return !o->output.quiet && !o->output.json && !o->to.n && !o->on.n && !o->notify.n && !o->fail_on;
}

static int
run_filter(void *arg, int argc, char **argv)
{
	const struct filter_opts *o = arg;
	struct diag d = { .text = "" };
	struct knowledge k;
	struct live live = { .to = &o->to, .with = &o->with, .knowledge = &k, .run = o->run, .source = "-",
		.record = { .config = o->knowledge.config, .notify = &o->notify, .state = &o->state, .rank = -1 },
		.fail_on = o->fail_on, .hooks = { .on = &o->on }, .profile = o->knowledge.profiles.n ? o->knowledge.profiles.v[0] : NULL };

	(void)argc;
	(void)argv;
	const char *why = nest_why();
	if (why && only_watches(o))
		return step_aside(why);
	if (!know_with("filter", &o->with, false))
		return STATUS_UNKNOWN;
	if (live_know(&live, &o->knowledge) == -1)
		return STATUS_UNKNOWN;
	if (live_check(&live, &d) == -1 || record_prepare(&live.record) == -1) {
		knowledge_fini(&k);
		return d.text[0] != '\0' ? cmd_diag(&d) : STATUS_UNKNOWN;
	}
	live_prepare(&live, &o->output);
	struct keeper_opts ko = { .name = "lossdog", .quiet = o->output.quiet,
	    .analyser_stdout = o->output.json && o->output.quiet };
	int status = keeper_filter(&ko, live_analyse, &live, &d);
	live_fini(&live);
	knowledge_fini(&k);
	if (status == KEEPER_FAILED)
		return cmd_diag(&d);
	if (status < 0)
		signals_die(-status);
	return status;
}

const struct cmd cmd_filter = {
	.name = "filter",
	.summary = "pass standard input through and bark on standard error (the default)",
	.about = "Every byte of standard input goes to standard output unchanged; findings and, at the end, the "
	    "verdict go to standard error.  With --quiet nothing is passed through.\n\n"
	    "Inside of a lossdog run, or before another filter, it steps aside with a word, unless it was asked for more than to watch.",
	.opts = opts,
	.size = sizeof(struct filter_opts),
	.run = run_filter,
};
