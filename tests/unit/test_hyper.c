/* SPDX-License-Identifier: MIT */
#include "hyper.h"

#include <stdlib.h>

#include "tap.h"

static const struct { const char *line, *name, *value; } rows[] = {
	{ "Namespace(lr=0.1, betas=(0.9, 0.99), name='a, b', x=None)", "lr", "0.1" },
	{ "Namespace(lr=0.1, betas=(0.9, 0.99), name='a, b', x=None)", "betas", "(0.9, 0.99)" },
	{ "Namespace(lr=0.1, betas=(0.9, 0.99), name='a, b', x=None)", "name", "a, b" },
	{ "Namespace(lr=0.1, betas=(0.9, 0.99), name='a, b', x=None)", "x", "None" },
	{ "args: Namespace(d={'a': [1, 2]}, f=<function f at 0x1>, z=3)", "z", "3" },
	{ "INFO config Namespace(seed=1", "seed", "1" },
	{ "  hidden_size ................................ 1024", "hidden_size", "1024" },
	{ "learning_rate: 3e-4", "learning_rate", "3e-4" },
	{ "batch_size = 32", "batch_size", "32" },
	{ "{\"model\": {\"d\": 64}, \"lr\": 0.1}", "model.d", "64" },
	{ "seed: 42", "seed", "42" },
	{ "hf_token: hf_secret", "hf_token", "***" },
	{ "Namespace(db='mysql://me:pw@host/x', lr=1)", "db", "mysql://***@host/x" },
	{ "Namespace(db={'password': 'pw', 'port': 1}, lr=1)", "db", "{'password': ***, 'port': 1}" },
	{ "Epoch 3 of 10: loss went down", "Epoch", NULL },
	{ "config: {\"lr\": 0.1, \"model\": {\"d\": 64}}", "model.d", "64" },
	{ "Total params: 25,557,032", "Total params", "25,557,032" },
	{ "  Num examples = 64", "Num examples", "64" },
	{ "The first batch took long: 3 s", "The first batch took long", NULL },
	{ "http://host: x", "http", "//host: x" },
};

static void
push(struct hyper *h, const char *text, bool trains)
{
	struct line line = { .text = span_of(text), .rank = -1 };

	hyper_line(h, &line, false, trains);
}

static void
is(const struct hyper *h, const char *name, const char *want, const char *what)
{
	const char *got = hyper_find(h, name);

	IS_STR(got != NULL ? got : "(none)", want, "%s", what);
}

static const char *
json(const struct hyper *h)
{
	static struct buf b;
	struct jsonw w;

	buf_fini(&b);
	buf_init(&b, 1 << 20);
	jsonw_init(&w, &b);
	jsonw_object(&w);
	hyper_json(h, &w);
	jsonw_object_end(&w);
	return buf_cstr(&b);
}

static void
test_blocks(void)
{
	static const char *const lines[] = { "Training/evaluation parameters TrainingArguments(",
		"adam_beta1=0.9,", "bf16=True,", "deepspeed=None,", "fsdp=[],", ")", "lr: 1" };
	static const char *const config[] = { "Model config GPT2Config {", "  \"n_embd\": 768,",
		"  \"activation\": \"gelu_new\",", "}", "after: 1" };
	struct hyper *h = hyper_new();

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		push(h, lines[i], false);
	for (size_t i = 0; i < sizeof config / sizeof config[0]; i++)
		push(h, config[i], false);
	is(h, "bf16", "True", "arguments, one a line");
	is(h, "fsdp", "[]", "an empty list");
	is(h, "lr", "1", "and then the block is over");
	is(h, "n_embd", "768", "a dump of JSON");
	is(h, "activation", "gelu_new", "its strings without quotes");
	is(h, "after", "1", "and its end");
	hyper_free(h);
}

/* Nested dumps: as JSON with brackets, as YAML by indentation. */
static void
test_nested(void)
{
	static const char *const object[] = { "{", "  \"seed\": 1,", "  \"model\": {", "    \"name\": \"a\",",
		"    \"stem\": {", "      \"k\": 3", "    }", "  },", "  \"betas\": [", "    0.9", "  ],",
		"  \"optimizer\": {", "    \"name\": \"b\"", "  }", "}", "late: 1" };
	static const char *const yaml[] = { "trainer:", "  gpus: 2", "  data:", "    name: c", "    files:", "    - x",
		"    workers: 4", "logger:", "  name: d", "after: 2" };
	struct hyper *h = hyper_new();
	struct line   line = { .text = SPAN_LIT("accuracy: 0.5"), .rank = -1 };

	for (size_t i = 0; i < sizeof object / sizeof object[0]; i++)
		push(h, object[i], false);
	is(h, "model.name", "a", "an object in an object");
	is(h, "model.stem.k", "3", "and one in that");
	is(h, "optimizer.name", "b", "the next one");
	is(h, "betas", "(none)", "a list is not read");
	is(h, "late", "1", "after the last bracket");
	for (size_t i = 0; i < sizeof yaml / sizeof yaml[0]; i++)
		push(h, yaml[i], false);
	is(h, "trainer.gpus", "2", "YAML");
	is(h, "trainer.data.name", "c", "nested");
	is(h, "trainer.data.workers", "4", "after a list");
	is(h, "logger.name", "d", "the next section");
	is(h, "after", "2", "outside of all");
	hyper_line(h, &line, true, false);
	is(h, "accuracy", "(none)", "what is measured is no parameter");
	hyper_free(h);
}

static void
test_versions(void)
{
	struct hyper *h = hyper_new();

	push(h, "PyTorch version: 2.1.0+cu121 CUDA 12.1 Python 3.10.12", false);
	push(h, "Ultralytics YOLOv8.0.20 torch-2.0.1", false);
	push(h, "transformers==4.35.2", false);
	push(h, "cuda is fine, nccl 2", false);
	push(h, "accelerate_version 1.2.0", false);
	IS_STR(json(h), "{\"parameters\":{},\"versions\":{\"pytorch\":\"2.1.0+cu121\",\"cuda\":\"12.1\","
	    "\"python\":\"3.10.12\",\"torch\":\"2.0.1\",\"transformers\":\"4.35.2\",\"accelerate\":\"1.2.0\"}}", "versions");
	hyper_free(h);
}

static void
test_limits(void)
{
	struct hyper *h = hyper_new();
	char          text[64];

	push(h, "lr: 0.1", false);
	push(h, "lr: 0.2", false);
	is(h, "lr", "0.1", "the first one counts");
	push(h, "momentum: 0.9", true);
	is(h, "momentum", "(none)", "what is printed while it trains is no parameter");
	push(h, "Namespace(late=1)", true);
	is(h, "late", "1", "unless it says what it is");
	for (int i = 0; i < 2 * HYPER_LINES; i++) {
		snprintf(text, sizeof text, "name%d: %d", i, i);
		push(h, text, false);
	}
	is(h, "name10", "10", "many");
	is(h, "name7000", "(none)", "but not without end");
	hyper_free(h);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct hyper *h = hyper_new();

		push(h, rows[i].line, false);
		is(h, rows[i].name, rows[i].value ? rows[i].value : "(none)", rows[i].line);
		hyper_free(h);
	}
	test_blocks();
	test_nested();
	test_versions();
	test_limits();
	return DONE();
}
