/* SPDX-License-Identifier: MIT */
/* lossdog check: one pass over logs from cron or monitoring; --replay judges recordings. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check_impl.h"
#include "clock.h"
#include "conf.h"
#include "know.h"
#include "notifier.h"
#include "runname.h"
#include "tell.h"
#include "xalloc.h"

#define NOTIFY_SECONDS 10 /* for messages to be sent before the pass ends */

struct check_opts {
	bool                  replay;
	struct opts_output    output;
	struct opts_knowledge knowledge;
	struct opts_state     state;
	struct opts_with      with;
	struct opt_list       to, notify, include, exclude;
	const char           *run_name;
	int                   format;
	unsigned long         jobs;
	double                limit, wait, remind;
	bool                  print_cron, print_systemd, print_logrotate, print_nagios, print_icinga;
};
#define AT(member) offsetof(struct check_opts, member)

/* ORDER of enum check_format */
static const char *const formats[] = { "text", "table", "nagios", "json", NULL };

static const struct opt opts[] = {
	OPT(FLAG, "replay", 0, NULL, AT(replay), "judge each LOG as a recording: its end is the end of what is known"),
	OPT(CHOICE, "format", 0, "FORMAT", AT(format), "print as text, table, nagios (a monitoring plugin) or json",
	    .initial = "text", .choices = formats),
	OPT(STRING, "run-name", 0, "PATTERN", AT(run_name),
	    "logs that give the same name are one run; of {path} {dir} {parent} {name} {stem}", .initial = "{path}"),
	OPT(LIST, "include", 0, "GLOB", AT(include), "below a directory, only names like GLOB are logs"),
	OPT(LIST, "exclude", 0, "GLOB", AT(exclude), "below a directory, names like GLOB are none"),
	OPT(COUNT, "jobs", 0, "N", AT(jobs), "read with N processes; 0: one a core, when there is much to read",
	    .initial = "0"),
	OPT(SECONDS, "time-limit", 0, "TIME", AT(limit), "end after TIME with what was found so far; 0: no limit",
	    .initial = "0"),
	OPT(SECONDS, "lock-wait", 0, "TIME", AT(wait), "wait TIME for another check that has this state",
	    .initial = "60s"),
	OPT(SECONDS, "remind", 0, "TIME", AT(remind), "tell again of what still fires after TIME; 0: never",
	    .initial = "0"),
	OPT(LIST, "to", 't', "FORMAT=DEST", AT(to), "write the samples as well, to jsonl=FILE or csv=FILE"),
	OPT(LIST, "notify", 0, "CHANNEL", AT(notify), "tell new findings there"),
	OPT(FLAG, "print-cron", 0, NULL, AT(print_cron), "print a line for crontab"),
	OPT(FLAG, "print-systemd", 0, NULL, AT(print_systemd), "print a systemd service and timer"),
	OPT(FLAG, "print-logrotate", 0, NULL, AT(print_logrotate), "print a logrotate section"),
	OPT(FLAG, "print-nagios", 0, NULL, AT(print_nagios), "print a Nagios command and service"),
	OPT(FLAG, "print-icinga", 0, NULL, AT(print_icinga), "print an Icinga 2 command and service"),
	OPT_GROUP(with_opts, AT(with)),
	OPT_GROUP(output_opts, AT(output)),
	OPT_GROUP(state_opts, AT(state)),
	OPT_GROUP(knowledge_opts, AT(knowledge)),
	OPT_GROUP(expect_opts, AT(knowledge)),
	OPT_END
};

/* --- recordings --- */

static int
replay(const char *path, const struct check_opts *o, struct knowledge *k, struct tell *t)
{
	struct pipeline_opts po = { .knowledge = k, .arg = t, .sample = tell_sample, .finding = tell_finding,
	    .profile = know_profile(&o->knowledge) };
	struct pipeline *p;
	int status = know_read(path, &o->with, &po, &p);

	if (status == STATUS_OK && !o->output.quiet)
		tell_verdict(t, p);
	pipeline_free(p);
	return status;
}

static int
replay_all(const struct check_opts *o, int argc, char **argv)
{
	struct knowledge k;
	struct tell t;
	int status = STATUS_OK;

	if (know_open(&k, &o->knowledge, KNOW_RULES) == -1)
		return STATUS_UNKNOWN;
	if (tell_init(&t, stdout, &o->output, &o->to, &k) == -1)
		status = STATUS_UNKNOWN;
	for (int i = 0; i < argc && (status == STATUS_OK || i > 0); i++) {
		int s = replay(argv[i], o, &k, &t);
		if (s > status)
			status = s;
	}
	if (status == STATUS_OK)
		status = tell_status(&t);
	tell_fini(&t);
	knowledge_fini(&k);
	return status;
}

/* --- one pass --- */

