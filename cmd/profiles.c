/* SPDX-License-Identifier: MIT */
/* lossdog profiles: what lossdog can read, and how well it reads a log. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "know.h"
#include "show.h"
#include "trial.h"

struct profiles_opts {
	struct opts_knowledge knowledge;
	bool coverage;
	int  color;
};
#define AT(member) offsetof(struct profiles_opts, member)

static const struct opt plain_opts[] = {
	OPT_GROUP(knowledge_opts, AT(knowledge)),
	OPT_END
};

static const char *const colors[] = { "auto", "always", "never", NULL };

static const struct opt test_opts[] = {
	OPT(FLAG, "coverage", 0, NULL, AT(coverage), "end with the readers that no line hit"),
	OPT(CHOICE, "color", 0, "WHEN", AT(color), "use colours", .initial = "auto", .choices = colors),
	OPT_GROUP(knowledge_opts, AT(knowledge)),
	OPT_END
};

static int
run_list(void *arg, int argc, char **argv)
{
	struct profiles_opts *o = arg;
	struct knowledge k;

	(void)argc;
	(void)argv;
	if (know_open(&k, &o->knowledge, false) == -1)
		return STATUS_UNKNOWN;
	for (unsigned i = 0; i < profiles_count(k.profiles); i++) {
		const struct profile *p = profiles_at(k.profiles, i);
		printf("%-24s %s\n", profile_name(p), profile_title(p));
	}
	knowledge_fini(&k);
	return STATUS_OK;
}

static int
no_profile(const struct knowledge *k, const char *name)
{
	unsigned n = profiles_count(k->profiles);
	const char **names = calloc(n + 1, sizeof *names);

	for (unsigned i = 0; names && i < n; i++)
		names[i] = profile_name(profiles_at(k->profiles, i));
	const char *near = names ? diag_nearest(name, names, n) : NULL;
	int status = near ? cmd_error("no profile is called \"%s\"; did you mean \"%s\"?", name, near) :
	    cmd_error("no profile is called \"%s\"", name);
	free(names);
	return status;
}

static int
run_show(void *arg, int argc, char **argv)
{
	struct profiles_opts *o = arg;
	struct knowledge k;
	int status = STATUS_OK;

	if (know_open(&k, &o->knowledge, false) == -1)
		return STATUS_UNKNOWN;
	for (int i = 0; i < argc; i++) {
		const struct profile *p = profiles_find(k.profiles, argv[i]);
		if (p)
			fputs(profile_text(p), stdout);
		else
			status = no_profile(&k, argv[i]);
	}
	knowledge_fini(&k);
	return status;
}

/* Each FILE is loaded beside the shipped ones; without one, all are checked. */
static int
run_check(void *arg, int argc, char **argv)
{
	struct profiles_opts *o = arg;
	struct knowledge k;
	struct trial_stat st;
	struct buf out;
	int status = STATUS_OK;

	if (know_open(&k, &o->knowledge, false) == -1)
		return STATUS_UNKNOWN;
	struct diags *diags = diags_new();
	for (int i = 0; i < argc; i++)
		if (knowledge_file(&k, argv[i], diags) == -1)
			status = STATUS_UNKNOWN;
	profiles_check_patterns(k.profiles, diags);
	diags_print(diags, stderr, cmd_color(COLOR_AUTO, stderr));
	if (diags_errors(diags))
		status = STATUS_UNKNOWN;
	diags_free(diags);
	buf_init(&out, 4 << 20);
	if (status == STATUS_OK) {
		trial_run(&k, know_profile(&o->knowledge), &out, &st);
		fputs(buf_cstr(&out), stdout);
		printf("%u tests, %u failed, %u profiles without tests\n", st.tests, st.failed, st.untested);
		if (st.failed || st.untested)
			status = STATUS_WARNING;
	}
	buf_fini(&out);
	knowledge_fini(&k);
	return status;
}

struct reading {
	const struct profiles_opts *opts;
	struct pipeline *p;
	bool colour;
	struct buf buf;
	unsigned long read, unread;
};

