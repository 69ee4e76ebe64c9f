/* SPDX-License-Identifier: MIT */
/* Any bytes as a rules file: read, explained, and its own tests run. */
#include <stdint.h>

#include "rule.h"
#include "ydoc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vocab          *v = vocab_new();
	struct rules          *set = rules_new(v);
	struct diags          *d = diags_new();
	struct buf             b;
	struct rules_test_stat stat;

	buf_init(&b, 1 << 16);
	(void)rules_load(set, ydoc_parse("f.yaml", (struct span){ (const char *)data, size }, d), d);
	if (rules_finish(set, d) == 0) {
		for (unsigned i = 0; i < rules_count(set); i++)
			rule_explain(rules_at(set, i), i & 1 ? LANG_ZH : LANG_EN, &b);
		(void)rules_test(set, NULL, &b, &stat);
	}
	buf_fini(&b);
	diags_free(d);
	rules_free(set);
	vocab_free(v);
	return 0;
}
