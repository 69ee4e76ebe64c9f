/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "judge_impl.h"
#include "lrspec.h"
#include "pattern.h"
#include "points.h"
#include "rule_impl.h"
#include "xalloc.h"

#define START_TIME 1.7e9 /* any time will do */

struct heard { unsigned line; enum severity severity; enum finding_state state; char *cause, *summary; };

/* Event patterns of all rules, compiled once. */
struct patterns { struct pattern **event, **unless; };

struct tester {
	const struct rules *rules;
	const struct rule  *rule;
	struct patterns     patterns;
	struct buf         *out;
	struct rules_test_stat *stat;
	struct diags       *diags;
	const struct ynode *test;
	/* one test */
	struct run          run;
	struct series_set  *set;
	struct judge       *judge;
	struct points       points[SCOPE_NEEDS * 2];
	int                 metric[SCOPE_NEEDS * 2], labels[SCOPE_NEEDS * 2];
	unsigned            stride[SCOPE_NEEDS * 2], nseries, npoints;
	double              step, seconds, time, at_step;
	struct lr_spec      expect;
	struct series_set  *baseline;
	unsigned            line;   /* of the point or line in hand */
	struct heard        heard[32];
	unsigned            nheard;
	unsigned            causes; /* reached so far */
};

static void
hear(void *arg, const struct finding *f)
{
	struct tester *t = arg;
	struct heard  *h = &t->heard[t->nheard];

	if (t->rules->at[t->judge->telling] != t->rule || t->nheard == 32)
		return;
	h->line = (unsigned)f->line;
	if (f->state == FINDING_RESOLVED)
		h->line = t->line;
	h->severity = f->severity;
	h->state = f->state;
	h->cause = xstrdup(f->causes ? f->cause[0].because : "");
	h->summary = xstrdup(f->summary ? f->summary : "");
	t->nheard++;
}

static int
wrong(struct tester *t, const struct ynode *n, const char *what)
{
	return ydoc_error(t->rule->doc, n ? n : t->test, t->diags, "%s", what);
}

/* A usual metric of what a need chooses. */
static const char *
metric_of(const struct need *need)
{
	static const struct { enum metric_class c; const char *train, *val; } usual[] = {
		{ CLASS_LOSS, "train/loss", "val/loss" },
		{ CLASS_SCORE, "train/accuracy", "val/accuracy" },
		{ CLASS_ERROR, "train/wer", "val/wer" }, { CLASS_LR, "lr", "lr" },
		{ CLASS_GRAD, "grad_norm", "grad_norm" },
		{ CLASS_SCALE, "loss_scale", "loss_scale" },
		{ CLASS_TIME, "step_time", "step_time" },
		{ CLASS_RATE, "throughput/samples", "throughput/samples" },
		{ CLASS_REWARD, "reward/mean", "reward/mean" },
		{ CLASS_RESOURCE, "gpu/util", "gpu/util" }, { CLASS_DATA, "data/mean", "data/mean" },
		{ CLASS_ADVERSARIAL, "train/d_loss", "val/d_loss" },
		{ CLASS_PART, "train/loss_bbox", "val/loss_bbox" },
	};

	if (!need->classes)
		return need->metrics.v[0];
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		if (need->classes >> usual[i].c & 1)
			return need->phases && !(need->phases >> PHASE_TRAIN & 1) && need->phases != 1 ?
			    usual[i].val : usual[i].train;
	return "train/loss";
}

static const char *
named(const struct rule *r, const char *key)
{
	for (unsigned i = 0; i < r->nneed; i++)
		if (strcmp(r->need[i].name, key) == 0)
			return metric_of(&r->need[i]);
	return key;
}

/* "name" or "name@rank=1": the metric and the labels of a key. */
static void
read_key(struct tester *t, const char *key, int *metric, int *labels)
{
	const char *at = strchr(key, '@');
	char       *name = at ? xstrndup(key, (size_t)(at - key)) : xstrdup(key);

	*metric = vocab_metric_named(t->rules->vocab, named(t->rule, name));
	*labels = at ? vocab_labels(t->rules->vocab, span_of(at + 1)) : 0;
	free(name);
}

