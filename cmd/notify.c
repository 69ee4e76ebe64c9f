/* SPDX-License-Identifier: MIT */
/* `lossdog notify`: tries the ways to reach people, and shows what waits. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "delivery.h"
#include "notifier.h"
#include "outbox.h"
#include "secret.h"

#define LIMIT 40.0 /* seconds for all the answers */

struct notify_opts {
	bool        test, show, list, outbox, flush;
	const char *config;
	struct opts_state state;
};

#define AT(member) offsetof(struct notify_opts, member)
static const struct opt opts[] = {
	OPT(FLAG, "test", 't', NULL, AT(test),
	    "send a real message and print what the service answers"),
	OPT(FLAG, "show", 0, NULL, AT(show),
	    "print what would be sent, with secrets left out, and send nothing"),
	OPT(FLAG, "list", 'l', NULL, AT(list), "list the ways to notify and their settings"),
	OPT(FLAG, "outbox", 0, NULL, AT(outbox), "list the newest messages and what became of them"),
	OPT(FLAG, "flush", 0, NULL, AT(flush), "deliver what waits now"),
	OPT(STRING, "config", 0, "FILE", AT(config),
	    "read this configuration instead of the user's", .words = WORDS_FILE),
	OPT_GROUP(state_opts, AT(state)),
	OPT_END
};

static int
list(void)
{
	for (size_t i = 0; notifiers[i]; i++) {
		const struct notify_field *f = notifiers[i]->fields;

		printf("%-14s ", notifiers[i]->name);
		cmd_say(stdout, "%s\n", notifiers[i]->help);
		for (; f->name; f++) {
			printf("    %-10s ", f->name);
			cmd_say(stdout, "%s", f->help);
			if (f->flags & FIELD_NEEDED)
				cmd_say(stdout, " (needed)");
			printf("%s%s%s\n", f->env ? " [" : "", f->env ? f->env : "", f->env ? "]" : "");
		}
	}
	return STATUS_OK;
}

/* The message of a test: a finding as it would come, marked as a test. */
static void
fill(struct notice *n, const char *id, double now)
{
	notice_init(n, NOTICE_TEST);
	n->severity = SEV_INFO;
	n->id = id;
	n->run = "test";
	n->time = now;
	for (n->sparks = 0; n->sparks < 24; n->sparks++)
		n->spark[n->sparks] = 2 + cos(n->sparks / 4.0);
}

static int
show(const struct channels *cs, const struct notice *n, const char *host)
{
	int status = STATUS_OK;

	for (unsigned i = 0; i < cs->n; i++) {
		struct buf b;
		struct diag d;

		buf_init(&b, 4 * REQUEST_BODY);
		if (channel_unlock(cs->channel[i], &d) == -1 ||
		    delivery_show(cs->channel[i], &n, 1, host, clock_wall(), &b, &d) != OUTCOME_SENT)
			status = cmd_error("%s: %s", cs->channel[i]->name, d.text);
		else
			printf("# %s\n%s\n", cs->channel[i]->name, buf_cstr(&b));
		buf_fini(&b);
	}
	return status;
}

static int
report(const struct delivered *got)
{
	const struct channel *c = got->arg;

	if (got->outcome != OUTCOME_SENT)
		return cmd_error("%s: %s", c->name, got->diag.text);
	cmd_say(stdout, "%s: sent%s%s\n", c->name, got->said[0] ? ": " : "", got->said);
	return STATUS_OK;
}

static int
send_test(const struct channels *cs, const struct notice *n, const char *host)
{
	struct delivery *dl = delivery_new();
	double end = clock_mono() + LIMIT;
	int status = STATUS_OK;
	struct delivered got;
	struct diag d;

	for (unsigned i = 0; i < cs->n; i++) {
		struct channel *c = cs->channel[i];
		int r = channel_unlock(c, &d);

		if (r == 1)
			cmd_remark("%s: %s", c->name, d.text);
		if (r == -1 || delivery_start(dl, c, &n, 1, host, clock_wall(), c, &d) != OUTCOME_SENT)
			status = cmd_error("%s: %s", c->name, d.text);
	}
	while (delivery_pending(dl) > 0 && clock_mono() < end) {
		if (delivery_next(dl, &got)) {
			if (report(&got) != STATUS_OK)
				status = STATUS_UNKNOWN;
		} else
			delivery_wait(dl, -1, end - clock_mono());
	}
	if (delivery_pending(dl) > 0)
		status = cmd_error("no answer within %.0f s", LIMIT);
	delivery_free(dl);
	return status;
}

