/* SPDX-License-Identifier: MIT */
/*
 * standing: how a run stands, in the few figures of a table.
 *
 * Tells apart what looks alike from outside: finished, crashed, ended from
 * outside, silent.
 */
#ifndef STANDING_H
#define STANDING_H

#include "ledger.h"
#include "pipeline.h"

/* written: wall time of the newest write to its log, NaN: not known; strings are the run's. */
void standing_of(const struct pipeline *, double written, double now, struct ledger_run *ret);
/* The series that people look at: the training loss, else the first loss, else the first of all; NULL: none. */
const struct series *standing_series(const struct pipeline *);

#endif
