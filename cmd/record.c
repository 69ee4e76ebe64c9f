/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "record.h"

#include <math.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "hush.h"
#include "outbox.h"
#include "show.h"
#include "standing.h"
#include "xalloc.h"

#define PROGRESS   60  /* seconds between two words of progress */
#define LAST_WORDS 5   /* seconds that the delivery of messages may take at the end */
#define META_WAIT  2   /* seconds that a slow git may take at the end */
#define RESULT_MAX (1 << 20)
#define SERIES_MAX 200 /* in a result */

static const struct store_schema *const schemas[] = { &archive_schema, &outbox_schema, NULL };

int
record_prepare(struct record *r)
{
	struct conf  *conf = conf_new();
	struct diags *diags = diags_new();
	int           rc = conf_load(conf, r->config, diags);

	if (rc == 0) {
		struct notifier_opts no = { .conf = conf, .spec = r->notify->v,
			.specs = (unsigned)r->notify->n };

		r->dir = r->state->none ? NULL : notifier_state_dir(conf, r->state->dir);
		no.state_dir = r->dir;
		rc = notifier_new(&no, &r->notifier, diags);
	}
	cmd_diags(diags);
	diags_free(diags);
	conf_free(conf);
	return rc;
}

void
record_fini(struct record *r)
{
	notifier_drop(r->notifier); /* the analysis has one of its own */
	r->notifier = NULL;
	free(r->dir);
	r->dir = NULL;
}

/* Only the first failure to keep something is of interest. */
static void
give_up(struct record *r, const struct diag *d)
{
	cmd_remark("the run is not archived: %s", d->text);
	notifier_share(r->notifier, NULL);
	store_close(r->store);
	r->store = NULL;
}

void
record_open(struct record *r, const char *name, double now)
{
	struct diag    d = { .text = "" };
	struct passwd *pw;
	struct buf     line;
	char           cwd[4096], log[4096 + 256], host[256] = "";

	r->progress = now;
	if (r->argv == NULL || r->dir == NULL)
		return;
	r->hyper = hyper_new();
	meta_start(&r->meta, r->argv); /* before the database is open: it is forked */
	if (store_open(r->dir, schemas, &r->store, &d) != 0) {
		give_up(r, &d);
		return;
	}
	if (store_notice(r->store) != NULL)
		cmd_remark("%s", store_notice(r->store));
	if (r->notifier != NULL)
		notifier_share(r->notifier, r->store);
	pw = getpwuid(getuid());
	gethostname(host, sizeof host - 1);
	buf_init(&line, 16 << 10);
	hush_line(r->argv, &line);
	r->command = buf_take(&line);
	r->row = (struct archive_run){ .name = name, .command = r->command,
		.cwd = getcwd(cwd, sizeof cwd), .host = host, .user = pw != NULL ? pw->pw_name : NULL,
		.pid = getppid(), .rank = r->rank, .started = now, .job = r->job };
	if (r->log != NULL) {
		snprintf(log, sizeof log, "%s/%s", r->row.cwd, r->log);
		r->row.log = *r->log == '/' || r->row.cwd == NULL ? r->log : log;
	}
	if (archive_begin(r->store, &r->row, &d) != 0)
		give_up(r, &d);
	else if (r->job != NULL && r->notifier != NULL)
		notifier_join(r->notifier, r->row.run, r->row.began);
}

void
record_started(struct record *r, int pid)
{
	struct diag d = { .text = "" };

	r->row.child = pid;
	if (r->store != NULL && archive_started(r->store, &r->row, &d) != 0)
		give_up(r, &d);
}

void
record_line(struct record *r, const struct line *line, bool measures, const struct run *run)
{
	if (r->hyper != NULL)
		hyper_line(r->hyper, line, measures, run->samples > 20);
}

static void
failed(int rc, const struct diag *d)
{
	if (rc != 0)
		cmd_remark("a message could not be stored: %s", d->text);
}

static void
say_troubles(struct record *r)
{
	struct diag d;

	while (r->notifier != NULL && notifier_said(r->notifier, &d))
		cmd_remark("%s", d.text);
}

void
record_finding(struct record *r, const struct run *run, const struct finding *f, double now)
{
	struct diag d = { .text = "" };

	failed(notifier_finding(r->notifier, run, f, now, &d), &d);
	if (f->state != FINDING_FIRING)
		return;
	r->row.warnings += f->severity == SEV_WARNING;
	r->row.criticals += f->severity == SEV_CRITICAL;
}

bool
record_speaks(const struct record *r, const struct run *run)
{
	if (r->store == NULL)
		return r->rank <= 0;
	return archive_speaks(r->store, &r->row, run->samples > 0);
}

void
record_tick(struct record *r, const struct run *run, double now)
{
	struct diag d = { .text = "" };

	if (!r->told && run->samples > 0) {
		r->told = true;
		r->silent = !record_speaks(r, run);
		if (!r->silent)
			failed(notifier_start(r->notifier, run, now, &d), &d);
	}
	if (r->notifier == NULL)
		return;
	if (r->told && !r->silent && now >= r->progress + PROGRESS) {
		r->progress = now;
		failed(notifier_progress(r->notifier, run, now, &d), &d);
	}
	say_troubles(r);
}

