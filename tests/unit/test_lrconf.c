/* SPDX-License-Identifier: MIT */
/* lrconf: configurations as frameworks print them, and the schedule that each declares. */
#include <math.h>
#include <string.h>

#include "lrconf.h"
#include "tap.h"

#define HF "TrainingArguments(\n_n_gpu=1,\nlearning_rate=5e-05,\nmax_steps=-1,\nper_device_train_batch_size=8,\n"
#define MEGATRON \
	"  lr ............... 0.0003\n  lr_decay_iters ........ None\n  lr_warmup_fraction ..... 0.01\n" \
	"  lr_warmup_init ....... 0.0\n  lr_warmup_iters ...... 0\n  min_lr ...... 3e-05\n" \
	"  rampup_batch_size ..... None\n  train_iters ...... 5000\n"
#define FAIRSEQ "Namespace(update_freq=[1], lr=[0.0005], warmup_updates=400, "
#define DETECTRON \
	"  BASE_LR: 0.02\n  GAMMA: 0.1\n  IMS_PER_BATCH: 16\n  LR_SCHEDULER_NAME: WarmupMultiStepLR\n" \
	"  MAX_ITER: 9000\n  STEPS: (6000, 8000)\n  WARMUP_FACTOR: 0.001\n  WARMUP_ITERS: 1000\n"
#define NANO "learning_rate = 1e-3 # a remark\nlr_decay_iters = 5000\nmin_lr = 1e-4\nwarmup_iters = 100 # not necessary\n"

/* The rate at a step of 1,000; 0: nothing is declared. */
static const struct { const char *what, *text; double step, rate; } rows[] = {
	{ "linear", HF "lr_scheduler_type=SchedulerType.LINEAR,\nwarmup_steps=100,\n)", 550, 2.5e-5 },
	{ "cosine with a share of warm-up", HF "lr_scheduler_type=cosine,\nwarmup_ratio=0.1,\nwarmup_steps=0,\n)", 50, 2.5e-5 },
	{ "its middle", HF "lr_scheduler_type=cosine,\nwarmup_ratio=0.1,\nwarmup_steps=0,\n)", 550, 2.5e-5 },
	{ "a share where the steps are", HF "lr_scheduler_type=cosine,\nwarmup_steps=0.1,\n)", 50, 2.5e-5 },
	{ "constant", HF "lr_scheduler_type=constant,\nwarmup_steps=100,\n)", 10, 5e-5 },
	{ "a floor of its own", HF "lr_scheduler_type=cosine,\nwarmup_steps=0,\nlr_scheduler_kwargs={'num_cycles': 2},\n)", 500, 0 },
	{ "one that is not known", HF "lr_scheduler_type=greedy,\nwarmup_steps=0,\n)", 500, 0 },
	{ "no warm-up is said", HF "lr_scheduler_type=cosine,\n)", 500, 0 },
	{ "two values", HF "learning_rate=1e-05,\nlr_scheduler_type=cosine,\nwarmup_steps=0,\n)", 500, 0 },
	{ "another framework's", "learning_rate: 5e-05\nlr_scheduler_type: cosine\nwarmup_steps: 0", 500, 0 },
	{ "diffusers", "Namespace(train_batch_size=4, max_train_steps=2000, learning_rate=1e-05, scale_lr=False, "
	    "lr_scheduler='linear', lr_warmup_steps=0)", 1000, 5e-6 },
	{ "diffusers, scaled", "Namespace(train_batch_size=4, max_train_steps=2000, learning_rate=1e-05, scale_lr=True, "
	    "lr_scheduler='linear', lr_warmup_steps=0)", 1000, 0 },
	{ "Megatron-LM", MEGATRON "  lr_decay_style ........ linear\n", 2525, 1.65e-4 },
	{ "Megatron-LM, warming up", MEGATRON "  lr_decay_style ........ cosine\n", 25, 1.5e-4 },
	{ "Megatron-LM by samples", MEGATRON "  lr_decay_style ....... cosine\n  train_samples ...... 100000\n", 25, 0 },
	{ "Megatron-LM, another batch", MEGATRON "  global_batch_size ..... 32\n  lr_decay_style ....... cosine\n"
	    "  global_batch_size ....... 8\n", 25, 0 },
	{ "Megatron-LM, the same batch", MEGATRON "  global_batch_size ..... 32\n  lr_decay_style ....... cosine\n"
	    " iteration 1/ 50 | learning rate: 6.0E-06 | global batch size:    32 |\n", 25, 1.5e-4 },
	{ "Megatron-LM, a batch that changed", MEGATRON "  global_batch_size ..... 32\n  lr_decay_style ....... cosine\n"
	    " iteration 1/ 50 | learning rate: 6.0E-06 | global batch size:     8 |\n", 25, 0 },
	{ "fairseq", FAIRSEQ "lr_scheduler='inverse_sqrt', warmup_init_lr=1e-07)", 1600, 2.5e-4 },
	{ "fairseq, polynomial", FAIRSEQ "lr_scheduler='polynomial_decay', total_num_update='2400', end_learning_rate=0.0, "
	    "power=1.0)", 1400, 2.5e-4 },
	{ "detectron2", DETECTRON, 7000, 0.002 },
	{ "detectron2, warming up", DETECTRON, 0, 2e-5 },
	{ "detectron2, groups", DETECTRON "  BACKBONE_MULTIPLIER: 0.1\n", 7000, 0 },
	{ "nanoGPT", NANO, 2550, 5.5e-4 },
	{ "nanoGPT, overridden", NANO "Overriding: learning_rate = 0.002\n", 50, 1e-3 },
	{ "nanoGPT without decay", NANO "Overriding: decay_lr = False\n", 50, 0 },
};

static void
read_text(struct lr_conf *c, const char *text)
{
	lr_conf_init(c);
	for (struct span s = span_of(text); s.n > 0;) {
		size_t      n = span_find(s, "\n");
		struct line line = { .text = { s.p, n == (size_t)-1 ? s.n : n }, .rank = -1 };

		(void)lr_conf_line(c, &line, false, false);
		s = span_from(s, line.text.n + 1);
	}
}

int
main(void)
{
	struct lr_conf c;
	struct lr_spec s;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *who;

		read_text(&c, rows[i].text);
		who = lr_conf_spec(&c, 1000, &s);
		if (rows[i].rate == 0)
			OK(who == NULL, "%s: nothing is declared", rows[i].what);
		else
			NEAR(who ? lr_spec_rate(&s, rows[i].step, 1000) / rows[i].rate : 0, 1, 1e-6, "%s", rows[i].what);
	}
	read_text(&c, HF "lr_scheduler_type=cosine,\nwarmup_ratio=0.1,\nwarmup_steps=0,\n)");
	OK(lr_conf_spec(&c, NAN, &s) == NULL, "a share of an unknown plan is no number");
	return DONE();
}
