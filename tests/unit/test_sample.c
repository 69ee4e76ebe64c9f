/* SPDX-License-Identifier: MIT */
/* sample: where the numbers of a line stand, what a redraw may overwrite, when a run begins anew. */
#include "sample.h"

#include "tap.h"
#include "ydoc.h"

static struct vocab    *vocab;
static struct profiles *profiles;

/* A stream of its own for each case: its lines through matcher and sampler, the samples as text. */
struct stream {
	struct run      run;
	struct matcher *m;
	struct sampler *s;
	char            out[2048];
};

static void
start(struct stream *x)
{
	run_init(&x->run, "r", "s");
	x->m = matcher_new(profiles, vocab);
	x->s = sampler_new(&x->run);
	x->out[0] = '\0';
}

static void
drain(struct stream *x)
{
	struct sample s;
	size_t n = strlen(x->out);

	while (sampler_next(x->s, &s)) {
		n += (size_t)snprintf(x->out + n, sizeof x->out - n, "%s%s%g", n ? " " : "", s.live ? "~" : "", s.value);
		if (!isnan(s.step))
			n += (size_t)snprintf(x->out + n, sizeof x->out - n, "@%g", s.step);
		if (!isnan(s.epoch))
			n += (size_t)snprintf(x->out + n, sizeof x->out - n, "e%g", s.epoch);
		if (s.segment)
			n += (size_t)snprintf(x->out + n, sizeof x->out - n, "#%u", s.segment);
	}
}

/* A line that begins with '\r' is a redraw; "3>" is of rank 3. */
static void
push(struct stream *x, const char *text)
{
	static struct match match;
	struct line line = { .rank = -1, .node = -1, .time = NAN, .arrival = NAN };

	if (*text == '\r') {
		line.redraw = true;
		text++;
	}
	if (text[0] && text[1] == '>') {
		line.rank = text[0] - '0';
		text += 2;
	}
	line.text = line.raw = span_of(text);
	(void)match_line(x->m, &line, &match);
	(void)sampler_push(x->s, &line, &match);
	drain(x);
}

static const char *
run(struct stream *x, const char *const *lines)
{
	start(x);
	for (; *lines; lines++)
		push(x, *lines);
	sampler_end(x->s);
	drain(x);
	sampler_free(x->s);
	matcher_free(x->m);
	return x->out;
}

