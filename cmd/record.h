/* SPDX-License-Identifier: MIT */
/*
 * record: what filter and run leave behind: messages to people, and for run a
 * place in the archive with all that is known of the run.
 *
 * None of it can hold up the bytes; what fails is said once and the analysis
 * goes on.
 */
#ifndef RECORD_H
#define RECORD_H

#include "archive.h"
#include "cmd.h"
#include "hyper.h"
#include "meta.h"
#include "notifier.h"
#include "pipeline.h"

#define RECORD_LAST 10.0 /* seconds that record_end may wait: for git, for the database, for deliveries */

struct record {
	/* What is asked for. */
	const char              *config;
	const struct opt_list   *notify;
	const struct opts_state *state;
	char *const             *argv;  /* of run; NULL: the filter, which is not archived */
	int                      rank;  /* -1: not one of several */
	const char              *job;   /* what these share (nest.h); NULL: not one of several */
	const char              *log;   /* the file that the command prints to; NULL: none */
	/* From record_prepare. */
	char                    *dir;
	struct notifier         *notifier;
	/* From record_open. */
	struct store            *store;
	struct meta              meta;
	struct hyper            *hyper;
	struct archive_run       row;
	char                    *command;
	bool                     silent; /* another process speaks for the run */
	bool                     told;   /* it is settled who speaks, and people know that it has begun */
	double                   progress; /* when they were told how far it is */
};

/* In the process at the terminal, before any fork: -1, it was said why. */
int  record_prepare(struct record *);
void record_fini(struct record *);

/* In the analyser. */
void record_open(struct record *, const char *name, double now);
/* The command runs. */
void record_started(struct record *, int pid);
void record_line(struct record *, const struct line *, bool measures, const struct run *);
void record_finding(struct record *, const struct run *, const struct finding *, double now);
/* Now and then. */
void record_tick(struct record *, const struct run *, double now);
/* One of several processes is to give the verdict on the run: this one. */
bool record_speaks(const struct record *, const struct run *);
/* stopped: by us. */
void record_end(struct record *, const struct pipeline *, bool stopped, double now);

#endif
