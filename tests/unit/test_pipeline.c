/* SPDX-License-Identifier: MIT */
/*
 * The state of a pipeline: with restarts of the program between the pieces of a
 * log, samples, findings and the final standing are those of one go.  Over the
 * samples, and over the corpus where there is one.
 */
#include "lrspec.h"
#include "pipeline.h"

#include <ftw.h>
#include <math.h>
#include <stdlib.h>

#include "input.h"
#include "ledger.h"
#include "pack.h"
#include "standing.h"
#include "xalloc.h"

#include "../tap.h"

#define LOG_MAX   (2u << 20) /* bytes of a log that are played */
#define LOGS_MAX  400
#define START     1.6e9      /* seconds */

struct story {
	struct knowledge *knowledge;
	struct buf        text;
	double            now;
};

static char  *logs[LOGS_MAX];
static size_t nlogs;

/* --- what is told --- */

static void
sample(void *arg, const struct run *run, const struct sample *s)
{
	struct story *t = arg;

	(void)run;
	buf_printf(&t->text, "%s{%s} %.17g %.17g %.17g %.17g %llu %u %d %s %s\n",
	    vocab_metric_name(t->knowledge->vocab, s->metric),
	    s->labels > 0 ? vocab_labels_text(t->knowledge->vocab, s->labels) : "", s->value, s->step, s->epoch,
	    s->time, (unsigned long long)s->line, s->segment, s->live, s->profile, s->unit ? s->unit : "-");
}

static void
finding(void *arg, const struct run *run, const struct finding *f)
{
	struct story *t = arg;

	(void)run;
	finding_json(f, &t->text);
	buf_char(&t->text, '\n');
}

static void
epilogue(struct story *t, struct pipeline *p)
{
	struct ledger_run r;
	const struct check *check;
	unsigned n = judge_checks(pipeline_judge(p), &check);

	standing_of(p, NAN, t->now, &r);
	buf_printf(&t->text, "%s %s %g/%g %g/%g loss %.17g rate %.9g eta %.9g lines %lld %s\n",
	    ledger_status_name(r.status), r.profile ? r.profile : "-", r.step, r.steps, r.epoch, r.epochs, r.loss,
	    r.rate, r.eta, (long long)r.lines, r.curve);
	for (unsigned i = 0; i < n; i++)
		buf_printf(&t->text, "%s %d\n", check[i].rule, check[i].state);
}

/* --- playing a log --- */

static struct pipeline *
begin(struct story *t, struct knowledge *k)
{
	struct pipeline_opts o = { .knowledge = k, .run = "r", .source = "s", .live = true, .arg = t,
	    .sample = sample, .finding = finding };
	struct diag d = { .text = "" };
	struct pipeline *p = pipeline_new(&o, &d);

	t->knowledge = k;
	if (!p)
		OK(false, "a pipeline: %s", d.text);
	return p;
}

/* The program ends and begins again: names get other numbers. */
static struct pipeline *
restart(struct story *t, struct pipeline *p, struct knowledge *k, size_t *most)
{
	struct buf b;
	struct diag d = { .text = "" };

	buf_init(&b, 1 << 28);
	pipeline_save(p, &b);
	pipeline_free(p);
	*most = b.n > *most ? b.n : *most;
	p = begin(t, k);
	if (pipeline_load(p, buf_get(&b), &d) == -1)
		buf_printf(&t->text, "not loaded: %s\n", d.text);
	buf_fini(&b);
	return p;
}

static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed >> 16;
}

/* In pieces of at most `piece` bytes with the clock going on; k[1] NULL: in one go. */
static char *
play(struct span log, size_t piece, unsigned seed, struct knowledge *k[2], size_t *most)
{
	struct story t = { .now = START };
	struct pipeline *p;
	unsigned turn = 0;

	buf_init(&t.text, 1u << 28);
	p = begin(&t, k[0]);
	while (log.n) {
		size_t n = 1 + next_random(&seed) % piece;
		n = n < log.n ? n : log.n;
		t.now += 0.001 * (double)n;
		pipeline_feed(p, 0, (struct span){ log.p, n }, t.now);
		log = span_from(log, n);
		if (k[1])
			p = restart(&t, p, k[++turn % 2], most);
		pipeline_tick(p, t.now);
	}
	pipeline_end(p, t.now + 100);
	epilogue(&t, p);
	pipeline_free(p);
	return buf_take(&t.text);
}

