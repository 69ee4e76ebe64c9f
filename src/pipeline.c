/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "pipeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lrconf.h"
#include "monitor.h"
#include "pack.h"
#include "stamp.h"
#include "xalloc.h"

/*
 * Of the whole state.  A change of what a stage keeps, or of what it means, that
 * the stages do not see themselves (by the sizes of their structs) raises it.
 */
#define STATE_VERSION 2
#define STATE_MAGIC   0x676f6473736f6cu /* "lossdog" */

/* More would keep a slice of a big read from being looked at for too long. */
#define SLICE (256 << 10)
#define STAMP_GRAIN 1.0 /* monitors often print whole seconds */

/* A monitor, and its next line when that waits for its time. */
struct beside {
	struct monitor         *monitor;
	struct pipeline_monitor from;
	bool                    waits;
	bool                    timed;  /* a line with numbers had a time */
	struct line             line;
	const struct match     *match;
};

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
	struct lr_conf     conf;  /* what the configuration in the log says of the learning rate, */
	struct lr_spec     declared; /* the schedule that it declares, */
	double             declared_for; /* and the plan that it was made for */
	struct stamp_memo  memo;  /* times that keys and columns say */
	struct beside     *beside;
	unsigned           nbeside;
	uint64_t           ask_at;   /* samples after which the framework is asked for again */
	double             began;    /* time of the first line here that had one: monitors count from then on */
	double             since;    /* no line here is older; NaN: not known */
	double             drawn;    /* lines beside it are drawn in up to then; NaN: none are */
	double             passed;   /* up to then they were drawn in before a restart, and are read again */
};

static void
found(void *arg, const struct finding *f)
{
	struct pipeline *p = arg;

	if (p->opts.finding)
		p->opts.finding(p->opts.arg, &p->run, f);
}

static int
add_monitors(struct pipeline *p, struct diag *d)
{
	p->beside = xcalloc(p->opts.monitors + 1, sizeof *p->beside);
	for (; p->nbeside < p->opts.monitors; p->nbeside++) {
		struct beside *b = &p->beside[p->nbeside];
		struct matcher *m = knowledge_matcher(p->opts.knowledge, d);
		if (!m)
			return -1;
		b->monitor = monitor_new(p->opts.knowledge, m);
		b->from = p->opts.monitor[p->nbeside];
	}
	return 0;
}

/* The stages, without what they have seen. */
static int
build(struct pipeline *p, struct diag *d)
{
	struct knowledge *k = p->opts.knowledge;

	run_init(&p->run, p->name, p->source);
	p->run.live = p->opts.live;
	if (p->opts.limit > 0)
		p->run.limit = p->opts.limit;
	p->run.expect_lr = k->expect_lr;
	p->run.baseline = k->baseline;
	p->began = p->since = p->drawn = p->passed = NAN;
	p->memo = (struct stamp_memo){ 0 };
	p->declared_for = NAN;
	lr_conf_init(&p->conf);
	p->matcher = knowledge_matcher(k, d);
	p->sampler = sampler_new(&p->run);
	p->series = series_set_new(k->vocab, 0);
	for (unsigned i = 0; i < PIPELINE_STREAMS; i++)
		p->lines[i] = lines_new(k->prefixes);
	if (!p->matcher)
		return -1;
	if (p->opts.profile) {
		const struct profile *only = profiles_find(k->profiles, p->opts.profile);
		if (!only)
			return diag_set(d, "no profile is called %s", p->opts.profile);
		matcher_only(p->matcher, only);
	}
	if (k->rules)
		p->judge = judge_new(k->rules, k->vocab, p->series, &p->run, found, p);
	return 0;
}

static void
tear(struct pipeline *p)
{
	judge_free(p->judge);
	p->judge = NULL;
	series_set_free(p->series);
	sampler_free(p->sampler);
	matcher_free(p->matcher);
	for (unsigned i = 0; i < PIPELINE_STREAMS; i++)
		lines_free(p->lines[i]);
}

struct pipeline *
pipeline_new(const struct pipeline_opts *o, struct diag *d)
{
	struct pipeline *p = xcalloc(1, sizeof *p);

	p->opts = *o;
	p->name = xstrdup(o->run ? o->run : "run");
	p->source = xstrdup(o->source ? o->source : "-");
	if (build(p, d) == -1 || add_monitors(p, d) == -1) {
		pipeline_free(p);
		return NULL;
	}
	return p;
}

