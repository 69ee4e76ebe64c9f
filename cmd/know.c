/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "know.h"

#include <math.h>
#include <stdlib.h>

#include "xalloc.h"

#define READ_SIZE (256 << 10)

int
know_open(struct knowledge *k, const struct opts_knowledge *o, bool with_rules)
{
	struct diags *diags = diags_new();
	int status = knowledge_init(k, o->rules.v, o->rules.n, with_rules, diags);

	diags_print(diags, stderr, cmd_color(COLOR_AUTO, stderr));
	diags_free(diags);
	if (status == -1)
		knowledge_fini(k);
	return status;
}

int
know_feed(struct input *in, struct pipeline *p, struct diag *d)
{
	char *buf = xmalloc(READ_SIZE);
	ssize_t n;

	while ((n = input_read(in, buf, READ_SIZE, d)) > 0)
		pipeline_feed(p, 0, (struct span){ buf, (size_t)n }, NAN);
	free(buf);
	return n < 0 ? -1 : 0;
}

bool
know_unreadable(const struct pipeline *p, const char *path)
{
	struct lines_stat st;

	pipeline_lines_stat(p, &st);
	if (st.utf16)
		cmd_error("%s is UTF-16 text, which is not read: convert it, as in iconv -f UTF-16 -t UTF-8 %s",
		    path, path);
	else if (st.binary)
		cmd_error("%s is no text (a binary file)", path);
	return st.utf16 || st.binary;
}
