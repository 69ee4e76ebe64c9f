/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a log: read by the shipped profiles, and learnt from.  What is
 * learnt is a profile that loads, has no mistake, and passes the tests it carries.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "learn.h"
#include "pipeline.h"
#include "profile_check.h"
#include "trial.h"

#define RUNS 500 /* inputs until the tables of names are made anew */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
	if (profiles_load(k->profiles, "learnt", buf_get(yaml), diags) == -1)
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
	struct diags *diags = diags_new();
	struct learn_stat st;
	struct diag d;
	struct buf yaml;

	if (runs++ % RUNS == 0) {
		if (k.vocab)
			knowledge_fini(&k);
		setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
		if (knowledge_init(&k, NULL, 0, false, NULL, diags) == -1)
			abort();
	}
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
	diags_free(diags);
	return 0;
}
