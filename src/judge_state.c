/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge_impl.h"
#include "pack.h"
#include "xalloc.h"

#define MAGIC 0x324744554au /* "JUDG2" */

static void
sizes(uint64_t ret[static 5])
{
	ret[0] = MAGIC;
	ret[1] = SCOPE_STREAKS << 16 | EVENT_RING;
	ret[2] = sizeof(struct event_at);
	ret[3] = sizeof(struct trace_state);
	ret[4] = sizeof(struct finding);
}

/* --- a finding --- */

static void
save_finding(const struct finding *f, struct buf *b)
{
	struct finding copy;
	const char   **text;

	pack_u64(b, f != NULL);
	if (!f)
		return;
	copy = *f;
	pack_raw(b, &copy, sizeof copy);
	for (unsigned i = 0; (text = finding_text(&copy, i)); i++)
		pack_str(b, *text);
}

static struct finding *
load_finding(struct unpack *u)
{
	struct finding *f;
	const char    **text;

	if (unpack_u64(u) == 0)
		return NULL;
	f = xcalloc(1, sizeof *f);
	unpack_raw(u, f, sizeof *f);
	if (f->causes > FINDING_CAUSES || (unsigned)f->severity > SEV_CRITICAL ||
	    (unsigned)f->state > FINDING_RESOLVED)
		u->bad = true;
	if (u->bad)
		f->causes = 0;
	f->id[sizeof f->id - 1] = '\0';
	for (unsigned i = 0; (text = finding_text(f, i)); i++)
		*text = unpack_str(u);
	if (!f->rule)
		f->rule = xstrdup("?");
	return f;
}

/* --- instances: by the names of their rule, metric and labels --- */

/* It has not begun to hold: as a new one is. */
static bool
is_new(const struct instance *in)
{
	for (unsigned i = 0; i < SCOPE_STREAKS; i++)
		if (in->streak[i] != 0)
			return false;
	return !in->open && in->trues == 0 && in->falses == 0 && in->episode == 0 &&
	    isnan(in->first_time);
}

static void
save_name(const struct judge *j, const struct instance *in, struct buf *b)
{
	pack_u64(b, in->rule);
	pack_str(b, j->rules->at[in->rule]->name);
	pack_str(b, in->metric < 0 ? NULL : vocab_metric_name(j->vocab, in->metric));
	pack_str(b, in->labels > 0 ? vocab_labels_text(j->vocab, in->labels) : "");
}

static int
find_rule(const struct judge *j, const char *name, uint64_t guess)
{
	if (name && guess < j->rules->n && strcmp(j->rules->at[guess]->name, name) == 0)
		return (int)guess;
	for (unsigned i = 0; name && i < j->rules->n; i++)
		if (strcmp(j->rules->at[i]->name, name) == 0)
			return (int)i;
	return -1;
}

/* NULL: the rule is gone, or judges this no more. */
static struct instance *
load_name(struct judge *j, struct unpack *u)
{
	uint64_t guess = unpack_u64(u);
	char    *name = unpack_str(u), *metric = unpack_str(u), *labels = unpack_str(u);
	int      rule = u->bad ? -1 : find_rule(j, name, guess);
	int      m = metric ? vocab_metric_named(j->vocab, metric) : -1;
	int      l = labels && *labels ? vocab_labels(j->vocab, span_of(labels)) : 0;
	struct instance *in = rule < 0 ? NULL : instance_find(j, (unsigned)rule, m, l);

	/* Of a series that is no series yet: only its redraws were looked at. */
	if (!in && rule >= 0 && m >= 0 && l >= 0 && j->rules->at[rule]->live &&
	    !series_find(j->set, m, l) && j->ninst < INSTANCES_MAX)
		in = &j->inst[instance_add(j, (unsigned)rule, m, l)];
	free(name);
	free(metric);
	free(labels);
	return in;
}