/* A line of `profiles test`: what was taken from it, or how far a pattern got. */
static void
tell_line(void *arg, const struct line *line, const struct match *m)
{
	struct reading *r = arg;
	struct buf *b = &r->buf;

	if (line->text.n == 0 || line->redraw)
		return;
	buf_reset(b);
	buf_printf(b, "%s%6llu%s ", r->colour ? (m->profile ? "\033[32m" : "\033[2m") : "",
	    (unsigned long long)line->number, r->colour ? "\033[0m" : "");
	buf_harmless(b, line->text, 160);
	buf_char(b, '\n');
	if (m->profile) {
		const struct vocab *v = pipeline_vocab(r->p);
		r->read++;
		buf_printf(b, "       %s/%s:", profile_name(m->profile), m->reader ? m->reader : "?");
		for (unsigned i = 0; i < m->n; i++)
			if (m->field[i].kind == KEY_METRIC)
				buf_printf(b, " %s%s%s=%.6g", vocab_metric_name(v, m->field[i].metric),
				    m->field[i].labels ? "," : "", vocab_labels_text(v, m->field[i].labels),
				    m->field[i].value);
			else
				buf_printf(b, " (%.10g)", m->field[i].value);
		buf_char(b, '\n');
	} else {
		size_t reach;
		const char *name = matcher_nearest(pipeline_matcher(r->p), line, &reach);
		r->unread++;
		if (name && reach * 3 > line->text.n)
			buf_printf(b, "       nobody: %s got %zu of %zu bytes far\n", name, reach, line->text.n);
	}
	fwrite(b->p, 1, b->n, stdout);
}

static int
test_one(const char *path, struct profiles_opts *o, struct knowledge *k)
{
	struct reading r = { .opts = o, .colour = cmd_color(o->color, stdout) };
	struct pipeline_opts po = { .knowledge = k, .arg = &r, .line = tell_line,
	    .profile = know_profile(&o->knowledge) };

	buf_init(&r.buf, 64 << 10);
	int status = know_read(path, NULL, &po, &r.p);
	if (r.p)
		printf("%s: %lu lines read, %lu not; it is %s\n", path, r.read, r.unread,
		    pipeline_run(r.p)->title ? pipeline_run(r.p)->title : "unknown");
	for (unsigned i = 0; r.p && o->coverage && i < profiles_reader_count(k->profiles); i++)
		if (matcher_hits(pipeline_matcher(r.p), i) == 0)
			printf("no line: %s\n", profiles_reader_name(k->profiles, i));
	buf_fini(&r.buf);
	pipeline_free(r.p);
	return status;
}

static int
run_test(void *arg, int argc, char **argv)
{
	struct profiles_opts *o = arg;
	struct knowledge k;
	int status = STATUS_OK;

	if (know_open(&k, &o->knowledge, false) == -1)
		return STATUS_UNKNOWN;
	for (int i = 0; i < argc; i++) {
		int s = test_one(argv[i], o, &k);
		if (s > status)
			status = s;
	}
	knowledge_fini(&k);
	return status;
}

static const struct cmd list_cmd = {
	.name = "list", .summary = "the profiles and what they read", .opts = plain_opts,
	.size = sizeof(struct profiles_opts), .run = run_list,
};
static const struct cmd show_cmd = {
	.name = "show", .args = "NAME...", .summary = "the text of a profile", .opts = plain_opts,
	.size = sizeof(struct profiles_opts), .words = WORDS_PROFILE, .least = 1, .run = run_show,
};
static const struct cmd test_cmd = {
	.name = "test", .args = "LOG...", .summary = "line by line what is read of a log, and by which reader",
	.opts = test_opts, .size = sizeof(struct profiles_opts), .words = WORDS_FILE, .least = 1, .run = run_test,
};
static const struct cmd check_cmd = {
	.name = "check", .args = "[FILE...]", .summary = "mistakes in profiles, and the tests they carry",
	.opts = plain_opts, .size = sizeof(struct profiles_opts), .words = WORDS_FILE, .run = run_check,
};
static const struct cmd *const subs[] = { &list_cmd, &show_cmd, &test_cmd, &check_cmd, &cmd_learn, NULL };

const struct cmd cmd_profiles = {
	.name = "profiles",
	.summary = "how the lines of each framework are read",
	.sub = subs,
};
