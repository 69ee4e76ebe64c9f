/* SPDX-License-Identifier: MIT */
/*
 * The notifier from the pipeline's side, with exec: channels, which need no
 * network.  Also a driver for tests/real:
 *
 *	test_notifier --drive CONFIG STATE SECONDS WORD...
 *
 * fire:N (N findings of different rules, texts hostile), warn:N (the same, less
 * severe), ranks:N (one rule on N ranks), resolve:N, resolve-ranks:N, end, crash, sleep:S, die (SIGKILL).
 * again: what follows is of a later run of the same name.
 */
#include "notifier.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "tap.h"
#include "xalloc.h"

static const char hostile[] = "loss=nan <!channel> <@U1> @all @13800000000 @everyone "
    "<at user_id=\"all\">x</at> `x` *b* _i_ [a](http://evil.example) <b>&amp; \x1b[31m "
    "\xe2\x80\xae"
    "rtl \xff\xfe \"quoted\" \\ \r\nInjected: header\n.\n";

/* Which run of its name it is. */
struct session { unsigned life; };

static struct finding
make(const struct session *s, unsigned i, int rank, enum finding_state state)
{
	static char label[32];
	struct finding f = {
		.severity = SEV_CRITICAL, .state = state, .run = "run-a",
		.source = "train.log", .metric = "train/loss",
		.step = 1200, .epoch = 0.5, .time = clock_wall(), .value = NAN,
		.line = 77, .text = hostile,
		.summary = "train/loss is NaN since step 1200", .advice = "lower the learning rate",
		.cause = { { "learning rate too high", "grad_norm 91.2", "halve it" } }, .causes = 1,
		.evidence = "loss 9.31, best 2.10 at step 400",
		.first_time = clock_wall() - 100, .last_time = clock_wall(),
	};

	f.rule = i == 0 ? "nonfinite" : i == 1 ? "grad-explosion" : i == 2 ? "plateau" :
	    i == 3 ? "stalled" : "other";
	snprintf(f.id, sizeof(f.id), "ep-%u-%u-%d", s->life, i, rank);
	for (f.points = 0; f.points < FINDING_CURVE; f.points++)
		f.curve[f.points] = f.points + 1 == FINDING_CURVE ? NAN : exp(-(double)f.points / 12);
	if (rank >= 0) {
		snprintf(label, sizeof(label), "rank=%d", rank);
		f.labels = label;
	}
	return f;
}

static const struct run *
the_run(struct run *r, const struct session *s)
{
	*r = (struct run){ .name = "run-a", .source = "train.log", .step = 1200,
	    .steps = 10000, .epoch = 0.5, .epochs = NAN, .start = 1795500000 + 600.0 * s->life,
	    .last = 1795500600 + 600.0 * s->life, .iter = NAN, .iters = NAN };
	return r;
}

static void
say_all(struct notifier *n)
{
	struct diag d;

	while (notifier_said(n, &d))
		printf("# said: %s\n", d.text);
}

static void
word(struct notifier *n, struct session *s, const char *w)
{
	unsigned count = strchr(w, ':') ? (unsigned)atoi(strchr(w, ':') + 1) : 1;
	enum finding_state state = strstr(w, "resolve") ? FINDING_RESOLVED : FINDING_FIRING;
	static const char *const verdict[LANGS] = { "1 finding\nnonfinite: \x1b[1mred\n", NULL };
	struct run r;
	struct diag d = { .text = "" };
	int bad = 0;

	s->life += strcmp(w, "again") == 0;
	the_run(&r, s);
	for (unsigned i = 0; i < count && strchr(w, ':') && strncmp(w, "sleep", 5) != 0; i++) {
		struct finding f = strstr(w, "ranks") ? make(s, 0, (int)i, state) : make(s, i, -1, state);

		if (strncmp(w, "warn", 4) == 0)
			f.severity = SEV_WARNING;
		bad |= notifier_finding(n, &r, &f, clock_wall(), &d);
	}
	if (strncmp(w, "sleep:", 6) == 0)
		usleep((useconds_t)(atof(w + 6) * 1e6));
	if (strcmp(w, "start") == 0)
		bad |= notifier_start(n, &r, clock_wall(), &d);
	if (strcmp(w, "die") == 0)
		kill(getpid(), SIGKILL);
	r.has_status = true;
	r.status = strcmp(w, "crash") == 0 ? 256 : 0;
	if (strcmp(w, "crash") == 0 || strcmp(w, "end") == 0)
		bad |= notifier_run_end(n, &r, verdict, clock_wall(), &d);
	if (bad)
		printf("# failed: %s\n", d.text);
}

