/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "pipeline.h"

#include <math.h>
#include <stdlib.h>

#include "xalloc.h"

/* More would keep a slice of a big read from being looked at for too long. */
#define SLICE (256 << 10)

struct pipeline {
	struct pipeline_opts opts;
	char              *name, *source;
	struct run         run;
	struct lines      *lines[PIPELINE_STREAMS];
	struct matcher    *matcher;
	struct sampler    *sampler;
	struct series_set *series;
	struct judge      *judge;
	struct match       match; /* of the line in hand: large, so not on the stack */
};

static void
found(void *arg, const struct finding *f)
{
	struct pipeline *p = arg;

	if (p->opts.finding)
		p->opts.finding(p->opts.arg, &p->run, f);
}

static int
add_events(struct pipeline *p, struct diag *d)
{
	const struct rules *rules = p->opts.knowledge->rules;

	for (unsigned i = 0; i < rules_event_count(rules); i++) {
		struct rule_event e = rules_event(rules, i);
		struct diag why = { .text = "" };
		if (matcher_event(p->matcher, i, e.pattern, e.unless, e.exact, &why) == -1)
			return diag_set(d, "rule %s: %s", e.rule, why.text);
	}
	return 0;
}

struct pipeline *
pipeline_new(const struct pipeline_opts *o, struct diag *d)
{
	struct knowledge *k = o->knowledge;
	struct pipeline *p = xcalloc(1, sizeof *p);

	p->opts = *o;
	p->name = xstrdup(o->run ? o->run : "run");
	p->source = xstrdup(o->source ? o->source : "-");
	run_init(&p->run, p->name, p->source);
	p->run.live = o->live;
	p->matcher = matcher_new(k->profiles, k->vocab);
	p->sampler = sampler_new(&p->run);
	p->series = series_set_new(k->vocab, 0);
	for (unsigned i = 0; i < PIPELINE_STREAMS; i++)
		p->lines[i] = lines_new(k->prefixes);
	if (o->profile) {
		const struct profile *only = profiles_find(k->profiles, o->profile);
		if (!only) {
			diag_set(d, "no profile is called %s", o->profile);
			pipeline_free(p);
			return NULL;
		}
		matcher_only(p->matcher, only);
	}
	if (k->rules) {
		p->judge = judge_new(k->rules, k->vocab, p->series, &p->run, found, p);
		if (add_events(p, d) == -1) {
			pipeline_free(p);
			return NULL;
		}
	}
	return p;
}

void
pipeline_free(struct pipeline *p)
{
	if (!p)
		return;
	judge_free(p->judge);
	series_set_free(p->series);
	sampler_free(p->sampler);
	matcher_free(p->matcher);
	for (unsigned i = 0; i < PIPELINE_STREAMS; i++)
		lines_free(p->lines[i]);
	free(p->name);
	free(p->source);
	free(p);
}

static void
take_sample(struct pipeline *p, const struct sample *s, const struct line *line)
{
	struct series *series = s->live ? NULL : series_add(p->series, s);

	if (p->judge)
		judge_sample(p->judge, series, s, line);
	if (p->opts.sample)
		p->opts.sample(p->opts.arg, &p->run, s);
}

static void
take_events(struct pipeline *p, const struct line *line)
{
	struct event_capture cap[8];

	for (unsigned i = 0; i < p->match.events; i++) {
		unsigned n = p->match.event[i].n;
		for (unsigned k = 0; k < n; k++)
			cap[k] = (struct event_capture){ p->match.event[i].name[k], p->match.event[i].cap[k] };
		judge_event(p->judge, p->match.event[i].id, line, cap, n);
	}
}

/* Which framework it is: asked again while the evidence is young, then now and then. */
static void
recognise(struct pipeline *p)
{
	uint64_t n = p->run.samples;

	if (p->run.profile && n > 64 && n % 1024 != 0)
		return;
	const struct profile *best = matcher_profile(p->matcher);
	if (best) {
		p->run.profile = profile_name(best);
		p->run.title = profile_title(best);
	}
}

static void
take_line(struct pipeline *p, const struct line *line)
{
	struct sample s;

	(void)match_line(p->matcher, line, &p->match);
	if (p->opts.line)
		p->opts.line(p->opts.arg, line, &p->match);
	bool segment = sampler_push(p->sampler, line, &p->match);
	if (p->match.profile)
		recognise(p);
	if (p->judge) {
		if (segment)
			judge_segment(p->judge, line);
		judge_line(p->judge, line);
		take_events(p, line);
	}
	while (sampler_next(p->sampler, &s))
		take_sample(p, &s, line);
}

static void
take_lines(struct pipeline *p, unsigned stream)
{
	struct line line;

	while (lines_next(p->lines[stream], &line)) {
		line.stream = stream;
		if (line.rank < 0 && p->opts.ranks > 1)
			line.rank = p->opts.rank;
		take_line(p, &line);
	}
}

void
pipeline_feed(struct pipeline *p, unsigned stream, struct span bytes, double arrival)
{
	while (bytes.n) {
		size_t n = bytes.n < SLICE ? bytes.n : SLICE;
		lines_push(p->lines[stream], (struct span){ bytes.p, n }, arrival);
		take_lines(p, stream);
		bytes = span_from(bytes, n);
	}
}

void
pipeline_sample(struct pipeline *p, const struct sample *s)
{
	struct line none = { .time = s->time, .arrival = s->time, .rank = -1, .node = -1, .number = s->line };

	take_sample(p, s, &none);
}

void
pipeline_tick(struct pipeline *p, double now)
{
	if (p->judge)
		judge_tick(p->judge, now);
}

double
pipeline_deadline(const struct pipeline *p)
{
	return p->judge ? judge_deadline(p->judge) : INFINITY;
}

void
pipeline_status(struct pipeline *p, int status)
{
	p->run.has_status = true;
	p->run.status = status;
}

void
pipeline_end(struct pipeline *p, double now)
{
	struct sample s;

	for (unsigned i = 0; i < PIPELINE_STREAMS; i++) {
		lines_end(p->lines[i]);
		take_lines(p, i);
	}
	sampler_end(p->sampler);
	struct line last = { .time = p->run.last, .arrival = NAN, .rank = -1, .node = -1, .number = p->run.lines };
	while (sampler_next(p->sampler, &s))
		take_sample(p, &s, &last);
	p->run.ended = true;
	if (p->judge)
		judge_end(p->judge, isnan(now) ? p->run.last : now);
}

const struct run *
pipeline_run(const struct pipeline *p)
{
	return &p->run;
}

const struct series_set *
pipeline_series(const struct pipeline *p)
{
	return p->series;
}

struct judge *
pipeline_judge(const struct pipeline *p)
{
	return p->judge;
}

struct matcher *
pipeline_matcher(const struct pipeline *p)
{
	return p->matcher;
}

const struct vocab *
pipeline_vocab(const struct pipeline *p)
{
	return p->opts.knowledge->vocab;
}

void
pipeline_lines_stat(const struct pipeline *p, struct lines_stat *ret)
{
	lines_stat(p->lines[0], ret);
}
