/* SPDX-License-Identifier: MIT */
/*
 * trial: runs the tests that profiles carry in their own files.
 *
 *	tests:
 *	- lines: ["iter 10: loss 2.5, time 100.0ms"]
 *	  samples: [{metric: train/loss, value: 2.5, step: 10}, {metric: step_time, value: 0.1}]
 *
 * The lines go through the whole pipeline with all profiles active.  Each sample
 * that is listed must come out (those of one metric in their order; step, epoch and
 * labels are compared where given); an empty list means that none may.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include "buf.h"
#include "knowledge.h"

struct trial_stat { unsigned tests, failed, untested; };

/*
 * only: one profile's name, NULL: all.  A line a test goes to out, "ok NAME: test 1" or
 * "not ok NAME: test 1 (FILE:LINE:COLUMN): why", and one for a profile without tests.
 */
void trial_run(struct knowledge *, const char *only, struct buf *out, struct trial_stat *ret);

#endif
