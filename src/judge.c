/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge_impl.h"
#include "xalloc.h"

#define TICK_SECONDS 15 /* rules about time are evaluated so often */
#define RHYTHM_AFTER 5  /* gaps count after so many lines with progress */

/* --- making one --- */

static void
watch(struct judge *j, unsigned id, unsigned rule)
{
	j->watcher[id] = xrealloc(j->watcher[id], j->nwatcher[id] + 1, sizeof **j->watcher);
	j->watcher[id][j->nwatcher[id]++] = rule;
}

static void
rules_init(struct judge *j)
{
	unsigned n = j->rules->n, ids = j->rules->nids;

	j->outcome = xcalloc(n + 1, sizeof *j->outcome);
	j->tick = xcalloc(n + 1, sizeof *j->tick);
	j->watcher = xcalloc(ids + 1, sizeof *j->watcher);
	j->nwatcher = xcalloc(ids + 1, sizeof *j->nwatcher);
	for (unsigned i = 0; i < n; i++) {
		const struct rule *r = j->rules->at[i];

		j->outcome[i].param = xcalloc(r->nparam + 1, sizeof *j->outcome[i].param);
		for (unsigned k = 0; k < r->nparam; k++)
			j->outcome[i].param[k] = r->param[k].value;
		if (r->every == EVERY_TICK)
			j->tick[j->ntick++] = i;
		if (r->traceback)
			j->trace_rule = (int)i;
		if (r->restart)
			j->restart_rule = (int)i;
		for (unsigned k = 0; k < r->nwatch; k++)
			watch(j, r->watch[k], i);
	}
}

struct judge *
judge_new(const struct rules *rules, struct vocab *v, struct series_set *set,
    const struct run *run, judge_fn *fn, void *arg)
{
	struct judge *j = xcalloc(1, sizeof *j);

	j->rules = rules;
	j->vocab = v;
	j->set = set;
	j->run = run;
	j->fn = fn;
	j->arg = arg;
	j->trace_rule = j->restart_rule = j->root_rule = j->noted_rule = j->noted_id = -1;
	j->progress = j->root_time = j->last_arrival = j->step = j->epoch = NAN;
	j->next_tick = -INFINITY;
	j->facts = (struct facts){ .run = run, .set = set, .now = NAN, .quiet_since = NAN, .line_time = NAN, .last_gap = NAN, .gap_before = NAN,
		.phase = MARK_START, .nids = rules->nids };
	j->facts.event = xcalloc(rules->nids + 1, sizeof *j->facts.event);
	j->facts.firing = xcalloc(rules->nids + 1, sizeof *j->facts.firing);
	j->facts.fired = xcalloc(rules->nids + 1, sizeof *j->facts.fired);
	buf_init(&j->buf, 8192);
	rules_init(j);
	judge_bind_single(j);
	return j;
}

static void
lists_free(struct judge *j)
{
	for (unsigned i = 0; i < j->rules->n; i++) {
		free(j->outcome[i].param);
		free(j->outcome[i].instance);
	}
	for (unsigned i = 0; i < j->facts.nids; i++) {
		free(j->facts.event[i]);
		free(j->watcher[i]);
	}
	for (unsigned i = 0; i < j->nplan; i++)
		free(j->plan[i].fit);
	for (unsigned i = 0; i < j->nbound; i++) {
		free(j->bound[i].v);
		free(j->bound[i].block);
	}
	for (unsigned i = 0; i < j->ninst; i++)
		free(j->inst[i].param);
	for (unsigned i = 0; i < j->nfound; i++)
		finding_free(j->found[i]);
	for (unsigned i = 0; i < j->ncheck; i++)
		free(j->check_why[i]);
}

void
judge_free(struct judge *j)
{
	if (!j)
		return;
	lists_free(j);
	finding_free(j->cascade.finding);
	finding_free(j->crash.finding);
	free(j->outcome);
	free(j->tick);
	free(j->watcher);
	free(j->nwatcher);
	free(j->facts.event);
	free(j->facts.firing);
	free(j->facts.fired);
	free(j->plan);
	free(j->bound);
	free(j->inst);
	free(j->found);
	free(j->check);
	free(j->check_why);
	buf_fini(&j->buf);
	free(j);
}

/* --- time --- */

/* The new time, unless it goes back (ranks of one job are not quite in step). */
static void
set_now(struct judge *j, double now)
{
	if (!isnan(now) && !(now < j->facts.now))
		j->facts.now = now;
}

static bool
differs(double a, double b)
{
	return a != b && !(isnan(a) && isnan(b));
}

