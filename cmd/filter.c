/* SPDX-License-Identifier: MIT */
/* lossdog without a command: standard input passes through, findings go to standard error. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "cmd.h"
#include "keeper.h"
#include "know.h"
#include "signals.h"
#include "tell.h"

struct filter_opts {
	struct opts_output    output;
	struct opts_knowledge knowledge;
	struct opt_list       to;
	int                   fail_on;
	const char           *run;
};
#define AT(member) offsetof(struct filter_opts, member)

/* "never" and then the severities, lowest first. */
static const char *const fail_on[] = { "never", "info", "notice", "warning", "critical", NULL };

static const struct opt opts[] = {
	OPT(CHOICE, "fail-on", 0, "SEVERITY", AT(fail_on), "exit with 1 or 2 when a finding is at least that bad",
	    .initial = "never", .choices = fail_on),
	OPT(LIST, "to", 't', "FORMAT=DEST", AT(to), "write the samples as they come, to jsonl=FILE or csv=FILE"),
	OPT(STRING, "run-name", 0, "NAME", AT(run), "call the run NAME", .initial = "stdin"),
	OPT_GROUP(output_opts, AT(output)),
	OPT_GROUP(knowledge_opts, AT(knowledge)),
	OPT_END
};

struct filter {
	const struct filter_opts *opts;
	struct knowledge knowledge;
};

/* What the analysis says of itself at its end: its exit status. */
static int
filter_status(const struct filter_opts *o, const struct tell *t)
{
	for (int sev = SEV_CRITICAL; o->fail_on > 0 && sev >= o->fail_on - 1; sev--)
		if (t->firing[sev])
			return sev == SEV_CRITICAL ? STATUS_CRITICAL : STATUS_WARNING;
	return STATUS_OK;
}

static void
gap(int64_t bytes)
{
	fprintf(stderr, "lossdog: %lld bytes came faster than they could be analysed or kept, and were not checked\n",
	    (long long)bytes);
}

/* Reads the feed to its end; true: the input is no text. */
static void
follow(struct feed *feed, struct pipeline *p)
{
	struct feed_record r;

	for (;;) {
		double wait = pipeline_deadline(p) - clock_wall();
		int got = feed_next(feed, wait < 0 ? 0 : wait, &r);
		if (got == -1)
			return;
		if (got == 0)
			pipeline_tick(p, clock_wall());
		else if (r.type == FEED_DATA)
			pipeline_feed(p, r.stream < PIPELINE_STREAMS ? r.stream : 0, r.bytes, r.wall);
		else if (r.type == FEED_GAP)
			gap(r.a);
	}
}

/* The analyser: a process of its own, whose end the keeper waits for. */
static int
analyse(struct feed *feed, void *arg)
{
	struct filter *f = arg;
	const struct filter_opts *o = f->opts;
	struct diag d = { .text = "" };
	struct tell t;
	int status = STATUS_UNKNOWN;

	if (tell_init(&t, o->output.json && o->output.quiet ? stdout : stderr, &o->output, &o->to,
	    f->knowledge.vocab) == 0) {
		struct pipeline_opts po = { .knowledge = &f->knowledge, .run = o->run, .source = "-", .live = true,
		    .arg = &t, .sample = tell_sample, .finding = tell_finding,
		    .profile = o->knowledge.profiles.n ? o->knowledge.profiles.v[0] : NULL };
		struct pipeline *p = pipeline_new(&po, &d);
		if (p) {
			follow(feed, p);
			pipeline_end(p, clock_wall());
			tell_verdict(&t, p);
			status = filter_status(o, &t);
			if (know_unreadable(p, "standard input"))
				status = STATUS_UNKNOWN;
			pipeline_free(p);
		} else
			cmd_diag(&d);
	}
	tell_fini(&t);
	return status;
}

static int
run_filter(void *arg, int argc, char **argv)
{
	struct filter f = { .opts = arg };
	const struct filter_opts *o = f.opts;
	struct diag d = { .text = "" };

	(void)argc;
	(void)argv;
	if (know_open(&f.knowledge, &o->knowledge, true) == -1)
		return STATUS_UNKNOWN;
	struct keeper_opts ko = { .name = "lossdog", .quiet = o->output.quiet,
	    .analyser_stdout = o->output.json && o->output.quiet };
	int status = keeper_filter(&ko, analyse, &f, &d);
	knowledge_fini(&f.knowledge);
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
	    "verdict go to standard error.  With --quiet nothing is passed through.",
	.opts = opts,
	.size = sizeof(struct filter_opts),
	.run = run_filter,
};
