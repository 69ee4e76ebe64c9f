/* SPDX-License-Identifier: MIT */
/* match and reading: which reader has a line, and what it takes out of it. */
#include "match.h"

#include "tap.h"
#include "ydoc.h"

#define METRICS \
	"phases: {train: [train], val: [val, validation], test: [test]}\n" \
	"positions: {step: [step], epoch: [epoch], iter: [batch], gpu: [device], ignore: [eta]}\n" \
	"metrics:\n" \
	"  loss: {class: loss, better: lower}\n" \
	"  accuracy: {class: score, better: higher, also: [acc]}\n" \
	"  lr: {class: lr, phased: false}\n" \
	"  step_time: {class: time, unit: s, phased: false}\n" \
	"  throughput/steps: {class: rate, phased: false, also: [speed]}\n" \
	"  gpu/memory: {class: resource, phased: false, also: [mem]}\n" \
	"  gpu/util: {class: resource, phased: false}\n"

#define PROFILE \
	"profile: p\n" \
	"reads:\n" \
	"- {name: groups, pattern: '^A (?<step>\\d+)(?:/(?<steps>\\d+))? (?<val__loss>%{num})(?: (?<step_time>\\S+))?'}\n" \
	"- {name: pairs, pattern: '^pairs:', pairs: true}\n" \
	"- {name: strict, pattern: '^strict:', pairs: {strict: true}}\n" \
	"- {name: spaced, pattern: '^spaced:', pairs: {spaced: true}}\n" \
	"- {name: bars, pattern: '^bars:', pairs: {sep: '~'}}\n" \
	"- {name: rest, pattern: '^rest (?<rest>.*) END', pairs: true}\n" \
	"- {name: phase, pattern: '^in (?<phase>\\w+):', pairs: true}\n" \
	"- {name: tested, pattern: '^tested:', phase: test, pairs: true, drop: [foo]}\n" \
	"- {name: turn, pattern: '^now validating', set: val}\n" \
	"- {name: back, pattern: '^now training', set: none}\n" \
	"- {name: object, object: {needs: [loss], anywhere: true}}\n" \
	"- {name: map, pattern: '^mapped:', pairs: true, map: {A: loss, b: val/loss, c: step_time ms, d: 'acc *0.5', " \
	"e: gpu/util gpu=1, f: label gpu, g: ignore, h: step, '/u(?<gpu>\\d)/': gpu/util, '/v_(.*)/': 'val/&'}}\n" \
	"- {name: key, pattern: '^kv (?<key>\\w+) (?<value>\\S+) (?<value__val>\\S+)'}\n" \
	"- {name: table, pattern: '^Epoch', columns: true, stay: true}\n" \
	"- {name: cells, pattern: '^\\|step', columns: {sep: '|', strict: true}}\n" \
	"- {name: open, pattern: '^BEGIN', opens: box, phase: val}\n" \
	"- {name: inner, in: box, pattern: '^ *(?<rest>\\w+ \\S+)$', pairs: true}\n" \
	"- {name: short, pattern: '^common word'}\n" \
	"- {name: long, pattern: '^common word and more (?<loss>%{num})'}\n" \
	"- {name: first, pattern: '^same text (?<loss>%{num})', priority: 1}\n" \
	"- {name: second, pattern: '^same text (?<loss>%{num})'}\n"

#define GENERIC \
	"profile: g\n" \
	"generic: true\n" \
	"reads:\n" \
	"- {name: pairs, pattern: '(?=.*(?:loss|step|lr))', pairs: {strict: true}}\n"

static struct vocab    *vocab;
static struct profiles *profiles;

/* "reader: metric,labels=value ... (kind=value)"; "-": nobody. */
static const char *
read_line(struct matcher *m, const char *text, int rank)
{
	static const char *const names[] = { [KEY_STEP] = "step", [KEY_STEPS] = "steps", [KEY_EPOCH] = "epoch",
	    [KEY_EPOCHS] = "epochs", [KEY_ITER] = "iter", [KEY_ITERS] = "iters" };
	static struct match match;
	static char out[1024];
	struct line line = { .text = span_of(text), .raw = span_of(text), .rank = rank, .node = -1 };

	(void)match_line(m, &line, &match);
	if (!match.profile)
		return "-";
	size_t n = (size_t)snprintf(out, sizeof out, "%s:", match.reader);
	for (unsigned i = 0; i < match.n && n < 900; i++) {
		const struct field *f = &match.field[i];
		const char *labels = f->kind == KEY_METRIC ? vocab_labels_text(vocab, f->labels) : "";
		n += (size_t)snprintf(out + n, sizeof out - n, " %s%s%s=%g%s",
		    f->kind == KEY_METRIC ? vocab_metric_name(vocab, f->metric) : names[f->kind], *labels ? "," : "", labels,
		    f->value, f->unit ? f->unit : "");
	}
	return out;
}

