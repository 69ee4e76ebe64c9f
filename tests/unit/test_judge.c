/* SPDX-License-Identifier: MIT */
/* judge: the life of findings, clusters of events, tracebacks, silence, the report. */
#include <math.h>
#include <stdlib.h>

#include "judge.h"
#include "rule.h"
#include "series_impl.h"
#include "tap.h"
#include "ydoc.h"

#define RULES \
	"- {rule: high, title: t, severity: [{when: loss > 20, level: critical}, warning], needs: {loss: train/loss}," \
	" min_points: 0, when: loss > 10, keep: 2, inhibits: [low], summary: 'loss {loss}'}\n" \
	"- {rule: low, title: t, severity: notice, needs: {loss: train/loss}, min_points: 0, when: loss > 5, summary: s}\n" \
	"- {rule: val, title: t, severity: info, needs: {v: [val/loss, test/loss]}, min_points: 0, when: v > 1, summary: '{each}'}\n" \
	"- {rule: never, title: t, severity: info, needs: {v: val/accuracy}, when: v > 1, summary: s}\n" \
	"- {rule: oom, title: t, severity: critical, role: root, event: out of memory, inhibits: [trace], summary: s}\n" \
	"- {rule: fail, title: t, severity: warning, role: cascade, event: it failed, summary: s}\n" \
	"- {rule: done, title: t, role: marker, event: finished, mark: finish}\n" \
	"- {rule: hang, title: t, severity: critical, every: tick, when: run.quiet > 30 min and not run.finished, resolve: run.quiet < 60 s, summary: s}\n" \
	"- {rule: trace, title: t, severity: critical, role: root, detect: traceback, summary: '{$type}: {$message} ({$frame})'}\n" \
	"- {rule: again, title: t, severity: info, role: info, detect: restart, summary: s}\n"

static struct vocab *vocab;
static struct rules *rules;
static struct series_set *set;
static struct judge *judge;
static struct run    run;
static char          heard[4000];
static uint64_t      number;
static double        now;

static void
hear(void *arg, const struct finding *f)
{
	size_t n = strlen(heard);

	(void)arg;
	snprintf(heard + n, sizeof heard - n, "%s%s%s %s@%llu", n ? "; " : "",
	    f->state == FINDING_RESOLVED ? "-" : "", f->rule, severity_name(f->severity),
	    (unsigned long long)f->line);
}

static void
begin(bool live)
{
	run = (struct run){ .name = "r", .source = "s", .step = NAN, .epoch = NAN, .steps = NAN,
		.epochs = NAN, .start = 0, .last_progress = NAN, .live = live };
	set = series_set_new(vocab, 0);
	judge = judge_new(rules, vocab, set, &run, hear, NULL);
	heard[0] = '\0';
	number = 0;
	now = 1000;
}

static void
finish(void)
{
	judge_free(judge);
	series_set_free(set);
}

static struct line
line_of(const char *text)
{
	return (struct line){ .text = span_of(text), .raw = span_of(text), .number = ++number,
		.time = now, .arrival = NAN, .rank = -1, .node = -1 };
}

/* A line of text; events by the place of their texts in the rules. */
static void
text(const char *s)
{
	struct line l = line_of(s);

	now += 1;
	judge_line(judge, &l);
	for (unsigned i = 0; i < rules_event_count(rules); i++)
		if (strstr(s, rules_event(rules, i).pattern))
			judge_event(judge, i, &l, NULL, 0);
}

static void
point(const char *metric, double value)
{
	struct sample s = { .metric = vocab_metric_named(vocab, metric), .value = value, .epoch = NAN,
		.segment = run.segment };
	struct line   l = line_of("numbers");

	now += 1;
	run.step = isnan(run.step) ? 1 : run.step + 1;
	run.last_progress = now;
	s.step = run.step;
	s.time = now;
	s.line = l.number;
	judge_line(judge, &l);
	judge_sample(judge, series_add(set, &s), &s, &l);
}

static void
episodes(void)
{
	begin(false);
	for (int i = 0; i < 3; i++)
		point("train/loss", 1);
	point("train/loss", 11);
	IS_STR(heard, "low notice@4", "pending is silent; another rule is not");
	point("train/loss", 12);
	point("train/loss", 13);
	IS_STR(heard, "low notice@4; high warning@5", "it fires once");
	point("train/loss", 25);
	IS_STR(heard, "low notice@4; high warning@5; high critical@7", "and escalates");
	now += 1000;
	for (int i = 0; i < 6; i++)
		point("train/loss", 1);
	OK(!strstr(heard, "-high"), "it does not end before ten minutes");
	now += 1000;
	point("train/loss", 1);
	OK(strstr(heard, "-high critical@7"), "it ends after ten minutes");
	finish();
	begin(false);
	point("train/loss", 11);
	heard[0] = '\0';
	point("train/loss", 11);
	point("train/loss", NAN);
	point("train/loss", 11);
	IS_STR(heard, "high warning@2", "NaN is above nothing; the same episode is told once");
	finish();
}