static double
number_of(struct tester *t, const struct ynode *map, const char *key, double otherwise)
{
	const struct ynode *n = map ? ynode_get(map, key) : NULL;
	double              v = otherwise;

	if (n)
		ydoc_num(t->rule->doc, n, &v, t->diags);
	return v;
}

static int
read_series(struct tester *t)
{
	const struct ynode *map = ynode_get(t->test, "series"), *stride = ynode_get(t->test, "stride");

	for (size_t i = 0; map && i < map->n && t->nseries < SCOPE_NEEDS * 2; i++) {
		struct diag    d = { .text = "" };
		struct points *p = &t->points[t->nseries];
		unsigned       k = t->nseries;
		double         every = number_of(t, stride, map->key[i]->text.p, 1);

		if (points_parse(map->item[i]->text, (unsigned)i + 1, p, &d) == -1)
			return wrong(t, map->item[i], d.text);
		read_key(t, map->key[i]->text.p, &t->metric[k], &t->labels[k]);
		t->stride[k] = every >= 1 && every < 1e6 ? (unsigned)every : 1;
		if (p->n * t->stride[k] > t->npoints)
			t->npoints = p->n * t->stride[k];
		t->nseries++;
	}
	return 0;
}

/* baseline: {loss: "2>1x60"}: a point at each step. */
static int
read_baseline(struct tester *t)
{
	const struct ynode *map = ynode_get(t->test, "baseline");

	t->baseline = map ? series_set_new(t->rules->vocab, 0) : NULL;
	t->run.baseline = t->baseline;
	for (size_t i = 0; map && i < map->n; i++) {
		struct diag   d = { .text = "" };
		struct points p;
		struct sample s = { .epoch = NAN, .time = NAN };

		if (points_parse(map->item[i]->text, (unsigned)i + 1, &p, &d) == -1)
			return wrong(t, map->item[i], d.text);
		read_key(t, map->key[i]->text.p, &s.metric, &s.labels);
		for (unsigned k = 0; k < p.n; k++) {
			s.step = t->step * (k + 1);
			s.line = k + 1;
			s.value = p.v[k];
			series_add(t->baseline, &s);
		}
		points_fini(&p);
	}
	return 0;
}

static void
flag_of(struct tester *t, const struct ynode *map, const char *key, bool *ret)
{
	const struct ynode *n = map ? ynode_get(map, key) : NULL;

	if (n)
		ydoc_bool(t->rule->doc, n, ret, t->diags);
}

static void
read_run(struct tester *t)
{
	const struct ynode *map = ynode_get(t->test, "run"), *profile;

	t->run = (struct run){ .name = "test", .source = "test", .step = NAN, .epoch = NAN,
		.stride = NAN, .step_max = NAN, .iter = NAN, .iters = NAN, .resume_from = NAN, .start = NAN,
		.furthest = NAN, .last = NAN, .last_progress = NAN };
	t->run.steps = number_of(t, map, "steps", NAN);
	t->run.epochs = number_of(t, map, "epochs", NAN);
	t->run.limit = START_TIME + number_of(t, map, "limit", NAN);
	if (map && ynode_get(map, "status")) {
		run_set_status(&t->run, (int)number_of(t, map, "status", 0) << 8);
	}
	if (map && ynode_get(map, "expect-lr")) {
		struct diag d = { .text = "" };

		if (lr_spec_parse(ynode_get(map, "expect-lr")->text.p, &t->expect, &d) == -1)
			wrong(t, ynode_get(map, "expect-lr"), d.text);
		else
			t->run.expect_lr = &t->expect;
	}
	profile = map ? ynode_get(map, "profile") : NULL;
	t->run.profile = profile ? profile->text.p : NULL;
	flag_of(t, map, "live", &t->run.live);
	flag_of(t, map, "asked", &t->run.asked);
	flag_of(t, map, "stopped", &t->run.stopped);
	flag_of(t, map, "held", &t->run.held);
	flag_of(t, map, "left", &t->run.left);
	t->step = number_of(t, t->test, "step", 1);
	t->seconds = number_of(t, t->test, "seconds", NAN);
	t->time = isnan(t->seconds) ? NAN : START_TIME;
	t->run.start = t->time;
}

