/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge_impl.h"
#include "xalloc.h"

#define COST_NONE 255 /* nothing is bound */

/* --- what the user changed --- */

static bool
glob_is(const char *glob, const char *name)
{
	return !glob || (name && fnmatch(glob, name, 0) == 0);
}

static void
override_one(const struct rule *r, struct instance *in, const struct override *o)
{
	if (strcmp(o->key, "enabled") == 0)
		in->off = o->value == 0;
	else if (strcmp(o->key, "severity") == 0)
		in->fixed = (int)o->value;
	else if (strcmp(o->key, "keep") == 0)
		in->keep = (unsigned)o->value;
	else if (strcmp(o->key, "min_points") == 0)
		in->min_points = (unsigned)o->value;
	for (unsigned i = 0; i < r->nparam; i++)
		if (strcmp(o->key, r->param[i].name) == 0)
			in->param[i].num = o->value;
}

/* What holds for an instance: the rule's own, and the user's changes for this run and metric. */
static void
override_all(struct judge *j, struct instance *in)
{
	const struct rule *r = j->rules->at[in->rule];
	const char        *metric = in->metric < 0 ? NULL : vocab_metric_name(j->vocab, in->metric);

	in->keep = r->keep;
	in->min_points = r->min_points;
	in->off = false;
	in->fixed = -1;
	if (r->nover == 0)
		return;
	in->param = xcalloc(r->nparam + 1, sizeof *in->param);
	for (unsigned i = 0; i < r->nparam; i++)
		in->param[i] = r->param[i].value;
	for (unsigned k = 0; k < r->nover; k++)
		if (glob_is(r->over[k].run, j->run->name) && glob_is(r->over[k].metric, metric))
			override_one(r, in, &r->over[k]);
}

/* Nothing is wanted of the rule in this run, whatever the metric. */
static bool
is_off(struct judge *j, unsigned rule)
{
	struct instance any = { .rule = rule, .metric = -1 };

	override_all(j, &any);
	free(any.param);
	return any.off;
}

/* --- series to needs --- */

static struct plan *
plan_of(struct judge *j, int metric)
{
	struct plan *p;

	if ((unsigned)metric >= j->nplan) {
		unsigned n = (unsigned)metric + 32;

		j->plan = xrealloc(j->plan, n, sizeof *j->plan);
		memset(j->plan + j->nplan, 0, (n - j->nplan) * sizeof *j->plan);
		j->nplan = n;
	}
	p = &j->plan[metric];
	for (unsigned r = 0; !p->made && r < j->rules->n; r++) {
		const struct rule *rule = j->rules->at[r];

		for (unsigned k = 0; k < rule->nneed; k++) {
			unsigned rank;

			if (!need_match(&rule->need[k], j->vocab, metric, &rank))
				continue;
			p->fit = xrealloc(p->fit, p->n + 1, sizeof *p->fit);
			p->fit[p->n++] = (struct fit){ r, (unsigned char)k, (unsigned char)rank };
		}
	}
	p->made = true;
	return p;
}

/* How far a series is from what an instance with these labels wants; COST_NONE: it cannot be. */
static unsigned char
cost_of(int labels, unsigned rank, const struct series *s)
{
	unsigned by = s->labels == labels ? 0 : s->labels == 0 ? 1 : labels <= 0 ? 2 : COST_NONE;

	return (unsigned char)(by == COST_NONE || rank > 60 ? COST_NONE : rank * 4 + by);
}

static void
offer(struct judge *j, struct instance *in, unsigned need, unsigned rank, const struct series *s)
{
	unsigned char cost = cost_of(in->labels, rank, s);

	(void)j;
	if (cost >= in->cost[need])
		return;
	in->cost[need] = cost;
	in->series[need] = (int)s->index;
	in->s[need] = s;
}

/* Looks for what is there already: the same rule's other needs among the series so far. */
static void
fill_needs(struct judge *j, struct instance *in)
{
	unsigned n = series_count(j->set);

	for (unsigned i = 0; i < n && i < 256; i++) {
		const struct series *s = series_at(j->set, i);
		const struct plan   *p = plan_of(j, s->metric);

		for (unsigned k = 0; k < p->n; k++)
			if (p->fit[k].rule == in->rule &&
			    (in->metric < 0 || p->fit[k].need != j->rules->at[in->rule]->each))
				offer(j, in, p->fit[k].need, p->fit[k].rank, s);
	}
}

unsigned
instance_add(struct judge *j, unsigned rule, int metric, int labels)
{
	struct outcome  *o = &j->outcome[rule];
	struct instance *in;

	XGROW(j->inst, j->ninst, j->inst_size);
	in = &j->inst[j->ninst];
	memset(in, 0, sizeof *in);
	in->rule = rule;
	in->labels = labels;
	in->metric = metric;
	in->finding = -1;
	in->first_time = in->last_time = in->false_since = NAN;
	memset(in->cost, COST_NONE, sizeof in->cost);
	for (unsigned k = 0; k < SCOPE_NEEDS; k++)
		in->series[k] = -1;
	override_all(j, in);
	XGROW(o->instance, o->n, o->size);
	o->instance[o->n++] = j->ninst;
	return j->ninst++;
}

