/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a log, read by the generic profile and learnt from.  What is learnt
 * is a profile that loads, has no mistake, and passes the tests it carries.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "embed.h"
#include "learn.h"
#include "pipeline.h"
#include "profile_check.h"
#include "trial.h"
#include "ydoc.h"

#define RUNS 500 /* inputs until the tables of names are made anew */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The vocabulary and the generic profile: all of them would take their time for each input. */
static void
start_anew(struct knowledge *k)
{
	struct diags *diags = diags_new();

	if (k->vocab)
		knowledge_fini(k);
	*k = (struct knowledge){ .vocab = vocab_new(), .prefixes = prefixes_new() };
	k->profiles = profiles_new(k->vocab);
	for (size_t i = 0; i < embed_count; i++) {
		struct span text = { embed_files[i].data, embed_files[i].size };
		const char *name = embed_files[i].name;
		if ((strcmp(name, "metrics.yaml") == 0 && vocab_load(k->vocab, ydoc_parse(name, text, diags), diags) == -1) ||
		    (strcmp(name, "profiles/generic.yaml") == 0 && profiles_load(k->profiles, ydoc_parse(name, text, diags), diags) == -1))
			abort();
	}
	diags_free(diags);
}

static void
take_line(void *arg, const struct line *line, const struct match *m)
{
	(void)m;
	learn_line(arg, line, NULL);
}

static void
complain(struct buf *yaml, const char *why)
{
	fprintf(stderr, "%s\n%s\n", why, buf_cstr(yaml));
	abort();
}

static void
check(struct knowledge *k, struct buf *yaml)
{
	struct diags *diags = diags_new();
	struct trial_stat st;
	struct buf out;

	buf_init(&out, 1 << 20);
	if (profiles_load(k->profiles, ydoc_parse("learnt", buf_get(yaml), diags), diags) == -1)
		complain(yaml, "does not load");
	profile_check(profiles_find(k->profiles, "learnt"), k->vocab, false, diags);
	if (diags_errors(diags))
		complain(yaml, "has mistakes");
	trial_run(k, "learnt", &out, &st);
	if (st.failed)
		complain(yaml, buf_cstr(&out));
	buf_fini(&out);
	diags_free(diags);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct knowledge k;
	static unsigned runs;
	struct learn_stat st;
	struct diag d;
	struct buf yaml;

	if (runs++ % RUNS == 0)
		start_anew(&k);
	struct learn *l = learn_new(&k);
	struct pipeline_opts o = { .knowledge = &k, .arg = l, .line = take_line };
	struct pipeline *p = pipeline_new(&o, &d);
	pipeline_feed(p, 0, (struct span){ (const char *)data, size }, NAN);
	pipeline_end(p, NAN);
	pipeline_free(p);
	buf_init(&yaml, 4 << 20);
	if (learn_write(l, "learnt", "a log", &yaml, &st, &d) == 0)
		check(&k, &yaml);
	else if (strstr(d.text, "mistake in lossdog"))
		complain(&yaml, d.text);
	buf_fini(&yaml);
	learn_free(l);
	return 0;
}
