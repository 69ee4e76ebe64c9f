/* SPDX-License-Identifier: MIT */
/*
 * live: the analyser of filter and run: a feed to findings, and the verdict.
 */
#ifndef LIVE_H
#define LIVE_H

#include "cmd.h"
#include "feed.h"
#include "hook.h"
#include "know.h"
#include "record.h"
#include "tell.h"

struct live {
	struct opts_output     output;  /* with the colour decided: live_prepare */
	const struct opt_list *to;
	const struct opts_with *with;
	struct knowledge      *knowledge;
	const struct opts_knowledge *load; /* it is still to be loaded, with these; NULL: it is there */
	const char            *run, *source, *profile;
	int                    fail_on; /* index into live_fail_on */
	/* What asks for the command's end: severities and rules by id or alias. */
	const struct opt_list *stop_on; /* NULL: nothing */
	struct hooks           hooks;   /* with hooks.on */
	bool                   status;  /* a line below the output */
	double                 drawn;   /* when it was */
	double                 cost;    /* of an hour; 0: not known */
	struct record          record;  /* prepared */
	int                    ranks;   /* processes of the run, of which this is record.rank; 0: one */
	const char *const     *dirs;    /* whose free space matters, NULL-terminated; NULL: none */
	/* Set while it runs. */
	struct feed           *feed;
	struct tell            tell;
	struct pipeline       *pipeline;
	double                 started; /* when the command was, NaN: no command */
	double                 asked;   /* when its end was asked for */
	uint64_t               lost;    /* bytes that were not analysed */
	struct monitors       *monitors; /* beside it */
	double                 looked;  /* at them */
	int                    sense;   /* readings of what the command uses; -1: none */
};

/* "never" and then the severities, lowest first. */
extern const char *const live_fail_on[];

/* Before the fork: what only the process at the terminal can tell. */
void live_prepare(struct live *, const struct opts_output *);
/*
 * The knowledge, with these options.  Where nothing that the user gave can be wrong
 * it is left to the analyser: neither the bytes nor the command wait for it.  -1: said.
 */
int  live_know(struct live *, const struct opts_knowledge *);
/*
 * What --stop-on, --on and --with ask for can be had; monitors count from now on.
 * -1: d says what would be right.
 */
int  live_check(struct live *, struct diag *d);
void live_fini(struct live *);

/* For keeper_filter and keeper_run; arg is a struct live. */
int  live_analyse(struct feed *, void *arg);

#endif
