/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notifiers.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "secret.h"
#include "xalloc.h"

const struct notify_ops *const notifiers[] = {
	&notify_desktop, &notify_slack, &notify_dingtalk, &notify_feishu,
	&notify_wecom, &notify_discord, &notify_telegram, &notify_teams,
	&notify_ntfy, &notify_gotify, &notify_pushover, &notify_pagerduty,
	&notify_mail, &notify_webhook, &notify_alertmanager,
	&notify_healthchecks, &notify_exec, &notify_journald, &notify_syslog,
	NULL
};

const struct notify_ops *
notifier_find(const char *name)
{
	if (strcmp(name, "lark") == 0)
		name = "feishu";
	for (size_t i = 0; notifiers[i]; i++)
		if (strcmp(notifiers[i]->name, name) == 0)
			return notifiers[i];
	return NULL;
}

/* --- settings that all channels have --- */

static void
replace(char **at, const char *text)
{
	free(*at);
	*at = xstrdup(text);
}

/* Each reads text into the channel; false: it is not what is meant. */

static bool
set_nothing(struct channel *c, const char *text)
{
	(void)c, (void)text;
	return true;
}

static bool
set_severity(struct channel *c, const char *text)
{
	return severity_find(text, &c->severity);
}

static bool
set_runs(struct channel *c, const char *text)
{
	replace(&c->runs, text);
	return true;
}

static bool
set_rules(struct channel *c, const char *text)
{
	replace(&c->rules, text);
	return true;
}

/* "22:00-07:30" */
static bool
set_quiet(struct channel *c, const char *text)
{
	unsigned h1, m1, h2, m2;
	int used = 0;

	if (strcmp(text, "off") == 0) {
		c->quiet_from = c->quiet_to = -1;
		return true;
	}
	if (sscanf(text, "%2u:%2u-%2u:%2u%n", &h1, &m1, &h2, &m2, &used) != 4 ||
	    text[used] != '\0' || h1 > 23 || h2 > 24 || m1 > 59 || m2 > 59)
		return false;
	c->quiet_from = (int)(h1 * 60 + m1);
	c->quiet_to = (int)(h2 * 60 + m2) % 1440;
	return true;
}

/* "10/h", "20/min", "5/10m" */
static bool
set_rate(struct channel *c, const char *text)
{
	static const struct { const char *name; double seconds; } units[] = {
		{ "s", 1 }, { "min", 60 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 },
	};
	char *end;
	unsigned long n = strtoul(text, &end, 10);
	double seconds = 0;

	if (end == text || *end != '/' || n == 0 || n > 100000)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strcmp(end + 1, units[i].name) == 0)
			seconds = units[i].seconds;
	if (seconds == 0 && !(conf_seconds(end + 1, &seconds) && seconds > 0))
		return false;
	/* What the service allows holds all the same. */
	if ((double)n / seconds < c->ops->rate_count / c->ops->rate_seconds) {
		c->rate_count = (unsigned)n;
		c->rate_seconds = seconds;
	}
	return true;
}

static bool
set_digest(struct channel *c, const char *text)
{
	if (strcmp(text, "off") == 0) {
		c->digest = 0;
		return true;
	}
	return conf_seconds(text, &c->digest);
}

static bool
set_remind(struct channel *c, const char *text)
{
	if (strcmp(text, "off") == 0) {
		c->remind = 0;
		return true;
	}
	return conf_seconds(text, &c->remind) && c->remind >= 60;
}

static bool
set_ends(struct channel *c, const char *text)
{
	return conf_bool(text, &c->ends);
}

static bool
set_resolved(struct channel *c, const char *text)
{
	return conf_bool(text, &c->resolved);
}

static bool
set_lang(struct channel *c, const char *text)
{
	return lang_find(text, &c->lang);
}

static bool
set_link(struct channel *c, const char *text)
{
	if (strncmp(text, "http://", 7) != 0 && strncmp(text, "https://", 8) != 0)
		return false;
	if (strpbrk(text, " \t\n<>\"'`|\\"))
		return false;
	replace(&c->link, text);
	return true;
}