static void
one_line(struct tester *t, const char *text)
{
	struct line line = { .text = span_of(text), .raw = span_of(text), .number = t->line,
		.time = t->time, .arrival = NAN, .rank = -1, .node = -1 };
	struct span cap[PATTERN_GROUPS];

	t->run.lines++;
	judge_line(t->judge, &line);
	for (unsigned i = 0; i < t->rules->nevents; i++) {
		struct pattern      *p = t->patterns.event[i];
		struct event_capture c[RULE_CAPTURES];
		unsigned             n = 0, number;
		const char          *name;

		if (!p || !pattern_match(p, line.text, 0, cap, PATTERN_GROUPS))
			continue;
		for (unsigned k = 0; n < RULE_CAPTURES && (name = pattern_group(p, k, &number)); k++)
			if (cap[number].p)
				c[n++] = (struct event_capture){ name, cap[number] };
		if (!t->patterns.unless[i] ||
		    !pattern_match(t->patterns.unless[i], line.text, 0, cap, PATTERN_GROUPS))
			judge_event(t->judge, i, &line, c, n);
	}
}

/* restart: {at: N, every: M, times: T}: before the points N, N + M ... */
static bool
restarts_at(struct tester *t, const struct ynode *restart, unsigned k)
{
	double at = number_of(t, restart, "at", 0), every = number_of(t, restart, "every", INFINITY);
	double times = number_of(t, restart, "times", 1);

	for (double i = 0; i < times; i++)
		if (i == 0 ? k == at : k == at + i * every)
			return true;
	return false;
}

/* Lines, pauses and restarts that stand before point k (from 1). */
static void
before_point(struct tester *t, unsigned k)
{
	const struct ynode *lines = ynode_get(t->test, "lines"), *pause = ynode_get(t->test, "pause");
	const struct ynode *restart = ynode_get(t->test, "restart");

	t->line = k;
	for (size_t i = 0; lines && i < lines->n; i++)
		if (lines->item[i]->kind == Y_MAP && number_of(t, lines->item[i], "at", 0) == k &&
		    ynode_get(lines->item[i], "text"))
			for (double n = number_of(t, lines->item[i], "repeat", 1); n >= 1; n--)
				one_line(t, ynode_get(lines->item[i], "text")->text.p);
	if (pause && number_of(t, pause, "at", t->npoints + 1) == k) {
		double end = t->time + number_of(t, pause, "seconds", 0);
		bool   jump = false; /* as in a recording, where nobody looks at the clock */

		if (ynode_get(pause, "jump"))
			ydoc_bool(t->rule->doc, ynode_get(pause, "jump"), &jump, t->diags);
		if (jump)
			t->time = end;

		for (; t->time < end; t->time += 15)
			judge_tick(t->judge, t->time);
	}
	if (restart && restarts_at(t, restart, k)) {
		struct line line = { .number = k, .time = t->time, .arrival = NAN, .rank = -1, .node = -1 };
		double      at = number_of(t, restart, "step", 0);

		run_restart(&t->run, t->run.step, at);
		t->run.step = t->at_step = at;
		judge_segment(t->judge, &line);
	}
}

static void
one_point(struct tester *t, unsigned k)
{
	struct line         line = { .text = SPAN_LIT("a line with numbers"), .number = k, .time = t->time,
		.arrival = NAN, .rank = -1, .node = -1 };
	double              per_epoch = number_of(t, t->test, "epoch", NAN);

	t->line = k;
	t->at_step += t->step;
	t->run.step = t->at_step;
	t->run.epoch = t->at_step / per_epoch;
	t->run.lines++;
	t->run.last_progress = t->time;
	judge_line(t->judge, &line);
	for (unsigned i = 0; i < t->nseries; i++) {
		unsigned      n = k / t->stride[i];
		struct sample s = { .metric = t->metric[i], .labels = t->labels[i], .step = t->at_step, .epoch = t->run.epoch,
			.time = t->time, .line = k, .segment = t->run.segment };

		if (k % t->stride[i] != 0 || n == 0 || n > t->points[i].n || t->points[i].gap[n - 1])
			continue;
		s.value = t->points[i].v[n - 1];
		judge_sample(t->judge, series_add(t->set, &s), &s, &line);
	}
}

