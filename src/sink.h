/* SPDX-License-Identifier: MIT */
/*
 * sink: where samples and findings go.
 *
 * A sink is a row in the table of sinks.c; two that differ only in their
 * payload share the rest.  A sink that fails is counted and reported once; the
 * others go on.  Nothing here may wait longer than the loop allows: what can
 * wait (webhook, mail, desktop) goes through the outbox in its own process.
 */
#ifndef SINK_H
#define SINK_H

#include "diag.h"
#include "finding.h"
#include "run.h"
#include "sample.h"
#include "vocab.h"

struct sink_ops {
	const char *name; /* as in --to NAME=DEST or --notify NAME */
	const char *help; /* one line for --help and the manual */
	/* arg is what stands behind '=', "" when nothing does.  NULL: failed, d says why. */
	void *(*open)(const char *arg, const struct vocab *, struct diag *d);
	int   (*sample)(void *self, const struct run *, const struct sample *, struct diag *d); /* NULL: takes none */
	int   (*finding)(void *self, const struct run *, const struct finding *, struct diag *d); /* NULL: takes none */
	/* Something useful to do now (flush); NULL: nothing. */
	int   (*flush)(void *self, struct diag *d);
	int   (*close)(void *self, struct diag *d); /* flushes and frees */
};

#endif