void
pipeline_free(struct pipeline *p)
{
	if (!p)
		return;
	tear(p);
	for (unsigned i = 0; p->beside && i < p->opts.monitors; i++)
		monitor_free(p->beside[i].monitor);
	free(p->beside);
	free(p->name);
	free(p->source);
	free(p);
}

struct series_set *
pipeline_leave_series(struct pipeline *p)
{
	struct series_set *s = p->series;

	judge_free(p->judge);
	p->judge = NULL;
	p->series = NULL;
	pipeline_free(p);
	return s;
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
take_events(struct pipeline *p, const struct line *line, const struct match *m)
{
	struct event_capture cap[8];

	for (unsigned i = 0; i < m->events; i++) {
		unsigned n = m->event[i].n;
		for (unsigned k = 0; k < n; k++)
			cap[k] = (struct event_capture){ m->event[i].name[k], m->event[i].cap[k] };
		judge_event(p->judge, m->event[i].id, line, cap, n);
	}
}

/* Which framework it is: asked again while the evidence is young, then ever more seldom. */
static void
recognise(struct pipeline *p)
{
	uint64_t n = p->run.samples;

	if (p->run.profile && n > 64 && n < p->ask_at)
		return;
	p->ask_at = n + n / 4;
	const struct profile *best = matcher_profile(p->matcher);
	if (best) {
		p->run.profile = profile_name(best);
		p->run.title = profile_title(best);
	}
}

/* The schedule of the configuration, unless the user has declared one. */
static void
take_declared(struct pipeline *p)
{
	double steps = p->run.steps;

	if (p->opts.knowledge->expect_lr)
		return;
	p->declared_for = steps;
	p->run.expect_lr = lr_conf_spec(&p->conf, steps, &p->declared) ? &p->declared : NULL;
}

/* After a restart it may be another one, which was not printed where it is looked for. */
static void
look_for_declared(struct pipeline *p, const struct line *line, bool segment)
{
	bool changed = lr_conf_line(&p->conf, line,
	    hyper_measures(p->opts.knowledge->vocab, &p->match), p->run.samples > 20);

	if (segment)
		lr_conf_init(&p->conf);
	if (changed || segment || (p->run.steps != p->declared_for && !(isnan(p->run.steps) && isnan(p->declared_for))))
		take_declared(p);
}

/* --- what stands beside the run --- */

/* Written before the run began. */
static bool
is_old(const struct pipeline *p, const struct beside *b)
{
	return p->opts.live && isnan(b->line.arrival);
}

/*
 * When the waiting line is due.  Without a time it is nobody's neighbour, but
 * the head of a table has nothing to wait for.
 */
static double
due(const struct pipeline *p, const struct beside *b)
{
	if (is_old(p, b) || b->match->n + b->match->events == 0)
		return -INFINITY;
	return isnan(b->line.time) ? INFINITY : b->line.time;
}

static void
take_beside(struct pipeline *p, struct beside *b, bool counts)
{
	struct sample s;

	b->waits = false;
	if (p->judge && counts)
		take_events(p, &b->line, b->match);
	while (monitor_sample(b->monitor, &s)) {
		if (!counts)
			continue;
		b->timed = b->timed || !isnan(s.time);
		if (isnan(s.step))
			s.step = p->run.step;
		if (isnan(s.epoch))
			s.epoch = p->run.epoch;
		s.segment = p->run.segment;
		take_sample(p, &s, &b->line);
	}
}

/* The next line waits; false: there is none. */
static bool
wait_beside(struct beside *b)
{
	struct span bytes;
	double arrival;

	while (!b->waits) {
		if (monitor_next(b->monitor, &b->line, &b->match)) {
			b->line.number = 0;
			b->waits = true;
		} else if (b->from.next(b->from.arg, &bytes, &arrival))
			monitor_push(b->monitor, bytes, arrival);
		else
			return false;
	}
	return true;
}

/* Draws lines in up to a time, the earliest first; what was written before this run's first line is not of it. */
static void
draw_beside(struct pipeline *p, double to)
{
	if (isfinite(to))
		p->drawn = fmax(p->drawn, to);
	for (;;) {
		struct beside *first = NULL;
		double at = INFINITY;
		for (unsigned i = 0; i < p->nbeside; i++)
			if (wait_beside(&p->beside[i]) && due(p, &p->beside[i]) <= fmin(at, to)) {
				first = &p->beside[i];
				at = due(p, first);
			}
		if (!first || at == INFINITY)
			return;
		take_beside(p, first, at >= p->began - (isnan(p->since) ? STAMP_GRAIN : 0) && !(at <= p->passed));
	}
}

/* Up to the end of the run; what has no time, on either side, stands behind it. */
static void
drain_beside(struct pipeline *p, double to)
{
	bool timed = !isnan(p->began);

	if (timed)
		draw_beside(p, to);
	for (unsigned i = 0; i < p->nbeside; i++) {
		struct beside *b = &p->beside[i];
		while (wait_beside(b) && (!timed || !isfinite(due(p, b))))
			take_beside(p, b, !is_old(p, b));
	}
}

static void
end_beside(struct pipeline *p, double now)
{
	double to = isnan(now) ? p->run.last : now;

	drain_beside(p, to);
	for (unsigned i = 0; i < p->nbeside; i++)
		monitor_end(p->beside[i].monitor);
	drain_beside(p, to);
}

void
pipeline_since(struct pipeline *p, double wall)
{
	if (isnan(p->since))
		p->since = wall;
}

bool
pipeline_timed(const struct pipeline *p, int which)
{
	return which < 0 ? !isnan(p->began) : p->beside[which].timed;
}

/* --- the run's own lines --- */

static void
take_line(struct pipeline *p, struct line *line)
{
	struct sample s;

	(void)match_line(p->matcher, line, &p->match);
	if (p->match.stamp.n > 0 && isnan(line->time))
		line->printed_time = stamp_guess(p->match.stamp, false, NAN, &p->memo, &line->time);
	if (isnan(p->began) && !isnan(line->time)) {
		p->began = line->printed_time ? line->time : fmin(line->time, p->since);
		for (unsigned i = 0; i < p->nbeside && !p->opts.live; i++)
			monitor_near(p->beside[i].monitor, p->began);
	}
	if (p->nbeside > 0 && !isnan(line->time))
		draw_beside(p, line->time);
	if (p->opts.line)
		p->opts.line(p->opts.arg, line, &p->match);
	bool segment = sampler_push(p->sampler, line, &p->match);
	if (p->match.profile)
		recognise(p);
	if (p->judge) {
		look_for_declared(p, line, segment);
		if (segment)
			judge_segment(p->judge, line);
		judge_line(p->judge, line);
		take_events(p, line, &p->match);
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
	if (p->nbeside > 0)
		draw_beside(p, isnan(p->began) ? -INFINITY : now);
	if (p->judge)
		judge_tick(p->judge, now);
}

double
pipeline_deadline(const struct pipeline *p)
{
	return p->judge ? judge_deadline(p->judge) : INFINITY;
}

void
pipeline_status(struct pipeline *p, int status, bool stopped)
{
	run_set_status(&p->run, status);
	p->run.stopped = stopped;
}

void
pipeline_asked(struct pipeline *p)
{
	p->run.asked = true;
}

void
pipeline_held(struct pipeline *p, bool held)
{
	p->run.held = p->run.held || held;
	p->run.left = p->run.held && !held;
}

void
pipeline_unheld(struct pipeline *p)
{
	p->run.held = p->run.left = false;
}

void
pipeline_end(struct pipeline *p, double now)
{
	struct sample s;

	for (unsigned i = 0; i < PIPELINE_STREAMS; i++) {
		lines_end(p->lines[i]);
		take_lines(p, i);
	}
	end_beside(p, now);
	sampler_end(p->sampler);
	struct line last = { .time = p->run.last, .arrival = NAN, .rank = -1, .node = -1, .number = p->run.lines };
	while (sampler_next(p->sampler, &s))
		take_sample(p, &s, &last);
	p->ask_at = 0;
	recognise(p);
	p->run.ended = true;
	if (p->judge)
		judge_end(p->judge, isnan(now) ? p->run.last : now);
}

/* --- the state: a head, then a part for each stage --- */

struct head { uint64_t magic, version, hash; };

static struct head
head_of(struct span parts)
{
	return (struct head){ STATE_MAGIC, STATE_VERSION, span_hash(parts) };
}

static void
save_times(const struct pipeline *p, struct buf *b)
{
	pack_raw(b, &p->memo, sizeof p->memo);
	pack_raw(b, &p->conf, sizeof p->conf);
	pack_num(b, p->began);
	pack_num(b, p->since);
	pack_num(b, p->drawn);
}

/* Monitors are read from their start again. */
static void
load_times(struct pipeline *p, struct unpack *u)
{
	unpack_raw(u, &p->memo, sizeof p->memo);
	unpack_flag(&p->memo.zone_known);
	unpack_flag(&p->memo.day_first);
	unpack_raw(u, &p->conf, sizeof p->conf);
	unpack_flag(&p->conf.place.block);
	for (unsigned i = 0; i < LRCONF_KINDS; i++)
		unpack_flag(&p->conf.unsure[i]);
	if (p->conf.nat > LRSPEC_MILESTONES || p->conf.place.sections > HYPER_SECTIONS)
		u->bad = true;
	p->began = unpack_num(u);
	p->since = unpack_num(u);
	p->drawn = p->passed = unpack_num(u);
}

void
pipeline_save(const struct pipeline *p, struct buf *b)
{
	struct head h = { 0, 0, 0 };
	size_t      start = b->n, at;

	pack_raw(b, &h, sizeof h);
	at = pack_begin(b);
	for (unsigned i = 0; i < PIPELINE_STREAMS; i++)
		lines_save(p->lines[i], b);
	save_times(p, b);
	pack_end(b, at);
	at = pack_begin(b);
	matcher_save(p->matcher, b);
	pack_end(b, at);
	at = pack_begin(b);
	sampler_save(p->sampler, p->opts.knowledge->vocab, p->opts.knowledge->profiles, b);
	pack_end(b, at);
	at = pack_begin(b);
	series_set_save(p->series, b);
	pack_end(b, at);
	at = pack_begin(b);
	if (p->judge)
		judge_save(p->judge, b);
	pack_end(b, at);
	if (b->over)
		return;
	h = head_of(span_from(buf_get(b), start + sizeof h));
	memcpy(b->p + start, &h, sizeof h);
}

static bool
load_stages(struct pipeline *p, struct unpack *u)
{
	const struct knowledge *k = p->opts.knowledge;
	struct unpack lines = unpack_part(u), matcher = unpack_part(u), sampler = unpack_part(u),
	    series = unpack_part(u), judge = unpack_part(u);

	if (u->bad)
		return false;
	for (unsigned i = 0; i < PIPELINE_STREAMS; i++)
		if (!lines_load(p->lines[i], &lines))
			return false;
	load_times(p, &lines);
	if (lines.bad || !matcher_load(p->matcher, &matcher) ||
	    !sampler_load(p->sampler, k->vocab, k->profiles, &sampler) ||
	    series_set_load(p->series, series.rest) != 0 ||
	    (p->judge && judge_load(p->judge, judge.rest) != 0))
		return false;
	take_declared(p);
	return true;
}

int
pipeline_load(struct pipeline *p, struct span state, struct diag *d)
{
	struct unpack u = { state, false };
	struct head   h, want;

	unpack_raw(&u, &h, sizeof h);
	want = head_of(u.rest);
	if (!u.bad && h.magic == want.magic && h.version != want.version)
		return diag_set(d, "its statistics were saved by another version of lossdog: they begin anew");
	if (u.bad || h.magic != want.magic || h.hash != want.hash)
		return diag_set(d, "its saved statistics are damaged: they begin anew");
	if (load_stages(p, &u))
		return 0;
	tear(p);
	(void)build(p, NULL); /* it could be done before */
	return diag_set(d, "its statistics were saved by another version of lossdog: they begin anew");
}

void
pipeline_resume(struct pipeline *p, uint64_t lines, double start)
{
	lines_set_number(p->lines[0], lines);
	p->run.start = start;
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
