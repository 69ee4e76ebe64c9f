/* SPDX-License-Identifier: MIT */
/* shape: what is remembered of a line's shape changes nothing of what is read. */
#include "match.h"
#include "profile.h"
#include "tap.h"
#include "ydoc.h"

#define METRICS \
	"phases: {train: [train], val: [val]}\n" \
	"positions: {step: [step], gpu: [device]}\n" \
	"metrics:\n" \
	"  loss: {class: loss, better: lower}\n" \
	"  accuracy: {class: score, better: higher, also: [acc]}\n" \
	"  top1: {class: score, better: higher}\n" \
	"  top5: {class: score, better: higher}\n"

#define PROFILE \
	"profile: trial\n" \
	"title: trial\n" \
	"reads:\n" \
	"- name: line\n" \
	"  pattern: 'step (?<step>\\d+)[:/]'\n" \
	"  pairs: {}\n" \
	"- name: gpu\n" \
	"  pattern: 'device (?<gpu>\\d+) '\n" \
	"  pairs: {}\n" \
	"- name: seven\n" \
	"  pattern: 'lucky 7: (?<loss>%{num})'\n" \
	"- name: turn\n" \
	"  pattern: '^now validating'\n" \
	"  set: val\n" \
	"- name: object\n" \
	"  object: {needs: [loss]}\n"

static struct vocab    *vocab;
static struct profiles *profiles;

static struct matcher *
matcher(void)
{
	struct matcher *m = matcher_new(profiles, vocab);
	struct diag d;

	if (matcher_event(m, 7, "exit code [1-9]", NULL, false, &d) == -1)
		printf("# %s\n", d.text);
	return m;
}

static const char *
read_line(struct matcher *m, const char *text)
{
	static struct match match;
	static char out[512];
	struct line line = { .text = span_of(text), .raw = span_of(text), .rank = -1, .node = -1 };
	size_t n = 0;

	match_line(m, &line, &match);
	out[0] = '\0';
	for (unsigned i = 0; i < match.n && n < 400; i++) {
		const struct field *f = &match.field[i];
		n += (size_t)snprintf(out + n, sizeof out - n, "%s%s%s%s%g", n ? " " : "",
		    f->kind == KEY_METRIC ? vocab_metric_name(vocab, f->metric) : "at",
		    f->labels > 0 ? "@" : "", f->labels > 0 ? vocab_labels_text(vocab, f->labels) : "=", f->value);
	}
	if (match.events)
		n += (size_t)snprintf(out + n, sizeof out - n, "%sevent", n ? " " : "");
	if (match.dropped)
		snprintf(out + n, sizeof out - n, "%sdropped", n ? " " : "");
	return out;
}

/* Each line comes after one of its own shape, which is what could mislead. */
static const struct { const char *before, *line, *want; } rows[] = {
	{ "step 10: loss 2.50", "step 11: loss 3.25", "at=11 train/loss=3.25" },
	{ "step 10: loss=1e100", "step 11: loss=1e400", "at=11 dropped" },
	{ "step 10: loss=1e400", "step 11: loss=1e100", "at=11 train/loss=1e+100" },
	{ "step 1/20 loss: 50%", "step 2/30 loss: 25%", "at=2 train/loss=0.25" },
	{ "step 1: top1: 0.5", "step 1: top5: 0.9", "at=1 train/top5=0.9" },
	{ "device 0 loss: 0.5", "device 1 loss: 0.7", NULL },
	{ "lucky 6: 0.5", "lucky 7: 0.5", "train/loss=0.5" },
	{ "lucky 7: 0.5", "lucky 6: 0.5", "" },
	{ "went with exit code 0", "went with exit code 3", "event" },
	{ "went with exit code 3", "went with exit code 0", "" },
	{ "nothing 1", "nothing 2", "" },
	{ "{'loss': 0.5, 'top1': 0.25}", "{'loss': 0.7, 'top5': 0.75}", "train/loss=0.7 train/top5=0.75" },
	{ "{'loss': 0.5, 'a1': {'acc': 0.25}}", "{'loss': 0.5, 'a2': {'acc': 0.75}}", NULL },
	{ "{'loss': nan}", "{'loss': inf}", "train/loss=inf" },
};

static void
compare(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct matcher *fresh = matcher(), *m = matcher();
		char want[512];
		snprintf(want, sizeof want, "%s", read_line(fresh, rows[i].line));
		if (rows[i].want)
			IS_STR(want, rows[i].want, "%s: as it is", rows[i].line);
		/* Twice: the first of a profile changes what comes first. */
		read_line(m, rows[i].before);
		read_line(m, rows[i].before);
		IS_STR(read_line(m, rows[i].line), want, "%s: after its like", rows[i].line);
		IS_STR(read_line(m, rows[i].line), want, "%s: after itself", rows[i].line);
		matcher_free(fresh);
		matcher_free(m);
	}
}

/* What lines before have set is no part of a shape. */
static void
state(void)
{
	struct matcher *m = matcher();

	for (int i = 0; i < 3; i++)
		IS_STR(read_line(m, "step 1: loss 2.5"), "at=1 train/loss=2.5", "while training, time %d", i);
	read_line(m, "now validating");
	IS_STR(read_line(m, "step 1: loss 2.5"), "at=1 val/loss=2.5", "the same line while validating");
	matcher_free(m);
}

/* More shapes than are kept, each twice. */
static void
many(void)
{
	struct matcher *m = matcher();
	unsigned wrong = 0;

	for (unsigned round = 0; round < 2; round++)
		for (unsigned i = 0; i < 5000; i++) {
			char text[64], want[64];
			snprintf(text, sizeof text, "%*s step %u: loss %u.5", (int)(i % 40), "", i, i + round);
			for (unsigned k = i; k; k /= 26)
				text[k % 40 % (i % 40 + 1)] = (char)('a' + k % 26);
			snprintf(want, sizeof want, "at=%u train/loss=%g", i, i + round + 0.5);
			wrong += strcmp(read_line(m, text), want) != 0;
		}
	IS_NUM(wrong, 0, "ten thousand lines of thousands of shapes");
	matcher_free(m);
}

int
main(void)
{
	struct diags *diags = diags_new();

	vocab = vocab_new();
	OK(vocab_load(vocab, ydoc_parse("metrics", span_of(METRICS), diags), diags) == 0, "the vocabulary");
	profiles = profiles_new(vocab);
	OK(profiles_load(profiles, ydoc_parse("trial", span_of(PROFILE), diags), diags) == 0, "the profile");
	diags_print(diags, stderr, false, NULL);
	compare();
	state();
	many();
	profiles_free(profiles);
	vocab_free(vocab);
	diags_free(diags);
	return DONE();
}
