/* SPDX-License-Identifier: MIT */
/* lossdog watch: follows logs that others write, and barks; on a terminal a live table. */
#include "config.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cmd.h"
#include "conf.h"
#include "know.h"
#include "live.h"
#include "notifier.h"
#include "outbox.h"
#include "roster.h"
#include "runname.h"
#include "screen.h"
#include "signals.h"
#include "tell.h"
#include "translate.h"

#define SAVE_EVERY   5.0 /* seconds between two saves of what changes all the time, */
#define SAVE_SHARE   50  /* and this many times what the last one took */
#define DRAW_EVERY   1.0
#define KEEP_AWAKE   100  /* runs whose statistics stay in memory, and those */
#define CALM         60.0 /* whose logs were written within so many seconds */
#define NOTIFY_SECONDS 5

struct watch_opts {
	struct opts_output    output;
	struct opts_knowledge knowledge;
	struct opts_state     state;
	struct opts_with      with;
	struct opt_list       to, notify, include, exclude;
	const char           *run_name;
	int                   fail_on;
	bool                  plain, from_end, once;
	double                poll;
};
#define AT(member) offsetof(struct watch_opts, member)

static const struct opt opts[] = {
	OPT(FLAG, "plain", 0, NULL, AT(plain), "print findings as lines on a terminal too, instead of the table"),
	OPT(STRING, "run-name", 0, "PATTERN", AT(run_name),
	    "logs that give the same name are one run; of {path} {dir} {parent} {name} {stem}", .initial = "{path}"),
	OPT(LIST, "include", 0, "GLOB", AT(include), "below a directory, only names like GLOB are logs"),
	OPT(LIST, "exclude", 0, "GLOB", AT(exclude), "below a directory, names like GLOB are none"),
	OPT(FLAG, "from-end", 0, NULL, AT(from_end), "of logs that are there at the start, read only what is added"),
	OPT(SECONDS, "poll", 0, "TIME", AT(poll), "look at all logs every TIME, whatever inotify says; 0: when needed",
	    .initial = "0"),
	OPT(CHOICE, "fail-on", 0, "SEVERITY", AT(fail_on), "exit with 1 or 2 when a finding was at least that bad",
	    .initial = "never", .choices = live_fail_on),
	OPT(LIST, "to", 't', "FORMAT=DEST", AT(to), "write the samples as they come, to jsonl=FILE or csv=FILE"),
	OPT(LIST, "notify", 0, "CHANNEL", AT(notify), "tell findings there"),
	OPT_GROUP(with_opts, AT(with)),
	OPT_GROUP(output_opts, AT(output)),
	OPT_GROUP(state_opts, AT(state)),
	OPT_GROUP(knowledge_opts, AT(knowledge)),
	OPT_GROUP(expect_opts, AT(knowledge)),
	OPT_END
};

struct watch {
	const struct watch_opts *o;
	struct knowledge knowledge;
	struct tell      tell;
	struct notifier *notifier; /* NULL: nobody is told */
	struct store    *store;    /* NULL: nothing is remembered */
	struct watchset *set;
	struct roster   *roster;
	struct screen   *screen;   /* NULL: plain lines */
	struct signals   signals;
	double           saved, drawn;
	double           every;    /* seconds to the next save */
	unsigned         fired[4];
	bool             stop, unsaved, lost; /* unsaved: it was said that the state cannot be saved */
};

/* --- what is said --- */

static void
say(struct watch *w, const char *text)
{
	if (w->screen)
		screen_say(w->screen, text);
	else
		cmd_remark("%s", text);
}

static struct knowledge *
get_knowledge(void *arg)
{
	struct watch *w = arg;

	return &w->knowledge;
}

static void
render(void *arg, const struct finding *f, struct buf *b)
{
	struct watch *w = arg;

	show_finding(&w->tell.show, f, b);
}

static void
notify(void *arg, const struct run *run, const struct finding *f)
{
	struct watch *w = arg;
	struct diag d;

	if (w->notifier && notifier_finding(w->notifier, run, f, clock_wall(), &d) == -1)
		say(w, d.text);
}

static void
sample(void *arg, const struct run *run, const struct sample *s)
{
	struct watch *w = arg;

	tell_sample(&w->tell, run, s);
}

static void
flush(void *arg)
{
	struct watch *w = arg;

	if (w->tell.sinks)
		sinks_flush(w->tell.sinks);
}

