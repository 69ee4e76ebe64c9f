/* SPDX-License-Identifier: MIT */
/*
 * lrconf: the learning-rate schedule that a printed configuration declares.
 *
 * Of the parameters that a program prints before it trains, those that its framework
 * makes the schedule of: Hugging Face's TrainingArguments, diffusers, Megatron-LM,
 * fairseq, detectron2, nanoGPT.  A schedule is declared only when it is certain: the
 * framework by a parameter that is its own, each number that its formula needs, no
 * parameter that would change the formula, no second value for one of them.
 */
#ifndef LRCONF_H
#define LRCONF_H

#include <stdbool.h>

#include "hyper.h"
#include "line.h"
#include "lrspec.h"

#define LRCONF_KINDS 6
#define LRCONF_SLOTS 12

/* Saved as it is; all that is not known is NaN. */
struct lr_conf {
	double value[LRCONF_KINDS][LRCONF_SLOTS];
	double at[LRSPEC_MILESTONES];
	unsigned nat;
	struct hyper_place place;
	bool   unsure[LRCONF_KINDS]; /* something was printed that makes the schedule another one */
};

void lr_conf_init(struct lr_conf *);
/* measures, trains: see hyper_read.  True: what is known has changed. */
bool lr_conf_line(struct lr_conf *, const struct line *, bool measures, bool trains);
/* The schedule that is declared, and by whom; NULL: none is.  steps: the run's plan, NaN: not known. */
const char *lr_conf_spec(const struct lr_conf *, double steps, struct lr_spec *ret);

#endif
