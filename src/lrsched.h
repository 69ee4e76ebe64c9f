/* SPDX-License-Identifier: MIT */
/*
 * lrsched: which learning-rate schedule is it (diagnostics D).
 *
 * Takes (step, rate) pairs as they come and keeps 64 of them, thinned by doubling
 * the spacing: constant memory whatever the length of the run.  When asked, it finds the
 * peak, tests what stands before it for a warm-up, and fits the families to what
 * follows by linearising transforms.  The answer is kept until a twentieth
 * more pairs exist.  A jump far above all that was before begins a new schedule.
 */
#ifndef LRSCHED_H
#define LRSCHED_H

#include <stdbool.h>
#include <stdint.h>

#define LR_PAIRS 64
#define LR_DROPS 16

enum lr_family {
	LR_UNKNOWN, LR_CONSTANT, LR_WARMUP, LR_LINEAR, LR_COSINE, LR_POLYNOMIAL,
	LR_EXPONENTIAL, LR_INVERSE_SQRT, LR_STEP, LR_WSD, LR_ONE_CYCLE, LR_CYCLIC,
	LR_RESTARTS, LR_PLATEAU
};

struct lr_pair { double step, rate; };

/* What was found.  NaN: cannot be told. */
struct lr_fit {
	enum lr_family family;
	double peak, floor;      /* highest rate, assumed lowest one */
	double peak_step;        /* where the decay begins */
	double warmup;           /* steps of warm-up; 0: none */
	double end;              /* step at which the floor is reached */
	double power;            /* of the polynomial; factor of step and exponential */
	double tail;             /* WSD: step at which the decay begins */
	double period;           /* cyclic, restarts: steps */
	double r2;
};

struct lrsched {
	uint64_t n;              /* pairs seen */
	uint64_t every;          /* each every-th is kept */
	unsigned kept;
	struct lr_pair pair[LR_PAIRS], last;
	struct lr_pair top;      /* the last one with the highest rate, which thinning may lose */
	unsigned drops;          /* falls by a factor from one constant stretch to the next */
	struct { double step, factor; } fall; /* one that is not known to be a drop yet; step 0: none */
	bool     anew;           /* it begins with a jump that left an earlier schedule behind */
	struct { double step, factor; } drop[LR_DROPS];
	uint64_t flat;           /* pairs in a row with the same rate */
	struct lr_fit fit;       /* as of fit_n pairs */
	uint64_t fit_n;
};

void lrsched_init(struct lrsched *);
void lrsched_add(struct lrsched *, double step, double rate);
/* Borrowed until the next call. */
const struct lr_fit *lrsched_fit(struct lrsched *);
/* The rate that the fit says for a step; NaN when it says none. */
double lrsched_predict(const struct lr_fit *, double step);

const char *lr_family_name(enum lr_family); /* "cosine"; "unknown" */

#endif
