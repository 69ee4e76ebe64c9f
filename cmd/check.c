/* SPDX-License-Identifier: MIT */
/* lossdog check --replay: judges logs as recordings. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "know.h"
#include "tell.h"

struct check_opts {
	bool                  replay;
	struct opts_output    output;
	struct opts_knowledge knowledge;
	struct opt_list       to;
};
#define AT(member) offsetof(struct check_opts, member)

static const struct opt opts[] = {
	OPT(FLAG, "replay", 0, NULL, AT(replay), "judge each LOG as a recording: its end is the end of what is known"),
	OPT(LIST, "to", 't', "FORMAT=DEST", AT(to), "write the samples as well, to jsonl=FILE or csv=FILE"),
	OPT_GROUP(output_opts, AT(output)),
	OPT_GROUP(knowledge_opts, AT(knowledge)),
	OPT_END
};

static int
replay(const char *path, const struct check_opts *o, struct knowledge *k, struct tell *t)
{
	struct diag d = { .text = "" };
	struct input *in = input_open(path, &d);
	int status = STATUS_OK;

	if (!in)
		return cmd_diag(&d);
	struct pipeline_opts po = { .knowledge = k, .run = input_name(in), .source = input_name(in), .arg = t,
	    .sample = tell_sample, .finding = tell_finding,
	    .profile = o->knowledge.profiles.n ? o->knowledge.profiles.v[0] : NULL };
	struct pipeline *p = pipeline_new(&po, &d);
	if (!p) {
		input_close(in);
		return cmd_diag(&d);
	}
	if (know_feed(in, p, &d) == -1)
		status = cmd_diag(&d);
	pipeline_end(p, NAN);
	if (know_unreadable(p, path))
		status = STATUS_UNKNOWN;
	else if (!o->output.quiet)
		tell_verdict(t, p);
	pipeline_free(p);
	input_close(in);
	return status;
}

static int
run_check(void *arg, int argc, char **argv)
{
	const struct check_opts *o = arg;
	struct knowledge k;
	struct tell t;
	int status = STATUS_OK;

	if (!o->replay)
		return cmd_misuse("check", "this version checks recordings only: lossdog check --replay LOG...");
	if (know_open(&k, &o->knowledge, true) == -1)
		return STATUS_UNKNOWN;
	if (tell_init(&t, stdout, &o->output, &o->to, k.vocab) == -1)
		status = STATUS_UNKNOWN;
	for (int i = 0; i < argc && (status == STATUS_OK || i > 0); i++) {
		int s = replay(argv[i], o, &k, &t);
		if (s > status)
			status = s;
	}
	if (status == STATUS_OK)
		status = tell_status(&t);
	tell_fini(&t);
	knowledge_fini(&k);
	return status;
}

const struct cmd cmd_check = {
	.name = "check",
	.args = "LOG...",
	.summary = "judge logs once, with the exit codes of monitoring plugins",
	.about = "Each line of a recording comes at its own printed time; the present clock plays no part and no "
	    "state is kept.  Exit status: 0 nothing wrong, 1 a warning, 2 critical, 3 not readable.",
	.opts = opts,
	.size = sizeof(struct check_opts),
	.words = WORDS_FILE,
	.least = 1,
	.run = run_check,
};
