/* SPDX-License-Identifier: MIT */
/*
 * monitors: the files that stand beside a run, opened or followed for its pipeline.
 *
 * Named by people with --with: a path, in which {dir} and the other words of
 * runname.h stand for parts of the path of the run's own log.
 */
#ifndef MONITORS_H
#define MONITORS_H

#include <stdbool.h>
#include <stddef.h>

#include "diag.h"
#include "pipeline.h"

enum monitors_how {
	MONITORS_RECORDED, /* read once, from start to end; compressed ones too */
	MONITORS_FROM_NOW, /* followed; what is there already was before the run */
	MONITORS_FOLLOWED  /* followed from their start */
};

struct monitors;

/*
 * names: n of them; log: the run's own, NULL: it has none.  With recordings -1
 * when one cannot be read, otherwise it need not exist yet.
 */
int  monitors_new(const char *const *names, size_t n, const char *log, enum monitors_how,
    struct monitors **ret, struct diag *d);
void monitors_free(struct monitors *);

/* What pipeline_opts needs; lives as long as the monitors. */
const struct pipeline_monitor *monitors_sources(const struct monitors *, unsigned *n);
const char                    *monitors_name(const struct monitors *, unsigned i);

/* A look at those that are followed: what they have grown by is there for the pipeline.  now: wall time. */
void monitors_look(struct monitors *, double now);
/* The next complaint ("cannot be read"), said once; false: none. */
bool monitors_said(struct monitors *, struct diag *d);

#endif
