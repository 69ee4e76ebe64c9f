/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "roster_impl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runname.h"
#include "standing.h"
#include "xalloc.h"

#define BYTES_MAX   (64u << 20)  /* bytes that may have to be read again after a death */
#define PATIENCE    8            /* a silence is looked at again when it is an eighth longer */
#define LEAST    0.1 /* seconds from tick to tick: a line that is as young as now must not stop the clock */
#define PIECE       1024         /* of a log beside which there are monitors */
#define HELD_QUIET  20           /* seconds without a line after which it is asked who still writes */
#define MADE_MAX    64           /* pipelines that are made before a commit */

struct roster *
roster_new(const struct roster_opts *o)
{
	struct roster *r = xcalloc(1, sizeof *r);

	r->opts = *o;
	r->by_name = map_new();
	r->files = map_new();
	return r;
}

static void
run_free(struct roster_run *u)
{
	roster_pending_clear(u);
	pipeline_free(u->pipeline);
	monitors_free(u->monitors);
	buf_fini(&u->strings);
	free(u->file);
	free(u->name);
	free(u->source);
	free(u);
}

void
roster_free(struct roster *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < map_count(r->files); i++) {
		struct roster_file *f = map_at(r->files, i, NULL);

		free(f->key);
		free(f);
	}
	for (size_t i = 0; i < r->runs; i++)
		run_free(r->run[i]);
	free(r->run);
	map_free(r->files);
	map_free(r->by_name);
	free(r);
}

/* --- runs and their pipelines --- */

static struct roster_run *
run_named(struct roster *r, const char *name, const char *source)
{
	struct roster_run *u = map_get(r->by_name, span_of(name));

	if (u != NULL)
		return u;
	u = xcalloc(1, sizeof *u);
	u->name = xstrdup(name);
	u->source = xstrdup(source);
	u->roster = r;
	u->deadline = INFINITY;
	u->last = NAN;
	buf_init(&u->strings, 1 << 16);
	u->known = (struct ledger_run){ .name = u->name, .source = u->source, .step = NAN,
		.steps = NAN, .epoch = NAN, .epochs = NAN, .loss = NAN, .rate = NAN,
		.eta = NAN, .first = NAN, .last = NAN, .deadline = INFINITY };
	if (r->opts.store != NULL &&
	    ledger_get_run(r->opts.store, u->name, &u->known, &u->strings)) {
		u->known.name = u->name;
		u->deadline = u->known.deadline;
	}
	XGROW(r->run, r->runs, r->cap);
	r->run[r->runs++] = u;
	map_set(r->by_name, span_of(name), u);
	return u;
}

static void
found(void *arg, const struct run *run, const struct finding *f)
{
	struct roster_run *u = arg;
	struct pending    *p = &u->pending[u->npending];
	struct buf         b;

	(void)run;
	if (u->npending == PENDING_MAX)
		return; /* only when a commit fails again and again */
	u->npending++;
	u->dirty = u->roster->dirty = u->roster->full = true;
	p->finding = finding_copy(f);
	buf_init(&b, 1 << 20);
	finding_json(f, &b);
	p->json = buf_take(&b);
	buf_init(&b, 1 << 20);
	u->roster->opts.render(u->roster->opts.arg, f, &b);
	p->text = buf_take(&b);
}

static void
sampled(void *arg, const struct run *run, const struct sample *s)
{
	struct roster_run *u = arg;

	u->roster->opts.sample(u->roster->opts.arg, run, s);
}

/* What was known of the run; without it the lines are at least numbered as they were. */
static void
load_state(struct roster_run *u)
{
	struct roster *r = u->roster;
	struct diag    d = { .text = "" };
	struct buf     b;

	if (r->opts.store == NULL)
		return;
	buf_init(&b, STATE_MAX);
	if (ledger_get_state(r->opts.store, u->name, &b) && b.n > 0 &&
	    pipeline_load(u->pipeline, buf_get(&b), &d) != 0) {
		pipeline_resume(u->pipeline, (uint64_t)u->known.lines, u->known.first);
		if (r->opts.remark != NULL && !r->anew)
			r->opts.remark(r->opts.arg, u->name, FOLLOW_ERROR, d.text);
		r->anew = true;
	}
	buf_fini(&b);
}