static void
binding(void)
{
	const struct check *c;
	const char         *why = NULL;
	unsigned            n;

	begin(false);
	point("test/loss", 2);
	IS_STR(heard, "val info@1", "the second of a list, where the first is missing");
	point("val/loss", 0.5);
	point("test/loss", 0.1);
	point("test/loss", 3);
	IS_STR(heard, "val info@1", "once the first is there the other stands back");
	n = judge_checks(judge, &c);
	for (unsigned i = 0; i < n; i++)
		if (strcmp(c[i].rule, "never") == 0 && c[i].state == CHECK_NOT)
			why = c[i].why;
	IS_STR(why, "no val/accuracy printed", "why a rule was not checked");
	finish();
}

static void
clusters(void)
{
	begin(false);
	text("it failed");
	IS_STR(heard, "", "a cascade waits for its root");
	text("out of memory");
	judge_end(judge, now);
	IS_STR(heard, "oom critical@2", "which is told alone");
	finish();
	begin(false);
	text("it failed");
	now += 1000;
	text("something else");
	IS_STR(heard, "fail warning@1", "without a root it is told after two minutes, with its own line");
	finish();
	begin(false);
	text("it failed");
	judge_end(judge, now);
	IS_STR(heard, "fail warning@1", "or at the end");
	finish();
	begin(false);
	text("out of memory");
	text("out of memory");
	text("it failed");
	judge_end(judge, now);
	IS_STR(heard, "oom critical@1", "a root is told once");
	finish();
}

static void
traceback(const char *last)
{
	text("Traceback (most recent call last):");
	text("  File \"/home/me/train.py\", line 10, in main");
	text("    step()");
	text("  File \"/usr/lib/python3/site-packages/torch/x.py\", line 3, in f");
	text(last);
}

static void
tracebacks(void)
{
	const struct finding *const *f;

	begin(false);
	point("train/loss", 1);
	traceback("ValueError: bad shape");
	judge_end(judge, now);
	IS_STR(heard, "trace critical@6", "a traceback at the end");
	OK(judge_findings(judge, &f) == 1, "is one finding");
	IS_STR(f[0]->summary, "ValueError: bad shape (train.py:10 in main)", "with the user's own frame");
	finish();
	begin(false);
	point("train/loss", 1);
	traceback("ValueError: bad shape");
	for (int i = 0; i < 4; i++)
		point("train/loss", 1);
	judge_end(judge, now);
	IS_STR(heard, "trace notice@6", "training goes on: it was caught");
	finish();
	begin(false);
	traceback("KeyboardInterrupt");
	judge_end(judge, now);
	IS_STR(heard, "", "the user's interrupt is no crash");
	finish();
	begin(false);
	traceback("torch.OutOfMemoryError: CUDA out of memory");
	judge_end(judge, now);
	IS_STR(heard, "oom critical@5", "the event in its last line names it better");
	finish();
}

static void
silence(void)
{
	begin(true);
	for (int i = 0; i < 10; i++)
		point("train/loss", 1);
	judge_tick(judge, now + 1700);
	IS_STR(heard, "", "28 minutes are nothing");
	judge_tick(judge, now + 1900);
	IS_STR(heard, "hang critical@10", "32 minutes are");
	now += 2000;
	point("train/loss", 1);
	point("train/loss", 1);
	judge_tick(judge, now + 20);
	OK(strstr(heard, "-hang"), "it ends when there is progress");
	finish();
	begin(true);
	point("train/loss", 1);
	text("finished");
	judge_tick(judge, now + 10000);
	IS_STR(heard, "", "a run that has finished is not missed");
	finish();
	begin(false);
	point("train/loss", 1);
	now += 100000;
	text("begins again");
	text("a line");
	judge_end(judge, now);
	IS_STR(heard, "", "of a recording one long gap is no silence");
	finish();
}

static void
restart(void)
{
	struct line l;

	begin(false);
	point("train/loss", 11);
	point("train/loss", 11);
	heard[0] = '\0';
	run.segment++;
	l = line_of("restart");
	judge_segment(judge, &l);
	OK(strstr(heard, "-high") && strstr(heard, "again info@3"), "a restart ends what fired and is told");
	heard[0] = '\0';
	point("train/loss", 11);
	point("train/loss", 11);
	OK(strstr(heard, "high warning@5"), "and it may fire again");
	finish();
}

