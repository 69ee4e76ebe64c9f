/* SPDX-License-Identifier: MIT */
/* lossdog runs: the archive of what lossdog run has seen. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "clock.h"
#include "cmd.h"
#include "conf.h"
#include "notifier.h"
#include "object.h"

struct runs_opts {
	bool              json;
	unsigned long     limit;
	const char       *config;
	struct opts_state state;
};
#define AT(member) offsetof(struct runs_opts, member)

static const struct opt opts[] = {
	OPT(FLAG, "json", 'j', NULL, AT(json), "print one JSON object a line"),
	OPT(STRING, "config", 0, "FILE", AT(config), "read this configuration instead of the user's",
	    .words = WORDS_FILE),
	OPT_GROUP(state_opts, AT(state)),
	OPT_END
};

static const struct opt list_opts[] = {
	OPT(FLAG, "json", 'j', NULL, AT(json), "print one JSON object a line"),
	OPT(COUNT, "limit", 'n', "N", AT(limit), "show the newest N; 0: all", .initial = "20"),
	OPT(STRING, "config", 0, "FILE", AT(config), "read this configuration instead of the user's",
	    .words = WORDS_FILE),
	OPT_GROUP(state_opts, AT(state)),
	OPT_END
};

static struct store *
open_archive(const struct runs_opts *o)
{
	static const struct store_schema *const schemas[] = { &archive_schema, NULL };
	struct conf  *conf = conf_new();
	struct diags *diags = diags_new();
	struct store *s = NULL;
	struct diag   d = { .text = "" };
	char         *dir;

	if (conf_load(conf, o->config, diags) == 0) {
		dir = notifier_state_dir(conf, o->state.dir);
		if (store_open(dir, schemas, &s, &d) != 0)
			cmd_diag(&d);
		free(dir);
	}
	cmd_diags(diags);
	diags_free(diags);
	conf_free(conf);
	return s;
}

static int
done(struct store *s, int rc, const struct diag *d)
{
	store_close(s);
	return rc < 0 ? cmd_diag(d) : STATUS_OK;
}

/* --- list --- */

struct printing {
	struct store *store;
	unsigned      n; /* runs printed */
};

static void
print_json(void *arg, const struct archive_run *r)
{
	struct printing *p = arg;
	struct buf       b;

	buf_init(&b, 64 << 20);
	archive_json(p->store, r, &b);
	puts(buf_cstr(&b));
	buf_fini(&b);
	p->n++;
}

static void
print_harmless(const char *text, size_t max, int width)
{
	struct buf b;

	buf_init(&b, 4096);
	if (text != NULL)
		buf_harmless(&b, span_of(text), max);
	printf("%-*s", width, buf_cstr(&b));
	buf_fini(&b);
}

static void
number(double v, char ret[static 32])
{
	if (isnan(v))
		strcpy(ret, "-");
	else
		snprintf(ret, 32, "%.5g", v);
}

static void
print_head(void)
{
	static const struct { const char *name; int columns; } head[] = { /* negative: on the right */
		{ "ID", -5 }, { "STARTED", 16 }, { "TOOK", 7 }, { "STATE", 9 }, { "STEP", -9 }, { "LOSS", -9 },
		{ "BEST", -9 }, { "FINDINGS", 8 }, { "NAME", 0 },
	};

	for (size_t i = 0; i < sizeof head / sizeof *head; i++) {
		if (i > 0)
			fputs("  ", stdout);
		cmd_cell(stdout, head[i].name, head[i].columns);
	}
	putchar('\n');
}

static void
print_row(void *arg, const struct archive_run *r)
{
	struct printing *p = arg;
	char             when[32], span[24] = "-", state[32], step[32], loss[32], best[32];

	if (++p->n == 1)
		print_head();
	clock_iso(r->started, when);
	when[10] = ' ';
	if (!isnan(r->ended))
		clock_span(r->ended - r->started, span);
	number(r->step, step);
	number(r->loss, loss);
	number(r->best, best);
	printf("%5lld  %.16s  %-7s  ", (long long)r->id, when, span);
	cmd_cell(stdout, archive_state(r, state), 9);
	printf("  %9s  %9s  %9s  %u/%-6u  ", step, loss, best, r->criticals, r->warnings);
	print_harmless(r->name, 40, 0);
	if (r->rank >= 0)
		printf(" [rank %d]", r->rank);
	if (r->ranks > 1)
		cmd_say(stdout, " [%u ranks]", r->ranks);
	if (r->note != NULL) {
		printf("  # ");
		print_harmless(r->note, 60, 0);
	}
	putchar('\n');
}