static void
play(struct tester *t)
{
	const struct ynode *lines = ynode_get(t->test, "lines"), *end = ynode_get(t->test, "end");
	bool                ends = true;

	for (unsigned k = 1; k <= t->npoints; k++) {
		before_point(t, k);
		one_point(t, k);
		if (!isnan(t->time))
			t->time += t->seconds;
	}
	for (size_t i = 0; lines && i < lines->n; i++)
		if (lines->item[i]->kind == Y_SCALAR) {
			t->line = t->npoints + (unsigned)i + 1;
			one_line(t, lines->item[i]->text.p);
		}
	before_point(t, t->npoints + 1);
	if (end)
		ydoc_bool(t->rule->doc, end, &ends, t->diags);
	t->run.ended = ends;
	if (ends)
		judge_end(t->judge, t->time);
}

/* The stride of the series that the rule judges: `at` counts its points. */
static unsigned
each_stride(const struct tester *t)
{
	const struct rule *r = t->rule;
	int                metric;

	if (r->nneed == 0 || r->role != ROLE_NONE)
		return 1;
	metric = vocab_metric_named(t->rules->vocab, metric_of(&r->need[r->each]));
	for (unsigned i = 0; i < t->nseries; i++)
		if (t->metric[i] == metric)
			return t->stride[i];
	return 1;
}

static bool
holds(const char *text, const struct ynode *part)
{
	return !part || strstr(text, part->text.p) != NULL;
}

/* Is what was expected among what was heard?  why: what was wrong. */
static bool
is_met(struct tester *t, const struct ynode *e, struct buf *why)
{
	double at = number_of(t, e, "at", number_of(t, e, "line", NAN));
	double within = number_of(t, e, "within", 0), resolved = number_of(t, e, "resolved", NAN);
	const struct ynode *severity = ynode_get(e, "severity");
	unsigned stride = ynode_get(e, "line") ? 1 : each_stride(t);

	if (ynode_get(e, "line"))
		at += t->npoints;
	for (unsigned i = 0; i < t->nheard; i++) {
		const struct heard *h = &t->heard[i];
		double              line = h->line / stride;

		if (h->state == FINDING_RESOLVED) {
			if (!isnan(resolved) && line >= resolved && line <= resolved + within)
				return true;
			continue;
		}
		if (!isnan(resolved))
			continue;
		if (severity && strcmp(severity_name(h->severity), severity->text.p) != 0)
			continue;
		if ((isnan(at) || (line >= at && line <= at + within)) &&
		    holds(h->cause, ynode_get(e, "cause")) && holds(h->summary, ynode_get(e, "summary")))
			return true;
		if (!isnan(at))
			break; /* the first one must be right */
	}
	buf_printf(why, "expected");
	if (!isnan(at))
		buf_printf(why, " at %g", at);
	if (severity)
		buf_printf(why, " %s", severity->text.p);
	return false;
}

static void
what_came(const struct tester *t, struct buf *why)
{
	buf_str(why, "; got");
	for (unsigned i = 0; i < t->nheard; i++)
		buf_printf(why, " [%s %s at %u: %s | %s]",
		    t->heard[i].state == FINDING_RESOLVED ? "resolved" : "firing",
		    severity_name(t->heard[i].severity), t->heard[i].line / each_stride(t),
		    t->heard[i].summary, t->heard[i].cause);
	if (t->nheard == 0)
		buf_str(why, " nothing");
}

static bool
is_right(struct tester *t, struct buf *why)
{
	const struct ynode *e = ynode_get(t->test, "expect");
	bool                right = true;

	if (!e) {
		buf_str(why, "expect is missing");
		return false;
	}
	if (e->kind == Y_SCALAR) {
		right = t->nheard == 0;
		if (!right)
			buf_str(why, "expected none");
	} else if (e->kind == Y_MAP) {
		right = is_met(t, e, why);
	} else {
		for (size_t i = 0; i < e->n && right; i++)
			right = is_met(t, e->item[i], why);
	}
	if (!right)
		what_came(t, why);
	return right;
}