static void
print_json(const struct finding *f)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	finding_json(f, &b);
	puts(buf_cstr(&b));
	buf_fini(&b);
}

/* In the bottom line of the screen. */
static void
say_finding(struct watch *w, const struct finding *f)
{
	enum lang  l = screen_lang(w->screen);
	char      *severity = translated(l, severity_name(f->severity));
	char       line[256];

	snprintf(line, sizeof line, "%s: %s: %s [%s]", severity, f->run, lang_pick(l, f->summary, f->zh.summary),
	    f->rule);
	screen_say(w->screen, line);
	free(severity);
}

static void
finding(void *arg, const struct finding *f, const char *text)
{
	struct watch *w = arg;

	if (f->state == FINDING_FIRING)
		w->fired[f->severity]++;
	if (w->screen) {
		if (f->severity >= SEV_WARNING)
			say_finding(w, f);
		return;
	}
	if (w->o->output.json)
		print_json(f);
	else if (f->severity >= SEV_WARNING)
		fputs(text, stdout);
	if (fflush(stdout) == EOF)
		w->stop = w->lost = true; /* nobody reads */
}

static void
remark(void *arg, const char *path, enum follow_kind kind, const char *text)
{
	struct watch *w = arg;
	char line[512];

	if (w->o->output.quiet && kind != FOLLOW_ERROR)
		return;
	snprintf(line, sizeof line, "%s: %s", path, text);
	say(w, line);
}

static void
over(void *arg, const struct ledger_run *r)
{
	struct watch *w = arg;
	char line[512];
	int n;

	if (w->o->output.quiet)
		return;
	n = snprintf(line, sizeof line, "%.300s: %s", r->name, ledger_status_name(r->status));
	if (!isnan(r->step))
		n += snprintf(line + n, sizeof line - (size_t)n, " at step %.0f", r->step);
	if (!isnan(r->steps) && !isnan(r->step))
		n += snprintf(line + n, sizeof line - (size_t)n, " of %.0f", r->steps);
	if (!isnan(r->loss))
		snprintf(line + n, sizeof line - (size_t)n, ", loss %.5g", r->loss);
	say(w, line);
}

/* --- the loop --- */

static void
save(struct watch *w, double now)
{
	struct diag d = { .text = "" };
	double start = clock_mono();
	int rc;

	rc = roster_commit(w->roster, now, &d);
	w->saved = now;
	w->every = fmax(SAVE_EVERY, SAVE_SHARE * (clock_mono() - start));
	if (rc == -1 && !w->unsaved) {
		char line[400];
		snprintf(line, sizeof line, "the state cannot be saved (%s): it is tried again", d.text);
		say(w, line);
	}
	w->unsaved = rc == -1;
	roster_release(w->roster, KEEP_AWAKE, now - CALM);
}

static int
take_all(struct watch *w, bool all, struct diag *d)
{
	double now = clock_wall();
	struct watch_event e;

	watchset_look(w->set, now, all);
	while (watchset_next(w->set, now, &e)) {
		if (roster_take(w->roster, &e, now, d) == -1)
			return -1;
		if (roster_urgent(w->roster))
			save(w, clock_wall());
		if (e.kind == WATCH_EVENT)
			now = clock_wall();
		if (w->stop)
			break;
	}
	while (roster_deadline(w->roster) <= now && !w->stop) {
		int more = roster_tick(w->roster, now, true, d);
		if (more == -1)
			return -1;
		if (roster_urgent(w->roster) || more == 1)
			save(w, now);
	}
	flush(w);
	if (roster_dirty(w->roster) && (roster_urgent(w->roster) || now - w->saved >= w->every))
		save(w, now);
	return 0;
}

static void
take_signals(struct watch *w)
{
	struct signal_seen s;

	while (signals_next(&w->signals, &s)) {
		if (s.number == SIGWINCH && w->screen)
			screen_resize(w->screen);
		if (s.number == SIGINT || s.number == SIGTERM || s.number == SIGHUP)
			w->stop = true;
	}
}

static void
take_notices(struct watch *w)
{
	struct diag d;

	for (const char *text; (text = watchset_notice(w->set)) != NULL;)
		say(w, text);
	while (w->notifier && notifier_said(w->notifier, &d))
		say(w, d.text);
}

