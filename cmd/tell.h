/* SPDX-License-Identifier: MIT */
/*
 * tell: how the commands that judge say what they find.
 *
 * Hands samples and findings to the sinks, prints findings for people or as
 * JSON lines, and remembers the worst for the exit status.
 */
#ifndef TELL_H
#define TELL_H

#include "cmd.h"
#include "pipeline.h"
#include "show.h"
#include "sinks.h"

struct tell {
	FILE         *out;
	bool          json;
	struct show   show;
	struct sinks *sinks; /* NULL: none */
	struct buf    buf;
	unsigned      firing[4]; /* findings that fired, by severity */
};

/* out is borrowed.  specs: what --to asked for.  -1: it was said why. */
int  tell_init(struct tell *, FILE *out, const struct opts_output *, const struct opt_list *specs,
    const struct knowledge *);
/* The language of the knowledge that was loaded later (NULL until then). */
void tell_lang(struct tell *, const struct knowledge *);
void tell_fini(struct tell *);
/* What was asked for, with files written behind what is there (jsonl=FILE to jsonl=+FILE); tell_behind_free ends it. */
void tell_behind(const struct opt_list *specs, struct opt_list *ret);
void tell_behind_free(struct opt_list *);

/* For struct pipeline_opts, with the tell as its argument. */
void tell_sample(void *, const struct run *, const struct sample *);
void tell_finding(void *, const struct run *, const struct finding *);

/* The verdict on a run that has ended; nothing with json. */
void tell_verdict(struct tell *, const struct pipeline *);

/* 2 when something critical fired, 1 for a warning, else 0. */
int  tell_status(const struct tell *);

#endif