static int
try(const struct conf *conf, const struct notify_opts *o, int argc, char **argv,
    struct diags *diags)
{
	struct channels cs = { .n = 0 };
	char host[65] = "", id[128];
	struct notice n;
	int status;

	if (channels_make(conf, (const char *const *)argv, (unsigned)argc, &cs, diags) == -1)
		status = STATUS_UNKNOWN;
	else if (cs.n == 0)
		status = cmd_error("no channel is configured: name one (lossdog notify "
		    "--test desktop), or write a notify: section into %s", CONF_FILE);
	else {
		secret_guard();
		gethostname(host, sizeof(host) - 1);
		snprintf(id, sizeof(id), "test-%s-%ld-%.0f", host, (long)getpid(), clock_wall());
		fill(&n, id, clock_wall());
		n.host = host;
		status = o->show ? show(&cs, &n, host) : send_test(&cs, &n, host);
	}
	channels_fini(&cs);
	return status;
}

static int
print_outbox(const char *dir)
{
	static const struct store_schema *const schemas[] = { &outbox_schema, NULL };
	struct store *s;
	struct buf b;
	struct diag d;
	int status = STATUS_OK;

	if (store_open(dir, schemas, &s, &d) == -1)
		return cmd_diag(&d);
	buf_init(&b, 1048576);
	if (outbox_list(s, &b, &d) == -1)
		status = cmd_diag(&d);
	fputs(buf_cstr(&b), stdout);
	buf_fini(&b);
	store_close(s);
	return status;
}

static int
flush(const struct conf *conf, const char *dir, int argc, char **argv, struct diags *diags)
{
	struct notifier_opts o = {
		.conf = conf, .spec = (const char *const *)argv, .specs = (unsigned)argc,
		.state_dir = dir,
	};
	struct notifier *n;
	struct diag d;
	unsigned waiting;

	if (notifier_new(&o, &n, diags) == -1)
		return STATUS_UNKNOWN;
	notifier_flush(n, LIMIT);
	while (notifier_said(n, &d))
		cmd_diag(&d);
	waiting = notifier_close(n, 0);
	return waiting == 0 ? STATUS_OK : cmd_error("%u messages still wait", waiting);
}

static int
run(void *arg, int argc, char **argv)
{
	const struct notify_opts *o = arg;
	struct conf *conf = conf_new();
	struct diags *diags = diags_new();
	char *dir = NULL;
	int status = STATUS_UNKNOWN;

	if (o->list)
		status = list();
	else if (conf_load(conf, o->config, diags) == 0) {
		dir = notifier_state_dir(conf, o->state.dir);
		if (o->outbox)
			status = print_outbox(dir);
		else if (o->flush)
			status = flush(conf, dir, argc, argv, diags);
		else if (o->test || o->show)
			status = try(conf, o, argc, argv, diags);
		else
			cmd_misuse("notify", "say what to do: --test, --show, --list, --outbox or --flush");
	}
	cmd_diags(diags);
	free(dir);
	diags_free(diags);
	conf_free(conf);
	return status;
}

const struct cmd cmd_notify = {
	.name = "notify",
	.args = "[NAME ...]",
	.summary = "try the ways to reach people",
	.about = "Findings are told to people through channels: --notify NAME of filter, run, "
	    "watch and check, or the notify: section of the configuration. NAME is a channel "
	    "of the configuration, or a way to notify by itself with its main setting behind "
	    "an equals sign (ntfy=my-topic); without NAME all that are configured are meant.\n\n"
	    "Secrets are written as env:NAME, file:PATH or cmd:COMMAND and are never shown.",
	.opts = opts,
	.size = sizeof(struct notify_opts),
	.run = run,
};