static void
save_instance(const struct judge *j, const struct instance *in, struct buf *b)
{
	const double num[] = { in->false_since, in->first_time, in->last_time };

	save_name(j, in, b);
	pack_u64(b, in->open);
	pack_u64(b, in->severity);
	pack_u64(b, in->trues);
	pack_u64(b, in->falses);
	pack_u64(b, in->episode);
	pack_u64(b, in->rest);
	pack_u64(b, in->worst);
	pack_u64(b, (uint64_t)(in->finding + 1));
	pack_raw(b, num, sizeof num);
	pack_raw(b, in->streak, sizeof in->streak);
}

/* A rule that is gone loses its state; a new one begins without. */
static void
load_instance(struct judge *j, struct unpack *u)
{
	struct instance *in = load_name(j, u), raw = { .open = unpack_u64(u) != 0 };
	uint64_t         severity = unpack_u64(u), worst, finding;
	double           num[3];

	raw.trues = (uint32_t)unpack_u64(u);
	raw.falses = (uint32_t)unpack_u64(u);
	raw.episode = (unsigned)unpack_u64(u);
	raw.rest = unpack_u64(u);
	worst = unpack_u64(u);
	finding = unpack_u64(u);
	unpack_raw(u, num, sizeof num);
	unpack_raw(u, raw.streak, sizeof raw.streak);
	if (!in || u->bad || in->open)
		return;
	in->open = raw.open;
	in->severity = severity <= SEV_CRITICAL ? (enum severity)severity : SEV_INFO;
	in->trues = raw.trues;
	in->falses = raw.falses;
	in->episode = raw.episode;
	in->rest = raw.rest;
	in->worst = worst <= SEV_CRITICAL ? (enum severity)worst : SEV_INFO;
	in->finding = finding <= j->nfound ? (int)finding - 1 : -1;
	in->false_since = num[0];
	in->first_time = num[1];
	in->last_time = num[2];
	memcpy(in->streak, raw.streak, sizeof in->streak);
	j->outcome[in->rule].open += in->open;
	if (in->open)
		j->facts.firing[j->rules->at[in->rule]->id] = true;
}

static void
save_instances(const struct judge *j, struct buf *b)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < j->ninst; i++)
		n += !is_new(&j->inst[i]);
	pack_u64(b, n);
	for (unsigned i = 0; i < j->ninst; i++)
		if (!is_new(&j->inst[i]))
			save_instance(j, &j->inst[i], b);
}

/* --- what became of the rules, for the verdict --- */

static void
save_outcomes(const struct judge *j, struct buf *b)
{
	pack_u64(b, j->rules->n);
	for (unsigned i = 0; i < j->rules->n; i++) {
		const struct outcome *o = &j->outcome[i];

		pack_str(b, j->rules->at[i]->name);
		pack_u64(b, (o->fired ? 1u : 0) | (o->known ? 2u : 0) | (o->silent ? 4u : 0));
		pack_str(b, o->why);
	}
}

/* The rule's own text that says this. */
static const char *
silent_why(const struct rule *r, const char *why)
{
	for (unsigned i = 0; why && i < r->nsilent; i++) {
		const char *own = r->silent[i].why ? r->silent[i].why : r->silent[i].text;

		if (strcmp(own, why) == 0)
			return own;
	}
	return NULL;
}

static void
load_outcomes(struct judge *j, struct unpack *u)
{
	uint64_t n = unpack_u64(u);

	for (uint64_t i = 0; i < n && !u->bad; i++) {
		char    *name = unpack_str(u);
		uint64_t bits = unpack_u64(u);
		char    *why = unpack_str(u);
		int      rule = find_rule(j, name, i);

		if (rule >= 0 && !u->bad) {
			j->outcome[rule].fired = bits & 1;
			j->outcome[rule].known = bits >> 1 & 1;
			j->outcome[rule].silent = bits >> 2 & 1;
			j->outcome[rule].why = silent_why(j->rules->at[rule], why);
		}
		free(name);
		free(why);
	}
}

