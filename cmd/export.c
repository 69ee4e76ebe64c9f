/* SPDX-License-Identifier: MIT */
/* lossdog export: the samples of logs, as data. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "input.h"
#include "know.h"
#include "pipeline.h"
#include "sinks.h"

struct export_opts {
	const char           *to;
	const char           *run;
	struct opts_knowledge knowledge;
	struct opts_with      with;
};
#define AT(member) offsetof(struct export_opts, member)

static const struct opt opts[] = {
	OPT(STRING, "to", 't', "FORMAT[=DEST]", AT(to), "write FORMAT: jsonl or csv", .initial = "jsonl"),
	OPT(STRING, "run-name", 0, "NAME", AT(run), "call the run NAME instead of the log's path"),
	OPT_GROUP(with_opts, AT(with)),
	OPT_GROUP(knowledge_opts, AT(knowledge)),
	OPT_END
};

static void
sample(void *arg, const struct run *run, const struct sample *s)
{
	sinks_sample(arg, run, s);
}

static void
sink_failed(void *arg, const char *name, const struct diag *d)
{
	(void)arg;
	cmd_remark("sink %s: %s", name, d->text);
}

static int
export_one(const char *path, const struct export_opts *o, struct knowledge *k, struct sinks *sinks)
{
	struct pipeline_opts po = { .knowledge = k, .run = o->run, .arg = sinks, .sample = sample,
	    .profile = know_profile(&o->knowledge) };
	struct pipeline *p;
	int status = know_read(path, &o->with, &po, &p);

	pipeline_free(p);
	return status;
}

static int
run_export(void *arg, int argc, char **argv)
{
	const struct export_opts *o = arg;
	struct knowledge k;
	struct diag d = { .text = "" };
	int status = STATUS_OK;

	if (!know_with("export", &o->with, true))
		return STATUS_UNKNOWN;
	if (know_open(&k, &o->knowledge, KNOW_LINES) == -1)
		return STATUS_UNKNOWN;
	struct sinks *sinks = sinks_new(k.vocab, sink_failed, NULL);
	if (sinks_open(sinks, o->to, &d) == -1)
		status = cmd_diag(&d);
	for (int i = 0; i < argc && (status == STATUS_OK || i > 0); i++) {
		int s = export_one(argv[i], o, &k, sinks);
		if (s > status)
			status = s;
	}
	if (sinks_free(sinks) > 0)
		status = STATUS_UNKNOWN;
	knowledge_fini(&k);
	return status;
}

const struct cmd cmd_export = {
	.name = "export",
	.args = "LOG...",
	.summary = "write the samples of logs as JSON lines or CSV",
	.about = "Reads each LOG (plain, gzip, zstd or xz; - is standard input) from start to end and writes "
	    "one record for each number it understands.",
	.opts = opts,
	.size = sizeof(struct export_opts),
	.words = WORDS_FILE,
	.least = 1,
	.run = run_export,
};