struct pass {
	const struct check_opts *o;
	struct knowledge knowledge;
	bool             known, unusable;
	struct tell      tell;
	struct notifier *notifier; /* NULL: nobody is told */
};

static struct knowledge *
get_knowledge(void *arg)
{
	struct pass *p = arg;

	if (!p->known && !p->unusable) {
		p->unusable = know_open(&p->knowledge, &p->o->knowledge, KNOW_RULES) == -1;
		p->known = !p->unusable;
		if (p->known)
			tell_lang(&p->tell, &p->knowledge);
	}
	return p->known ? &p->knowledge : NULL;
}

static void
render(void *arg, const struct finding *f, struct buf *b)
{
	struct pass *p = arg;

	show_finding(&p->tell.show, f, b);
}

static void
opened(void *arg, struct store *s)
{
	struct pass *p = arg;

	if (p->notifier)
		notifier_share(p->notifier, s);
}

static void
notify(void *arg, const struct run *run, const struct finding *f)
{
	struct pass *p = arg;
	struct diag d;

	if (p->notifier && notifier_finding(p->notifier, run, f, clock_wall(), &d) == -1)
		cmd_diag(&d);
}

static void
sample(void *arg, const struct run *run, const struct sample *s)
{
	struct pass *p = arg;

	tell_sample(&p->tell, run, s);
}

static void
flush(void *arg)
{
	struct pass *p = arg;

	if (p->tell.sinks)
		sinks_flush(p->tell.sinks);
}

/* Rotation is daily business; only what may have cost lines is worth a mail. */
static void
remark(void *arg, const char *path, enum follow_kind kind, const char *text)
{
	(void)arg;
	if (kind == FOLLOW_ERROR)
		cmd_remark("%s: %s", path, text);
}

static const char *const *
list(const struct opt_list *l, const char ***ret)
{
	if (l->n == 0)
		return NULL;
	*ret = xcalloc(l->n + 1, sizeof **ret);
	memcpy(*ret, l->v, l->n * sizeof **ret);
	return *ret;
}

static int
finish(struct pass *p, struct sweep *s, double seconds)
{
	enum check_format format = p->o->output.json ? FORMAT_JSON : (enum check_format)p->o->format;
	int status = check_print(s, format, p->o->output.quiet, seconds, clock_wall());
	struct diag d;

	if (fflush(stdout) == 0)
		sweep_told(s);
	if (p->notifier) {
		notifier_flush(p->notifier, NOTIFY_SECONDS);
		while (notifier_said(p->notifier, &d))
			cmd_diag(&d);
	}
	return status;
}

/* With nagios also what went wrong is told on its line, on stdout. */
static int
unknown(const struct check_opts *o, const struct diag *d)
{
	if (o->format == FORMAT_NAGIOS)
		printf("LOSSDOG UNKNOWN - %s%s%s\n", d->file ? d->file : "", d->file ? ": " : "", d->text);
	return cmd_diag(d);
}

/* A name that is nowhere, and never was, is a mistake; a pattern may match later. */
static int
nowhere(const struct check_opts *o, const struct sweep *s, int argc, char **argv)
{
	struct stat sb;
	struct diag d;
	int status = STATUS_OK;

	for (int i = 0; i < argc && s->missing == 0; i++)
		if (strpbrk(argv[i], "*?[") == NULL && stat(argv[i], &sb) == -1 && errno == ENOENT) {
			diag_at(&d, argv[i], 0, 0, "there is no such file or directory");
			status = unknown(o, &d);
		}
	return status;
}

static int
pass_over(struct pass *p, const char *state_dir, int argc, char **argv)
{
	const struct check_opts *o = p->o;
	const char **include = NULL, **exclude = NULL;
	struct diag d = { .text = "" };
	struct sweep s;
	double start = clock_mono();
	int status;
	struct sweep_opts so = { .path = (const char *const *)argv, .paths = argc, .state_dir = state_dir,
	    .run_name = o->run_name, .jobs = (unsigned)o->jobs, .limit = o->limit, .wait = o->wait,
	    .with = o->with.files.v, .withs = o->with.files.n,
	    .remind = o->remind, .clock = clock_wall, .arg = p, .knowledge = get_knowledge, .render = render,
	    .opened = opened, .notify = notify, .sample = p->tell.sinks ? sample : NULL, .flush = flush, .remark = remark,
	    .include = list(&o->include, &include), .exclude = list(&o->exclude, &exclude),
	    .profile = o->knowledge.profiles.n ? o->knowledge.profiles.v[0] : NULL };

	if (sweep_run(&s, &so, &d) == -1) {
		status = unknown(o, &d);
	} else {
		if (store_notice(s.store))
			cmd_remark("%s", store_notice(s.store));
		if (s.unstored)
			cmd_remark("the state could not be %s (%s)%s", s.blank ? "used" : "saved", d.text,
			    s.blank ? ": all logs are read from their start, and nobody is notified"
			            : ": the same will be read again");
		status = finish(p, &s, clock_mono() - start);
		if (nowhere(o, &s, argc, argv) != STATUS_OK && status == STATUS_OK)
			status = STATUS_UNKNOWN;
	}
	notifier_share(p->notifier, NULL);
	sweep_fini(&s);
	free(include);
	free(exclude);
	return status;
}