static const struct { const char *name; const char *line[10]; const char *out; double steps, epochs; } rows[] = {
	{ "at the step that is printed", { "step 3 loss 1", "step 4 loss 2" }, "1@3 2@4", NAN, NAN },
	{ "at the newest one before", { "step 3/9 x", "loss 1" }, "1@3", 9, NAN },
	{ "without any", { "loss 1" }, "1", NAN, NAN },
	{ "epoch and batch make a step", { "epoch 1/2 batch 5/10 loss 1", "epoch 2/2 batch 5/10 loss 2" }, "1@5e1 2@15e2", NAN, 2 },
	{ "epochs from 0", { "epoch 0 batch 5/10 loss 1", "epoch 1 batch 0/10 loss 2" }, "1@5e0 2@10e1", NAN, NAN },
	{ "the number of batches by those that came", { "epoch 0 batch 0 loss 1", "epoch 0 batch 9 loss 1", "epoch 1 batch 0 loss 2" },
	    "1@0e0 1@9e0 2@10e1", NAN, NAN },
	{ "a step that begins anew with the epoch", { "epoch 1/3 step 50/60 loss 1", "epoch 2/3 step 10/60 loss 2", "epoch 3/3 step 10/60 loss 3" },
	    "1@50e1 2@70e2 3@130e3", NAN, 3 },
	{ "back by a little: another logger", { "step 1000 loss 1", "step 999 loss 2" }, "1@1000 2@999", NAN, NAN },
	{ "back by more: a restart", { "step 100 loss 1", "step 50 loss 2", "step 60 loss 3" }, "1@100 2@50#1 3@60#1", NAN, NAN },
	{ "before the first sample there is no restart", { "step 100", "step 0", "loss 1", "step 1 loss 2" }, "1@0 2@1", NAN, NAN },
	{ "an epoch that goes back", { "epoch 5 loss 1", "epoch 2 loss 2" }, "1e5 2e2#1", NAN, NAN },
	{ "an evaluation's batches are no position", { "step 100 loss 1", "eval: batch 3/20 loss 2", "step 110 loss 3" },
	    "1@100 2@100 3@110", NAN, NAN },
	{ "another rank does not move the run", { "0>step 10 loss 1", "1>step 8 loss 2", "0>step 12 loss 3" }, "1@10 2@8 3@12", NAN, NAN },
	{ "redraws are live until one is complete", { "epoch 1", "\rbar 1/2 loss 3", "\rbar 2/2 loss 1", "epoch 2", "\rbar 1/2 loss 9" },
	    "~3@1e1 ~1@2e1 1@2e1 ~9@3e2", NAN, NAN },
	{ "at the end of the input, too", { "epoch 1", "\rbar 1/2 loss 3", "\rbar 2/2 loss 1" }, "~3@1e1 ~1@2e1 1@2e1", NAN, NAN },
	{ "an unfinished bar of an epoch is no point", { "epoch 1", "\rbar 1/2 loss 3" }, "~3@1e1", NAN, NAN },
	{ "one that takes long is: some on the way, not the first", { "epoch 1", "\rbar 5/1000 left 59:00 loss 9", "\rbar 20/1000 left 58:50 loss 8",
	    "\rbar 24/1000 left 58:40 loss 7", "\rbar 30/1000 left 58:00 loss 6" }, "~9@5e1 8@20e1 ~7@24e1 6@30e1", NAN, NAN },
	{ "one of a few minutes is not", { "epoch 1", "\rbar 500/1000 left 4:00 loss 9" }, "~9@500e1", NAN, NAN },
	{ "a bar without an epoch is the run", { "\rbar 1/9 loss 3", "\rbar 2/9 loss 1" }, "3@1 1@2", 9, NAN },
	{ "its points keep a distance", { "\rbar 500/9000 loss 3", "\rbar 504/9000 loss 2", "\rbar 506/9000 loss 1", "\rbar 5000/9000 loss 7", "\rbar 5008/9000 loss 8",
	    "\rbar 5009/9000 loss 9" }, "3@500 ~2@504 1@506 7@5000 ~8@5008 9@5009", NAN, NAN },
	{ "what did not change keeps more", { "\rbar 1/60 loss 3", "\rbar 2/60 loss 3", "\rbar 3/60 loss 3", "\rbar 4/60 loss 3" }, "3@1 ~3@2 ~3@3 3@4", NAN, NAN },
	{ "the next one counts on, and a shorter one is an evaluation",
	    { "\rbar 1/2 loss 3", "\rbar 2/2 loss 2", "\rbar 1/1 loss 9", "\rbar 1/2 loss 1" }, "3@1 2@2 1@3", NAN, NAN },
	{ "that begins anew before its end: a restart", { "\rbar 50/90 loss 3", "\rbar 1/90 loss 2" }, "3@50 2@1#1", 90, NAN },
	{ "what was written late has not the step of the bar before it", { "step 3/9 x", "epoch 0.1 loss 1", "step 4/9 x", "epoch 0.2 loss 2",
	    "epoch 0.3 loss 3", "epoch 0.4 loss 4", "step 8/9 x", "epoch 0.5 loss 5" }, "1@3e0.1 2@4e0.2 3e0.3 4e0.4 5e0.5", 9, NAN },
	{ "a new run seen by its epoch has not the step of the one before", { "step 100/625 x", "epoch 4.9 loss 1", "epoch 0.1 loss 2", "step 5/560 x",
	    "epoch 0.2 loss 3" }, "1@100e4.9 2e0.1#1 3@5e0.2#1", 560, NAN },
	{ "whole epochs keep the step at which they end", { "step 3/9 x", "epoch 1 loss 1", "epoch 2 loss 2", "epoch 3 loss 3" },
	    "1@3e1 2@3e2 3@3e3", 9, NAN },
	{ "a held block gets its positions from anywhere in it", { "BEGIN", "in loss 1", "in step 7", "END", "x" }, "1@7", NAN, NAN },
};

int
main(void)
{
	struct diags *diags = diags_new();
	static struct stream x;

	vocab = vocab_new();
	profiles = profiles_new(vocab);
	OK(vocab_load(vocab, ydoc_parse("m", SPAN_LIT("phases: {train: [train], val: [val, eval]}\n"
	    "positions: {step: [step], epoch: [epoch], iter: [batch]}\nmetrics: {loss: {class: loss}}\n"), diags), diags) == 0 &&
	    profiles_load(profiles, ydoc_parse("p", SPAN_LIT("profile: p\nreads:\n"
	    "- {name: eval, pattern: '^eval:', phase: val, pairs: true}\n"
	    "- {name: bar, pattern: '^bar (?<iter>\\d+)/(?<iters>\\d+)(?: left (?<left>[\\d:]+))?', bar: true, pairs: true}\n"
	    "- {name: open, pattern: '^BEGIN', opens: b, hold: true, stay: true}\n"
	    "- {name: in, in: b, pattern: '^in ', pairs: true}\n"
	    "- {name: shut, pattern: '^END', closes: b}\n"
	    "- {name: any, pattern: '^(?=.*(?:step|epoch|loss))', pairs: {strict: true}}\n"), diags), diags) == 0, "vocabulary and profile");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		IS_STR(run(&x, rows[i].line), rows[i].out, "%s", rows[i].name);
		if (!isnan(rows[i].steps) || !isnan(rows[i].epochs)) {
			IS_NUM(x.run.steps, rows[i].steps, "%s: steps", rows[i].name);
			IS_NUM(x.run.epochs, rows[i].epochs, "%s: epochs", rows[i].name);
		}
	}
	profiles_free(profiles);
	vocab_free(vocab);
	diags_free(diags);
	return DONE();
}
