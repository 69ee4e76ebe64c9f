/* SPDX-License-Identifier: MIT */
/*
 * bench_judge: nanoseconds for a point of each class of series with all shipped
 * rules, and for a condition.  One line a measurement.
 */
#include <math.h>
#include <stdio.h>

#include "clock.h"
#include "embed.h"
#include "judge.h"
#include "rule.h"
#include "rule_impl.h"
#include "series_impl.h"
#include "ydoc.h"

#define POINTS 1000000

static struct vocab *vocab;
static struct rules *rules;

static void
load(struct diags *d)
{
	for (size_t i = 0; i < embed_count; i++) {
		struct span text = { embed_files[i].data, embed_files[i].size };

		if (strcmp(embed_files[i].name, "metrics.yaml") == 0)
			vocab_load(vocab, ydoc_parse(embed_files[i].name, text, d), d);
	}
	for (size_t i = 0; i < embed_count; i++) {
		struct span text = { embed_files[i].data, embed_files[i].size };

		if (strncmp(embed_files[i].name, "diagnostics/", 12) == 0)
			rules_load(rules, ydoc_parse(embed_files[i].name, text, d), d);
	}
	rules_finish(rules, d);
}

static double
value(unsigned i)
{
	return 2 + 2.0 / (1 + i / 1000.0) + 0.01 * ((i * 7919u) % 101 / 50.0 - 1);
}

static void
one_metric(const char *metric)
{
	struct run         run = { .name = "r", .steps = POINTS, .epoch = NAN, .epochs = NAN, .last_progress = 0 };
	struct series_set *set = series_set_new(vocab, 0);
	struct judge      *j = judge_new(rules, vocab, set, &run, NULL, NULL);
	struct sample      s = { .metric = vocab_metric_named(vocab, metric), .epoch = NAN };
	struct line        line = { .text = SPAN_LIT("x"), .number = 1, .rank = -1 };
	double             begin = clock_mono(), added, took;

	for (unsigned i = 0; i < POINTS; i++) {
		s.value = value(i);
		s.step = i;
		s.time = i;
		s.line = i;
		series_add(set, &s);
	}
	added = clock_mono() - begin;
	series_set_free(set);
	set = series_set_new(vocab, 0);
	judge_free(j);
	j = judge_new(rules, vocab, set, &run, NULL, NULL);
	begin = clock_mono();
	for (unsigned i = 0; i < POINTS; i++) {
		s.value = value(i);
		s.step = run.step = i;
		s.time = i;
		s.line = line.number = i;
		judge_sample(j, series_add(set, &s), &s, &line);
	}
	took = clock_mono() - begin;
	printf("%-20s series %6.1f ns  with judge %6.1f ns a point\n", metric, added / POINTS * 1e9,
	    took / POINTS * 1e9);
	judge_free(j);
	series_set_free(set);
}

int
main(void)
{
	static const char *const metrics[] = { "train/loss", "val/loss", "val/accuracy", "lr", "grad_norm",
		"step_time", "throughput/tokens", "train/foo" };
	struct diags *d = diags_new();

	vocab = vocab_new();
	rules = rules_new(vocab);
	load(d);
	diags_print(d, stderr, false, NULL);
	for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
		one_metric(metrics[i]);
	rules_free(rules);
	vocab_free(vocab);
	diags_free(d);
	return 0;
}