/* Its monitors are read again from their start: what was before its next line is passed over. */
static int
wake_monitors(struct roster_run *u, struct pipeline_opts *po, struct diag *d)
{
	const struct roster_opts *o = &u->roster->opts;

	if (o->withs > 0 &&
	    monitors_new(o->with, o->withs, u->source, MONITORS_FOLLOWED, &u->monitors, d) != 0)
		return -1;
	if (u->monitors != NULL)
		po->monitor = monitors_sources(u->monitors, &po->monitors);
	return 0;
}

static void
look_beside(struct roster_run *u, double now)
{
	struct diag d;

	if (u->monitors == NULL)
		return;
	monitors_look(u->monitors, now);
	while (monitors_said(u->monitors, &d))
		if (u->roster->opts.remark != NULL)
			u->roster->opts.remark(u->roster->opts.arg, d.file, FOLLOW_ERROR, d.text);
}

/* The run's pipeline, as it was left.  -1: there is no way to judge. */
static int
wake_run(struct roster_run *u, struct diag *d)
{
	struct roster       *r = u->roster;
	struct pipeline_opts po;

	if (u->pipeline != NULL)
		return 0;
	if (r->knowledge == NULL)
		r->knowledge = r->opts.knowledge(r->opts.arg);
	if (r->knowledge == NULL)
		return diag_set(d, "nothing is known to judge with");
	po = (struct pipeline_opts){ .knowledge = r->knowledge, .run = u->name,
		.source = u->source, .profile = r->opts.profile, .live = true, .arg = u,
		.finding = found, .sample = r->opts.sample != NULL ? sampled : NULL };
	if (wake_monitors(u, &po, d) != 0)
		return -1;
	u->pipeline = pipeline_new(&po, d);
	if (u->pipeline == NULL) {
		monitors_free(u->monitors);
		u->monitors = NULL;
		return -1;
	}
	r->fed++;
	load_state(u);
	return 0;
}

/* --- events --- */

/* The tail of a live file's name was read up to here when the state was saved. */
static void
begin_look(struct roster_file *f)
{
	struct fileinfo info;

	if (!follow_info(f->watched->follow, &info))
		return;
	if (isnan(f->since) && info.id.birth != 0)
		f->since = (double)info.id.birth * 1e-9;
}

static void
end_look(struct roster_file *f)
{
	struct fileinfo info;

	if (!follow_info(f->watched->follow, &info))
		return;
	f->from = info.size;
	f->since = (double)info.mtime * 1e-9;
	if (isnan(f->run->last) || f->since > f->run->last)
		f->run->last = f->since;
}

/*
 * When these bytes were written.  What was written while nobody looked is spread
 * evenly over that time, so that the run's rhythm is not taken for one burst.
 */
static double
written(const struct roster_file *f, uint64_t upto, double now)
{
	struct fileinfo info;
	double          end, part;

	if (!follow_info(f->watched->follow, &info))
		return now;
	end = fmin((double)info.mtime * 1e-9, now);
	if ((f->run->roster->opts.arriving && now - end < 2) || isnan(f->since))
		return now;
	if (f->since >= end || info.size <= f->from || upto <= f->from)
		return fmin(end, now);
	part = (double)(upto - f->from) / (double)(info.size - f->from);
	return f->since + (end - f->since) * fmin(part, 1);
}

static int
find_file(struct roster *r, struct watched *w, struct diag *d)
{
	char               *key = path_absolute(follow_path(w->follow));
	struct roster_file *f = map_get(r->files, span_of(key));
	char               *name = run_name(r->opts.name, key);
	struct buf          state;
	struct diag         why = { .text = "" };

	(void)d;
	if (f == NULL) {
		f = xcalloc(1, sizeof *f);
		f->key = xstrdup(key);
		f->run = run_named(r, name, key);
		map_set(r->files, span_of(f->key), f);
		XGROW(f->run->file, f->run->files, f->run->file_cap);
		f->run->file[f->run->files++] = f;
	}
	free(key);
	free(name);
	f->watched = w;
	f->since = NAN;
	w->user = f;
	if (r->opts.store == NULL)
		return 0;
	buf_init(&state, 1 << 22);
	f->version = ledger_get_file(r->opts.store, f->key, &state);
	if (f->version > 0 && follow_load(w->follow, buf_get(&state), &why) != 0 &&
	    r->opts.remark != NULL)
		r->opts.remark(r->opts.arg, f->key, FOLLOW_ERROR, why.text);
	else if (f->version > 0)
		end_look(f); /* that is where the last one stood */
	buf_fini(&state);
	return 0;
}

