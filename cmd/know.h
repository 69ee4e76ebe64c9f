/* SPDX-License-Identifier: MIT */
/*
 * know: what the commands that read logs do alike.
 */
#ifndef KNOW_H
#define KNOW_H

#include "cmd.h"
#include "conf.h"
#include "input.h"
#include "monitors.h"
#include "pipeline.h"

enum know {
	KNOW_LINES = 0,               /* what lines mean */
	KNOW_RULES = KNOWLEDGE_RULES, /* and the rules, in the languages that are spoken here */
	KNOW_WHOLE = KNOWLEDGE_WHOLE, /* lines, with the profiles' tests */
	KNOW_WORDS = KNOWLEDGE_RULES | KNOWLEDGE_WORDS | KNOWLEDGE_WHOLE /* everything */
};

/* True when know_open finds no mistakes: all comes from the program itself. */
bool know_is_sure(const struct opts_knowledge *);
/* Loads the knowledge that the options name and prints its mistakes; -1: it cannot be used. */
int  know_open(struct knowledge *, const struct opts_knowledge *, enum know);
/* Applies the configuration's rules: section; mistakes go to diags.  -1: there was one. */
int  know_override(struct knowledge *, const struct conf *, struct diags *);
/* The one profile that --profile names, or NULL. */
const char *know_profile(const struct opts_knowledge *);
/*
 * Reads a log from start to end through a pipeline of its own, which is in *ret
 * before the first line and is the caller's afterwards.  run and source of the
 * options are the log's name where they are NULL.  with: recordings of monitors
 * beside it, or NULL.  Returns a status; with *ret NULL it did not begin.  What
 * goes wrong is said.
 */
int  know_read(const char *path, const struct opts_with *with, struct pipeline_opts *, struct pipeline **ret);
/* Names of monitors that can be: words in braces stand for parts of a log, if the command has one.  Else false, said. */
bool know_with(const char *command, const struct opts_with *, bool has_log);
/* What monitors had to complain of. */
void know_monitors(struct monitors *);
/* True, and a remark, when what was read was no text; what was not looked at is remarked on as well. */
bool know_unreadable(const struct pipeline *, const char *path);

#endif
