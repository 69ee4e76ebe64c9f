/* SPDX-License-Identifier: MIT */
/*
 * hook: commands of the user that run when a rule fires (--on RULE=COMMAND).
 *
 * The finding is JSON on the command's standard input and LOSSDOG_... in its
 * environment.  No shell, a time limit, a few at once; nobody waits for them but
 * the end of the run.
 */
#ifndef HOOK_H
#define HOOK_H

#include "child.h"
#include "cmd.h"
#include "finding.h"
#include "knowledge.h"

#define HOOK_RUNNING 8    /* at once; a finding that comes then has none */
#define HOOK_LIMIT   60.0 /* seconds for one */
#define HOOK_LAST    15.0 /* ... when the run has ended */

struct hooks {
	const struct opt_list *on; /* "RULE=COMMAND", "SEVERITY=COMMAND" */
	struct child *child[HOOK_RUNNING];
	unsigned      n;
};

/* False: d says what is wrong with one. */
bool hook_valid(const struct knowledge *, const char *spec, struct diag *d);
void hook_finding(struct hooks *, const struct knowledge *, const struct finding *, double mono);
/* Takes what has ended; says which failed. */
void hook_step(struct hooks *, double mono);
/* Waits for those that run, HOOK_LAST at most, and then ends them. */
void hook_end(struct hooks *, double mono);

/* True when a word (a severity or worse, a rule's id or alias) means this finding. */
bool hook_means(const struct knowledge *, struct span word, const struct finding *);
/* True when it is a severity from least on, or a rule; else d says what would be right. */
bool hook_word_valid(const struct knowledge *, struct span word, enum severity least,
    const char *option, struct diag *d);

#endif