/* Room for what is bound to a series: from now on it counts as looked at. */
static void
bound_reserve(struct judge *j, unsigned series)
{
	unsigned n = series + 64;

	if (series < j->nbound)
		return;
	j->bound = xrealloc(j->bound, n, sizeof *j->bound);
	memset(j->bound + j->nbound, 0, (n - j->nbound) * sizeof *j->bound);
	j->nbound = n;
}

static void
bound_add(struct judge *j, unsigned series, unsigned instance, bool block)
{
	struct bound *b = &j->bound[series];

	if (block) {
		XGROW(b->block, b->nblock, b->block_size);
		b->block[b->nblock++] = instance;
	} else {
		XGROW(b->v, b->n, b->size);
		b->v[b->n++] = instance;
	}
}

/* Of a list of metrics the first that exists is judged: the others stand back. */
static void
shadow(struct judge *j, unsigned instance, unsigned rank)
{
	struct instance *in = &j->inst[instance];
	struct outcome  *o = &j->outcome[in->rule];
	unsigned         each = j->rules->at[in->rule]->each;

	for (unsigned i = 0; i < o->n; i++) {
		struct instance *other = &j->inst[o->instance[i]];
		unsigned         its = other->cost[each] / 4u;

		if (other == in || other->labels != in->labels)
			continue;
		if (its > rank)
			other->shadowed = true;
		else if (its < rank)
			in->shadowed = true;
	}
}

struct instance *
instance_find(struct judge *j, unsigned rule, int metric, int labels)
{
	const struct outcome *o = &j->outcome[rule];

	for (unsigned i = 0; i < o->n; i++) {
		struct instance *in = &j->inst[o->instance[i]];

		if (in->metric == metric && in->labels == labels)
			return in;
	}
	return NULL;
}

static void
bind_each(struct judge *j, const struct fit *f, struct series *s)
{
	const struct rule *r = j->rules->at[f->rule];
	unsigned           i;
	struct instance   *in;

	if (j->ninst >= INSTANCES_MAX)
		return;
	in = r->live ? instance_find(j, f->rule, s->metric, s->labels) : NULL;
	i = in ? (unsigned)(in - j->inst) : instance_add(j, f->rule, s->metric, s->labels);
	in = &j->inst[i];
	in->series[f->need] = (int)s->index;
	in->s[f->need] = s;
	in->cost[f->need] = (unsigned char)(f->rank * 4);
	fill_needs(j, in);
	if (r->need[f->need].metrics.n > 1)
		shadow(j, i, f->rank);
	if (r->every == EVERY_SAMPLE || r->every == EVERY_BLOCK)
		bound_add(j, s->index, i, r->every == EVERY_BLOCK);
}

static void
bind_other(struct judge *j, const struct fit *f, const struct series *s)
{
	struct outcome *o = &j->outcome[f->rule];

	for (unsigned i = 0; i < o->n; i++)
		offer(j, &j->inst[o->instance[i]], f->need, f->rank, s);
}

void
judge_bind(struct judge *j, struct series *s)
{
	struct plan p = *plan_of(j, s->metric); /* a copy: looking at other metrics may move the plans */
	unsigned           wants = 0;

	bound_reserve(j, s->index);
	for (unsigned i = 0; i < p.n; i++) {
		const struct fit *f = &p.fit[i];
		const struct rule *r = j->rules->at[f->rule];

		wants |= r->wants[f->need];
		if (r->every == EVERY_BLOCK && f->need == r->each)
			wants |= SERIES_BLOCKS;
	}
	series_want(s, wants);
	for (unsigned i = 0; i < p.n; i++) {
		const struct fit *f = &p.fit[i];

		if (!j->outcome[f->rule].single && f->need == j->rules->at[f->rule]->each)
			bind_each(j, f, s);
		else
			bind_other(j, f, s);
	}
}

/* Rules that are about the run and not about each of some series. */
static bool
is_single(const struct rule *r)
{
	return r->role != ROLE_NONE || r->nneed == 0 ||
	    (r->every != EVERY_SAMPLE && r->every != EVERY_BLOCK && r->need[r->each].optional);
}

void
judge_bind_single(struct judge *j)
{
	for (unsigned r = 0; r < j->rules->n; r++) {
		j->outcome[r].off = is_off(j, r);
		if (is_single(j->rules->at[r]))
			j->outcome[r].single = instance_add(j, r, -1, 0) + 1;
	}
}

/*
 * A redraw is no point of its series, but a rule that is live looks at it as at a
 * series with one point.  True: it fired.
 */
bool
judge_live_sample(struct judge *j, const struct sample *new)
{
	const struct plan  *p = plan_of(j, new->metric);
	struct series       one;
	struct series_point room;
	bool                fired = false;

	series_single(&one, &room, new, vocab_metric_info(j->vocab, new->metric));
	for (unsigned i = 0; i < p->n; i++) {
		const struct fit    *f = &p->fit[i];
		const struct rule   *r = j->rules->at[f->rule];
		struct instance     *in;
		const struct series *kept;
		unsigned             n;

		if (!r->live || f->need != r->each || j->ninst >= INSTANCES_MAX)
			continue;
		in = instance_find(j, f->rule, new->metric, new->labels);
		n = in ? (unsigned)(in - j->inst) : instance_add(j, f->rule, new->metric, new->labels);
		kept = j->inst[n].s[f->need];
		j->inst[n].s[f->need] = &one;
		instance_evaluate(j, n);
		j->inst[n].s[f->need] = kept;
		fired = fired || j->inst[n].open;
	}
	return fired;
}