static int
run_list(void *arg, int argc, char **argv)
{
	const struct runs_opts *o = arg;
	struct store *s = open_archive(o);
	struct diag   d = { .text = "" };
	struct printing p = { .store = s };
	int           rc;

	(void)argc;
	(void)argv;
	if (s == NULL)
		return STATUS_UNKNOWN;
	rc = archive_each(s, 0, (unsigned)o->limit, false, o->json ? print_json : print_row, &p, &d);
	if (rc == 0 && p.n == 0 && !o->json)
		cmd_remark("no run is archived yet; \"lossdog run COMMAND\" does that");
	return done(s, rc, &d);
}

/* --- show --- */

static void
print_field(const char *name, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	cmd_cell(stdout, name, 10);
	print_harmless(text, 2000, 0);
	putchar('\n');
}

static void
print_time(const char *name, double wall)
{
	char text[32];

	clock_iso(wall, text);
	print_field(name, text);
}

static void
print_number(const char *name, double v)
{
	char text[32];

	number(v, text);
	if (!isnan(v))
		print_field(name, text);
}

/* What a person wants to see of the JSON; the rest is there with --json. */
static bool
is_shown(struct span path)
{
	static const char *const hidden[] = { "series.", "findings.", "command.", "cwd", "host",
		"user", "profile", NULL };

	for (const char *const *h = hidden; *h != NULL; h++)
		if (span_starts(path, *h))
			return false;
	return path.n < 5 || memcmp(path.p + path.n - 5, ".text", 5) != 0;
}

static void
print_object(const char *json)
{
	struct object      o;
	struct object_item item;
	char               name[128];

	if (json == NULL || *json != '{')
		return;
	object_init(&o, span_of(json));
	while (object_next(&o, &item)) {
		struct span text = item.text;

		if (!is_shown(item.path) || text.n == 0)
			continue;
		snprintf(name, sizeof name, "%.*s", (int)item.path.n, item.path.p);
		printf("  %-30s ", name);
		fwrite(text.p, 1, text.n < 200 ? text.n : 200, stdout); /* JSON text holds no control characters */
		putchar('\n');
	}
}

static void
print_rank(void *arg, const struct archive_run *r)
{
	char state[32], step[32], loss[32], best[32];

	(void)arg;
	number(r->step, step);
	number(r->loss, loss);
	number(r->best, best);
	printf("rank %-4d ", r->rank);
	cmd_cell(stdout, archive_state(r, state), 9);
	cmd_say(stdout, "  step %s  loss %s  best %s  %u critical, %u warnings  ", step, loss, best, r->criticals,
	    r->warnings);
	print_harmless(r->host, 100, 0);
	putchar('\n');
}

static void
print_run(void *arg, const struct archive_run *r)
{
	struct printing *p = arg;
	char             text[32], span[24];

	p->n++;
	snprintf(text, sizeof text, "%lld", (long long)r->id);
	print_field("id", text);
	print_field("name", r->name);
	print_field("command", r->command);
	print_field("directory", r->cwd);
	print_field("host", r->host);
	print_field("user", r->user);
	print_time("started", r->started);
	print_time("ended", r->ended);
	if (!isnan(r->ended)) {
		clock_span(r->ended - r->started, span);
		print_field("took", span);
	}
	cmd_cell(stdout, "state", 10);
	cmd_say(stdout, "%s\n", archive_state(r, text));
	print_field("log", r->log);
	print_field("profile", r->profile);
	print_number("step", r->step);
	print_number("steps", r->steps);
	print_number("loss", r->loss);
	print_number("best", r->best);
	cmd_cell(stdout, "findings", 10);
	cmd_say(stdout, "%u critical, %u warnings\n", r->criticals, r->warnings);
	print_field("note", r->note);
	if (r->ranks > 1)
		archive_ranks(p->store, r->id, false, print_rank, NULL, NULL);
	print_object(r->meta);
	print_object(r->result);
}

