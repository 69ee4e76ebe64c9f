/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "know.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "runname.h"
#include "xalloc.h"

#define READ_SIZE (256 << 10)

int
know_override(struct knowledge *k, const struct conf *conf, struct diags *diags)
{
	struct diag d;
	int status = 0;

	for (unsigned i = 0; i < conf_count(conf); i++) {
		const struct conf_value *v = conf_at(conf, i);

		if (strncmp(v->section, "rules.", 6) == 0 &&
		    rules_override(k->rules, v->section + 6, v->key, v->text, v->run, v->metric, &d) == -1)
			status = conf_mistake(v, DIAG_ERROR, diags, "%s", d.text);
	}
	return status;
}

/* The user's language, and whether any channel speaks Chinese. */
static void
languages(const struct conf *conf, enum lang *lang, bool *words)
{
	enum lang one;

	lang_find(conf_text(conf, "", "lang"), lang);
	*words = *lang == LANG_ZH;
	for (unsigned i = 0; i < conf_count(conf); i++) {
		const struct conf_value *v = conf_at(conf, i);

		*words = *words || (strcmp(v->key, "lang") == 0 && strncmp(v->section, "notify.", 7) == 0 &&
		    lang_find(v->text, &one) && one == LANG_ZH);
	}
}

/* The schedule that the user declared. */
static int
expect_lr(struct knowledge *k, const char *text)
{
	struct lr_spec spec;
	struct diag d = { .text = "" };

	if (lr_spec_parse(text, &spec, &d) == -1)
		return cmd_error("--expect-lr: %s", d.text);
	k->expect_lr = xmalloc(sizeof spec);
	*k->expect_lr = spec;
	return 0;
}

/* The run that the user compares with. */
static int
baseline(struct knowledge *k, const struct opts_knowledge *o)
{
	struct pipeline_opts po = { .knowledge = k, .profile = know_profile(o) };
	struct pipeline *p;
	int status = know_read(o->baseline, NULL, &po, &p);

	if (p)
		k->baseline = pipeline_leave_series(p);
	if (status == 0 && series_count(k->baseline) == 0)
		return cmd_error("--baseline: %s has no samples", o->baseline);
	return status;
}

bool
know_is_sure(const struct opts_knowledge *o)
{
	struct diags *diags = diags_new();
	struct conf *conf = conf_new();
	bool sure = o->rules.n == 0 && o->profiles.n == 0 && knowledge_is_shipped() &&
	    conf_load(conf, o->config, diags) == 0;

	for (unsigned i = 0; i < conf_count(conf); i++)
		sure = sure && strncmp(conf_at(conf, i)->section, "rules.", 6) != 0;
	conf_free(conf);
	diags_free(diags);
	return sure;
}

int
know_open(struct knowledge *k, const struct opts_knowledge *o, enum know what)
{
	struct diags *diags = diags_new();
	struct conf *conf = conf_new();
	enum lang lang = LANG_EN;
	bool words;
	int status = conf_load(conf, o->config, diags);

	languages(conf, &lang, &words);
	if (knowledge_init(k, o->rules.v, o->rules.n, what | (words ? KNOWLEDGE_WORDS : 0), diags) == -1 ||
	    (k->rules && know_override(k, conf, diags) == -1) ||
	    (o->expect_lr && expect_lr(k, o->expect_lr) != 0))
		status = -1;
	k->lang = lang;
	conf_free(conf);
	cmd_diags(diags);
	diags_free(diags);
	if (status == 0 && k->rules && o->baseline && baseline(k, o) != 0)
		status = -1;
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

bool
know_with(const char *command, const struct opts_with *with, bool has_log)
{
	for (size_t i = 0; i < with->files.n; i++) {
		const char *name = with->files.v[i];
		char *word = has_log ? run_name_unknown(name) : NULL;

		if (word)
			cmd_misuse(command, "--with %s: {%s} is none of {path} {dir} {parent} {name} {stem}", name, word);
		else if (!has_log && strchr(name, '{'))
			cmd_misuse(command, "--with %s: words in braces are parts of a log's path, and here is no log", name);
		else
			continue;
		free(word);
		return false;
	}
	return true;
}

void
know_monitors(struct monitors *m)
{
	struct diag d;

	while (m && monitors_said(m, &d))
		cmd_diag(&d);
}

/* Whose samples could not be put where they belong. */
static void
say_untimed(const struct pipeline *p, const struct monitors *m)
{
	unsigned n;

	(void)monitors_sources(m, &n);
	for (unsigned i = 0; i < n; i++)
		if (!pipeline_timed(p, -1))
			cmd_remark("%s: the log has no times, so these samples stand behind its end", monitors_name(m, i));
		else if (!pipeline_timed(p, (int)i))
			cmd_remark("%s: no sample of it has a time within the run", monitors_name(m, i));
}

static int
read_all(struct input *in, struct monitors *m, struct pipeline *p, const char *path)
{
	struct diag d = { .text = "" };
	int status = feed(in, p, &d) == -1 ? cmd_diag(&d) : STATUS_OK;

	pipeline_end(p, NAN);
	know_monitors(m);
	say_untimed(p, m);
	return know_unreadable(p, path) ? STATUS_UNKNOWN : status;
}

int
know_read(const char *path, const struct opts_with *with, struct pipeline_opts *o, struct pipeline **ret)
{
	static const struct opts_with none;
	struct diag d = { .text = "" };
	struct input *in = input_open(path, &d);
	struct monitors *m = NULL;
	int status;

	*ret = NULL;
	if (!in)
		return cmd_diag(&d);
	if (!with)
		with = &none;
	char *log = path_absolute(path);
	if (monitors_new(with->files.v, with->files.n, log, MONITORS_RECORDED, &m, &d) == 0)
		o->monitor = monitors_sources(m, &o->monitors);
	free(log);
	if (!o->run)
		o->run = input_name(in);
	if (!o->source)
		o->source = input_name(in);
	*ret = m ? pipeline_new(o, &d) : NULL;
	status = *ret ? read_all(in, m, *ret, path) : cmd_diag(&d);
	monitors_free(m);
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
