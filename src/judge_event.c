/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge_impl.h"
#include "xalloc.h"

/* Do two places of the log belong to one incident? */
static bool
is_near(double t1, uint64_t l1, double t2, uint64_t l2)
{
	double dt = fabs(t2 - t1);

	if (!isnan(dt) && dt > 0)
		return dt <= CLUSTER_SECONDS;
	return (l2 > l1 ? l2 - l1 : l1 - l2) <= CLUSTER_LINES;
}

static bool
near_root(const struct judge *j)
{
	return j->root_line > 0 &&
	    is_near(j->root_time, j->root_line, j->facts.now, j->line_number);
}

static bool
is_waiting(const struct waiting *w)
{
	return w->finding != NULL;
}

static void
drop(struct waiting *w)
{
	finding_free(w->finding);
	w->finding = NULL;
}

/* Keeps the finding as it is now, until it is known whether it has a root. */
static void
wait_for_root(struct judge *j, struct waiting *w, unsigned instance)
{
	struct instance   *in = &j->inst[instance];
	const struct rule *r = j->rules->at[in->rule];
	enum severity      was = in->severity;
	struct env         env;

	judge_env(j, in, &env);
	if (!instance_level(j, in, &env, &in->severity))
		in->severity = r->nlevel ? r->level[r->nlevel - 1].severity : SEV_WARNING;
	in->last_time = j->facts.now;
	if (!in->open)
		in->first_time = in->last_time;
	w->finding = instance_finding(j, instance);
	if (in->open)
		in->severity = was; /* until it is told that it is worse now */
	w->instance = instance;
	w->line = j->line_number;
	w->time = j->facts.now;
	w->arrival = j->last_arrival;
}

/* It goes out: below the headline that is said, or (NULL) as the headline itself. */
static void
release(struct judge *j, struct waiting *w, enum severity most, const char *under)
{
	struct instance *in = &j->inst[w->instance];
	struct finding  *f = w->finding;

	w->finding = NULL;
	f->under = xcopy(under);
	if (f->severity > most)
		f->severity = most;
	if (judge_inhibited(j, in->rule) || (in->open && f->severity <= in->severity)) {
		finding_free(f);
		return;
	}
	in->severity = f->severity;
	if (!in->open) {
		in->open = true;
		in->episode++;
		in->finding = -1;
		j->outcome[in->rule].open++;
		j->outcome[in->rule].fired = true;
		j->facts.firing[j->rules->at[in->rule]->id] = true;
		j->facts.fired[j->rules->at[in->rule]->id] = true;
	}
	judge_tell(j, w->instance, f);
}

/* What waited too long goes out.  all: nothing will come any more. */
void
judge_settle(struct judge *j, bool all)
{
	struct waiting *crash = &j->crash, *cascade = &j->cascade;

	if (is_waiting(crash) && (all || (!j->crash_early &&
	    !is_near(crash->time, crash->line, j->facts.now, j->line_number)))) {
		/* A traceback after which training goes on was caught; the end of a thread is not that of the program. */
		release(j, crash, j->crash_points >= CAUGHT_POINTS ? SEV_NOTICE :
		    j->crash_thread ? SEV_WARNING : SEV_CRITICAL, NULL);
		if (is_waiting(cascade) && j->crash_points < CAUGHT_POINTS)
			drop(cascade);
	}
	if (is_waiting(cascade) &&
	    (all || !is_near(cascade->time, cascade->line, j->facts.now, j->line_number)))
		release(j, cascade, SEV_CRITICAL, NULL);
}

void
judge_progressed(struct judge *j, const struct series *s)
{
	const struct series_point *p = series_back(s, 0);
	double                     at = isnan(p->step) ? (double)p->line : p->step;

	if (!is_waiting(&j->crash) || p->line <= j->crash.line || at <= j->crash_step)
		return;
	j->crash_step = at;
	if (++j->crash_points >= CAUGHT_POINTS)
		release(j, &j->crash, SEV_NOTICE, NULL);
}

/* --- an event --- */

static void
root(struct judge *j, unsigned instance)
{
	struct instance *in = &j->inst[instance];

	if (in->open) {
		in->last_time = j->facts.now;
	} else {
		instance_fire(j, instance);
		in = &j->inst[instance];
	}
	if (!in->open && !judge_inhibited(j, in->rule))
		return; /* no level: it is no root this time */
	j->root_line = j->line_number;
	j->root_time = j->facts.now;
	j->root_rule = (int)in->rule;
	if (is_waiting(&j->crash) && j->line_number - j->crash.line <= PART_LINES)
		release(j, &j->crash, SEV_CRITICAL, rule_told(j->rules->at[j->root_rule]));
	else if (is_waiting(&j->crash) &&
	    is_near(j->crash.time, j->crash.line, j->facts.now, j->line_number))
		drop(&j->crash);
	if (is_waiting(&j->cascade))
		drop(&j->cascade);
}

static void
consequence(struct judge *j, unsigned instance)
{
	/* The exception that waits is this consequence: its last line says so. */
	if (is_waiting(&j->crash) && j->crash.line == j->line_number)
		drop(&j->crash);
	if (near_root(j) || is_waiting(&j->crash) || is_waiting(&j->cascade) ||
	    j->inst[instance].open)
		return;
	wait_for_root(j, &j->cascade, instance);
}

static void
happen(struct judge *j, unsigned instance)
{
	switch (j->rules->at[j->inst[instance].rule]->role) {
	case ROLE_ROOT:
		root(j, instance);
		break;
	case ROLE_CASCADE:
	case ROLE_TEARDOWN:
		consequence(j, instance);
		break;
	case ROLE_WARN:
	case ROLE_INFO:
		if (!j->inst[instance].open)
			instance_fire(j, instance);
		break;
	default:
		break;
	}
}