/* Something new came at that time (NaN: not known): the quiet before it has ended. */
static void
stir(struct judge *j, double time)
{
	double gap = time - j->progress;

	j->progressed++;
	if (gap > 0) {
		j->facts.last_gap = j->last_phase != MARK_START ? gap : NAN;
		j->facts.gap_before = j->gap[j->last_phase];
	}
	if (gap > j->gap[j->last_phase] && j->progressed > RHYTHM_AFTER)
		j->gap[j->last_phase] = gap;
	if (!isnan(time))
		j->progress = time;
	j->facts.quiet_since = time;
	j->facts.quiet_line = j->facts.line;
	j->facts.away = 0;
}

/*
 * Did the position advance with this line?  Where lines with progress carry no
 * time, the quiet begins at the latest with the first line after them that does.
 */
static void
rhythm(struct judge *j)
{
	if (differs(j->run->step, j->step) || differs(j->run->epoch, j->epoch)) {
		stir(j, j->run->last_progress);
		j->facts.phase = MARK_TRAIN;
		j->step = j->run->step;
		j->epoch = j->run->epoch;
	}
	if (isnan(j->facts.quiet_since) && j->progressed > 0)
		j->facts.quiet_since = j->facts.now;
	j->last_phase = j->facts.phase;
}

static void
tick(struct judge *j)
{
	j->next_tick = j->facts.now + TICK_SECONDS;
	j->facts.longest_gap = j->gap[j->facts.phase];
	for (unsigned i = 0; i < j->ntick; i++) {
		const struct outcome *o = &j->outcome[j->tick[i]];

		for (unsigned k = 0; k < o->n; k++)
			instance_evaluate(j, o->instance[k]);
	}
}

/* Silence after which no root will come: longer before training has begun. */
static double
settle_after(const struct judge *j)
{
	return j->crash.finding && j->crash_early ? CLUSTER_SECONDS : SETTLE_SECONDS;
}

void
judge_tick(struct judge *j, double now)
{
	if (j->ended)
		return;
	set_now(j, now);
	j->line = NULL;
	if ((j->crash.finding || j->cascade.finding) && now - j->last_arrival > settle_after(j))
		judge_settle(j, true);
	if (j->facts.now >= j->next_tick)
		tick(j);
}

double
judge_deadline(const struct judge *j)
{
	double next = INFINITY;

	if (j->ended)
		return INFINITY;
	if (j->crash.finding || j->cascade.finding)
		next = j->last_arrival + settle_after(j) + 0.1;
	if (j->ntick > 0 && !isnan(j->facts.now))
		next = fmin(next, j->next_tick);
	return next;
}

/* --- what comes --- */

void
judge_line(struct judge *j, const struct line *line)
{
	if (j->ended)
		return;
	/* Rules about time see a line with all that it brought: when the next one comes. */
	if (j->facts.now >= j->next_tick)
		tick(j);
	j->line = line;
	j->line_number = j->facts.line = line->number;
	if (!j->run->live && line->time - j->facts.now > j->facts.away)
		j->facts.away = line->time - j->facts.now;
	set_now(j, line->time);
	j->facts.line_time = j->facts.now;
	if (!isnan(line->arrival))
		j->last_arrival = line->arrival;
	rhythm(j);
	if (j->crash.finding || j->cascade.finding)
		judge_settle(j, false);
	if (j->trace_rule >= 0)
		judge_trace(j, line);
}

void
judge_sample(struct judge *j, struct series *s, const struct sample *new, const struct line *line)
{
	const struct bound *b;

	if (j->ended)
		return;
	j->line = line;
	if (!s) {
		if (new->live && !isfinite(new->value))
			judge_live_sample(j, new);
		return;
	}
	j->facts.points++;
	set_now(j, new->time);
	if (s->info->cls != CLASS_RESOURCE)
		stir(j, new->time);
	if (s->n == 1)
		judge_bind(j, s);
	if (j->crash.finding)
		judge_progressed(j, s);
	if (s->index >= j->nbound)
		return;
	b = &j->bound[s->index];
	for (unsigned i = 0; i < b->n; i++)
		instance_evaluate(j, b->v[i]);
	if (s->block_done)
		for (unsigned i = 0; i < j->bound[s->index].nblock; i++)
			instance_evaluate(j, j->bound[s->index].block[i]);
}

/* True: something that ends a run happened in this segment. */
static bool
has_crashed(const struct judge *j)
{
	for (unsigned i = 0; i < j->rules->n; i++) {
		const struct rule      *r = j->rules->at[i];
		const struct event_log *e = j->facts.event[r->id];

		if ((r->role == ROLE_ROOT || r->role == ROLE_CASCADE) && rule_severity(r) == SEV_CRITICAL &&
		    e && e->segment > 0)
			return true;
	}
	return false;
}

