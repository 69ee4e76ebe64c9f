/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "prefix.h"

#include <stdlib.h>

#include "xalloc.h"

struct prefixes {
	unsigned n;
};

struct prefixes *
prefixes_new(void)
{
	return xcalloc(1, sizeof(struct prefixes));
}

int
prefixes_load(struct prefixes *x, const char *name, struct span yaml, struct diags *diags)
{
	(void)x;
	(void)name;
	(void)yaml;
	(void)diags;
	return 0;
}

void
prefixes_free(struct prefixes *x)
{
	free(x);
}

void
prefixes_peel(const struct prefixes *x, struct prefix_memo *memo, struct line *line)
{
	(void)x;
	(void)memo;
	(void)line;
}

void
prefix_memo_fini(struct prefix_memo *memo)
{
	free(memo->scratch);
	memo->scratch = NULL;
}
