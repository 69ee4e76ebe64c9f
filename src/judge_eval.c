/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <math.h>

#include "judge_impl.h"

void
judge_env(struct judge *j, const struct instance *in, struct env *ret)
{
	const struct outcome *o = &j->outcome[in->rule];

	ret->series = in->s;
	ret->param = in->param ? in->param : o->param;
	ret->facts = &j->facts;
	ret->streak = (uint32_t *)(uintptr_t)in->streak;
	ret->capture = j->captured;
	ret->unknown = NULL;
}

/* Is a variant of the rule open, and as bad as this one can get? */
static bool
is_said_already(const struct judge *j, unsigned variant, unsigned rule)
{
	const struct outcome *o = &j->outcome[variant];

	for (unsigned i = 0; i < o->n; i++)
		if (j->inst[o->instance[i]].open &&
		    j->inst[o->instance[i]].severity >= rule_severity(j->rules->at[rule]))
			return true;
	return false;
}

bool
judge_inhibited(const struct judge *j, unsigned rule)
{
	unsigned n = j->rules->n;

	for (unsigned a = 0; a < n; a++) {
		bool same = j->rules->at[a]->id == j->rules->at[rule]->id;

		if (j->outcome[a].open > 0 && j->rules->inhibits[a * n + rule] &&
		    (!same || is_said_already(j, a, rule)))
			return true;
	}
	return false;
}

/* Does a rule that is reported by this id fire? */
static bool
is_open(const struct judge *j, unsigned id)
{
	for (unsigned i = 0; i < j->rules->n; i++)
		if (j->rules->at[i]->id == id && j->outcome[i].open > 0)
			return true;
	return false;
}

bool
instance_level(const struct judge *j, const struct instance *in, struct env *env, enum severity *ret)
{
	const struct rule *r = j->rules->at[in->rule];

	if (in->fixed >= 0) {
		*ret = (enum severity)in->fixed;
		return true;
	}
	for (unsigned i = 0; i < r->nlevel; i++)
		if (r->level[i].when.n == 0 || expr_true(&r->level[i].when, env)) {
			*ret = r->level[i].severity;
			return true;
		}
	return false;
}

static bool
is_silent(struct judge *j, struct instance *in, struct env *env)
{
	const struct rule *r = j->rules->at[in->rule];

	for (unsigned i = 0; i < r->nsilent; i++)
		if (expr_true(&r->silent[i].e, env)) {
			j->outcome[in->rule].silent = true;
			j->outcome[in->rule].why = r->silent[i].why ? r->silent[i].why :
			    r->silent[i].text;
			return true;
		}
	return false;
}

void
instance_fire(struct judge *j, unsigned instance)
{
	struct instance *in = &j->inst[instance];
	struct env       env;

	judge_env(j, in, &env);
	if (judge_inhibited(j, in->rule) ||
	    !instance_level(j, in, &env, &in->severity))
		return;
	in->open = true;
	in->falses = 0;
	in->episode++;
	if (in->episode == 1 || in->severity > in->worst)
		in->worst = in->severity;
	in->first_time = in->last_time = j->facts.now;
	in->finding = -1;
	j->outcome[in->rule].open++;
	j->outcome[in->rule].fired = true;
	j->facts.firing[j->rules->at[in->rule]->id] = true;
	j->facts.fired[j->rules->at[in->rule]->id] = true;
	judge_tell(j, instance, instance_finding(j, instance));
}

/* Of the series that it judges; of all, where it judges none. */
static uint64_t
points_of(const struct judge *j, const struct instance *in)
{
	const struct series *s = in->s[j->rules->at[in->rule]->each];

	return s ? s->n : j->facts.points;
}

void
instance_close(struct judge *j, unsigned instance, bool tell)
{
	struct instance *in = &j->inst[instance];
	struct finding  *f;

	if (!in->open)
		return;
	in->open = false;
	in->trues = in->falses = 0;
	if (in->episode >= EPISODES_FREE)
		in->rest = points_of(j, in) * 3 / 2;
	j->outcome[in->rule].open--;
	j->facts.firing[j->rules->at[in->rule]->id] = is_open(j, j->rules->at[in->rule]->id);
	if (!tell || in->finding < 0)
		return;
	f = finding_copy(j->found[in->finding]);
	f->state = FINDING_RESOLVED;
	f->last_time = j->facts.now;
	judge_tell(j, instance, f);
}

/* Severity goes up within an episode, never down. */
static void
escalate(struct judge *j, unsigned instance, struct env *env)
{
	struct instance *in = &j->inst[instance];
	enum severity    now = in->severity;

	if (!instance_level(j, in, env, &now) || now <= in->severity)
		return;
	in->severity = now;
	judge_tell(j, instance, instance_finding(j, instance));
}

/*
 * A third episode waits until half as many points have come as there were
 * before the second ended, and so on: in a run whose noise is like that, a rule
 * speaks a few times, not for ever.  Worse than before is said at once.
 */
static bool
is_rested(const struct judge *j, const struct instance *in, struct env *env)
{
	enum severity now;

	return points_of(j, in) >= in->rest || (instance_level(j, in, env, &now) && now > in->worst);
}

static void
held(struct judge *j, unsigned instance, struct env *env)
{
	struct instance *in = &j->inst[instance];

	if (in->open) {
		in->falses = 0;
		in->last_time = j->facts.now;
		escalate(j, instance, env);
		return;
	}
	if (is_silent(j, in, env)) {
		in->trues = 0;
		return;
	}
	in->trues += in->trues < UINT32_MAX;
	if (in->trues >= in->keep && is_rested(j, in, env))
		instance_fire(j, instance);
}

/* False long enough: three times what it took to open, and ten minutes where times are known. */
static bool
is_over(const struct judge *j, const struct instance *in)
{
	double since = j->facts.now - in->false_since;

	return in->falses >= 3 * (in->keep ? in->keep : 1) && !(since < QUIET_CLOSE);
}

static void
failed(struct judge *j, unsigned instance)
{
	struct instance   *in = &j->inst[instance];
	const struct rule *r = j->rules->at[in->rule];

	in->trues = 0;
	if (!in->open)
		return;
	if (in->falses++ == 0)
		in->false_since = j->facts.now;
	if (!r->never && r->resolve.n == 0 && is_over(j, in))
		instance_close(j, instance, true);
}

void
instance_evaluate(struct judge *j, unsigned instance)
{
	struct instance   *in = &j->inst[instance];
	const struct rule *r = j->rules->at[in->rule];
	const struct series *s = in->s[r->each];
	struct outcome    *o = &j->outcome[in->rule];
	struct env         env;
	struct value       v;

	if (in->shadowed || in->off || j->ended)
		return;
	if (s && (series_seg_n(s) < in->min_points || (s->mixed && !r->mixed)))
		return;
	if (s && r->max_points && series_seg_n(s) > r->max_points && !in->open)
		return;
	judge_env(j, in, &env);
	v = expr_eval(&r->when, &env);
	if (v.kind == K_UNKNOWN) {
		o->unknown = env.unknown;
		return;
	}
	o->known = true;
	if (v.num != 0)
		held(j, instance, &env);
	else
		failed(j, instance);
	in = &j->inst[instance];
	if (in->open && r->resolve.n > 0 && expr_true(&r->resolve, &env))
		instance_close(j, instance, true);
}
