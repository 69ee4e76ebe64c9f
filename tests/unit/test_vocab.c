/* SPDX-License-Identifier: MIT */
/* vocab: what the keys of logs mean, by the vocabulary that is built in. */
#include "vocab.h"

#include "embed.h"
#include "tap.h"
#include "ydoc.h"

static const struct { const char *key, *out; } rows[] = {
	{ "loss", "loss" }, { "Loss", "loss" }, { "'loss'", "loss" }, { " loss ", "loss" },
	{ "train_loss", "train/loss" }, { "Train Loss", "train/loss" }, { "loss/train", "train/loss" },
	{ "Val. Loss", "val/loss" }, { "validation-loss", "val/loss" }, { "eval/acc", "val/accuracy" },
	{ "TrainLoss", "train/loss" }, { "valAcc", "val/accuracy" }, { "GradNorm", "grad_norm" },
	{ "average validation loss", "val/average_loss" }, { "avg_val_loss", "val/avg_loss" },
	{ "and the validation loss is", "val/loss" }, { "with training accuracy of", "train/accuracy" },
	{ "Learning Rate", "lr" }, { "learning_rate", "lr" }, { "current lr", "lr" },
	{ "elapsed time per iteration (ms)", "step_time ms" }, { "lm loss", "loss" },
	{ "epoch", "[epoch]" }, { "Ep", "[epoch]" }, { "global step", "[step]" }, { "max_steps", "[steps]" },
	{ "batch", "[iter]" }, { "consumed samples", "[samples]" }, { "rank", "[rank]" },
	{ "eta", "[ignore]" }, { "batch_size", "[ignore]" }, { "timestamp", "[time]" },
	{ "Verlust", "loss" }, { "Validierungsverlust", "val/loss" }, { "perte de validation", "val/loss" },
	{ "\xe8\xae\xad\xe7\xbb\x83\xe6\x8d\x9f\xe5\xa4\xb1", "train/loss" },
	{ "\xd0\xa2\xd0\xbe\xd1\x87\xd0\xbd\xd0\xbe\xd1\x81\xd1\x82\xd1\x8c", "accuracy" },
	{ "loss_bbox", "?loss_bbox" }, { "val_loss_cls", "val/?loss_cls" }, { "content loss", "?content loss" },
	{ "apples", "~apples" }, { "val_apples", "val/~apples" },
	{ "we looked at it and found the loss", "~we looked at it and found the loss" },
	{ "", "~" }, { ")", "~)" }, { "]", "~]" }, { "(ms)", "~(ms)" }, { "x()", "~x()" },
};

/* [position], or phase/base with "?" before a name that is like a metric's, "~" before another. */
static const char *
told(const struct vocab *v, const char *key)
{
	static const char *const phase[] = { "", "train/", "val/", "test/" };
	static char out[256];
	struct key_meaning m;

	vocab_key(v, span_of(key), &m);
	if (m.kind != KEY_METRIC && m.kind != KEY_UNKNOWN)
		snprintf(out, sizeof out, "[%.*s]", (int)m.base.n, m.base.p);
	else
		snprintf(out, sizeof out, "%s%s%.*s%s", phase[m.phase], m.kind == KEY_METRIC ? "" : m.likely ? "?" : "~",
		    (int)m.base.n, m.base.p, m.has_unit && m.unit.factor < 0.01 ? " ms" : "");
	return out;
}

static void
test_names(struct vocab *v)
{
	int a = vocab_metric(v, PHASE_VAL, true, SPAN_LIT("loss")), b = vocab_metric_named(v, "val/loss");

	OK(a == b, "a name has one number");
	IS_STR(vocab_metric_name(v, a), "val/loss", "and the number its name");
	OK(vocab_metric_info(v, a)->cls == CLASS_LOSS && vocab_metric_info(v, a)->dir == DIR_LOWER, "what it is");
	OK(vocab_metric_info(v, a)->phase == PHASE_VAL, "and of which phase");
	IS_STR(vocab_metric_name(v, vocab_metric(v, PHASE_VAL, false, SPAN_LIT("lr"))), "lr", "one without a phase");
	int rank = vocab_labels_with(v, 0, "rank", SPAN_LIT("3")), both = vocab_labels_with(v, rank, "gpu", SPAN_LIT("0"));
	IS_STR(vocab_labels_text(v, both), "gpu=0,rank=3", "labels are sorted");
	OK(span_is(vocab_label(v, both, "rank"), "3") && vocab_label(v, rank, "gpu").n == 0, "and found");
	IS_STR(vocab_labels_text(v, vocab_labels_with(v, both, "rank", SPAN_LIT("4"))), "gpu=0,rank=4", "replaced");
	IS_STR(vocab_labels_text(v, vocab_labels_with(v, 0, "x", SPAN_LIT("a,b=c"))), "x=a_b_c", "made plain");
}

static void
test_mistakes(struct vocab *v)
{
	static const char *const bad[] = {
		"- a list", "metrics: {x: 3}", "metrics: {x: {class: lss}}", "metrics: {x: {better: more}}",
		"metrics: {x: {also: [loss]}}", "positions: {stepp: [a]}", "phases: {dev: [a]}", "like: [{class: loss}]",
		"words: {nonsense: [x]}", "words: {loss: x}", "metrics: {x: {unit: parsec}}", "metric: {}",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct diags *diags = diags_new();
		OK(vocab_load(v, ydoc_parse("bad.yaml", span_of(bad[i]), diags), diags) == -1 && diags_errors(diags) == 1, "refused: %s", bad[i]);
		diags_free(diags);
	}
}

int
main(void)
{
	struct vocab *v = vocab_new();
	struct diags *diags = diags_new();

	for (size_t i = 0; i < embed_count; i++)
		if (strcmp(embed_files[i].name, "metrics.yaml") == 0)
			OK(vocab_load(v, ydoc_parse("metrics.yaml", (struct span){ embed_files[i].data, embed_files[i].size },
			    diags),
			    diags) == 0, "the vocabulary is without a mistake");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		IS_STR(told(v, rows[i].key), rows[i].out, "\"%s\"", rows[i].key);
	test_names(v);
	test_mistakes(v);
	vocab_free(v);
	diags_free(diags);
	return DONE();
}
