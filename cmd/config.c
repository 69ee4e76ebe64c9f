/* SPDX-License-Identifier: MIT */
/* `lossdog config`: checks the configuration, shows each value and where it came from. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "buf.h"
#include "cmd.h"
#include "conf.h"
#include "know.h"
#include "notifiers.h"
#include "secret.h"
#include "xalloc.h"

struct config_opts {
	const char *config;
};

#define AT(member) offsetof(struct config_opts, member)
static const struct opt opts[] = {
	{ OPT_STRING, "config", 0, "FILE", AT(config),
	    "read this configuration instead of the user's", .words = WORDS_FILE },
	OPT_END
};

/* Its rules: section against the rules that there are. */
static int
check_rules(const struct conf *conf, struct diags *diags)
{
	struct knowledge k;
	int status = 0;

	if (!conf_section(conf, "rules.", 0))
		return 0;
	if (knowledge_init(&k, NULL, 0, KNOWLEDGE_RULES, diags) == -1 || know_override(&k, conf, diags) == -1)
		status = -1;
	knowledge_fini(&k);
	return status;
}

static int
check(void *arg, int argc, char **argv)
{
	const struct config_opts *o = arg;
	struct conf *conf = conf_new();
	struct diags *diags = diags_new();
	struct channels cs = { .n = 0 };
	int status = STATUS_OK;

	(void)argc, (void)argv;
	if (conf_load(conf, o->config, diags) == -1 ||
	    channels_make(conf, NULL, 0, &cs, diags) == -1 || check_rules(conf, diags) == -1)
		status = STATUS_UNKNOWN;
	cmd_diags(diags);
	if (status == STATUS_OK) {
		for (unsigned i = 0; conf_path(conf, i); i++)
			cmd_say(stdout, "%s is good\n", conf_path(conf, i));
		if (!conf_path(conf, 0))
			cmd_say(stdout, "there is no configuration file, and none is needed\n");
		for (unsigned i = 0; i < cs.n; i++)
			cmd_say(stdout, "notify %s: %s\n", cs.channel[i]->name, cs.channel[i]->ops->help);
	}
	channels_fini(&cs);
	diags_free(diags);
	conf_free(conf);
	return status;
}

/* A value of a channel that is a secret and not only the name of one. */
static bool
is_hidden(const struct conf *conf, const struct conf_value *v)
{
	const char *type;

	if (strncmp(v->section, "notify.", 7) != 0 || secret_is_reference(v->text))
		return false;
	type = conf_text(conf, v->section, "type");
	return channel_is_secret(type ? type : v->section + 7, v->key);
}

static void
print_value(const struct conf *conf, const struct conf_value *v)
{
	struct buf b;

	buf_init(&b, 65536);
	buf_printf(&b, "%s%s%s", v->section, *v->section ? "." : "", v->key);
	if (v->run)
		buf_printf(&b, " [run %s]", v->run);
	if (v->metric)
		buf_printf(&b, " [metric %s]", v->metric);
	buf_str(&b, " = ");
	if (is_hidden(conf, v))
		secret_show(&b, v->text);
	else
		buf_harmless(&b, span_of(v->text), 2000);
	buf_printf(&b, "\t# %s", v->origin);
	if (v->line > 0)
		buf_printf(&b, ":%u", v->line);
	puts(buf_cstr(&b));
	buf_fini(&b);
}

static bool
is_first(const struct conf *conf, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(conf_at(conf, i)->section, conf_at(conf, n)->section) == 0)
			return false;
	return true;
}

/* What belongs together stands together, whichever file has it. */
static void
print_section(const struct conf *conf, const char *section, unsigned from)
{
	for (unsigned i = from; i < conf_count(conf); i++)
		if (strcmp(conf_at(conf, i)->section, section) == 0)
			print_value(conf, conf_at(conf, i));
}

static int
show(void *arg, int argc, char **argv)
{
	const struct config_opts *o = arg;
	struct conf *conf = conf_new();
	struct diags *diags = diags_new();
	int status = STATUS_OK;

	(void)argc, (void)argv;
	if (conf_load(conf, o->config, diags) == -1)
		status = STATUS_UNKNOWN;
	cmd_diags(diags);
	for (unsigned i = 0; i < conf_count(conf); i++)
		if (is_first(conf, i))
			print_section(conf, conf_at(conf, i)->section, i);
	diags_free(diags);
	conf_free(conf);
	return status;
}

static const struct cmd check_cmd = {
	.name = "check",
	.summary = "check the configuration",
	.opts = opts,
	.size = sizeof(struct config_opts),
	.run = check,
};

static const struct cmd show_cmd = {
	.name = "show",
	.summary = "show each value and where it came from",
	.opts = opts,
	.size = sizeof(struct config_opts),
	.run = show,
};

static const struct cmd *const sub[] = { &check_cmd, &show_cmd, NULL };

const struct cmd cmd_config = {
	.name = "config",
	.summary = "check and show the configuration",
	.sub = sub,
};
