/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "judge_impl.h"
#include "pack.h"
#include "xalloc.h"

#define MAGIC 0x314744554au /* "JUDG1" */

static void
sizes(uint64_t ret[static 5])
{
	ret[0] = MAGIC;
	ret[1] = sizeof(struct instance);
	ret[2] = sizeof(struct event_log);
	ret[3] = sizeof(struct trace);
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
	if (f->causes > FINDING_CAUSES || (unsigned)f->severity > SEV_CRITICAL)
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

static void
save_instance(const struct judge *j, const struct instance *in, struct buf *b)
{
	pack_str(b, j->rules->at[in->rule]->name);
	pack_str(b, in->metric < 0 ? NULL : vocab_metric_name(j->vocab, in->metric));
	pack_str(b, in->labels > 0 ? vocab_labels_text(j->vocab, in->labels) : "");
	pack_raw(b, in, sizeof *in);
}

static struct instance *
find_instance(struct judge *j, const char *rule, const char *metric, const char *labels)
{
	int m = metric ? vocab_metric_named(j->vocab, metric) : -1;
	int l = labels && *labels ? vocab_labels(j->vocab, span_of(labels)) : 0;

	for (unsigned i = 0; rule && i < j->ninst; i++) {
		struct instance *in = &j->inst[i];

		if (in->metric == m && in->labels == l &&
		    strcmp(j->rules->at[in->rule]->name, rule) == 0)
			return in;
	}
	return NULL;
}

/* A rule that is gone loses its state; a new one begins without. */
static void
load_instance(struct judge *j, struct unpack *u)
{
	char            *rule = unpack_str(u), *metric = unpack_str(u), *labels = unpack_str(u);
	struct instance *in = find_instance(j, rule, metric, labels), raw;

	unpack_raw(u, &raw, sizeof raw);
	if (in && !u->bad) {
		in->open = raw.open;
		in->severity = (unsigned)raw.severity <= SEV_CRITICAL ? raw.severity : SEV_INFO;
		in->trues = raw.trues;
		in->falses = raw.falses;
		in->false_since = raw.false_since;
		in->episode = raw.episode;
		in->first_time = raw.first_time;
		in->last_time = raw.last_time;
		in->finding = raw.finding >= 0 && (unsigned)raw.finding < j->nfound ? raw.finding : -1;
		memcpy(in->streak, raw.streak, sizeof in->streak);
		j->outcome[in->rule].open += in->open;
		if (in->open)
			j->facts.firing[j->rules->at[in->rule]->id] = true;
	}
	free(rule);
	free(metric);
	free(labels);
}

/* --- the rest --- */

/* Numbers of the judge, in one order for both ways. */
static void
numbers(struct judge *j, struct buf *b, struct unpack *u)
{
	double *const num[] = { &j->facts.now, &j->facts.quiet_since, &j->facts.away,
		&j->facts.longest_gap, &j->last_arrival, &j->next_tick, &j->crash_step, &j->root_time,
		&j->progress, &j->step, &j->epoch };
	uint64_t *const count[] = { &j->facts.line, &j->facts.points, &j->line_number, &j->root_line,
		&j->facts.quiet_line };

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
	pack_u64(b, j->crash_points);
	pack_str(b, j->root_rule < 0 ? NULL : j->rules->at[j->root_rule]->name);
	pack_u64(b, j->progressed);
	pack_raw(b, j->gap, sizeof j->gap);
	pack_raw(b, &j->trace, sizeof j->trace);
}

static void
load_small(struct judge *j, struct unpack *u)
{
	uint64_t phase = unpack_u64(u), last = unpack_u64(u);
	char    *name;

	j->facts.phase = phase <= MARK_FINISH ? (enum mark)phase : MARK_TRAIN;
	j->last_phase = last <= MARK_FINISH ? (enum mark)last : MARK_TRAIN;
	j->facts.finished = unpack_u64(u) != 0;
	j->crash_early = unpack_u64(u) != 0;
	j->crash_points = (unsigned)unpack_u64(u);
	name = unpack_str(u);
	for (unsigned i = 0; name && i < j->rules->n; i++)
		if (strcmp(j->rules->at[i]->name, name) == 0)
			j->root_rule = (int)i;
	free(name);
	j->progressed = (unsigned)unpack_u64(u);
	unpack_raw(u, j->gap, sizeof j->gap);
	unpack_raw(u, &j->trace, sizeof j->trace);
	if (j->trace.n > TRACE_RANKS)
		memset(&j->trace, 0, sizeof j->trace);
	for (unsigned i = 0; i < j->trace.n; i++)
		j->trace.state[i].frame[sizeof j->trace.state[i].frame - 1] = '\0';
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
			pack_raw(b, j->facts.event[i], sizeof *j->facts.event[i]);
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
			unpack_raw(u, &log, sizeof log);
		for (unsigned i = 0; name && i < j->facts.nids; i++) {
			if (strcmp(j->rules->ids[i].name, name) != 0)
				continue;
			j->facts.fired[i] = fired;
			if (has && log.segment <= log.total) {
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
	save_instance(j, &j->inst[w->instance], b);
	pack_u64(b, w->line);
	pack_num(b, w->time);
	pack_num(b, w->arrival);
}

static void
load_waiting(struct judge *j, struct waiting *w, struct unpack *u)
{
	struct finding  *f = load_finding(u);
	struct instance *in, raw;
	char            *rule, *metric, *labels;

	if (!f)
		return;
	rule = unpack_str(u);
	metric = unpack_str(u);
	labels = unpack_str(u);
	unpack_raw(u, &raw, sizeof raw);
	in = find_instance(j, rule, metric, labels);
	w->line = unpack_u64(u);
	w->time = unpack_num(u);
	w->arrival = unpack_num(u);
	if (in && !u->bad) {
		w->finding = f;
		w->instance = (unsigned)(in - j->inst);
	} else {
		finding_free(f);
	}
	free(rule);
	free(metric);
	free(labels);
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
	pack_u64(b, j->ninst);
	for (unsigned i = 0; i < j->ninst; i++)
		save_instance(j, &j->inst[i], b);
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
	load_waiting(j, &j->crash, &u);
	load_waiting(j, &j->cascade, &u);
	return u.bad ? -1 : 0;
}
