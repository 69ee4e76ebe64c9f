/* SPDX-License-Identifier: MIT */
/* prose: what only looks as if it said a metric: sentences, sums, bars. */
#ifndef PROSE_H
#define PROSE_H

#include <stdbool.h>

#include "span.h"

/*
 * What a model was asked or has answered is printed as well: a sentence with a number
 * in it, or what is worked out in one, "48 + 24 = 72", "$5".
 */
bool        prose_is(struct span);
/* "Calculating loss:   8%|8  | 1/13 [00:00<00:06]": a bar counts nothing but its work; what stands before it. */
struct span prose_before_bar(struct span);

#endif