/* Enough of them within the rule's window? */
static bool
is_enough(const struct rule *r, struct env *env)
{
	struct value arg[2] = { value_num(r->id), r->within };

	if (r->count <= 1)
		return true;
	return func_find(SPAN_LIT("count"), false)->fn(env, arg, r->within.kind ? 2 : 1).num >= r->count;
}

static void
note(struct judge *j, unsigned rule)
{
	unsigned        id = j->rules->at[rule]->id;
	struct event_at at = { j->run->step, j->facts.now, j->line_number, j->facts.points };

	/* Two variants that see the same line see one event. */
	if (j->noted_rule != (int)rule && j->noted_id == (int)id && j->noted_line == j->line_number)
		return;
	j->noted_rule = (int)rule;
	j->noted_id = (int)id;
	j->noted_line = j->line_number;
	if (!j->facts.event[id])
		j->facts.event[id] = xcalloc(1, sizeof *j->facts.event[id]);
	event_log_add(j->facts.event[id], at);
}

/* Rules whose conditions name the event are evaluated now. */
static void
watchers(struct judge *j, unsigned id)
{
	for (unsigned i = 0; i < j->nwatcher[id]; i++) {
		unsigned              rule = j->watcher[id][i];
		const struct outcome *o = &j->outcome[rule];

		if (j->rules->at[rule]->role != ROLE_NONE)
			continue;
		for (unsigned k = 0; k < o->n; k++)
			instance_evaluate(j, o->instance[k]);
	}
}

void
judge_happened(struct judge *j, unsigned rule)
{
	const struct rule *r = j->rules->at[rule];
	unsigned           instance = j->outcome[rule].single - 1;
	struct env         env;

	note(j, rule);
	if (r->mark == MARK_FINISH)
		j->facts.finished = true;
	else if (r->mark != MARK_NONE)
		j->facts.phase = r->mark;
	judge_env(j, &j->inst[instance], &env);
	j->outcome[rule].known = true;
	if (is_enough(r, &env) && (r->when.n == 0 || expr_true(&r->when, &env))) {
		bool silent = false;

		for (unsigned i = 0; i < r->nsilent; i++)
			silent = silent || expr_true(&r->silent[i].e, &env);
		if (!silent)
			happen(j, instance);
	}
	watchers(j, r->id);
}

static void
capture(struct judge *j, unsigned i, struct span value)
{
	size_t n = value.n < CAPTURE_SIZE - 1 ? value.n : CAPTURE_SIZE - 1;

	if (!value.p)
		return;
	memcpy(j->capture[i], value.p, n);
	j->capture[i][n] = '\0';
	j->captured[i] = j->capture[i];
}

void
judge_event(struct judge *j, unsigned number, const struct line *line,
    const struct event_capture *cap, unsigned ncap)
{
	unsigned           rule = j->rules->event[number].rule;
	const struct rule *r = j->rules->at[rule];

	if (j->ended || j->outcome[rule].off)
		return;
	j->line = line;
	memset(j->captured, 0, sizeof j->captured);
	for (unsigned i = 0; i < ncap; i++)
		for (unsigned k = 0; k < r->ncapture; k++)
			if (cap[i].name && strcmp(cap[i].name, r->capture[k]) == 0)
				capture(j, k, cap[i].value);
	judge_happened(j, rule);
	memset(j->captured, 0, sizeof j->captured);
}

/* --- tracebacks --- */

/* Ends that the user or the program wanted. */
static bool
is_planned(const char *type)
{
	const char *dot = strrchr(type, '.');

	if (dot && strcmp(dot + 1, "SignalException") == 0) /* the launcher was told to end */
		return true;
	return strcmp(type, "KeyboardInterrupt") == 0 || strcmp(type, "SystemExit") == 0 ||
	    strcmp(type, "GeneratorExit") == 0;
}

void
judge_trace(struct judge *j, const struct line *line)
{
	struct trace_report report;
	unsigned            instance;

	if (!trace_line(&j->trace, line, &report) || is_planned(report.type) ||
	    j->outcome[j->trace_rule].off)
		return;
	memset(j->captured, 0, sizeof j->captured);
	capture(j, 0, span_of(report.type));
	capture(j, 1, span_of(report.message));
	capture(j, 2, span_of(report.frame));
	note(j, (unsigned)j->trace_rule);
	instance = j->outcome[j->trace_rule].single - 1;
	j->outcome[j->trace_rule].known = true;
	if (is_waiting(&j->crash) && j->crash_thread && !report.thread)
		drop(&j->crash); /* this one tells more */
	if ((j->inst[instance].open && j->inst[instance].severity >= rule_severity(j->rules->at[j->trace_rule])) ||
	    is_waiting(&j->crash)) {
		/* The first one counts; one that was caught does not. */
	} else if (j->root_rule >= 0 && j->root_line >= report.began && near_root(j)) {
		j->under = rule_told(j->rules->at[j->root_rule]);
		instance_fire(j, instance);
		j->under = NULL;
	} else if (!near_root(j) && !(report.native && is_waiting(&j->cascade))) {
		wait_for_root(j, &j->crash, instance);
		j->crash_points = 0;
		j->crash_step = j->run->step;
		j->crash_early = j->facts.points == 0;
		j->crash_thread = report.thread;
	}
	memset(j->captured, 0, sizeof j->captured);
}