/* Lines of one stream, in this order. */
static const struct { const char *name, *line, *out; int rank; } rows[] = {
	{ "groups", "A 3/10 0.5 20ms", "groups: step=3 steps=10 val/loss=0.5 step_time=0.02", -1 },
	{ "an optional group that is not there", "A 3 0.5", "groups: step=3 val/loss=0.5", -1 },
	{ "pairs, unknown ones where joined", "pairs: loss 0.5, foo: 2, bar 3", "pairs: train/loss=0.5 train/foo=2", -1 },
	{ "none that are unknown", "strict: loss 0.5, foo: 2", "strict: train/loss=0.5", -1 },
	{ "a size is no loss there", "strict: acc 1, loss 12 MB, mem 12 MB", "strict: train/accuracy=1 gpu/memory=12MB", -1 },
	{ "all that are unknown", "spaced: loss 0.5, bar 3", "spaced: train/loss=0.5 train/bar=3", -1 },
	{ "a border of one's own", "bars: x 1 ~loss 2", "bars: train/loss=2", -1 },
	{ "only the rest", "rest loss: 1 END acc: 2", "rest: train/loss=1", -1 },
	{ "a phase that is captured", "in validation: loss 1, lr 2", "phase: val/loss=1 lr=2", -1 },
	{ "a word that is none", "in between: loss 1", "phase: train/loss=1", -1 },
	{ "a phase of the reader, a key that is dropped", "tested: loss 1, foo: 2", "tested: test/loss=1", -1 },
	{ "positions and totals", "pairs: epoch 2/3, batch [5/10]", "pairs: epoch=2 epochs=3 iter=5 iters=10", -1 },
	{ "percentages and rates", "pairs: acc: 50%, speed 4s/it, lr 1e-3", "pairs: train/accuracy=0.5 throughput/steps=0.25 lr=0.001", -1 },
	{ "a rank of the line", "pairs: loss 1", "pairs: train/loss,rank=3=1", 3 },
	{ "a device in the line", "pairs: device: 7, loss: 1", "pairs: train/loss,gpu=7=1", -1 },
	{ "an object behind other text", "x {\"loss\": 0.5, \"a\": {\"b\": 2}, \"s\": \"t\"}", "object: train/loss=0.5 train/a.b=2", -1 },
	{ "its phase by a key", "{\"mode\": \"val\", \"loss\": 1}", "object: val/loss=1", -1 },
	{ "without the key that it needs", "{\"cost\": 0.5}", "-", -1 },
	{ "a map", "mapped: A 1, b 2, c 3, d 4, g 6, h 7", "map: train/loss=1 val/loss=2 step_time=0.003 train/accuracy=2 step=7", -1 },
	{ "labels of a map", "mapped: e 1, f 2, A 3", "map: gpu/util,gpu=1=1 train/loss,gpu=2=3", -1 },
	{ "keys that are patterns", "mapped: u3: 1, v_foo: 2, v_loss: 3", "map: gpu/util,gpu=3=1 val/foo=2 val/loss=3", -1 },
	{ "a key that is captured", "kv loss 1 2", "key: train/loss=1 val/loss=2", -1 },
	{ "the longer text is tried first", "common word and more 1", "long: train/loss=1", -1 },
	{ "the higher priority too", "same text 1", "first: train/loss=1", -1 },
	{ "a context", "now validating", "turn:", -1 },
	{ "holds for the lines after it", "pairs: loss 1", "pairs: val/loss=1", -1 },
	{ "but not for a phase that is said", "tested: loss 1", "tested: test/loss=1", -1 },
	{ "until another", "now training", "back:", -1 },
	{ "as here", "pairs: loss 1", "pairs: train/loss=1", -1 },
	{ "a block", "BEGIN", "open:", -1 },
	{ "is read inside", "loss 1", "inner: val/loss=1", -1 },
	{ "until another line", "pairs: loss 1", "pairs: train/loss=1", -1 },
	{ "then it is closed", "acc 1", "-", -1 },
	{ "and others read", "loss 1", "pairs: train/loss=1", -1 },
	{ "settings before a position would be none, but one was said", "lr 1", "pairs: lr=1", -1 },
	{ "a table", "Epoch loss acc", "table:", -1 },
	{ "its rows", "1 0.5 50%", "table: epoch=1 train/loss=0.5 train/accuracy=0.5", -1 },
	{ "too few cells", "2 0.5", "-", -1 },
	{ "it stays", "3 0.25 60%", "table: epoch=3 train/loss=0.25 train/accuracy=0.6", -1 },
	{ "a table of cells, of known ones", "|step|loss|x|", "cells:", -1 },
	{ "its rows", "|4|0.5|9|", "cells: step=4 train/loss=0.5", -1 },
	{ "too large for a number", "pairs: loss: 1e400, acc: 1", "pairs: train/accuracy=1", -1 },
	{ "a decimal comma is no number", "strict: loss: 1,5 acc: 1", "strict: train/accuracy=1", -1 },
	{ "hexadecimal is no number", "strict: loss: 0x1p3 acc: 1", "strict: train/accuracy=1", -1 },
	{ "nan is one", "pairs: loss: nan, acc: -inf", "pairs: train/loss=nan train/accuracy=-inf", -1 },
	{ "nobody", "hello", "-", -1 },
	{ "nothing", "", "-", -1 },
};

