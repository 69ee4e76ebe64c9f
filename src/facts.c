/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "facts.h"

#include <string.h>

static const char *const names[] = {
	[MARK_NONE] = "train", [MARK_TRAIN] = "train", [MARK_EVAL] = "eval",
	[MARK_SAVE] = "save", [MARK_COMPILE] = "compile", [MARK_DATA] = "data",
	[MARK_START] = "start", [MARK_FINISH] = "finish",
};

const char *
mark_name(enum mark m)
{
	return (unsigned)m < sizeof names / sizeof *names ? names[m] : NULL;
}

bool
mark_find(const char *name, enum mark *ret)
{
	for (unsigned m = MARK_TRAIN; m <= MARK_FINISH; m++)
		if (strcmp(name, names[m]) == 0) {
			*ret = (enum mark)m;
			return true;
		}
	return false;
}

void
event_log_add(struct event_log *e, struct event_at at)
{
	e->ring[e->total++ % EVENT_RING] = at;
	e->segment++;
}

const struct event_at *
event_log_last(const struct event_log *e)
{
	return e && e->total ? &e->ring[(e->total - 1) % EVENT_RING] : NULL;
}
