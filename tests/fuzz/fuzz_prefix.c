/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as lines behind the shipped prefixes (found by $SRCDIR); and as a file
 * of prefixes, when they begin with a '%'.
 */
#include "prefix.h"
#include "ydoc.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct prefixes *
shipped(void)
{
	static char      yaml[1 << 20], path[4096];
	const char      *src = getenv("SRCDIR");
	struct prefixes *x = prefixes_new();
	struct diags    *diags = diags_new();
	FILE            *f;

	snprintf(path, sizeof path, "%s/rules/prefixes.yaml", src != NULL ? src : ".");
	f = fopen(path, "r");
	if (f != NULL) {
		size_t n = fread(yaml, 1, sizeof yaml, f);

		fclose(f);
		if (prefixes_load(x, ydoc_parse(path, (struct span){ yaml, n }, diags), diags) == -1)
			abort();
	}
	diags_free(diags);
	return x;
}

static void
check_file(struct span yaml)
{
	struct diags *diags = diags_new();

	prefixes_check("fuzz.yaml", yaml, diags);
	diags_free(diags);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct prefixes *x; /* compiled once for all inputs */
	struct span             s = { (const char *)data, size };
	struct line             line;

	if (x == NULL)
		x = shipped();
	if (size > 0 && *data == '%') {
		check_file(span_from(s, 1));
		return 0;
	}
	struct lines *l = lines_new(x);
	char         *piece = malloc(size > 0 ? size : 1);
	if (piece == NULL)
		abort();
	memcpy(piece, data, size);
	lines_push(l, (struct span){ piece, size }, size % 2 ? NAN : 1.7e9);
	while (lines_next(l, &line))
		if (line.text.n > LINE_MAX_TEXT || isinf(line.time) || line.rank < -1)
			abort();
	lines_end(l);
	while (lines_next(l, &line))
		;
	free(piece);
	lines_free(l);
	return 0;
}
