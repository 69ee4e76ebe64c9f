/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "map.h"
#include "outbox.h"
#include "runname.h"
#include "xalloc.h"

#define WORTH_A_PROCESS (48u << 20) /* bytes */
#define JOBS_MAX        64
#define KEEP_AWAKE      64          /* runs in memory */
#define LOCK_STEP       100000      /* microseconds between two tries */

/* A log as an earlier pass left it. */
struct known {
	uint64_t print;
	char    *run;  /* NULL: called as the path */
	bool     seen;
};

/* The log of a walk that is to be read, for sharing the work. */
struct load {
	char    *run;
	uint64_t bytes;
	unsigned job;
};

struct walk {
	struct sweep *sweep;
	struct map   *loads; /* by run; NULL: not counted */
	unsigned      job;   /* only the logs of this one; 0: all */
};

static const struct store_schema *const schemas[] = { &ledger_schema, &outbox_schema, NULL };

/* --- what is known --- */

static int
load_known(struct sweep *c, struct diag *d)
{
	struct store_rows *q = store_query(c->store, "SELECT path, run, print FROM watch_file", "");
	struct map        *m = map_new();

	c->known = m;
	while (store_next(q)) {
		struct known *k = xmalloc(sizeof *k);

		*k = (struct known){ .print = (uint64_t)store_int(q, 2) };
		if (store_text(q, 1) != NULL)
			k->run = xstrdup(store_text(q, 1));
		map_set(m, span_of(store_text(q, 0)), k);
	}
	return store_done(q, d);
}

static void
add_scope(struct sweep *c, const char *run)
{
	if (map_get(c->scope, span_of(run)) == NULL)
		map_set(c->scope, span_of(run), c);
}

static char *
name_of(const struct sweep *c, const char *key)
{
	return run_name(c->opts->run_name, key);
}

/* A log is there; returns the name of its run, borrowed when it is known, else to be freed. */
static char *
note_log(struct sweep *c, const char *path, struct known **ret)
{
	struct known *k = map_get(c->known, span_of(path));
	char         *name;

	*ret = k;
	if (k != NULL ? !k->seen : map_get(c->fresh, span_of(path)) == NULL)
		c->logs++;
	if (k == NULL) {
		map_set(c->fresh, span_of(path), c);
		name = name_of(c, path);
		add_scope(c, name);
		return name;
	}
	if (k->run != NULL && !k->seen)
		add_scope(c, k->run);
	k->seen = true;
	return k->run != NULL ? k->run : (char *)(uintptr_t)path;
}

static bool
in_scope(const struct sweep *c, const char *run)
{
	const struct known *k = map_get(c->known, span_of(run));

	return (k != NULL && k->seen && k->run == NULL) ||
	    map_get(c->scope, span_of(run)) != NULL;
}

/* For the watchset: a log that is as it was left, or is another process's to read. */
static bool
settled(void *arg, const char *path, uint64_t print)
{
	struct walk  *w = arg;
	struct known *k;
	char         *name = note_log(w->sweep, path, &k);
	struct load  *l;
	bool          as_it_was = k != NULL && print != 0 && k->print == print;

	if (w->job > 0) {
		l = map_get(w->loads, span_of(name));
		as_it_was = as_it_was || (l != NULL ? l->job : 1) != w->job;
	}
	if (k == NULL)
		free(name);
	return as_it_was;
}

/* --- one process --- */

static struct watchset *
make_watchset(const struct sweep_opts *o, struct walk *w, struct diag *d)
{
	struct watchset_opts wo = { .settled = settled, .arg = w, .include = o->include,
		.exclude = o->exclude };
	struct watchset *set = watchset_new(&wo);

	for (int i = 0; i < o->paths; i++) {
		char *path = path_absolute(o->path[i]); /* by which it is remembered */
		int   rc = watchset_add(set, path, d);

		free(path);
		if (rc != 0) {
			if (d != NULL && d->file != NULL)
				d->file = o->path[i];
			watchset_free(set);
			return NULL;
		}
	}
	return set;
}

