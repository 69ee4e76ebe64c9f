/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a profile: loaded, checked, its tests run; and what is behind a line
 * "=== log" goes through all stages with it.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "embed.h"
#include "pipeline.h"
#include "profile_check.h"
#include "trial.h"
#include "ydoc.h"

#define RUNS 2000 /* inputs until the tables of names are made anew */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vocab *
vocabulary(void)
{
	struct vocab *v = vocab_new();
	struct diags *diags = diags_new();

	for (size_t i = 0; i < embed_count; i++)
		if (strcmp(embed_files[i].name, "metrics.yaml") == 0 && vocab_load(v, ydoc_parse("metrics.yaml",
		    (struct span){ embed_files[i].data, embed_files[i].size }, diags), diags) == -1)
			abort();
	diags_free(diags);
	return v;
}

static void
take_sample(void *arg, const struct run *run, const struct sample *s)
{
	const struct vocab *v = arg;

	if (s->metric < 0 || (unsigned)s->metric >= vocab_metric_count(v) || isinf(s->step) || isinf(s->epoch) ||
	    s->segment > run->segment)
		abort();
}

static void
take_line(void *arg, const struct line *line, const struct match *m)
{
	(void)arg;
	(void)line;
	if (m->n > MATCH_FIELDS || m->events > MATCH_EVENTS)
		abort();
}

static void
read_log(struct knowledge *k, struct span log)
{
	struct pipeline_opts o = { .knowledge = k, .arg = k->vocab, .sample = take_sample, .line = take_line };
	struct diag d;
	struct pipeline *p = pipeline_new(&o, &d);

	if (!p)
		abort();
	pipeline_feed(p, 0, log, NAN);
	pipeline_end(p, NAN);
	pipeline_free(p);
}

static void
ask(struct knowledge *k, struct diags *diags)
{
	struct trial_stat st;
	struct buf out;

	buf_init(&out, 1 << 16);
	for (unsigned i = 0; i < profiles_count(k->profiles); i++) {
		profile_check(profiles_at(k->profiles, i), k->vocab, true, diags);
		profile_series(profiles_at(k->profiles, i), &out);
	}
	if (diags_errors(diags) == 0)
		trial_run(k, NULL, &out, &st);
	buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct knowledge k;
	static unsigned runs;
	struct span all = { (const char *)data, size }, yaml = all, log = SPAN_LIT("step 3 loss 0.5\n");
	struct diags *diags = diags_new();
	size_t at = span_find(all, "\n=== log\n");

	if (runs++ % RUNS == 0) {
		vocab_free(k.vocab);
		prefixes_free(k.prefixes);
		k = (struct knowledge){ .vocab = vocabulary(), .prefixes = prefixes_new() };
	}
	k.profiles = profiles_new(k.vocab);
	if (at != (size_t)-1) {
		yaml.n = at + 1;
		log = span_from(all, at + 9);
	}
	if (profiles_load(k.profiles, ydoc_parse("fuzz.yaml", yaml, diags), diags) == 0) {
		ask(&k, diags);
		read_log(&k, log);
	} else if (diags_errors(diags) == 0)
		abort();
	matcher_free(k.model);
	k.model = NULL;
	profiles_free(k.profiles);
	diags_free(diags);
	return 0;
}