/* --- the rest --- */

/* Numbers of the judge, in one order for both ways. */
static void
numbers(struct judge *j, struct buf *b, struct unpack *u)
{
	double *const num[] = { &j->facts.now, &j->facts.quiet_since, &j->facts.away, &j->facts.line_time, &j->facts.last_gap, &j->facts.gap_before,
		&j->facts.longest_gap, &j->last_arrival, &j->next_tick, &j->crash_step, &j->root_time,
		&j->progress, &j->step, &j->epoch };
	uint64_t *const count[] = { &j->facts.line, &j->facts.points, &j->line_number, &j->root_line,
		&j->facts.quiet_line, &j->facts.crashes, &j->trace.ignored, &j->trace.thread };

	for (size_t i = 0; i < sizeof num / sizeof *num; i++)
		if (b)
			pack_num(b, *num[i]);
		else
			*num[i] = unpack_num(u);
	for (size_t i = 0; i < sizeof count / sizeof *count; i++)
		if (b)
			pack_u64(b, *count[i]);
		else
			*count[i] = unpack_u64(u);
}

static void
save_small(const struct judge *j, struct buf *b)
{
	pack_u64(b, j->facts.phase);
	pack_u64(b, j->last_phase);
	pack_u64(b, j->facts.finished);
	pack_u64(b, j->crash_early);
	pack_u64(b, j->crash_thread);
	pack_u64(b, j->crash_points);
	pack_str(b, j->root_rule < 0 ? NULL : j->rules->at[j->root_rule]->name);
	pack_u64(b, j->progressed);
	pack_raw(b, j->gap, sizeof j->gap);
	pack_u64(b, j->trace.n);
	pack_raw(b, j->trace.state, j->trace.n * sizeof j->trace.state[0]);
}

static void
load_small(struct judge *j, struct unpack *u)
{
	uint64_t phase = unpack_u64(u), last = unpack_u64(u), n;
	char    *name;

	j->facts.phase = phase <= MARK_FINISH ? (enum mark)phase : MARK_TRAIN;
	j->last_phase = last <= MARK_FINISH ? (enum mark)last : MARK_TRAIN;
	j->facts.finished = unpack_u64(u) != 0;
	j->crash_early = unpack_u64(u) != 0;
	j->crash_thread = unpack_u64(u) != 0;
	j->crash_points = (unsigned)unpack_u64(u);
	name = unpack_str(u);
	j->root_rule = find_rule(j, name, 0);
	free(name);
	j->progressed = (unsigned)unpack_u64(u);
	unpack_raw(u, j->gap, sizeof j->gap);
	n = unpack_u64(u);
	if (n > TRACE_RANKS) {
		u->bad = true;
		return;
	}
	j->trace.n = (unsigned)n;
	for (unsigned i = 0; i < n; i++) {
		struct trace_state *t = &j->trace.state[i];

		unpack_raw(u, t, sizeof *t);
		unpack_flag(&t->user);
		unpack_flag(&t->thread);
		t->frame[sizeof t->frame - 1] = '\0';
	}
}

/* Newer ones than EVENT_RING stand where the older ones did. */
static size_t
log_used(const struct event_log *e)
{
	return (e->total < EVENT_RING ? e->total : EVENT_RING) * sizeof e->ring[0];
}

static void
save_log(const struct event_log *e, struct buf *b)
{
	pack_u64(b, e->total);
	pack_u64(b, e->segment);
	pack_raw(b, e->ring, log_used(e));
}

static void
load_log(struct event_log *e, struct unpack *u)
{
	memset(e, 0, sizeof *e);
	e->total = unpack_u64(u);
	e->segment = unpack_u64(u);
	unpack_raw(u, e->ring, log_used(e));
}