static struct notifier *
begin(const char *config, const char *dir)
{
	struct conf *c = conf_new();
	struct diags *diags = diags_new();
	struct notifier_opts o = { .conf = c, .state_dir = dir };
	struct notifier *n = NULL;

	if (conf_load(c, config, diags) == -1 || notifier_new(&o, &n, diags) == -1)
		diags_print(diags, stdout, false, NULL);
	diags_free(diags);
	conf_free(c);
	return n;
}

static int
drive(int argc, char **argv)
{
	struct notifier *n;
	struct session s = { 0 };
	double t = clock_mono(), limit = atof(argv[2]);

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 3 || !(n = begin(argv[0], argv[1])))
		return 1;
	for (int i = 3; i < argc; i++)
		word(n, &s, argv[i]);
	printf("# told in %.3f s\n", clock_mono() - t);
	notifier_flush(n, limit);
	say_all(n);
	printf("# waiting %u, closed after %.3f s\n", notifier_close(n, 0), clock_mono() - t);
	return 0;
}

/* --- the tests --- */

static void
write_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
	chmod(path, mode);
}

/* Times that word stands in the file. */
static unsigned
count(const char *path, const char *what)
{
	char text[65536];
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	unsigned ret = 0;

	if (f)
		fclose(f);
	text[n] = '\0';
	for (char *p = text; (p = strstr(p, what)) != NULL; p++)
		ret++;
	return ret;
}

static void
session(const char *dir, double limit, ...)
{
	struct notifier *n = begin("config.yaml", dir);
	struct session s = { 0 };
	va_list ap;
	const char *w;

	OK(n != NULL, "a notifier for %s", dir);
	va_start(ap, limit);
	while ((w = va_arg(ap, const char *)) != NULL)
		word(n, &s, w);
	va_end(ap);
	notifier_flush(n, getenv("SLOW_BUILD") ? limit * 6 : limit); /* under valgrind */
	say_all(n);
	notifier_close(n, 0);
}

/* A command that keeps what it was told, one line a message. */
static void
make_command(void)
{
	write_file("keep.sh", "#!/bin/sh\n"
	    "if [ -e broken ]; then echo $PPID >courier; sleep 9; exit 75; fi\n"
	    "echo \"$LOSSDOG_EVENT $LOSSDOG_RULE $LOSSDOG_RUN\" >>told\n"
	    "echo \"$LOSSDOG_ID\" >>ids\n"
	    "if [ -e deadly ]; then rm deadly; kill -9 $PPID; fi\n"
	    "cat >>stdin\necho >>stdin\n", 0755);
	write_file("config.yaml", "notify:\n  keep:\n    type: exec\n"
	    "    command: ./keep.sh\n", 0600);
}

static void
test_once(void)
{
	session("s1", 5.0, "fire:2", "fire:2", "resolve:2", "end", NULL);
	IS_NUM(count("told", "firing"), 2, "two findings, told twice each: two messages");
	IS_NUM(count("told", "resolved"), 2, "and their ends");
	IS_NUM(count("told", "finished"), 1, "and the end of the run");
	IS_NUM(count("stdin", "\x1b"), 0, "no escape reaches the command");
	unlink("told");
	session("s1", 5.0, "fire:2", NULL);
	IS_NUM(count("told", "firing"), 0, "another session does not tell the same again");
	session("s1", 5.0, "fire:1", "again", "fire:1", NULL);
	IS_NUM(count("told", "firing"), 1, "a later run of the same name that goes wrong too is news");
}

