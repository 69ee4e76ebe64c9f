/* SPDX-License-Identifier: MIT */
/*
 * lrspec: a learning-rate schedule as the user declares it.
 *
 *	cosine warmup=2000 peak=3e-4 total=100000 min=3e-5
 *	step peak=0.1 every=30000 factor=0.1
 *	wsd peak=1e-3 warmup=500 decay=2000 total=10000
 *
 * A family, then key=value: peak (needed), min (0), warmup (0), start (0: the rate at
 * which the warm-up begins), total (the steps of the run's plan, if it is left out),
 * power (polynomial, 1), factor (step, multistep, exponential), every (step; period of
 * cosine-restarts and cyclic), at=N,N (multistep), decay (wsd: steps of its tail),
 * rise (one-cycle: share of the steps, 0.3).
 */
#ifndef LRSPEC_H
#define LRSPEC_H

#include "diag.h"
#include "lrsched.h"

#define LRSPEC_MILESTONES 16

struct lr_spec {
	enum lr_family family;
	bool     multistep; /* of LR_STEP: at milestones */
	double   peak, min, warmup, start, total, power, factor, every, decay, rise;
	double   at[LRSPEC_MILESTONES];
	unsigned nat;
};

int    lr_spec_parse(const char *text, struct lr_spec *ret, struct diag *d);
/* The rate at a step; steps: the run's plan, for a declaration without a total.  NaN: it does not say. */
double lr_spec_rate(const struct lr_spec *, double step, double steps);

#endif