static void
save_events(const struct judge *j, struct buf *b)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < j->facts.nids; i++)
		n += j->facts.event[i] != NULL || j->facts.fired[i];
	pack_u64(b, n);
	for (unsigned i = 0; i < j->facts.nids; i++) {
		if (!j->facts.event[i] && !j->facts.fired[i])
			continue;
		pack_str(b, j->rules->ids[i].name);
		pack_u64(b, j->facts.fired[i]);
		pack_u64(b, j->facts.event[i] != NULL);
		if (j->facts.event[i])
			save_log(j->facts.event[i], b);
	}
}

static void
load_events(struct judge *j, struct unpack *u)
{
	uint64_t n = unpack_u64(u);

	for (uint64_t k = 0; k < n && !u->bad; k++) {
		char            *name = unpack_str(u);
		bool             fired = unpack_u64(u) != 0, has = unpack_u64(u) != 0;
		struct event_log log;

		if (has)
			load_log(&log, u);
		for (unsigned i = 0; name && i < j->facts.nids; i++) {
			if (strcmp(j->rules->ids[i].name, name) != 0)
				continue;
			j->facts.fired[i] = fired;
			if (has && !u->bad && log.segment <= log.total) {
				free(j->facts.event[i]);
				j->facts.event[i] = xmalloc(sizeof log);
				*j->facts.event[i] = log;
			}
		}
		free(name);
	}
}

static void
save_waiting(const struct judge *j, const struct waiting *w, struct buf *b)
{
	save_finding(w->finding, b);
	if (!w->finding)
		return;
	save_name(j, &j->inst[w->instance], b);
	pack_u64(b, w->line);
	pack_num(b, w->time);
	pack_num(b, w->arrival);
}

static void
load_waiting(struct judge *j, struct waiting *w, struct unpack *u)
{
	struct finding  *f = load_finding(u);
	struct instance *in;

	if (!f)
		return;
	in = load_name(j, u);
	w->line = unpack_u64(u);
	w->time = unpack_num(u);
	w->arrival = unpack_num(u);
	if (in && !u->bad) {
		w->finding = f;
		w->instance = (unsigned)(in - j->inst);
	} else {
		finding_free(f);
	}
}

void
judge_save(const struct judge *j, struct buf *b)
{
	uint64_t head[5];

	sizes(head);
	pack_raw(b, head, sizeof head);
	numbers((struct judge *)(uintptr_t)j, b, NULL);
	save_small(j, b);
	save_events(j, b);
	pack_u64(b, j->nfound);
	for (unsigned i = 0; i < j->nfound; i++)
		save_finding(j->found[i], b);
	save_instances(j, b);
	save_outcomes(j, b);
	save_waiting(j, &j->crash, b);
	save_waiting(j, &j->cascade, b);
}

int
judge_load(struct judge *j, struct span state)
{
	struct unpack u = { state, false };
	uint64_t      want[5], head[5], n;

	sizes(want);
	unpack_raw(&u, head, sizeof head);
	if (u.bad || memcmp(want, head, sizeof head) != 0)
		return -1;
	for (unsigned i = 0; i < series_count(j->set); i++)
		judge_bind(j, series_at(j->set, i));
	numbers(j, NULL, &u);
	load_small(j, &u);
	load_events(j, &u);
	n = unpack_u64(&u);
	for (uint64_t i = 0; i < n && i < FINDINGS_MAX && !u.bad; i++) {
		struct finding *f = load_finding(&u);

		if (!f)
			u.bad = true;
		else {
			XGROW(j->found, j->nfound, j->found_size);
			j->found[j->nfound++] = f;
		}
	}
	n = unpack_u64(&u);
	for (uint64_t i = 0; i < n && !u.bad; i++)
		load_instance(j, &u);
	load_outcomes(j, &u);
	load_waiting(j, &j->crash, &u);
	load_waiting(j, &j->cascade, &u);
	return u.bad ? -1 : 0;
}