void
judge_segment(struct judge *j, const struct line *line)
{
	if (j->ended)
		return;
	j->line = line;
	j->line_number = line->number;
	if (!(j->crash.finding && j->crash_early))
		judge_settle(j, true);
	j->facts.crashes = has_crashed(j) ? j->facts.crashes + 1 : 0;
	for (unsigned i = 0; i < j->facts.nids; i++)
		if (j->facts.event[i])
			j->facts.event[i]->segment = 0;
	for (unsigned i = 0; i < j->ninst; i++) {
		instance_close(j, i, true);
		j->inst[i].trues = 0;
		memset(j->inst[i].streak, 0, sizeof j->inst[i].streak);
	}
	j->facts.finished = false;
	j->facts.phase = MARK_START;
	j->progress = j->facts.last_gap = NAN; /* a silence before a restart is none of the run */
	j->progressed = 0;
	j->root_line = 0;
	if (j->restart_rule >= 0)
		judge_happened(j, (unsigned)j->restart_rule);
}

void
judge_end(struct judge *j, double now)
{
	if (j->ended)
		return;
	if (j->facts.now >= j->next_tick)
		tick(j);
	set_now(j, now);
	judge_settle(j, true);
	j->line = NULL;
	for (unsigned i = 0; i < j->ninst; i++)
		if (j->rules->at[j->inst[i].rule]->every == EVERY_END)
			instance_evaluate(j, i);
	j->ended = true;
}

/* --- the report --- */

/* Why a rule could say nothing: the series that is missing, else what it lacks. */
static char *
why_not(struct judge *j, unsigned rule)
{
	const struct rule    *r = j->rules->at[rule];
	const struct outcome *o = &j->outcome[rule];
	const struct need    *need = r->nneed ? &r->need[r->each] : NULL;
	const struct series  *s = NULL;
	bool                  off = false;

	for (unsigned i = 0; i < o->n && (!s || off); i++) {
		s = j->inst[o->instance[i]].s[r->each];
		off = j->inst[o->instance[i]].off;
	}
	if (need && !s && r->role == ROLE_NONE) {
		static const char *const phase[] = { "", "training ", "", "validation " };
		const char *what = need->classes ? (need->phases >> PHASE_VAL & 1 ? phase[3] :
		    need->phases >> PHASE_TRAIN & 1 ? phase[1] : "") : "";

		if (!need->classes)
			return xasprintf("no %s printed", need->metrics.v[0]);
		return xasprintf("no %s%s printed", what, need->classes >> CLASS_LOSS & 1 ? "loss" :
		    need->classes >> CLASS_SCORE & 1 ? "score" : need->classes >> CLASS_GRAD & 1 ? "gradient norm" :
		    need->classes >> CLASS_SCALE & 1 ? "loss scale" : need->classes >> CLASS_RATE & 1 ? "throughput" :
		    "such metric");
	}
	if (s && off)
		return xstrdup("switched off by the configuration");
	if (s && series_seg_n(s) < r->min_points)
		return xasprintf("%llu of %u points", (unsigned long long)series_seg_n(s), r->min_points);
	if (s && s->mixed && !r->mixed)
		return xstrdup("several streams are mixed in one series");
	return xstrdup(o->unknown ? expr_why(o->unknown) : "it was never evaluated");
}

/* Markers, advice and what the user switched off (if not for some metrics) are not worth a line. */
static bool
is_listed(const struct rule *r, const struct outcome *o)
{
	return r->role != ROLE_ADVICE && r->role != ROLE_MARKER && (!o->off || o->known);
}

unsigned
judge_checks(const struct judge *judge, const struct check **ret)
{
	struct judge *j = (struct judge *)(uintptr_t)judge; /* keeps the answer */

	for (unsigned i = 0; i < j->ncheck; i++)
		free(j->check_why[i]);
	j->check = xrealloc(j->check, j->rules->n + 1, sizeof *j->check);
	j->check_why = xrealloc(j->check_why, j->rules->n + 1, sizeof *j->check_why);
	j->ncheck = 0;
	for (unsigned i = 0; i < j->rules->n; i++) {
		const struct rule    *r = j->rules->at[i];
		const struct outcome *o = &j->outcome[i];
		struct check          c = { r->name, rule_severity(r), CHECK_CLEAN, NULL };
		char                 *why = NULL;

		if (!is_listed(r, o))
			continue;
		if (o->fired)
			c.state = CHECK_FIRED;
		else if (o->silent && o->why)
			why = xstrdup(o->why);
		else if (!o->known && r->role == ROLE_NONE)
			why = why_not(j, i);
		if (why)
			c.state = CHECK_NOT;
		c.why = why;
		j->check_why[j->ncheck] = why;
		j->check[j->ncheck++] = c;
	}
	*ret = j->check;
	return j->ncheck;
}

unsigned
judge_findings(const struct judge *j, const struct finding *const **ret)
{
	*ret = (const struct finding *const *)j->found;
	return j->nfound;
}