/* Milliseconds until something is due; *all: it is a look at everything. */
static int
time_to_wait(struct watch *w, double now, bool *all)
{
	double at = watchset_deadline(w->set, now, all), tick = roster_deadline(w->roster);

	if (tick < at) {
		at = tick;
		*all = false;
	}
	if (roster_dirty(w->roster) && w->saved + w->every < at) {
		at = w->saved + w->every;
		*all = false;
	}
	if (w->screen && w->drawn + DRAW_EVERY < at) {
		at = w->drawn + DRAW_EVERY;
		*all = false;
	}
	if (at - now > 86400)
		return 86400 * 1000;
	return at <= now ? 0 : (int)ceil((at - now) * 1000);
}

static int
wait_and_take(struct watch *w, struct diag *d)
{
	double now = clock_wall();
	bool all;
	int ms = time_to_wait(w, now, &all);
	struct pollfd p[] = {
		{ .fd = watchset_fd(w->set, now), .events = POLLIN },
		{ .fd = w->signals.fd, .events = POLLIN },
		{ .fd = w->notifier ? notifier_fd(w->notifier) : -1, .events = POLLIN },
		{ .fd = w->screen ? STDIN_FILENO : -1, .events = POLLIN },
	};
	int ready = poll(p, 4, ms);

	if (ready < 0 && errno != EINTR)
		return diag_set(d, "poll: %s", strerror(errno));
	if (ready > 0 && p[0].revents)
		watchset_wake(w->set, clock_wall());
	if (ready > 0 && p[1].revents)
		take_signals(w);
	if (ready > 0 && p[3].revents && !screen_keys(w->screen, w->roster, d))
		w->stop = true;
	return take_all(w, ready == 0 && all, d);
}

static int
loop(struct watch *w, struct diag *d)
{
	int rc = take_all(w, true, d);

	while (rc == 0 && !w->stop) {
		take_notices(w);
		if (w->screen) {
			w->drawn = clock_wall();
			screen_draw(w->screen, w->roster, w->drawn);
		}
		rc = wait_and_take(w, d);
	}
	if (rc == 0)
		save(w, clock_wall());
	return rc;
}

/* --- beginning and end --- */

static int
open_state(struct watch *w, struct diag *d, const struct conf *conf, struct diags *diags)
{
	static const struct store_schema *const schemas[] = { &ledger_schema, &outbox_schema, NULL };
	const struct watch_opts *o = w->o;
	char *dir = o->state.none ? NULL : notifier_state_dir(conf, o->state.dir);
	struct notifier_opts no = { .conf = conf, .spec = o->notify.v, .specs = (unsigned)o->notify.n,
	    .state_dir = dir, .resumes = true };
	int rc = notifier_new(&no, &w->notifier, diags);

	if (rc == 0 && dir) {
		if (store_open(dir, schemas, &w->store, d) == -1)
			cmd_remark("%s: nothing will be remembered", d->text);
		else if (w->notifier)
			notifier_share(w->notifier, w->store);
		if (w->store && store_notice(w->store))
			cmd_remark("%s", store_notice(w->store));
	}
	free(dir);
	return rc;
}

static int
prepare(struct watch *w, struct diag *d)
{
	struct conf *conf = conf_new();
	struct diags *diags = diags_new();
	int rc = conf_load(conf, w->o->knowledge.config, diags);

	if (rc == 0)
		rc = open_state(w, d, conf, diags);
	cmd_diags(diags);
	diags_free(diags);
	conf_free(conf);
	return rc;
}

static void
copy_list(const struct opt_list *from, const char **to, size_t room)
{
	for (size_t i = 0; i < from->n && i + 1 < room; i++)
		to[i] = from->v[i];
}

static int
watch_paths(struct watch *w, int argc, char **argv, struct diag *d)
{
	static const char *include[65], *exclude[65];
	const struct watch_opts *o = w->o;
	struct watchset_opts wo = { .wake = true, .poll = o->poll, .follow.from_end = o->from_end };

	copy_list(&o->include, include, 65);
	copy_list(&o->exclude, exclude, 65);
	wo.include = o->include.n ? include : NULL;
	wo.exclude = exclude;
	w->set = watchset_new(&wo);
	for (int i = 0; i < argc; i++) {
		char *path = path_absolute(argv[i]);
		int rc = watchset_add(w->set, path, d);
		free(path);
		if (rc == -1) {
			d->file = argv[i];
			return -1;
		}
	}
	return 0;
}

