/* SPDX-License-Identifier: MIT */
/* sample_impl: what sample.c and sample_state.c share of the sampler.  Nobody else includes this. */
#ifndef SAMPLE_IMPL_H
#define SAMPLE_IMPL_H

#include "sample.h"

#define QUEUE_MAX 1024 /* samples of one line, or of one held block */
#define PENDING   64

struct position {
	double step, steps, epoch, epochs, iter, iters;
	double left; /* seconds until the bar is complete */
};

struct sampler {
	struct run   *run;
	struct sample queue[QUEUE_MAX];
	unsigned      head, tail;
	unsigned      held;        /* samples at the tail that wait for the end of their block */
	bool          holding;

	/* The newest state of a bar: a point once the bar begins anew or ends. */
	struct sample pending[PENDING];
	unsigned      npending;
	struct position pending_at;
	unsigned      pending_reader;
	bool          pending_done;

	/* Where a line of its own names the epoch: its one bar, complete or not. */
	enum { BAR_ANY, BAR_DUE, BAR_OVER } bar;
	double        bar_iters, bar_value; /* of the complete one: batches, first value */
	unsigned      bar_values;

	/* A bar of which no epoch is known: what it counts is the run's step. */
	struct {
		double iters, iter; /* its total; where it stands */
		double base;        /* steps of the bars before it */
		double point;       /* the step of the last point; of a long bar as well */
		double sum;         /* of its values */
	} own;

	/* Where the run stood when it last lent its step to a line that prints none. */
	struct {
		double   step, epoch;
		unsigned over; /* lines since that had another epoch and the same step */
	} lent;
	bool          adrift;      /* the step of the run is not that of this line */

	double        epoch_base;  /* first epoch printed: 0 or 1 */
	double        iter_max;    /* largest batch number of this epoch: stands in for iters */
	bool          step_in_epoch; /* what is printed as the step counts within the epoch */
	int           lead_rank;   /* the rank whose position is the run's */
};

#endif