static int
commit(struct sweep *c, struct roster *r, struct diag *d)
{
	if (!roster_dirty(r))
		return 0;
	if (roster_commit(r, c->opts->clock(), d) != 0)
		c->unstored = true;
	roster_release(r, KEEP_AWAKE, INFINITY);
	return 0;
}

/* A log that was found by its name alone: a link, or a name that is not there. */
static void
note_found(struct sweep *c, const char *path)
{
	struct known *k;
	char         *name = note_log(c, path, &k);

	if (k == NULL)
		free(name);
}

static int
read_all(struct sweep *c, struct watchset *set, struct roster *r, double until, struct diag *d)
{
	double             now = c->opts->clock();
	struct watch_event e;

	while (watchset_next(set, now, &e)) {
		if (e.kind == WATCH_FOUND)
			note_found(c, follow_path(e.file->follow));
		if (roster_take(r, &e, now, d) != 0)
			return -1;
		if (e.kind == WATCH_DONE)
			c->read++;
		if (roster_urgent(r)) {
			roster_tick(r, now, false, d);
			commit(c, r, d);
		}
		if (e.kind == WATCH_EVENT && c->opts->clock() >= until) {
			c->late = true;
			break;
		}
	}
	return 0;
}

/* Runs whose silence may mean something by now, although nobody wrote. */
static int
wake_silent(struct sweep *c, struct roster *r, const struct walk *w, double now, struct diag *d)
{
	struct store_rows *q = store_query(c->store, "SELECT name, source FROM watch_run "
	    "WHERE deadline <= ?", "d", now);

	while (store_next(q)) {
		const char        *name = store_text(q, 0);
		const struct load *l = w->job > 0 ? map_get(w->loads, span_of(name)) : NULL;

		if (in_scope(c, name) &&
		    (w->job == 0 || (l != NULL ? l->job : 1) == w->job))
			roster_add(r, name, store_text(q, 1));
	}
	return store_done(q, d);
}

/* set: a pass over it has begun. */
static int
work(struct sweep *c, struct watchset *set, const struct walk *w, struct diag *d)
{
	const struct sweep_opts *o = c->opts;
	struct roster_opts ro = { .store = c->store, .pass = c->pass, .profile = o->profile,
	    .with = o->with, .withs = o->withs,
		.name = o->run_name, .arg = o->arg, .knowledge = o->knowledge,
		.render = o->render, .notify = c->blank ? NULL : o->notify, .sample = o->sample,
		.flush = o->flush, .remark = o->remark };
	struct roster *r = roster_new(&ro);
	double         until = o->limit > 0 ? o->clock() + o->limit : INFINITY;
	int            rc;

	if (o->opened != NULL && !c->blank)
		o->opened(o->arg, c->store);
	rc = read_all(c, set, r, until, d);
	if (rc == 0)
		rc = wake_silent(c, r, w, o->clock(), d);
	if (rc == 0)
		do {
			rc = roster_tick(r, o->clock(), true, d);
			commit(c, r, d);
		} while (rc == 1);
	roster_free(r);
	return rc;
}

/* The pass over the paths begins.  NULL: one of them can be none. */
static struct watchset *
begin(struct sweep *c, struct walk *w, struct diag *d)
{
	struct watchset *set = make_watchset(c->opts, w, d);

	if (set != NULL)
		watchset_look(set, c->opts->clock(), true);
	return set;
}

/* --- several processes --- */

static void
count_load(struct map *loads, const char *run, uint64_t bytes)
{
	struct load *l = map_get(loads, span_of(run));

	if (l == NULL) {
		l = xcalloc(1, sizeof *l);
		l->run = xstrdup(run);
		map_set(loads, span_of(run), l);
	}
	l->bytes += bytes;
}

