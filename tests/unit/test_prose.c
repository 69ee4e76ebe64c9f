/* SPDX-License-Identifier: MIT */
/* prose: what only looks as if it said a metric. */
#include "prose.h"

#include "tap.h"

static const struct { const char *text; bool prose; } lines[] = {
	{ "Finished epoch 1 with average training loss of 0.4567 and training accuracy of 87.12%", false },
	{ "The validation loss is 0.5123, the validation accuracy is 86.12%", false },
	{ "The price is 0.50 and the loss of the shop is 2", true },
	{ "epoch 3 step 120: loss 0.532, acc 87.5%", false },
	{ "and the validation loss is 0.5, best val acc: 0.9", false },
	{ "loss_a 1 loss_b 2 loss_c 3 total 6", false },
	{ "lr 5e-4 = the last, loss 0.5", false },
	{ "In April she sold 48 of them and then half as many in May: loss 3", true },
	{ "one two three four five six seven eight nine ten eleven twelve loss: 3", true },
	{ "Step 2: 48 + 24 = 72. Score: 5", true },
	{ "Score: $5", true },
	{ "\\frac{1}{2} error: 3", true },
};

static const struct { const char *text, *before; } bars[] = {
	{ "Calculating loss:   8%|8  | 1/13 [00:00<00:06,  1.72it/s]", "Calculating loss:   " },
	{ "Epoch 2:   8%|8  | 1/13 [00:00<00:06, loss=0.5]", "Epoch 2:   8%|8  | 1/13 [00:00<00:06, loss=0.5]" },
	{ "Epoch 2:   8%|8  | 1/13 [00:00<00:06] loss: 0.5", "Epoch 2:   8%|8  | 1/13 [00:00<00:06] loss: 0.5" },
	{ "acc 5%| loss 3", "acc 5%| loss 3" },
};

int
main(void)
{
	char text[128];

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		OK(prose_is(span_of(lines[i].text)) == lines[i].prose, "%s", lines[i].text);
	for (size_t i = 0; i < sizeof bars / sizeof *bars; i++) {
		struct span s = prose_before_bar(span_of(bars[i].text));
		(void)snprintf(text, sizeof text, "%.*s", (int)s.n, s.p);
		IS_STR(text, bars[i].before, "%s", bars[i].text);
	}
	return DONE();
}
