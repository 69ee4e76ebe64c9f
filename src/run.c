/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

double
run_progress(const struct run *r)
{
	if (r->steps > 0 && !isnan(r->step))
		return r->step / r->steps;
	return r->epochs > 0 ? r->epoch / r->epochs : (double)NAN;
}

bool
run_failed(const struct run *r)
{
	return r->has_status && r->status != 0;
}

void
run_set_status(struct run *r, int status)
{
	int         code = WEXITSTATUS(status);
	const char *by = WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : NULL;
	const char *shell = code > 128 ? sigabbrev_np(code - 128) : NULL; /* what its shell makes of a signal */

	r->has_status = true;
	r->status = status;
	if (by != NULL)
		snprintf(r->end, sizeof r->end, "signal %s", by);
	else if (WIFSIGNALED(status))
		snprintf(r->end, sizeof r->end, "signal %d", WTERMSIG(status));
	else if (shell != NULL)
		snprintf(r->end, sizeof r->end, "status %d (signal %s)", code, shell);
	else
		snprintf(r->end, sizeof r->end, "status %d", code);
}
