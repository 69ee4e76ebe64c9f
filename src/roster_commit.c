/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>

#include "roster_impl.h"
#include "xalloc.h"

void
roster_pending_clear(struct roster_run *u)
{
	for (unsigned i = 0; i < u->npending; i++) {
		finding_free(u->pending[i].finding);
		free(u->pending[i].json);
		free(u->pending[i].text);
	}
	u->npending = 0;
}

/* All its logs stand between two records, so what was read and what is known agree. */
static bool
savable(const struct roster_run *u)
{
	for (size_t i = 0; i < u->files; i++)
		if (u->file[i]->watched != NULL && !follow_savable(u->file[i]->watched->follow))
			return false;
	return true;
}

/* A state that is too large is none: it may not stay behind the offsets. */
static int
put_state(struct roster_run *u, struct diag *d)
{
	struct buf b;
	int        rc;

	if (u->pipeline == NULL)
		return 0;
	buf_init(&b, STATE_MAX);
	pipeline_save(u->pipeline, &b);
	rc = ledger_put_state(u->roster->opts.store, u->name, b.over ? SPAN_NONE : buf_get(&b), d);
	buf_fini(&b);
	return rc;
}

static int
put_files(struct roster_run *u, struct diag *d)
{
	for (size_t i = 0; i < u->files; i++) {
		struct roster_file *f = u->file[i];
		struct buf          b;
		int                 rc;

		if (!f->dirty || f->watched == NULL)
			continue;
		buf_init(&b, 1 << 22);
		follow_save(f->watched->follow, &b);
		rc = ledger_put_file(u->roster->opts.store, f->key, u->name, buf_get(&b),
		    follow_print(f->watched->follow), &f->version, d);
		buf_fini(&b);
		if (rc != 0)
			return -1;
	}
	return 0;
}

static int
put_findings(struct roster_run *u, double now, struct diag *d)
{
	const struct roster_opts *o = &u->roster->opts;

	for (unsigned i = 0; i < u->npending; i++) {
		struct pending *p = &u->pending[i];

		if (ledger_put_finding(o->store, p->finding, p->json, p->text, o->pass, now, d) != 0)
			return -1;
		if (o->notify != NULL && u->pipeline != NULL)
			o->notify(o->arg, pipeline_run(u->pipeline), p->finding);
	}
	return 0;
}

static int
put_run(struct roster *r, size_t i, double now, struct diag *d)
{
	struct roster_run *u = r->run[i];
	struct ledger_run  l;
	struct store      *s = r->opts.store;

	roster_describe(r, (unsigned)i, now, &l);
	if (store_enter(s, d) != 0)
		return -1;
	bool put = put_files(u, d) == 0 && put_state(u, d) == 0 && ledger_put_run(s, &l, d) == 0 &&
	    put_findings(u, now, d) == 0;
	return store_leave(s, put ? 0 : -1, d);
}

static bool
goes_on(enum ledger_status s)
{
	return s == RUN_ACTIVE || s == RUN_SILENT;
}

/* What was found goes out; what was not stored stays dirty. */
static void
hand_out(struct roster *r, size_t i, double now, bool stored)
{
	const struct roster_opts *o = &r->opts;
	struct roster_run        *u = r->run[i];
	struct ledger_run         l;

	for (unsigned k = 0; k < u->npending; k++)
		if (o->finding != NULL)
			o->finding(o->arg, u->pending[k].finding, u->pending[k].text);
	roster_pending_clear(u);
	if (o->over != NULL) {
		roster_describe(r, (unsigned)i, now, &l);
		/* one that was over when we came is no news */
		if (goes_on(u->was) && !goes_on(l.status))
			o->over(o->arg, &l);
		u->was = l.status;
	}
	if (!stored)
		return;
	u->dirty = false;
	for (size_t k = 0; k < u->files; k++)
		u->file[k]->dirty = false;
}

bool
roster_needs_commit(const struct roster_run *u)
{
	if (u->dirty || u->npending > 0)
		return true;
	for (size_t i = 0; i < u->files; i++)
		if (u->file[i]->dirty)
			return true;
	return false;
}

int
roster_commit(struct roster *r, double now, struct diag *d)
{
	bool *done = xcalloc(r->runs, sizeof *done);
	bool  waits = false, stored;
	int   rc;

	if (r->opts.flush != NULL)
		r->opts.flush(r->opts.arg);
	stored = r->opts.store == NULL || store_begin(r->opts.store, d) == 0;
	rc = stored ? 0 : -1;
	for (size_t i = 0; i < r->runs; i++) {
		struct roster_run *u = r->run[i];

		if (!roster_needs_commit(u))
			continue;
		if (!savable(u) && u->npending == 0) {
			waits = true;
			continue;
		}
		done[i] = true;
		if (stored && r->opts.store != NULL && put_run(r, i, now, d) != 0)
			rc = -1;
	}
	if (stored && r->opts.store != NULL && store_commit(r->opts.store, d) != 0) {
		store_rollback(r->opts.store);
		rc = -1;
	}
	for (size_t i = 0; i < r->runs; i++)
		if (done[i])
			hand_out(r, i, now, rc == 0);
	free(done);
	r->dirty = waits || rc != 0;
	r->full = false;
	r->bytes = 0;
	r->fed = 0;
	return rc;
}