static void
test_events(void)
{
	static struct match match;
	struct matcher *m = matcher_new(profiles, vocab);
	struct line line = { .text = SPAN_LIT("out of memory: 12 GiB, loss 1"), .rank = -1, .node = -1 };
	struct diag d;

	OK(matcher_event(m, 4, "out of memory: (?<size>\\d+)", "ignored", false, &d) == 0, "an event");
	OK(matcher_event(m, 5, "\\d+", NULL, false, &d) == -1, "an event without a text is refused");
	OK(match_line(m, &line, &match) && match.events == 1 && match.event[0].id == 4, "it is found beside the numbers");
	OK(match.event[0].n == 1 && span_is(match.event[0].cap[0], "12"), "with its groups");
	line.text = SPAN_LIT("out of memory: 12, ignored");
	OK(!match_line(m, &line, &match) || match.events == 0, "unless");
	matcher_free(m);
}

static void
test_whole_run(void)
{
	struct matcher *m = matcher_new(profiles, vocab);
	const char *whose;

	IS_STR(read_line(m, "lr 0.5", -1), "-", "settings before a position are none");
	OK(matcher_profile(m) == NULL, "nobody has read yet");
	(void)read_line(m, "step 3 loss 0.5", -1);
	IS_STR(profile_name(matcher_profile(m)), "g", "the generic one, where no other");
	(void)read_line(m, "A 3 0.5", -1);
	IS_STR(profile_name(matcher_profile(m)), "p", "another before it");
	OK(matcher_hits(m, 0) == 1 && matcher_hits(m, 1) == 0 && matcher_hits(m, 9999) == 0, "lines of each reader");
	OK(matcher_errors(m, &whose) == 0 && whose == NULL, "no pattern ran into its bound");
	matcher_free(m);
	m = matcher_new(profiles, vocab);
	matcher_only(m, profiles_find(profiles, "g"));
	IS_STR(read_line(m, "pairs: step 3, loss 0.5", -1), "pairs: step=3 train/loss=0.5", "only one profile");
	IS_STR(read_line(m, "A 3 0.5", -1), "-", "and no other");
	matcher_free(m);
}

int
main(void)
{
	struct diags *diags = diags_new();

	vocab = vocab_new();
	OK(vocab_load(vocab, ydoc_parse("metrics", span_of(METRICS), diags), diags) == 0, "the vocabulary");
	profiles = profiles_new(vocab);
	OK(profiles_load(profiles, ydoc_parse("p", span_of(PROFILE), diags), diags) == 0 &&
	    profiles_load(profiles, ydoc_parse("d/g", span_of(GENERIC), diags), diags) == 0, "the profiles");
	if (diags_errors(diags))
		diags_print(diags, stdout, false, NULL);
	struct matcher *m = matcher_new(profiles, vocab);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		IS_STR(read_line(m, rows[i].line, rows[i].rank), rows[i].out, "%s", rows[i].name);
	matcher_free(m);
	test_events();
	test_whole_run();
	profiles_free(profiles);
	vocab_free(vocab);
	diags_free(diags);
	return DONE();
}