static bool
wants_screen(const struct watch_opts *o)
{
	const char *term = getenv("TERM");

	return !o->plain && !o->output.json && !o->output.quiet && isatty(STDIN_FILENO) &&
	    isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
}

static int
fail_status(const struct watch *w)
{
	for (int sev = SEV_CRITICAL; w->o->fail_on > 0 && sev >= w->o->fail_on - 1; sev--)
		if (w->fired[sev])
			return sev == SEV_CRITICAL ? STATUS_CRITICAL : STATUS_WARNING;
	return STATUS_OK;
}

static int
watch_all(struct watch *w, int argc, char **argv, struct diag *d)
{
	const struct watch_opts *o = w->o;
	struct roster_opts ro = { .store = w->store, .name = o->run_name, .arriving = true, .arg = w,
	    .with = o->with.files.v, .withs = o->with.files.n,
	    .profile = o->knowledge.profiles.n ? o->knowledge.profiles.v[0] : NULL,
	    .knowledge = get_knowledge, .render = render, .notify = notify, .finding = finding,
	    .sample = w->tell.sinks ? sample : NULL, .flush = flush, .over = over, .remark = remark };
	struct diag why = { .text = "" };
	int64_t told;
	int rc;

	if (w->store && ((ro.pass = ledger_pass(w->store, &told, d)) < 0 || ledger_told(w->store, ro.pass, d) < 0))
		ro.pass = 0; /* it is said when saving fails */
	if (watch_paths(w, argc, argv, d) == -1)
		return -1;
	w->roster = roster_new(&ro);
	if (signals_open(&w->signals, false) == -1)
		return diag_set(d, "signals: %s", strerror(errno));
	if (wants_screen(o)) {
		w->screen = screen_open(cmd_color(o->output.color, stdout), &why);
		if (!w->screen)
			cmd_remark("%s", why.text);
	}
	rc = loop(w, d);
	screen_close(w->screen);
	w->screen = NULL;
	return rc;
}

static int
run_watch(void *arg, int argc, char **argv)
{
	const struct watch_opts *o = arg;
	struct watch w = { .o = o, .signals.fd = -1 };
	struct opts_output output = o->output;
	struct opt_list to;
	struct diag d = { .text = "" };
	char *word = run_name_unknown(o->run_name);
	int status = STATUS_UNKNOWN;

	if (word) {
		status = cmd_misuse("watch", "--run-name: {%s} is none of {path} {dir} {parent} {name} {stem}", word);
		free(word);
		return status;
	}
	if (!know_with("watch", &o->with, true))
		return STATUS_UNKNOWN;
	output.json = false;
	tell_behind(&o->to, &to);
	setlocale(LC_CTYPE, "");
	if (prepare(&w, &d) == -1)
		status = d.text[0] ? cmd_diag(&d) : STATUS_UNKNOWN;
	else if (know_open(&w.knowledge, &o->knowledge, KNOW_RULES) == 0) {
		if (tell_init(&w.tell, stdout, &output, &to, &w.knowledge) == 0)
			status = watch_all(&w, argc, argv, &d) == -1 ? cmd_diag(&d) : fail_status(&w);
		tell_fini(&w.tell);
		roster_free(w.roster);
		knowledge_fini(&w.knowledge);
	}
	tell_behind_free(&to);
	watchset_free(w.set);
	notifier_flush(w.notifier, NOTIFY_SECONDS);
	notifier_close(w.notifier, 0);
	store_close(w.store);
	return status;
}

const struct cmd cmd_watch = {
	.name = "watch",
	.args = "PATH...",
	.summary = "follow logs that others write, and bark",
	.about = "A path is a file, a directory (all logs below it, also those that are still to come) or a pattern "
	    "in quotes.  Rotation, truncation and replacement lose no line and repeat none; after a restart it goes on "
	    "where it was."
	    "\n\n"
	    "On a terminal it shows a table of the runs: enter opens one with its curves, s sorts, / filters, q "
	    "leaves.  Elsewhere, and with --plain, findings are printed as they come.",
	.opts = opts,
	.size = sizeof(struct watch_opts),
	.words = WORDS_FILE,
	.least = 1,
	.run = run_watch,
};