/* Up and down a hundred times. */
static void
again_and_again(void)
{
	unsigned told = 0;

	begin(false);
	for (int i = 0; i < 100; i++) {
		heard[0] = '\0';
		for (int k = 0; k < 9; k++) {
			now += 200;
			point("train/loss", k < 2 ? 11 : 1);
		}
		told += strstr(heard, "; high ") != NULL || strncmp(heard, "high ", 5) == 0;
		OK(i >= 2 || told == (unsigned)i + 1, "episode %d is told", i);
	}
	OK(told >= 4 && told <= 12, "what comes a hundred times is told a few times: %u", told);
	heard[0] = '\0';
	point("train/loss", 30);
	point("train/loss", 30);
	OK(strstr(heard, "high critical"), "worse than before is told at once");
	finish();
}

static void
live(void)
{
	struct sample s = { .metric = vocab_metric_named(vocab, "train/loss"), .value = 99, .live = true };
	struct line   l;

	begin(true);
	l = line_of("bar");
	judge_sample(judge, NULL, &s, &l);
	IS_STR(heard, "", "a redraw is looked at by live rules alone");
	finish();
}

/* The same points and lines, with a restart of the program before number `at` of them. */
static void
played(unsigned at, char *ret, size_t size)
{
	struct buf a, b;

	begin(false);
	for (unsigned i = 0; i < 24; i++) {
		if (i == at) {
			buf_init(&a, 1 << 24);
			buf_init(&b, 1 << 24);
			series_set_save(set, &a);
			judge_save(judge, &b);
			finish();
			set = series_set_new(vocab, 0);
			OK(series_set_load(set, buf_get(&a)) == 0, "series are loaded before %u", at);
			judge = judge_new(rules, vocab, set, &run, hear, NULL);
			OK(judge_load(judge, buf_get(&b)) == 0, "the judge is loaded before %u", at);
			buf_fini(&a);
			buf_fini(&b);
		}
		now += i == 18 ? 1000 : 0;
		if (i == 4)
			text("it failed");
		else if (i == 9)
			text("Traceback (most recent call last):");
		else if (i == 10)
			text("  File \"train.py\", line 3, in f");
		else if (i == 11)
			text("ValueError: x");
		else
			point(i % 3 ? "train/loss" : "val/loss", i < 15 ? 11 + i : 1);
	}
	judge_end(judge, now);
	snprintf(ret, size, "%s", heard);
	finish();
}

static void
restarts_of_the_program(void)
{
	char       whole[sizeof heard], parts[sizeof heard];
	struct buf b;

	played(99, whole, sizeof whole);
	OK(strstr(whole, "high") && strstr(whole, "-high") && strstr(whole, "trace"), "something happens: %s", whole);
	for (unsigned at = 1; at < 24; at++) {
		played(at, parts, sizeof parts);
		IS_STR(parts, whole, "a restart before %u changes nothing", at);
	}
	begin(false);
	point("train/loss", 11);
	buf_init(&b, 1 << 24);
	series_set_save(set, &b);
	for (size_t n = 0; n < b.n; n += 13)
		if (series_set_load(set, (struct span){ b.p, n }) != -1)
			OK(false, "a state that is cut at %zu", n);
	OK(series_count(set) == 0, "a state that is cut is refused, and the set is empty");
	finish();
	begin(false);
	point("train/loss", 11);
	buf_reset(&b);
	judge_save(judge, &b);
	for (size_t n = 0; n < b.n; n += 101) {
		struct judge *other = judge_new(rules, vocab, set, &run, NULL, NULL);

		if (judge_load(other, (struct span){ b.p, n }) != -1)
			OK(false, "the judge's, cut at %zu", n);
		judge_free(other);
	}
	buf_fini(&b);
	finish();
}

int
main(void)
{
	struct diags *d = diags_new();

	vocab = vocab_new();
	rules = rules_new(vocab);
	OK(rules_load(rules, ydoc_parse("t.yaml", SPAN_LIT(RULES), d), d) == 0 && rules_finish(rules, d) == 0, "the rules");
	diags_print(d, stdout, false, NULL);
	episodes();
	binding();
	clusters();
	tracebacks();
	silence();
	restart();
	again_and_again();
	live();
	restarts_of_the_program();
	diags_free(d);
	rules_free(rules);
	vocab_free(vocab);
	return DONE();
}