static void
test_ranks(void)
{
	unlink("told");
	session("s2", 5.0, "ranks:8", NULL);
	IS_NUM(count("told", "firing"), 1, "eight ranks, one message");
	session("s2", 5.0, "resolve-ranks:7", NULL);
	IS_NUM(count("told", "resolved"), 0, "seven of eight are over: not over");
	session("s2", 5.0, "resolve-ranks:8", NULL);
	IS_NUM(count("told", "resolved"), 1, "all are over: one message");
	session("s2", 5.0, "ranks:8", "again", "ranks:8", NULL);
	IS_NUM(count("told", "firing"), 2, "the ranks of a later run speak for themselves");
}

/* The process of the delivery, which the command has left behind. */
static pid_t
courier(void)
{
	FILE *f = NULL;
	long pid = 0;

	for (int i = 0; i < 100 && pid == 0; i++) {
		usleep(50000);
		if ((f = fopen("courier", "r")) == NULL)
			continue;
		if (fscanf(f, "%ld", &pid) != 1)
			pid = 0;
		fclose(f);
	}
	return (pid_t)pid;
}

static void
test_kill(void)
{
	pid_t pid = fork(), other;

	unlink("told");
	if (pid == 0) { /* stores, and dies at once */
		struct notifier *n;
		struct session s = { 0 };

		write_file("broken", "", 0600);
		n = begin("config.yaml", "s3");
		word(n, &s, "fire:1");
		kill(getpid(), SIGKILL);
	}
	other = courier();
	OK(other > 1, "it is being sent");
	if (other > 1)
		kill(other, SIGKILL);
	unlink("broken");
	session("s3", 8.0, NULL);
	IS_NUM(count("told", "firing nonfinite"), 1, "killed before it was sent: the next start sends it, once");
	session("s3", 2.0, NULL);
	IS_NUM(count("told", "firing nonfinite"), 1, "and the one after that does not");
}

/* Killed after the message went out, before that was noted: it comes again, and says that it is the same. */
static void
test_kill_after(void)
{
	char a[80] = "", b[80] = "";
	FILE *f;

	unlink("told");
	unlink("ids");
	write_file("deadly", "", 0600);
	session("s5", 5.0, "fire:1", NULL);
	IS_NUM(count("told", "firing nonfinite"), 1, "told, and killed");
	session("s5", 5.0, NULL);
	IS_NUM(count("told", "firing nonfinite"), 2, "told again: at least once");
	f = fopen("ids", "r");
	OK(f && fscanf(f, "%79s %79s", a, b) == 2 && strcmp(a, b) == 0, "with the same id: %s", a);
	if (f)
		fclose(f);
	session("s5", 3.0, NULL);
	IS_NUM(count("told", "firing nonfinite"), 2, "and not a third time");
}

static void
test_none(void)
{
	struct notifier *n;

	write_file("config.yaml", "lang: en\n", 0600);
	n = begin("config.yaml", "s4");
	OK(n == NULL, "nobody to tell: no notifier");
	OK(notifier_finding(NULL, NULL, NULL, 0, NULL) == 0 && notifier_close(NULL, 1) == 0,
	    "no notifier takes everything");
	OK(access("s4", F_OK) != 0, "and makes no state");
}

int
main(int argc, char **argv)
{
	if (argc > 4 && strcmp(argv[1], "--drive") == 0)
		return drive(argc - 2, argv + 2);
	make_command();
	test_once();
	test_ranks();
	test_kill();
	test_kill_after();
	test_none();
	return DONE();
}