/* The first line of b that a does not have at that place. */
static void
show_difference(const char *a, const char *b)
{
	size_t i = 0, line = 0;

	for (; a[i] && a[i] == b[i]; i++)
		if (a[i] == '\n')
			line = i + 1;
	printf("# in one go:   %.*s\n# in pieces:   %.*s\n", (int)strcspn(a + line, "\n"), a + line,
	    (int)strcspn(b + line, "\n"), b + line);
}

/* --- the logs --- */

static int
note(const char *path, const struct stat *sb, int kind, struct FTW *at)
{
	(void)at;
	if (kind == FTW_F && sb->st_size > 0 && nlogs < LOGS_MAX && (strstr(path, ".log") || strstr(path, ".out") ||
	    strstr(path, ".txt")))
		logs[nlogs++] = xstrdup(path);
	return 0;
}

static char *
read_log(const char *path, size_t *n)
{
	struct diag d;
	struct input *in = input_open(path, &d);
	char *text = xmalloc(LOG_MAX);
	ssize_t got;

	*n = 0;
	while (in && *n < LOG_MAX && (got = input_read(in, text + *n, LOG_MAX - *n, &d)) > 0)
		*n += (size_t)got;
	input_close(in);
	return text;
}

static void
compare(const char *path, struct knowledge *k[2], size_t *most)
{
	size_t n;
	char *log = read_log(path, &n);
	struct span s = { log, n };
	struct knowledge *one[2] = { k[0], NULL };
	size_t piece = n / 8 + 100;
	char *whole = play(s, piece, 7, one, most), *parts = play(s, piece, 7, k, most);

	if (!OK(strcmp(whole, parts) == 0, "%s", path))
		show_difference(whole, parts);
	free(whole);
	free(parts);
	free(log);
}

/* What the caller knows of the job is what rules see. */
static void
job_limit(struct knowledge *k)
{
	struct diag d;
	struct pipeline_opts o = { .knowledge = k, .limit = 1700000000 };
	struct pipeline *p = pipeline_new(&o, &d);

	IS_NUM(pipeline_run(p)->limit, 1700000000, "the time limit of the job");
	pipeline_free(p);
	o.limit = 0;
	p = pipeline_new(&o, &d);
	IS_NUM(pipeline_run(p)->limit, NAN, "which may be unknown");
	pipeline_free(p);
}

/* The declared schedule is this process's, not that of the one that saved. */
static void
declared(struct knowledge *saver, struct knowledge *loader)
{
	struct lr_spec spec = { 0 };
	struct diag d;
	struct buf state;

	saver->expect_lr = &spec;
	struct pipeline_opts o = { .knowledge = saver };
	struct pipeline *p = pipeline_new(&o, &d);
	buf_init(&state, 1 << 24);
	pipeline_save(p, &state);
	pipeline_free(p);
	saver->expect_lr = NULL;
	o.knowledge = loader;
	p = pipeline_new(&o, &d);
	OK(pipeline_load(p, buf_get(&state), &d) == 0 && pipeline_run(p)->expect_lr == NULL,
	    "the schedule of the process before is not this one's");
	pipeline_free(p);
	buf_fini(&state);
}

int
main(void)
{
	const char *root = getenv("SRCDIR") ? getenv("SRCDIR") : "..";
	struct knowledge k[2], *both[2] = { &k[0], &k[1] };
	struct diags *d = diags_new();
	size_t most = 0;
	char *dir;

	OK(knowledge_init(&k[0], NULL, 0, KNOWLEDGE_RULES, d) == 0 && knowledge_init(&k[1], NULL, 0, KNOWLEDGE_RULES, d) == 0,
	    "what lossdog knows, twice");
	job_limit(&k[0]);
	declared(&k[0], &k[1]);
	dir = xasprintf("%s/tests/samples", root);
	nftw(dir, note, 8, 0);
	free(dir);
	dir = xasprintf("%s/../shared/corpus", root);
	nftw(dir, note, 8, FTW_PHYS);
	free(dir);
	for (size_t i = 0; i < nlogs; i++) {
		compare(logs[i], both, &most);
		free(logs[i]);
	}
	printf("# largest state: %zu kB\n", most / 1024);
	knowledge_fini(&k[0]);
	knowledge_fini(&k[1]);
	diags_free(d);
	return DONE();
}