/* --- the result --- */

static void
write_point(struct jsonw *w, const char *key, const struct series_point *p)
{
	jsonw_opt_num(w, key, p->value);
	if (strcmp(key, "best") == 0)
		jsonw_opt_num(w, "best_step", p->step);
}

static void
write_series(struct jsonw *w, const struct vocab *v, const struct series *s)
{
	struct series_point p;

	jsonw_object(w);
	jsonw_opt_str(w, "metric", vocab_metric_name(v, series_metric(s)));
	if (series_labels(s) > 0)
		jsonw_opt_str(w, "labels", vocab_labels_text(v, series_labels(s)));
	jsonw_opt_num(w, "points", (double)series_n(s));
	if (series_first(s, &p))
		write_point(w, "first", &p);
	if (series_recent(s, 0, &p))
		write_point(w, "last", &p);
	if (series_best(s, &p))
		write_point(w, "best", &p);
	jsonw_opt_num(w, "min", series_min(s));
	jsonw_opt_num(w, "max", series_max(s));
	jsonw_object_end(w);
}

static void
write_findings(struct jsonw *w, const struct judge *j)
{
	const struct finding *const *f;
	struct buf   b;
	unsigned     n = j != NULL ? judge_findings(j, &f) : 0;

	buf_init(&b, 64 << 10);
	jsonw_key(w, "findings");
	jsonw_array(w);
	for (unsigned i = 0; i < n; i++) {
		buf_reset(&b);
		finding_json(f[i], &b);
		if (!b.over)
			jsonw_raw(w, buf_get(&b));
	}
	jsonw_array_end(w);
	buf_fini(&b);
}

static void
write_result(const struct record *r, const struct pipeline *p, struct buf *out)
{
	const struct run        *run = pipeline_run(p);
	const struct series_set *set = pipeline_series(p);
	struct jsonw             w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_opt_str(&w, "profile", run->profile);
	jsonw_opt_num(&w, "lines", (double)run->lines);
	jsonw_opt_num(&w, "epoch", run->epoch);
	jsonw_opt_num(&w, "epochs", run->epochs);
	jsonw_opt_num(&w, "restarts", run->segment);
	hyper_json(r->hyper, &w);
	jsonw_key(&w, "series");
	jsonw_array(&w);
	for (unsigned i = 0; i < series_count(set) && i < SERIES_MAX; i++)
		write_series(&w, pipeline_vocab(p), series_at(set, i));
	jsonw_array_end(&w);
	write_findings(&w, pipeline_judge(p));
	jsonw_object_end(&w);
}

static void
archive(struct record *r, const struct pipeline *p, bool stopped, double now)
{
	const struct run    *run = pipeline_run(p);
	const struct series *s = standing_series(p);
	struct series_point  best, last;
	struct buf           meta, result;
	struct diag          d = { .text = "" };

	buf_init(&meta, META_MAX + 16);
	buf_init(&result, RESULT_MAX);
	meta_take(&r->meta, META_WAIT, &meta);
	write_result(r, p, &result);
	r->row.ended = now;
	r->row.status = run->status;
	r->row.has_status = run->has_status;
	r->row.stopped = stopped;
	r->row.profile = run->profile;
	r->row.step = run->step;
	r->row.steps = run->steps;
	r->row.loss = s != NULL && series_recent(s, 0, &last) ? last.value : NAN;
	r->row.best = s != NULL && series_best(s, &best) ? best.value : NAN;
	r->row.meta = buf_cstr(&meta);
	r->row.result = result.over ? NULL : buf_cstr(&result);
	if (archive_end(r->store, &r->row, &d) != 0)
		give_up(r, &d);
	buf_fini(&meta);
	buf_fini(&result);
}

static void
tell_end(struct record *r, const struct pipeline *p, double now)
{
	struct buf  text[LANGS];
	const char *verdict[LANGS];
	struct diag d = { .text = "" };

	for (int l = 0; l < LANGS; l++) {
		struct show show = { .columns = 100, .utf8 = true, .brief = true, .lang = (enum lang)l };

		buf_init(&text[l], 64 << 10);
		show_verdict(&show, pipeline_run(p), pipeline_series(p), pipeline_vocab(p),
		    pipeline_judge(p), &text[l]);
		verdict[l] = buf_cstr(&text[l]);
	}
	/* a failure is news whoever has it; that all went well only one says */
	if (run_failed(pipeline_run(p)) || record_speaks(r, pipeline_run(p)))
		failed(notifier_run_end(r->notifier, pipeline_run(p), verdict, now, &d), &d);
	for (int l = 0; l < LANGS; l++)
		buf_fini(&text[l]);
	notifier_flush(r->notifier, LAST_WORDS);
	say_troubles(r);
	if (notifier_close(r->notifier, 0) > 0)
		cmd_remark("messages wait; the next lossdog delivers them");
	r->notifier = NULL;
}

void
record_end(struct record *r, const struct pipeline *p, bool stopped, double now)
{
	if (r->store != NULL)
		archive(r, p, stopped, now);
	if (r->notifier != NULL)
		tell_end(r, p, now);
	store_close(r->store);
	hyper_free(r->hyper);
	free(r->command);
}