static void
clean(struct tester *t)
{
	unsigned rule = 0;

	while (t->rules->at[rule] != t->rule)
		rule++;
	t->causes |= t->judge->outcome[rule].causes;
	judge_free(t->judge);
	series_set_free(t->set);
	series_set_free(t->baseline);
	for (unsigned i = 0; i < t->nseries; i++)
		points_fini(&t->points[i]);
	for (unsigned i = 0; i < t->nheard; i++) {
		free(t->heard[i].cause);
		free(t->heard[i].summary);
	}
	t->nseries = t->npoints = t->nheard = 0;
}

static void
run_test(struct tester *t, unsigned number)
{
	static const char *const keys[] = { "name", "series", "step", "stride", "seconds", "epoch",
		"lines", "pause", "restart", "run", "end", "expect", "baseline", NULL };
	const struct ynode *name = ynode_get(t->test, "name");
	struct buf          why;
	bool                right;

	buf_init(&why, 4096);
	t->at_step = 0;
	t->line = 0;
	read_run(t);
	t->set = series_set_new(t->rules->vocab, 0);
	t->judge = judge_new(t->rules, t->rules->vocab, t->set, &t->run, hear, t);
	right = ydoc_keys(t->rule->doc, t->test, keys, t->diags) && read_series(t) == 0 && read_baseline(t) == 0;
	if (right)
		play(t);
	right = right && is_right(t, &why);
	t->stat->tests++;
	t->stat->failed += !right;
	buf_printf(t->out, "%sok %u - %s: %s\n", right ? "" : "not ", t->stat->tests, t->rule->name,
	    name ? name->text.p : "");
	if (!right)
		buf_printf(t->out, "# %s:%u: test %u: %s\n", t->rule->file, t->test->line, number + 1,
		    buf_cstr(&why));
	clean(t);
	buf_fini(&why);
}

static void
test_rule(struct tester *t)
{
	const struct rule *r = t->rule;

	t->causes = 0;
	if (!r->tests || r->tests->n == 0) {
		if (r->role != ROLE_MARKER && r->role != ROLE_ADVICE) {
			t->stat->rules_untested++;
			buf_printf(t->out, "# %s: the rule %s has no tests\n", r->file, r->name);
		}
		return;
	}
	for (unsigned i = 0; i < r->tests->n; i++) {
		t->test = r->tests->item[i];
		run_test(t, i);
	}
	for (unsigned i = 0; i < r->ncause; i++)
		if (!(t->causes >> i & 1)) {
			t->stat->causes_untested++;
			buf_printf(t->out, "# %s: %s: no test reaches the cause \"%s\"\n", r->file,
			    r->name, r->cause[i].because.source);
		}
}

static void
patterns_init(struct patterns *p, const struct rules *set)
{
	struct diag d = { .text = "" };

	p->event = xcalloc(set->nevents + 1, sizeof *p->event);
	p->unless = xcalloc(set->nevents + 1, sizeof *p->unless);
	for (unsigned i = 0; i < set->nevents; i++) {
		const struct event_pattern *e = &set->event[i];

		(void)pattern_compile(e->pattern, e->exact ? PATTERN_LITERAL : 0, &p->event[i], &d);
		if (e->unless)
			(void)pattern_compile(e->unless, 0, &p->unless[i], &d);
	}
}

static void
patterns_fini(struct patterns *p, const struct rules *set)
{
	for (unsigned i = 0; i < set->nevents; i++) {
		pattern_free(p->event[i]);
		pattern_free(p->unless[i]);
	}
	free(p->event);
	free(p->unless);
}

int
rules_test(const struct rules *set, const char *only_id, struct buf *out, struct rules_test_stat *ret)
{
	struct rules_test_stat stat = { 0 };
	struct tester         *t = xcalloc(1, sizeof *t);
	const struct rule     *only = only_id ? rules_find(set, only_id) : NULL;

	t->rules = set;
	t->out = out;
	t->stat = &stat;
	t->diags = diags_new();
	patterns_init(&t->patterns, set);
	for (unsigned i = 0; i < set->n; i++) {
		t->rule = set->at[i];
		if (!only_id || t->rule == only)
			test_rule(t);
	}
	buf_printf(out, "1..%u\n", stat.tests);
	patterns_fini(&t->patterns, set);
	stat.failed += diags_errors(t->diags);
	diags_free(t->diags);
	free(t);
	if (ret)
		*ret = stat;
	return (int)stat.failed;
}
