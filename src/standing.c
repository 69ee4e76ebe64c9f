/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "standing.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "show.h"

#define STILL 30 /* seconds: who has written since so long is alive */

const struct series *
standing_series(const struct pipeline *p)
{
	const struct series_set *set = pipeline_series(p);
	const struct vocab      *v = pipeline_vocab(p);
	const struct series     *loss = NULL;

	for (unsigned i = 0; i < series_count(set); i++) {
		const struct series      *s = series_at(set, i);
		const struct metric_info *info = vocab_metric_info(v, series_metric(s));

		if (strcmp(vocab_metric_name(v, series_metric(s)), "train/loss") == 0)
			return s;
		if (loss == NULL && info != NULL && info->cls == CLASS_LOSS)
			loss = s;
	}
	return loss != NULL || series_count(set) == 0 ? loss : series_at(set, 0);
}

/* Steps a second over the recent points; NaN: not known. */
static double
step_rate(const struct series *s)
{
	struct series_point newest, p;
	double              rate = NAN;

	if (!series_recent(s, 0, &newest))
		return NAN;
	for (unsigned i = 1; series_recent(s, i, &p); i++)
		if (p.step < newest.step && p.time < newest.time)
			rate = (newest.step - p.step) / (newest.time - p.time);
	return rate;
}

static double
time_left(const struct run *run, double rate)
{
	double now = run->epoch, all = run->epochs;

	if (run->steps > 0 && run->step >= 0 && rate > 0)
		return fmax(0, (run->steps - run->step) / rate);
	if (all > 0 && now > 0 && run->last > run->start)
		return fmax(0, (all - now) * (run->last - run->start) / now);
	return NAN;
}

static bool
is_one_of(const char *rule, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, rule) == 0)
			return true;
	return false;
}

/*
 * A run that is not finished and says no more: the newest critical finding that
 * is about no metric is its last word.
 */
static enum ledger_status
last_words(const struct pipeline *p, double written, double now)
{
	static const char *const silence[] = { "quiet", "hang-suspected", NULL };
	static const char *const outside[] = { "slurm-time", "slurm-preempt", "slurm-cancel",
		"elastic-sigterm", "sigterm-save", "killed-bare", "left", NULL };
	const struct finding *const *f;
	const struct run *run = pipeline_run(p);
	struct judge     *j = pipeline_judge(p);
	unsigned          n = j != NULL ? judge_findings(j, &f) : 0;
	enum ledger_status status = RUN_ACTIVE;

	for (unsigned i = 0; i < n; i++) {
		if (f[i]->state != FINDING_FIRING)
			continue;
		if (is_one_of(f[i]->rule, silence) && status == RUN_ACTIVE)
			status = RUN_SILENT;
		else if (is_one_of(f[i]->rule, outside))
			status = RUN_STOPPED;
		else if (f[i]->severity == SEV_CRITICAL && f[i]->metric == NULL &&
		    status != RUN_STOPPED && !is_one_of(f[i]->rule, silence) &&
		    !(run->last_progress > f[i]->last_time))
			status = RUN_CRASHED;
	}
	/* An error in the log of a run that still writes is no end. */
	if ((status == RUN_CRASHED || status == RUN_STOPPED) && now - written < STILL)
		status = RUN_ACTIVE;
	/* Nobody writes any more what has come to the end of its plan without a word. */
	if (status == RUN_ACTIVE && run->left && now - written >= STILL &&
	    (run_progress(run) >= 0.98 || run->step + run->stride >= run->steps))
		status = RUN_FINISHED;
	return status;
}

static void
describe_series(const struct series *s, struct ledger_run *ret)
{
	struct series_point point;
	struct buf          b;

	if (series_recent(s, 0, &point))
		ret->loss = point.value;
	ret->rate = step_rate(s);
	buf_init(&b, 4096);
	show_sparkline(s, 24, &b);
	snprintf(ret->curve, sizeof ret->curve, "%s", buf_cstr(&b));
	buf_fini(&b);
}

void
standing_of(const struct pipeline *p, double written, double now, struct ledger_run *ret)
{
	const struct run    *run = pipeline_run(p);
	const struct series *s = standing_series(p);

	*ret = (struct ledger_run){ .name = run->name, .source = run->source,
		.profile = run->profile, .step = run->step, .steps = run->steps,
		.epoch = run->epoch, .epochs = run->epochs, .first = run->start,
		.last = fmax(run->last, written), .loss = NAN, .rate = NAN, .eta = NAN,
		.deadline = pipeline_deadline(p), .lines = (int64_t)run->lines };
	ret->status = run->finished ? RUN_FINISHED : run->lines == 0 ? RUN_NEW
	    : last_words(p, ret->last, now);
	if (s != NULL)
		describe_series(s, ret);
	if (ret->status == RUN_ACTIVE)
		ret->eta = time_left(run, ret->rate);
}
