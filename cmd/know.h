/* SPDX-License-Identifier: MIT */
/*
 * know: what the commands that read logs do alike.
 */
#ifndef KNOW_H
#define KNOW_H

#include "cmd.h"
#include "input.h"
#include "pipeline.h"

/* Loads the knowledge that the options name and prints its mistakes; -1: it cannot be used. */
int  know_open(struct knowledge *, const struct opts_knowledge *, bool with_rules);
/* Reads a log to its end into a pipeline.  -1: d says why. */
int  know_feed(struct input *, struct pipeline *, struct diag *d);
/* True, and a remark, when what was read was no text. */
bool know_unreadable(const struct pipeline *, const char *path);

#endif