static int
id_of(const char *text, int64_t *ret)
{
	char     *end;
	long long id = strtoll(text, &end, 10);

	if (id <= 0 || *end != '\0')
		return cmd_error("%s: no number of a run; \"lossdog runs list\" shows them", text);
	*ret = id;
	return STATUS_OK;
}

static int
missing(const char *id)
{
	return cmd_error("there is no run %s; \"lossdog runs list\" shows them", id);
}

static int
run_show(void *arg, int argc, char **argv)
{
	const struct runs_opts *o = arg;
	struct store *s = open_archive(o);
	struct diag   d = { .text = "" };
	int           rc = 0, status = STATUS_OK;

	for (int i = 0; s != NULL && i < argc && rc == 0 && status == STATUS_OK; i++) {
		struct printing p = { .store = s };
		int64_t         id = 0;

		status = id_of(argv[i], &id);
		if (status == STATUS_OK)
			rc = archive_each(s, id, 0, true, o->json ? print_json : print_run, &p, &d);
		if (status == STATUS_OK && rc == 0 && p.n == 0)
			status = missing(argv[i]);
	}
	if (s == NULL || status != STATUS_OK) {
		store_close(s);
		return STATUS_UNKNOWN;
	}
	return done(s, rc, &d);
}

/* --- rm, note --- */

static int
run_rm(void *arg, int argc, char **argv)
{
	struct store *s = open_archive(arg);
	struct diag   d = { .text = "" };
	int           rc = 1, status = STATUS_OK;

	if (s == NULL)
		return STATUS_UNKNOWN;
	for (int i = 0; i < argc && rc >= 0; i++) {
		int64_t id = 0;

		if (id_of(argv[i], &id) != STATUS_OK)
			status = STATUS_UNKNOWN;
		else if ((rc = archive_remove(s, id, &d)) == 0)
			status = missing(argv[i]);
	}
	rc = done(s, rc, &d);
	return rc != STATUS_OK ? rc : status;
}

static int
run_note(void *arg, int argc, char **argv)
{
	struct store *s;
	struct diag   d = { .text = "" };
	struct buf    note;
	int64_t       id = 0;
	int           rc;

	if (id_of(argv[0], &id) != STATUS_OK || (s = open_archive(arg)) == NULL)
		return STATUS_UNKNOWN;
	buf_init(&note, 4096);
	for (int i = 1; i < argc; i++)
		buf_printf(&note, "%s%s", i > 1 ? " " : "", argv[i]);
	rc = archive_note(s, id, buf_cstr(&note), &d);
	buf_fini(&note);
	if (rc == 0) {
		store_close(s);
		return missing(argv[0]);
	}
	return done(s, rc, &d);
}

static const struct cmd cmd_list = {
	.name = "list",
	.summary = "list the newest runs",
	.opts = list_opts,
	.size = sizeof(struct runs_opts),
	.run = run_list,
};

static const struct cmd cmd_show = {
	.name = "show",
	.args = "ID...",
	.summary = "show all that is known of a run",
	.about = "With --json: command, directory, environment, machine, git commit, configuration files, "
	    "hyper-parameters and versions as the log printed them, best values, findings.",
	.opts = opts,
	.size = sizeof(struct runs_opts),
	.least = 1,
	.run = run_show,
};

static const struct cmd cmd_rm = {
	.name = "rm",
	.args = "ID...",
	.summary = "forget runs",
	.opts = opts,
	.size = sizeof(struct runs_opts),
	.least = 1,
	.run = run_rm,
};

static const struct cmd cmd_note = {
	.name = "note",
	.args = "ID TEXT...",
	.summary = "write a note on a run",
	.opts = opts,
	.size = sizeof(struct runs_opts),
	.stop = true,
	.least = 2,
	.run = run_note,
};

static const struct cmd *const sub[] = { &cmd_list, &cmd_show, &cmd_rm, &cmd_note, NULL };

const struct cmd cmd_runs = {
	.name = "runs",
	.summary = "list, show, annotate and forget the runs that were watched",
	.about = "Every run of \"lossdog run\" is archived in the state directory: where and from what it was "
	    "started, how it went, how it ended.",
	.sub = sub,
};
