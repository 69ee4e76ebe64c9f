/* SPDX-License-Identifier: MIT */
#include "hush.h"

#include <stdlib.h>

#include "tap.h"

static const struct { const char *name; bool secret; } names[] = {
	{ "HF_TOKEN", true }, { "--api-key", true }, { "db.password", true }, { "WANDB_API_KEY", true },
	{ "apiKey", true }, { "apikey", true }, { "passwd", true }, { "secret", true },
	{ "slack_webhook", true }, { "AWS_SECRET_ACCESS_KEY", true }, { "\"token\"", true },
	{ "eos_token", false }, { "pad-token", false }, { "tokenizer", false }, { "max_tokens", false },
	{ "lr", false }, { "", false }, { "sort_key", false }, { "monkey", false }, { "key_dim", false },
	{ "label_key", false },
};

static const struct { const char *in, *out; } texts[] = {
	{ "lr: 0.1\napi_key: sk-1\n", "lr: 0.1\napi_key: ***\n" },
	{ "  password = hunter2", "  password = ***" },
	{ "db: {password: hunter2, port: 1}\n", "db: {password: ***, port: 1}\n" },
	{ "{\"lr\": 1, \"api_key\": \"a,b\", \"x\": [2]}", "{\"lr\": 1, \"api_key\": ***, \"x\": [2]}" },
	{ "{\"token\": \"a\\\"b\"}", "{\"token\": ***}" },
	{ "db: postgres://me:pw@host/x\n", "db: postgres://***@host/x\n" },
	{ "url: http://host/x@y", "url: http://host/x@y" },
	{ "\"hf_token\": \"hf_1\",\n\"lr\": 1\n", "\"hf_token\": ***\n\"lr\": 1\n" },
	{ "eos_token: </s>\n", "eos_token: </s>\n" },
	{ "", "" }, { "\n", "\n" }, { "no colon", "no colon" },
};

int
main(void)
{
	char *argv[] = { "python", "train.py", "--api-key", "sk-1", "--token=hf_1", "--lr", "0.1", "--db=mysql://me:pw@host/x",
		"--password", "--verbose", "it's", "", NULL };
	struct buf   b;
	struct jsonw w;

	buf_init(&b, 4096);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		OK(hush_name(span_of(names[i].name)) == names[i].secret, "%s is %sa secret",
		    names[i].name, names[i].secret ? "" : "not ");
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		buf_reset(&b);
		hush_text(span_of(texts[i].in), &b);
		IS_STR(buf_cstr(&b), texts[i].out, "text %zu", i);
	}
	buf_reset(&b);
	jsonw_init(&w, &b);
	hush_args(argv, &w);
	IS_STR(buf_cstr(&b), "[\"python\",\"train.py\",\"--api-key\",\"***\",\"--token=***\","
	    "\"--lr\",\"0.1\",\"--db=mysql://***@host/x\",\"--password\",\"--verbose\",\"it's\",\"\"]", "words");
	buf_reset(&b);
	hush_line(argv, &b);
	IS_STR(buf_cstr(&b), "python train.py --api-key *** --token=*** --lr 0.1 --db=mysql://***@host/x --password "
	    "--verbose 'it'\\''s' ''", "a line");
	buf_fini(&b);
	return DONE();
}