static const struct {
	const char *name;
	bool (*set)(struct channel *, const char *text);
	const char *wanted;
} common[] = {
	{ "type", set_nothing, "" },
	{ "enabled", set_nothing, "" },
	{ "severity", set_severity, "info, notice, warning or critical" },
	{ "runs", set_runs, "patterns" },
	{ "rules", set_rules, "patterns" },
	{ "quiet", set_quiet, "hours such as 22:00-07:00" },
	{ "rate", set_rate, "a count in a time, such as 10/h" },
	{ "digest", set_digest, "a time such as 10m, or off" },
	{ "remind", set_remind, "a time of a minute or more, such as 4h, or off" },
	{ "ends", set_ends, "true or false" },
	{ "resolved", set_resolved, "true or false" },
	{ "lang", set_lang, "en, zh or auto" },
	{ "link", set_link, "an http address without blanks and quotes" },
};

#define NCOMMON (sizeof(common) / sizeof(*common))

/* --- making --- */

static int
field_find(const struct notify_ops *ops, const char *key)
{
	for (int i = 0; ops->fields[i].name; i++)
		if (strcmp(ops->fields[i].name, key) == 0)
			return i;
	return -1;
}

static void
unknown_key(const struct notify_ops *ops, const struct conf_value *v,
    struct diags *diags)
{
	const char *names[NCOMMON + NOTIFY_FIELDS], *near;
	size_t n = 0;