static int
by_size(const void *a, const void *b)
{
	const struct load *x = *(struct load *const *)a, *y = *(struct load *const *)b;

	return x->bytes < y->bytes ? 1 : x->bytes > y->bytes ? -1 : 0;
}

/* The largest first, each to whom has least; returns the number of jobs that pays. */
static unsigned
share(struct map *loads, unsigned jobs)
{
	size_t        n = map_count(loads);
	struct load **all = xcalloc(n, sizeof *all);
	uint64_t      sum[JOBS_MAX] = { 0 }, total = 0;

	for (size_t i = 0; i < n; i++) {
		all[i] = map_at(loads, i, NULL);
		total += all[i]->bytes;
	}
	if (total / WORTH_A_PROCESS < jobs)
		jobs = (unsigned)(total / WORTH_A_PROCESS);
	if (n < jobs)
		jobs = (unsigned)n;
	if (n > 1)
		qsort(all, n, sizeof *all, by_size);
	for (size_t i = 0; i < n && jobs > 1; i++) {
		unsigned least = 0;

		for (unsigned k = 1; k < jobs; k++)
			if (sum[k] < sum[least])
				least = k;
		sum[least] += all[i]->bytes;
		all[i]->job = least + 1;
	}
	free(all);
	return jobs;
}

/* What there is to read, by run. */
static struct map *
count_loads(const struct sweep *c, const struct watchset *set)
{
	struct map *loads = map_new();

	for (unsigned i = 0; i < watchset_count(set); i++) {
		const char     *path = follow_path(watchset_at(set, i)->follow);
		char           *name = name_of(c, path);
		struct fileinfo info;

		if (fileinfo_path(path, &info) == 0)
			count_load(loads, name, info.size);
		free(name);
	}
	return loads;
}

static void
free_loads(struct map *loads)
{
	for (size_t i = 0; i < map_count(loads); i++) {
		struct load *l = map_at(loads, i, NULL);

		free(l->run);
		free(l);
	}
	map_free(loads);
}

/* What a child tells its parent when it ends. */
struct report {
	int         rc;
	unsigned    logs, read;
	bool        late, unstored;
	struct diag d;
};

_Noreturn static void
be_child(struct sweep *c, struct map *loads, unsigned job, int fd)
{
	struct walk      w = { .sweep = c, .loads = loads, .job = job };
	struct report    r = { .rc = -1 };
	struct watchset *set;

	c->logs = c->read = 0;
	if (store_open(c->opts->state_dir, schemas, &c->store, &r.d) == 0) {
		set = begin(c, &w, &r.d);
		r.rc = set != NULL ? work(c, set, &w, &r.d) : -1;
		store_close(c->store);
	}
	r.d.file = NULL;
	r.logs = c->logs;
	r.read = c->read;
	r.late = c->late;
	r.unstored = c->unstored;
	if (write(fd, &r, sizeof r) != sizeof r)
		_exit(1);
	_exit(0);
}

static int
take_report(struct sweep *c, int fd, struct diag *d)
{
	struct report r;

	if (read(fd, &r, sizeof r) != sizeof r)
		return diag_set(d, "a process that read logs has died");
	c->logs = r.logs; /* each walks over all of them */
	c->read += r.read;
	c->late |= r.late;
	c->unstored |= r.unstored;
	if ((r.rc != 0 || r.unstored) && d != NULL)
		memcpy(d->text, r.d.text, sizeof d->text);
	return r.rc;
}