/* The state's place and who is told: before the database is opened. */
static int
prepare(struct pass *p, char **state_dir)
{
	const struct check_opts *o = p->o;
	struct conf *conf = conf_new();
	struct diags *diags = diags_new();
	int rc = conf_load(conf, o->knowledge.config, diags);

	if (rc == 0) {
		*state_dir = o->state.none ? NULL : notifier_state_dir(conf, o->state.dir);
		struct notifier_opts no = { .conf = conf, .spec = o->notify.v,
		    .specs = (unsigned)o->notify.n, .state_dir = *state_dir, .resumes = true };
		rc = notifier_new(&no, &p->notifier, diags);
	}
	cmd_diags(diags);
	diags_free(diags);
	conf_free(conf);
	return rc;
}

static int
check_paths(int argc, char **argv)
{
	struct stat sb;

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "-") == 0)
			return cmd_misuse("check", "standard input can only be replayed: lossdog check --replay -");
		if (stat(argv[i], &sb) == 0 && !S_ISREG(sb.st_mode) && !S_ISDIR(sb.st_mode))
			return cmd_error("%s: is neither a file nor a directory", argv[i]);
		if (stat(argv[i], &sb) == 0 && access(argv[i], R_OK) != 0)
			return cmd_error("%s: cannot be read", argv[i]);
	}
	return STATUS_OK;
}

static int
check_live(const struct check_opts *o, int argc, char **argv)
{
	struct pass p = { .o = o };
	struct opts_output output = o->output;
	struct opt_list to;
	char *state_dir = NULL;
	int status = check_paths(argc, argv);

	output.json = false;
	if (status != STATUS_OK)
		return status;
	tell_behind(&o->to, &to);
	if (prepare(&p, &state_dir) == -1)
		status = STATUS_UNKNOWN;
	else if (o->to.n > 0 && !get_knowledge(&p))
		status = STATUS_UNKNOWN;
	else if (tell_init(&p.tell, stdout, &output, &to, p.known ? &p.knowledge : NULL) == -1)
		status = STATUS_UNKNOWN;
	else
		status = pass_over(&p, state_dir, argc, argv);
	tell_fini(&p.tell);
	tell_behind_free(&to);
	notifier_close(p.notifier, 0);
	if (p.known)
		knowledge_fini(&p.knowledge);
	free(state_dir);
	return status;
}

/* --- the command --- */

static bool
print_file(const struct check_opts *o, int argc, char **argv)
{
	/* ORDER of check_files */
	const bool asked[] = { o->print_cron, o->print_systemd, o->print_logrotate, o->print_nagios, o->print_icinga };
	char *program = realpath("/proc/self/exe", NULL);
	bool printed = false;

	for (size_t i = 0; check_files[i].name; i++)
		if (asked[i]) {
			check_files[i].print(stdout, program ? program : "lossdog", argc, argv);
			printed = true;
		}
	free(program);
	return printed;
}

static int
run_check(void *arg, int argc, char **argv)
{
	const struct check_opts *o = arg;
	char *word = run_name_unknown(o->run_name);
	int status;

	if (word) {
		status = cmd_misuse("check", "--run-name: {%s} is none of {path} {dir} {parent} {name} {stem}", word);
		free(word);
		return status;
	}
	if (!know_with("check", &o->with, true))
		return STATUS_UNKNOWN;
	if (print_file(o, argc, argv))
		return STATUS_OK;
	return o->replay ? replay_all(o, argc, argv) : check_live(o, argc, argv);
}

const struct cmd cmd_check = {
	.name = "check",
	.args = "PATH...",
	.summary = "judge logs once, with the exit codes of monitoring plugins",
	.about = "Reads what is new in the logs (a file, all logs below a directory, or a pattern) since the last "
	    "check, and says what is new: findings that fire or are resolved.  Nothing is printed when all is well.  A "
	    "finding counts for the exit status until it is resolved.  Exit status: 0 nothing wrong, 1 a warning, "
	    "2 critical, 3 not readable."
	    "\n\n"
	    "With --replay each line of a recording comes at its own printed time; the present clock plays no part and "
	    "no state is kept.",
	.opts = opts,
	.size = sizeof(struct check_opts),
	.words = WORDS_FILE,
	.least = 1,
	.run = run_check,
};