	for (size_t i = 0; i < NCOMMON; i++)
		names[n++] = common[i].name;
	for (size_t i = 0; ops->fields[i].name; i++)
		names[n++] = ops->fields[i].name;
	near = diag_nearest(v->key, names, n);
	conf_mistake(v, DIAG_ERROR, diags, "%s has no setting %s%s%s%s", ops->name,
	    v->key, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

/* A plain secret in a file that others can read, a URL that is none. */
static bool
check_field(const struct notify_field *f, const struct conf_value *v,
    struct diags *diags)
{
	bool reference = secret_is_reference(v->text), flag;

	if ((f->flags & FIELD_SECRET) && !reference && conf_is_open(v))
		conf_mistake(v, DIAG_WARNING, diags, "a secret in a file that others "
		    "can read: chmod 600, or write env:NAME, file:PATH or cmd:COMMAND");
	if ((f->flags & FIELD_URL) && !reference &&
	    strncmp(v->text, "https://", 8) != 0 && strncmp(v->text, "http://", 7) != 0) {
		conf_mistake(v, DIAG_ERROR, diags, "%s must begin with https:// (or http://)",
		    f->name);
		return false;
	}
	if ((f->flags & FIELD_FLAG) && !conf_bool(v->text, &flag)) {
		conf_mistake(v, DIAG_ERROR, diags, "%s is true or false", f->name);
		return false;
	}
	return true;
}

static bool
set_one(struct channel *c, const struct conf_value *v, struct diags *diags)
{
	int i = field_find(c->ops, v->key);

	if (i >= 0) {
		if (!check_field(&c->ops->fields[i], v, diags))
			return false;
		replace(&c->value[i], v->text);
		return true;
	}
	for (size_t j = 0; j < NCOMMON; j++)
		if (strcmp(common[j].name, v->key) == 0) {
			if (common[j].set(c, v->text))
				return true;
			conf_mistake(v, DIAG_ERROR, diags, "%s: \"%s\" is not %s",
			    v->key, v->text, common[j].wanted);
			return false;
		}
	unknown_key(c->ops, v, diags);
	return false;
}

static void
channel_free(struct channel *c)
{
	for (unsigned i = 0; i < NOTIFY_FIELDS; i++)
		secret_free(c->value[i]);
	for (unsigned i = 0; i < c->secrets; i++)
		secret_free(c->secret[i]);
	free(c->name);
	free(c->runs);
	free(c->rules);
	free(c->link);
	free(c);
}

static struct channel *
channel_new(const struct notify_ops *ops, const char *name, const struct conf *conf)
{
	struct channel *c = xcalloc(1, sizeof(*c));
	const char *text;

	c->ops = ops;
	c->name = xstrdup(name);
	c->severity = SEV_WARNING;
	c->quiet_from = c->quiet_to = -1;
	c->rate_count = ops->rate_count;
	c->rate_seconds = ops->rate_seconds;
	c->ends = c->resolved = true;
	lang_find("auto", &c->lang);
	if ((text = conf_text(conf, "", "lang")) != NULL)
		lang_find(text, &c->lang);
	if ((text = conf_text(conf, "", "link")) != NULL)
		set_link(c, text);
	return c;
}

/* What nothing has set comes from the environment, or is built in. */
static bool
complete(struct channel *c, const struct conf_value *at, struct diags *diags)
{
	bool ok = true;

	for (unsigned i = 0; c->ops->fields[i].name; i++) {
		const struct notify_field *f = &c->ops->fields[i];
		const char *env = f->env ? getenv(f->env) : NULL;

		if (c->value[i])
			continue;
		if (env && *env)
			c->value[i] = xasprintf("env:%s", f->env);
		else if (f->initial)
			c->value[i] = xstrdup(f->initial);
		else if (f->flags & FIELD_NEEDED) {
			conf_mistake(at, DIAG_ERROR, diags, "%s needs %s: %s%s%s",
			    c->name, f->name, f->help, f->env ? "; or set " : "",
			    f->env ? f->env : "");
			ok = false;
		}
	}
	return ok;
}

/* A value of the section to point at; NULL: it is not configured. */
static const struct conf_value *
section_place(const struct conf *conf, const char *section)
{
	for (unsigned i = 0; i < conf_count(conf); i++)
		if (strcmp(conf_at(conf, i)->section, section) == 0)
			return conf_at(conf, i);
	return NULL;
}

static struct channel *
channel_configured(const struct conf *conf, const char *name, struct diags *diags)
{
	char *section = xasprintf("notify.%s", name);
	const struct conf_value *at = section_place(conf, section);
	const struct conf_value *type = conf_find(conf, section, "type");
	const struct notify_ops *ops = notifier_find(type ? type->text : name);
	struct channel *c = NULL;
	bool ok = true;

	if (!ops)
		conf_mistake(type ? type : at, DIAG_ERROR, diags,
		    "%s is no way to notify; `lossdog notify --list` shows them",
		    type ? type->text : name);
	else {
		c = channel_new(ops, name, conf);
		for (unsigned i = 0; i < conf_count(conf); i++)
			if (strcmp(conf_at(conf, i)->section, section) == 0)
				ok = set_one(c, conf_at(conf, i), diags) && ok;
		ok = complete(c, at, diags) && ok;
	}
	free(section);
	if (c && !ok) {
		channel_free(c);
		return NULL;
	}
	return c;
}

/* --notify TYPE=ARG */
static int
set_main(struct channel *c, const char *arg, struct diags *diags)
{
	for (unsigned i = 0; c->ops->fields[i].name; i++) {
		const struct notify_field *f = &c->ops->fields[i];
		struct conf_value v = { .key = f->name, .text = arg, .origin = "command line" };

		if (!(f->flags & FIELD_MAIN))
			continue;
		if ((f->flags & FIELD_SECRET) && !secret_is_reference(arg))
			return diags_add(diags, DIAG_ERROR, NULL, NULL, 0, 0,
			    "--notify %s=...: what stands on the command line can be seen by "
			    "everybody on this machine; write env:NAME, file:PATH or cmd:COMMAND, "
			    "or use the configuration", c->ops->name);
		if (!check_field(f, &v, diags))
			return -1;
		replace(&c->value[i], arg);
		return 0;
	}
	return diags_add(diags, DIAG_ERROR, NULL, NULL, 0, 0,
	    "--notify %s takes no argument", c->ops->name);
}

static struct channel *
channel_of_spec(const struct conf *conf, const char *spec, struct diags *diags)
{
	size_t n = strcspn(spec, "=");
	char *name = xstrndup(spec, n), *section = xasprintf("notify.%s", name);
	const struct notify_ops *ops = notifier_find(name);
	struct channel *c = NULL;

	if (spec[n] == '\0' && section_place(conf, section))
		c = channel_configured(conf, name, diags);
	else if (!ops)
		diags_add(diags, DIAG_ERROR, NULL, NULL, 0, 0, "--notify %s: neither a "
		    "channel of the configuration nor a way to notify; "
		    "`lossdog notify --list` shows them", name);
	else {
		c = channel_new(ops, name, conf);
		if ((spec[n] == '=' && set_main(c, spec + n + 1, diags) == -1) ||
		    !complete(c, NULL, diags)) {
			channel_free(c);
			c = NULL;
		}
	}
	free(section);
	free(name);
	return c;
}

static bool
is_enabled(const struct conf *conf, const char *name, bool *ret, struct diags *diags)
{
	char *section = xasprintf("notify.%s", name);
	const struct conf_value *v = conf_find(conf, section, "enabled");

	*ret = true;
	free(section);
	if (!v || conf_bool(v->text, ret))
		return true;
	conf_mistake(v, DIAG_ERROR, diags, "a channel is a map of settings, true or false");
	return false;
}

static int
make_configured(const struct conf *conf, struct channels *ret, struct diags *diags)
{
	const char *name;
	int r = 0;

	for (unsigned i = 0; (name = conf_section(conf, "notify.", i)) != NULL; i++) {
		struct channel *c;
		bool enabled;

		if (!is_enabled(conf, name, &enabled, diags)) {
			r = -1;
			continue;
		}
		if (!enabled)
			continue;
		if (ret->n == CHANNELS_MAX)
			return diags_add(diags, DIAG_ERROR, NULL, NULL, 0, 0,
			    "more than %d channels", CHANNELS_MAX);
		if ((c = channel_configured(conf, name, diags)) == NULL)
			r = -1;
		else
			ret->channel[ret->n++] = c;
	}
	return r;
}

int
channels_make(const struct conf *conf, const char *const *spec, unsigned n,
    struct channels *ret, struct diags *diags)
{
	int r = 0;

	ret->n = 0;
	if (n == 0)
		return make_configured(conf, ret, diags);
	for (unsigned i = 0; i < n; i++) {
		struct channel *c;

		if (ret->n == CHANNELS_MAX)
			return diags_add(diags, DIAG_ERROR, NULL, NULL, 0, 0,
			    "more than %d channels", CHANNELS_MAX);
		if ((c = channel_of_spec(conf, spec[i], diags)) == NULL)
			r = -1;
		else
			ret->channel[ret->n++] = c;
	}
	return r;
}

void
channels_fini(struct channels *cs)
{
	for (unsigned i = 0; i < cs->n; i++)
		channel_free(cs->channel[i]);
	cs->n = 0;
}

const struct channel *
channels_find(const struct channels *cs, const char *name)
{
	for (unsigned i = 0; i < cs->n; i++)
		if (strcmp(cs->channel[i]->name, name) == 0)
			return cs->channel[i];
	return NULL;
}

bool
channel_is_secret(const char *type, const char *key)
{
	const struct notify_ops *ops = notifier_find(type);
	int i = ops ? field_find(ops, key) : -1;

	return i >= 0 && (ops->fields[i].flags & FIELD_SECRET);
}

int
channel_unlock(struct channel *c, struct diag *d)
{
	int ret = 0;

	for (unsigned i = 0; c->ops->fields[i].name; i++) {
		bool is_secret = c->ops->fields[i].flags & FIELD_SECRET;
		char *text;
		int r;

		if (!c->value[i] || (!is_secret && !secret_is_reference(c->value[i])))
			continue;
		if ((r = secret_read(c->value[i], &text, d)) == -1)
			return -1;
		ret |= r;
		secret_free(c->value[i]);
		c->value[i] = text;
		if (is_secret && c->secrets < NOTIFY_FIELDS)
			c->secret[c->secrets++] = xstrdup(text);
	}
	return ret;
}

/* --- asking --- */

static bool
matches(const char *patterns, const char *text)
{
	struct span s;

	if (!patterns)
		return true;
	while (text && notify_item(&patterns, &s)) {
		char *pattern = xstrndup(s.p, s.n);
		bool hit = fnmatch(pattern, text, 0) == 0;

		free(pattern);
		if (hit)
			return true;
	}
	return false;
}

bool
channel_takes(const struct channel *c, const struct notice *n)
{
	if (!(c->ops->kinds & NOTICE_BIT(n->kind)) || !matches(c->runs, n->run))
		return false;
	switch (n->kind) {
	case NOTICE_RESOLVED:
		return c->resolved && n->severity >= c->severity && matches(c->rules, n->rule);
	case NOTICE_FIRING:
		return n->severity >= c->severity && matches(c->rules, n->rule);
	case NOTICE_FINISHED:
	case NOTICE_CRASHED:
		return c->ends;
	case NOTICE_STARTED:
		return c->ends || !c->ops->restarts;
	default:
		return true;
	}
}

double
channel_quiet_end(const struct channel *c, const struct notice *n, double now)
{
	time_t t = (time_t)now;
	struct tm tm;
	int at, left;

	if (c->quiet_from < 0 || n->kind == NOTICE_TEST || n->kind == NOTICE_PROGRESS ||
	    n->kind == NOTICE_CRASHED ||
	    (n->kind == NOTICE_FIRING && n->severity == SEV_CRITICAL))
		return now;
	localtime_r(&t, &tm);
	at = tm.tm_hour * 60 + tm.tm_min;
	if (c->quiet_from <= c->quiet_to ? at < c->quiet_from || at >= c->quiet_to :
	    at < c->quiet_from && at >= c->quiet_to)
		return now;
	left = (c->quiet_to - at + 1440) % 1440;
	return now + left * 60 - tm.tm_sec;
}
