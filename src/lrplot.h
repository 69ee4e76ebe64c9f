/* SPDX-License-Identifier: MIT */
/*
 * lrplot: the learning rate as it was printed against what was expected, drawn.
 */
#ifndef LRPLOT_H
#define LRPLOT_H

#include <stdbool.h>

#include "buf.h"
#include "lrspec.h"
#include "series.h"

/*
 * Draws the rates of s over its steps and, where one was declared (spec, or NULL) or can
 * be inferred, the schedule.  steps: the run's plan, NaN: not known.  false: s has no
 * steps or too few points, and nothing was drawn.
 */
bool lr_plot(const struct series *s, const struct lr_spec *spec, double steps, unsigned columns,
    bool utf8, struct buf *out);

#endif