static int
work_together(struct sweep *c, struct map *loads, unsigned jobs, struct diag *d)
{
	int   pipe_of[JOBS_MAX][2], rc = 0;
	pid_t child[JOBS_MAX];

	store_close(c->store); /* a connection must not cross a fork */
	c->store = NULL;
	c->opts->knowledge(c->opts->arg); /* once for all */
	fflush(NULL);
	for (unsigned i = 0; i < jobs; i++) {
		child[i] = -1;
		if (pipe2(pipe_of[i], O_CLOEXEC) != 0) {
			pipe_of[i][0] = -1;
			continue;
		}
		child[i] = fork();
		if (child[i] == 0)
			be_child(c, loads, i + 1, pipe_of[i][1]);
		close(pipe_of[i][1]);
	}
	for (unsigned i = 0; i < jobs; i++) {
		if (pipe_of[i][0] < 0 || child[i] < 0)
			rc = diag_set(d, "cannot start a process: %s", strerror(errno));
		else if (take_report(c, pipe_of[i][0], d) != 0)
			rc = -1;
		if (pipe_of[i][0] >= 0)
			close(pipe_of[i][0]);
		if (child[i] > 0)
			waitpid(child[i], NULL, 0);
	}
	if (store_open(c->opts->state_dir, schemas, &c->store, d) != 0)
		return -1;
	return rc;
}

static unsigned
most_jobs(const struct sweep_opts *o)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned n = o->jobs > 0 ? o->jobs : cores > 0 ? (unsigned)cores : 1;

	/* Without a state on disk there is nothing to share; samples go to one file in one order. */
	if (o->state_dir == NULL || o->sample != NULL)
		n = 1;
	return n < JOBS_MAX ? n : JOBS_MAX;
}

/* --- the whole --- */

/* Waits its turn; the lock ends with the process. */
static int
take_turn(const struct sweep_opts *o, int *ret, struct diag *d)
{
	char  *path = xasprintf("%s/check.lock", o->state_dir);
	double until = o->clock() + o->wait;
	int    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	free(path);
	*ret = fd;
	if (fd < 0)
		return 0; /* a state that cannot be written is told by the database */
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return 0; /* a file server without locks */
		if (o->clock() >= until)
			return diag_set(d, "another check with this state has been at work for "
			    "%.0f seconds", o->wait);
		usleep(LOCK_STEP);
	}
	return 0;
}

static void
count_missing(struct sweep *c)
{
	struct stat sb;

	for (int i = 0; i < c->opts->paths; i++) {
		char *key = path_absolute(c->opts->path[i]);

		if (stat(c->opts->path[i], &sb) != 0 && errno == ENOENT &&
		    map_get(c->known, span_of(key)) != NULL)
			c->missing++;
		free(key);
	}
}

int
sweep_count(struct sweep *c, struct diag *d)
{
	struct store_rows *q = store_query(c->store, "SELECT name, status FROM watch_run", "");

	while (store_next(q)) {
		int64_t status = store_int(q, 1);

		if (!in_scope(c, store_text(q, 0)) ||
		    status < 0 || status >= RUN_STATUSES)
			continue;
		c->runs++;
		c->status[status]++;
	}
	return store_done(q, d);
}

static int
count_findings(struct sweep *c, struct diag *d)
{
	struct store_rows *q = store_query(c->store, "SELECT run, severity FROM watch_finding "
	    "WHERE state = 0", "");

	while (store_next(q)) {
		int64_t severity = store_int(q, 1);

		if (severity >= 0 && severity < 4 &&
		    in_scope(c, store_text(q, 0)))
			c->firing[severity]++;
	}
	return store_done(q, d);
}

static int
read_new(struct sweep *c, struct diag *d)
{
	struct walk      w = { .sweep = c };
	unsigned         jobs = c->blank ? 1 : most_jobs(c->opts);
	struct watchset *set = begin(c, &w, d);
	struct map      *loads;
	int              rc;

	if (set == NULL)
		return -1;
	loads = count_loads(c, set);
	jobs = share(loads, jobs);
	rc = jobs > 1 ? work_together(c, loads, jobs, d) : work(c, set, &w, d);
	free_loads(loads);
	watchset_free(set);
	return rc;
}

