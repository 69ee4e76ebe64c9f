/* SPDX-License-Identifier: MIT */
/* pairs: which numbers of a text count, and what their keys are. */
#include "pairs.h"

#include "tap.h"

/* key[:]value[unit][/total], with (...) around what stands in brackets. */
static const struct { const char *name, *in, *out; char sep; } rows[] = {
	{ "colons and commas", "loss: 0.5, acc: 0.25", "loss:0.5 acc:0.25", 0 },
	{ "equals signs", "loss=0.5 lr = 1e-3", "loss:0.5 lr:0.001", 0 },
	{ "words alone", "epoch 3 loss 0.5", "epoch 3 loss 0.5", 0 },
	{ "an arrow", "loss -> 0.5 acc => 0.25", "loss:0.5 acc:0.25", 0 },
	{ "two blanks are a border", "took long  loss 0.5", "loss 0.5", 0 },
	{ "a separator of one's own", "a~loss 0.5", "loss 0.5", '~' },
	{ "quotes", "'loss': 0.5, \"acc\": 0.25", "loss:0.5 acc:0.25", 0 },
	{ "a total", "step 5/100 loss 0.5", "step 5/100 loss 0.5", 0 },
	{ "of", "batch 5 of 100", "batch 5/100", 0 },
	{ "a mean in brackets", "Loss 0.5 (0.75)", "Loss 0.5 (0.75)", 0 },
	{ "a pair in brackets", "Epoch [1/10], Step [5/60]", "(Epoch 1/10) (Step 5/60)", 0 },
	{ "a bracket before a key is none of it", "[train] loss 0.5", "loss 0.5", 0 },
	{ "nan and infinities", "loss nan acc: -inf x=Infinity", "loss nan acc:-inf x:inf", 0 },
	{ "a sign", "loss: -0.5 +3", "loss:-0.5 3", 0 },
	{ "not inside a word", "layer3 resnet50 top5: 0.5", "layer3 resnet50 top5:0.5", 0 },
	{ "not in a path or a version", "a/3, v1.2.3, loss: 0.5", "loss:0.5", 0 },
	{ "not a date or a time", "2024-03-01 10:00:00 loss 0.5", "loss 0.5", 0 },
	{ "a wrapped number", "loss: tensor(0.5, device='cuda:0')", "loss:0.5", 0 },
	{ "a unit", "time 12ms acc 50%", "time 12<t> acc 50<%>", 0 },
	{ "a threshold is part of its key", "AP .5: 0.25", "AP .5:0.25", 0 },
	{ "a table of two cells", "| loss | 0.5 |", "loss 0.5", 0 },
	{ "a place that something is in", "TRAIN in epoch 3 , step 5, loss = 0.5", "epoch 3 step 5 loss:0.5", 0 },
	{ "what was done before", "Epoch[1] done. Loss: 0.5", "(Epoch 1) Loss:0.5", 0 },
	{ "a table of what a model is made of", "3  | cls_loss | NLLLoss | 0", "3 0", 0 },
	{ "a table of two cells drawn with lines", "│ loss │ 0.5 │ lr │ 0.1 │", "loss 0.5 lr 0.1", 0 },
	{ "a position that clings to its number", "Epoch3 loss = 0.5 epoch3.pt", "Epoch 3 loss:0.5", 0 },
	{ "a table of numbers", "| 1 | 0.5 |", "1 0.5", 0 },
	{ "a short word and a point", "Ep.3: loss 0.5", "Ep 3 loss 0.5", 0 },
	{ "wide borders", "\xe6\x8d\x9f\xe5\xa4\xb1\xef\xbc\x9a" "0.5\xef\xbc\x8c" "acc\xef\xbc\x9a" "1",
	    "\xe6\x8d\x9f\xe5\xa4\xb1:0.5 acc:1", 0 },
	{ "too large for a number", "loss: 1e400 acc: 1", "loss:! acc:1", 0 },
	{ "a decimal comma is no number", "loss: 1,5 acc: 1", "acc:1", 0 },
	{ "hexadecimal is no number", "loss: 0x1p3 acc: 1", "acc:1", 0 },
	{ "digits of other scripts are none", "loss: \xd9\xa1\xd9\xa2 acc: 1", "acc:1", 0 },
	{ "nothing", "", "", 0 },
	{ "no number", "loss: none", "", 0 },
	{ "punctuation alone", "- : = [ ( | , ;", "", 0 },
};

static const char *
read_all(const char *text, char sep)
{
	static char out[1024];
	struct pairs ps;
	struct pair p;
	size_t n = 0;

	out[0] = '\0';
	pairs_init(&ps, span_of(text), sep);
	while (pairs_next(&ps, &p) && n < sizeof out - 128) {
		n += (size_t)snprintf(out + n, sizeof out - n, "%s%s%.*s%s", n ? " " : "", p.bracket ? "(" : "",
		    (int)p.key.n, p.key.p ? p.key.p : "", p.key.n == 0 ? "" : p.joined ? ":" : " ");
		n += (size_t)(p.range ? snprintf(out + n, sizeof out - n, "!") :
		    snprintf(out + n, sizeof out - n, "%g", p.value));
		if (p.unit.q != Q_NONE)
			n += (size_t)snprintf(out + n, sizeof out - n, "<%s>", p.unit.q == Q_RATIO ? "%" : "t");
		if (p.total.n)
			n += (size_t)snprintf(out + n, sizeof out - n, "/%.*s", (int)p.total.n, p.total.p);
		n += (size_t)snprintf(out + n, sizeof out - n, "%s", p.bracket ? ")" : "");
	}
	return out;
}

static void
test_long(void)
{
	static char text[8192];
	struct pairs ps;
	struct pair p;
	unsigned n = 0;

	memset(text, '9', 4000);
	memcpy(text + 4000, " loss 0.5", 10);
	pairs_init(&ps, span_of(text), 0);
	while (pairs_next(&ps, &p))
		if (span_is(p.key, "loss") && !p.range)
			n++;
		else
			OK(p.range, "a number of 4000 digits does not fit");
	OK(n == 1, "and what follows it is read");
	pairs_init(&ps, SPAN_LIT("loss 0.5 rest"), 0);
	(void)pairs_next(&ps, &p);
	OK(span_is(span_trim(pairs_rest(&ps)), "rest"), "what stands behind the last number");
}

int
main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		IS_STR(read_all(rows[i].in, rows[i].sep), rows[i].out, "%s", rows[i].name);
	test_long();
	return DONE();
}
