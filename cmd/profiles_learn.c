/* SPDX-License-Identifier: MIT */
/* lossdog profiles learn: a profile for a log that no profile reads. */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "know.h"
#include "learn.h"

#define PROFILE_MAX (2 << 20)

struct learn_opts {
	const char *output, *name;
	bool force, all;
	struct opts_knowledge knowledge;
};
#define AT(member) offsetof(struct learn_opts, member)

static const struct opt opts[] = {
	OPT(STRING, "output", 'o', "FILE", AT(output), "write FILE instead of standard output", .words = WORDS_FILE),
	OPT(STRING, "name", 'n', "NAME", AT(name), "call the profile NAME; else it is called like FILE or LOG"),
	OPT(FLAG, "all", 'a', NULL, AT(all), "learn also from lines that a profile reads already"),
	OPT(FLAG, "force", 'f', NULL, AT(force), "replace FILE when it is there"),
	OPT_GROUP(knowledge_opts, AT(knowledge)),
	OPT_END
};

struct learning {
	struct learn *learn;
	bool all;
};

static void
take_line(void *arg, const struct line *line, const struct match *m)
{
	struct learning *g = arg;

	learn_line(g->learn, line, g->all ? NULL : m);
}

/* What a profile may be called: the file's name without folder and endings, and no other profile's name. */
static void
name_profile(const struct learn_opts *o, const char *log, const struct knowledge *k, char *ret, size_t size)
{
	const char *from = o->name ? o->name : o->output ? o->output : log, *slash = strrchr(from, '/');
	size_t n = 0;

	for (const char *p = slash ? slash + 1 : from; *p && (n == 0 || *p != '.') && n + 4 < size; p++)
		if (isalnum((unsigned char)*p))
			ret[n++] = (char)tolower((unsigned char)*p);
		else if (n > 0 && ret[n - 1] != '-')
			ret[n++] = '-';
	while (n > 0 && ret[n - 1] == '-')
		n--;
	ret[n] = '\0';
	if (n == 0)
		snprintf(ret, size, "learnt");
	else if (!o->name && profiles_find(k->profiles, ret)) {
		memmove(ret + 3, ret, n + 1);
		memcpy(ret, "my-", 3);
	}
}

static int
write_out(const struct learn_opts *o, const struct buf *text)
{
	if (!o->output) {
		fwrite(text->p, 1, text->n, stdout);
		return STATUS_OK;
	}
	FILE *f = fopen(o->output, o->force ? "we" : "wxe");
	if (!f && errno == EEXIST)
		return cmd_error("%s is there already: --force replaces it", o->output);
	if (!f || fwrite(text->p, 1, text->n, f) != text->n || fflush(f) != 0) {
		int why = errno;
		if (f)
			fclose(f);
		return cmd_error("cannot write %s: %s", o->output, strerror(why));
	}
	fclose(f);
	return STATUS_OK;
}

static int
learn_from(const char *log, const struct learn_opts *o, struct knowledge *k)
{
	struct learning g = { .learn = learn_new(k), .all = o->all };
	struct pipeline_opts po = { .knowledge = k, .arg = &g, .line = take_line,
	    .profile = know_profile(&o->knowledge) };
	struct pipeline *p;
	struct learn_stat st;
	struct diag d = { .text = "" };
	struct buf text;
	char name[64];

	buf_init(&text, PROFILE_MAX);
	int status = know_read(log, NULL, &po, &p);
	if (status == STATUS_OK) {
		name_profile(o, log, k, name, sizeof name);
		if (learn_write(g.learn, name, log, &text, &st, &d) == -1)
			status = cmd_error("%s: %s", log, d.text);
		else
			status = write_out(o, &text);
	}
	if (status == STATUS_OK)
		cmd_remark("%s: %u readers, of %llu lines with numbers %llu; %u guesses are marked \"unsure\"", name,
		    st.readers, (unsigned long long)st.numbers, (unsigned long long)st.learnt, st.unsure);
	pipeline_free(p);
	learn_free(g.learn);
	buf_fini(&text);
	return status;
}

static int
run_learn(void *arg, int argc, char **argv)
{
	struct learn_opts *o = arg;
	struct knowledge k;

	if (argc > 1)
		return cmd_misuse("profiles learn", "a profile is learnt from one LOG");
	if (know_open(&k, &o->knowledge, KNOW_LINES) == -1)
		return STATUS_UNKNOWN;
	int status = learn_from(argv[0], o, &k);
	knowledge_fini(&k);
	return status;
}

const struct cmd cmd_profiles_learn = {
	.name = "learn",
	.args = "LOG",
	.summary = "write a profile for a log that no profile reads",
	.about = "Lines are grouped by what stays of them when their numbers are taken out; names are guessed "
	    "through the vocabulary and from the words beside the numbers.  The profile carries its tests; what is "
	    "a guess is marked \"unsure\" in its comments.  Lines that another profile reads are left to it.\n\n"
	    "Put the file into $XDG_CONFIG_HOME/lossdog/rules/profiles, or into DIR/profiles for --rules DIR.",
	.opts = opts,
	.size = sizeof(struct learn_opts),
	.words = WORDS_FILE,
	.least = 1,
	.run = run_learn,
};