static int
pass(struct sweep *c, struct diag *d)
{
	c->pass = ledger_pass(c->store, &c->told, d);
	if (c->pass < 0)
		c->unstored = true; /* judged all the same */
	if (load_known(c, d) != 0 || read_new(c, d) != 0)
		return -1;
	if (c->opts->remind > 0)
		ledger_remind(c->store, c->opts->clock(), c->opts->remind, c->pass, d);
	count_missing(c);
	return count_findings(c, d);
}

int
sweep_run(struct sweep *c, const struct sweep_opts *o, struct diag *d)
{
	int lock = -1, rc;

	*c = (struct sweep){ .opts = o, .scope = map_new(), .fresh = map_new() };
	if (store_open(o->state_dir, schemas, &c->store, d) != 0) {
		/* A full disk is no reason not to judge; but whom to tell what is not known any more. */
		if (o->state_dir == NULL || store_open(NULL, schemas, &c->store, NULL) != 0)
			return -1;
		c->unstored = c->blank = true;
	}
	if (!c->blank && o->state_dir != NULL && take_turn(o, &lock, d) != 0)
		rc = -1;
	else
		rc = pass(c, d);
	if (lock >= 0)
		close(lock);
	return rc;
}

void
sweep_fini(struct sweep *c)
{
	for (size_t i = 0; c->known != NULL && i < map_count(c->known); i++) {
		struct known *k = map_at(c->known, i, NULL);

		free(k->run);
		free(k);
	}
	map_free(c->known);
	map_free(c->scope);
	map_free(c->fresh);
	store_close(c->store);
}

#define FINDING "SELECT run, rule, severity, state, pass, summary, json, text FROM watch_finding "

struct store_rows *
sweep_fresh(struct sweep *c)
{
	return store_query(c->store, FINDING "WHERE pass > ? ORDER BY severity DESC, first, id",
	    "i", c->told);
}

void
sweep_told(struct sweep *c)
{
	struct store_rows *q = sweep_fresh(c);
	bool               news = store_next(q);

	store_done(q, NULL);
	if (!c->unstored && news)
		ledger_told(c->store, c->pass, NULL);
}

struct store_rows *
sweep_firing(struct sweep *c)
{
	return store_query(c->store, FINDING "WHERE state = 0 AND severity >= 2 "
	    "ORDER BY severity DESC, first, id", "");
}

bool
sweep_next(struct sweep *c, struct store_rows *q, struct sweep_finding *ret)
{
	while (store_next(q)) {
		if (!in_scope(c, store_text(q, 0)))
			continue;
		*ret = (struct sweep_finding){ .run = store_text(q, 0), .rule = store_text(q, 1),
			.severity = (enum severity)store_int(q, 2), .firing = store_int(q, 3) == 0,
			.fresh = store_int(q, 4) > c->told, .summary = store_text(q, 5),
			.json = store_text(q, 6), .text = store_text(q, 7) };
		return true;
	}
	return false;
}

struct store_rows *
sweep_runs(struct sweep *c)
{
	return store_query(c->store, "SELECT name, source, profile, status, step, steps, epoch, "
	    "epochs, loss, rate, eta, first, last, lines, curve FROM watch_run ORDER BY name", "");
}

bool
sweep_next_run(struct sweep *c, struct store_rows *q, struct ledger_run *ret)
{
	while (store_next(q)) {
		if (!in_scope(c, store_text(q, 0)))
			continue;
		*ret = (struct ledger_run){ .name = store_text(q, 0), .source = store_text(q, 1),
			.profile = store_text(q, 2), .status = (enum ledger_status)store_int(q, 3),
			.step = store_num(q, 4), .steps = store_num(q, 5), .epoch = store_num(q, 6),
			.epochs = store_num(q, 7), .loss = store_num(q, 8), .rate = store_num(q, 9),
			.eta = store_num(q, 10), .first = store_num(q, 11),
			.last = store_num(q, 12), .lines = store_int(q, 13) };
		snprintf(ret->curve, sizeof ret->curve, "%s",
		    store_text(q, 14) != NULL ? store_text(q, 14) : "");
		return true;
	}
	return false;
}