/* With monitors in pieces, so that what they say stands between the lines of that time. */
static void
feed_bytes(struct roster_file *f, const struct follow_event *e, double now)
{
	struct span rest = e->bytes;

	while (rest.n > 0) {
		size_t n = rest.n;
		if (f->run->monitors != NULL && n > PIECE) {
			const char *end = memchr(rest.p + PIECE, '\n', n - PIECE);
			n = end != NULL ? (size_t)(end + 1 - rest.p) : n;
		}
		uint64_t upto = e->offset + (uint64_t)(rest.p - e->bytes.p) + n;
		pipeline_feed(f->run->pipeline, 0, (struct span){ rest.p, n }, written(f, upto, now));
		rest = span_from(rest, n);
	}
}

static int
feed(struct roster_file *f, const struct follow_event *e, double now, struct diag *d)
{
	struct roster_run *u = f->run;

	if (wake_run(u, d) != 0)
		return -1;
	begin_look(f);
	pipeline_since(u->pipeline, f->since);
	look_beside(u, now);
	feed_bytes(f, e, now);
	/*
	 * An unfinished record is shown as the state of a bar is: what comes after
	 * may overwrite it.  The sequence without effect ends the wait for a \n.
	 */
	if (e->kind == FOLLOW_PROVISIONAL)
		pipeline_feed(u->pipeline, 0, SPAN_LIT("\r\x1b[0m"), now);
	u->gone = false;
	u->deadline = pipeline_deadline(u->pipeline);
	u->dirty = f->dirty = u->roster->dirty = true;
	u->roster->bytes += e->bytes.n;
	return 0;
}

/* Does anybody still write its logs? */
static void
look_for_writers(struct roster_run *u)
{
	int written = u->files == 0 ? file_written(u->source) : 0;

	for (size_t i = 0; i < u->files && written == 0; i++)
		written = file_written(u->file[i]->key);
	if (written >= 0)
		pipeline_held(u->pipeline, written == 1);
}

static void
remark(struct roster_file *f, const struct follow_event *e)
{
	struct roster *r = f->run->roster;

	f->dirty = r->dirty = true;
	f->run->dirty = true;
	if (e->kind == FOLLOW_GONE)
		f->run->gone = true;
	if (e->kind != FOLLOW_ERROR && f->run->pipeline != NULL)
		pipeline_unheld(f->run->pipeline);
	if (r->opts.remark != NULL && e->text != NULL)
		r->opts.remark(r->opts.arg, f->key, e->kind, e->text);
}

int
roster_take(struct roster *r, const struct watch_event *e, double now, struct diag *d)
{
	struct roster_file *f = e->file->user;

	switch (e->kind) {
	case WATCH_FOUND:
		return find_file(r, e->file, d);
	case WATCH_EVENT:
		if (e->event.kind == FOLLOW_DATA || e->event.kind == FOLLOW_PROVISIONAL)
			return feed(f, &e->event, now, d);
		remark(f, &e->event);
		break;
	case WATCH_DONE:
		end_look(f);
		if (f->run->pipeline != NULL && !pipeline_run(f->run->pipeline)->held)
			look_for_writers(f->run);
		if (follow_changed(f->watched->follow))
			f->dirty = r->dirty = true;
		break;
	case WATCH_FORGET:
		f->watched = NULL;
		f->dirty = false;
		if (r->opts.store != NULL)
			ledger_forget_file(r->opts.store, f->key, NULL);
		break;
	}
	return 0;
}

void
roster_add(struct roster *r, const char *name, const char *source)
{
	run_named(r, name, source != NULL ? source : name);
}

