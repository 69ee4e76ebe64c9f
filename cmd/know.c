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

const char *
know_profile(const struct opts_knowledge *o)
{
	return o->profiles.n ? o->profiles.v[0] : NULL;
}

static int
feed(struct input *in, struct pipeline *p, struct diag *d)
{
	char *buf = xmalloc(READ_SIZE);
	ssize_t n;

	while ((n = input_read(in, buf, READ_SIZE, d)) > 0)
		pipeline_feed(p, 0, (struct span){ buf, (size_t)n }, NAN);
	free(buf);
	return n < 0 ? -1 : 0;
}

int
know_read(const char *path, struct pipeline_opts *o, struct pipeline **ret)
{
	struct diag d = { .text = "" };
	struct input *in = input_open(path, &d);
	int status = STATUS_OK;

	*ret = NULL;
	if (!in)
		return cmd_diag(&d);
	if (!o->run)
		o->run = input_name(in);
	if (!o->source)
		o->source = input_name(in);
	*ret = pipeline_new(o, &d);
	if (!*ret || feed(in, *ret, &d) == -1)
		status = cmd_diag(&d);
	if (*ret) {
		pipeline_end(*ret, NAN);
		if (know_unreadable(*ret, path))
			status = STATUS_UNKNOWN;
	}
	input_close(in);
	return status;
}

/* What was counted instead of looked at. */
static void
say_passed_over(const struct pipeline *p, const struct lines_stat *st, const char *path)
{
	const char *whose;
	unsigned long long bound = matcher_errors(pipeline_matcher(p), &whose);

	if (st->cut_lines)
		cmd_remark("%s: of %llu line%s longer than %d bytes the rest was not looked at (%llu bytes)", path,
		    (unsigned long long)st->cut_lines, st->cut_lines == 1 ? "" : "s", LINE_MAX_TEXT, (unsigned long long)st->cut_bytes);
	if (bound)
		cmd_remark("%s: a pattern was given up %llu time%s because it takes too long%s%s%s", path, bound,
		    bound == 1 ? "" : "s",
		    whose ? " (" : "", whose ? whose : "", whose ? ")" : "");
}

bool
know_unreadable(const struct pipeline *p, const char *path)
{
	struct lines_stat st;

	pipeline_lines_stat(p, &st);
	say_passed_over(p, &st, path);
	if (st.utf16)
		cmd_error("%s is UTF-16 text, which is not read: convert it, as in iconv -f UTF-16 -t UTF-8 %s",
		    path, path);
	else if (st.binary)
		cmd_error("%s is no text (a binary file)", path);
	return st.utf16 || st.binary;
}
