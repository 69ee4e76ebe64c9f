/* SPDX-License-Identifier: MIT */
/* Any bytes as a YAML file, and errors at every kind of place in it. */
#include <stdint.h>
#include <stdio.h>

#include "ydoc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
visit(const struct ydoc *d, const struct ynode *n, struct diags *diags)
{
	static const char *const names[] = { "when", "needs", NULL };
	double      num;
	bool        yes;
	const char *text;

	ydoc_num(d, n, &num, diags);
	ydoc_bool(d, n, &yes, diags);
	ydoc_str(d, n, &text, diags);
	if (n->kind == Y_SCALAR)
		for (size_t i = 0; i <= n->text.n && i < 20; i++)
			ydoc_error_in(d, n, i, diags, "here");
	if (n->kind == Y_MAP)
		ydoc_keys(d, n, names, diags);
	for (size_t i = 0; i < n->n; i++)
		visit(d, n->item[i], diags);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diags *diags = diags_new();
	struct span   text = { (const char *)data, size };
	struct ydoc  *d = ydoc_parse("fuzz.yaml", text, diags);
	FILE         *f = fopen("/dev/null", "w");

	if (d != NULL)
		visit(d, ydoc_root(d), diags);
	if (f != NULL) {
		diags_print(diags, f, true, NULL);
		fclose(f);
	}
	ydoc_free(d);
	diags_free(diags);
	return 0;
}