/*
 * When to tick again.  A silence is judged by its length, so the longer it is
 * the less often it needs to be looked at.
 */
static double
next_tick(const struct roster_run *u, double now)
{
	const struct run *run = pipeline_run(u->pipeline);
	double            at = pipeline_deadline(u->pipeline);

	if (run->finished || run->lines == 0)
		return INFINITY;
	return fmax(at, now + fmax(LEAST, (now - fmax(run->last, u->last)) / PATIENCE));
}

static int
tick_run(struct roster_run *u, double now, struct diag *d)
{
	if (wake_run(u, d) != 0)
		return -1;
	if (pipeline_run(u->pipeline)->held && now - fmax(pipeline_run(u->pipeline)->last, u->last) >= HELD_QUIET)
		look_for_writers(u);
	look_beside(u, now);
	pipeline_tick(u->pipeline, now);
	u->deadline = next_tick(u, now);
	u->dirty = u->roster->dirty = true;
	return 0;
}

int
roster_tick(struct roster *r, double now, bool wake, struct diag *d)
{
	for (size_t i = 0; i < r->runs; i++)
		if (r->run[i]->pipeline != NULL && r->run[i]->deadline <= now &&
		    tick_run(r->run[i], now, d) != 0)
			return -1;
	for (size_t i = 0; i < r->runs && wake; i++) {
		if (r->run[i]->deadline > now)
			continue;
		if (r->fed >= MADE_MAX)
			return 1;
		if (tick_run(r->run[i], now, d) != 0)
			return -1;
	}
	return 0;
}

double
roster_deadline(const struct roster *r)
{
	double at = INFINITY;

	for (size_t i = 0; i < r->runs; i++)
		at = fmin(at, r->run[i]->deadline);
	return at;
}

/* --- committing --- */

bool
roster_dirty(const struct roster *r)
{
	return r->dirty;
}

bool
roster_urgent(const struct roster *r)
{
	return r->full || r->bytes >= BYTES_MAX || r->fed >= MADE_MAX;
}

int
roster_wake(struct roster *r, unsigned i, struct diag *d)
{
	return wake_run(r->run[i], d);
}

void
roster_release(struct roster *r, size_t keep, double before)
{
	size_t awake = 0;

	for (size_t i = 0; i < r->runs; i++)
		awake += r->run[i]->pipeline != NULL;
	for (size_t i = 0; i < r->runs && awake > keep && r->opts.store != NULL; i++) {
		struct roster_run *u = r->run[i];

		if (u->pipeline == NULL || roster_needs_commit(u) || u->last > before)
			continue;
		pipeline_free(u->pipeline);
		monitors_free(u->monitors);
		u->pipeline = NULL;
		u->monitors = NULL;
		ledger_get_run(r->opts.store, u->name, &u->known, &u->strings);
		u->known.name = u->name;
		awake--;
	}
}

/* --- how a run stands --- */

unsigned
roster_count(const struct roster *r)
{
	return (unsigned)r->runs;
}

const char *
roster_name(const struct roster *r, unsigned i)
{
	return r->run[i]->name;
}

const struct pipeline *
roster_pipeline(const struct roster *r, unsigned i)
{
	return r->run[i]->pipeline;
}

void
roster_describe(const struct roster *r, unsigned i, double now, struct ledger_run *ret)
{
	const struct roster_run *u = r->run[i];

	if (u->pipeline == NULL)
		*ret = u->known;
	else
		standing_of(u->pipeline, u->last, now, ret);
	ret->deadline = u->deadline;
	ret->name = u->name;
	ret->source = u->source;
	if (u->gone && ret->status != RUN_FINISHED)
		ret->status = RUN_GONE;
}

void
roster_firing(const struct roster *r, unsigned i, unsigned ret[4])
{
	const struct pipeline *p = r->run[i]->pipeline;
	const struct finding *const *f;
	unsigned n = p != NULL && pipeline_judge(p) != NULL
	    ? judge_findings(pipeline_judge(p), &f) : 0;

	memset(ret, 0, 4 * sizeof *ret);
	for (unsigned k = 0; k < n; k++)
		if (f[k]->state == FINDING_FIRING)
			ret[f[k]->severity]++;
}
