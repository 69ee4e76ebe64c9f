/* SPDX-License-Identifier: MIT */
/* lossdog profiles: what lossdog can read. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "embed.h"
#include "know.h"
#include "translate.h"
#include "wrap.h"
#include "profile_check.h"
#include "translate.h"
#include "trial.h"
#include "wrap.h"

struct profiles_opts {
	struct opts_knowledge knowledge;
};
#define AT(member) offsetof(struct profiles_opts, member)

struct list_opts {
	struct profiles_opts plain;
	bool full, mdoc;
};

static const struct opt list_opts[] = {
	OPT(FLAG, "long", 'l', NULL, offsetof(struct list_opts, full), "with versions, and the series that its tests show"),
	OPT(FLAG, "mdoc", 0, NULL, offsetof(struct list_opts, mdoc), "as rows of the manual", .hidden = true),
	OPT_GROUP(knowledge_opts, offsetof(struct list_opts, plain.knowledge)),
	OPT_END
};

static const struct opt plain_opts[] = {
	OPT_GROUP(knowledge_opts, AT(knowledge)),
	OPT_END
};

/* A paragraph each: the name and title, then versions and series. */
static void
tell_long(const struct profile *p, unsigned columns, enum lang lang)
{
	struct buf b;

	buf_init(&b, 64 << 10);
	buf_printf(&b, "%s: ", profile_name(p));
	translate(lang, profile_title(p), &b);
	if (profile_versions(p))
		buf_printf(&b, " (%s)", profile_versions(p));
	buf_char(&b, '\n');
	struct buf series;
	buf_init(&series, 32 << 10);
	profile_series(p, &series);
	buf_str(&b, "    ");
	wrap(&b, buf_cstr(&series), 4, columns);
	fwrite(b.p, 1, b.n, stdout);
	buf_fini(&series);
	buf_fini(&b);
}

static void
tell_row(const struct profile *p)
{
	printf("%-24s ", profile_name(p));
	cmd_say(stdout, "%s", profile_title(p));
	putchar('\n');
}

/* A row of the table in the manual. */
static void
tell_mdoc(const struct profile *p)
{
	struct buf b;

	buf_init(&b, 64 << 10);
	profile_series(p, &b);
	printf(".It Cm %s\n%s", profile_name(p), profile_title(p));
	if (profile_versions(p))
		printf(", %s", profile_versions(p));
	printf(":\n%s.\n", b.n ? buf_cstr(&b) : "positions only");
	buf_fini(&b);
}

static int
run_list(void *arg, int argc, char **argv)
{
	struct list_opts *o = arg;
	struct knowledge k;

	(void)argc;
	(void)argv;
	if (know_open(&k, &o->plain.knowledge, KNOW_WHOLE) == -1)
		return STATUS_UNKNOWN;
	for (unsigned i = 0; i < profiles_count(k.profiles); i++) {
		const struct profile *p = profiles_at(k.profiles, i);
		if (o->mdoc)
			tell_mdoc(p);
		else if (o->full)
			tell_long(p, cmd_columns(stdout), cmd_spoken(k.lang));
		else
			tell_row(p);
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

	if (know_open(&k, &o->knowledge, KNOW_WHOLE) == -1)
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

/* What is compiled in is as it is meant. */
static bool
is_shipped(const struct profile *p)
{
	for (size_t i = 0; i < embed_count; i++)
		if (strcmp(embed_files[i].name, profile_file(p)) == 0)
			return true;
	return false;
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

	if (know_open(&k, &o->knowledge, KNOW_WHOLE) == -1)
		return STATUS_UNKNOWN;
	struct diags *diags = diags_new();
	for (int i = 0; i < argc; i++)
		if (knowledge_file(&k, argv[i], diags) == -1)
			status = STATUS_UNKNOWN;
	for (unsigned i = 0; i < profiles_count(k.profiles); i++)
		profile_check(profiles_at(k.profiles, i), k.vocab, !is_shipped(profiles_at(k.profiles, i)), diags);
	cmd_diags(diags);
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

static const struct cmd list_cmd = {
	.name = "list", .summary = "the profiles and what they read", .opts = list_opts,
	.size = sizeof(struct list_opts), .run = run_list,
};
static const struct cmd show_cmd = {
	.name = "show", .args = "NAME...", .summary = "the text of a profile", .opts = plain_opts,
	.size = sizeof(struct profiles_opts), .words = WORDS_PROFILE, .least = 1, .run = run_show,
};
static const struct cmd check_cmd = {
	.name = "check", .args = "[FILE...]", .summary = "mistakes in profiles, and the tests they carry",
	.opts = plain_opts, .size = sizeof(struct profiles_opts), .words = WORDS_FILE, .run = run_check,
};
static const struct cmd *const subs[] = { &list_cmd, &show_cmd, &cmd_profiles_test, &check_cmd, &cmd_profiles_learn, NULL };

const struct cmd cmd_profiles = {
	.name = "profiles",
	.summary = "how the lines of each framework are read",
	.sub = subs,
};
