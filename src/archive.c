/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "archive.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "jsonw.h"

static const char *const steps[] = {
	"CREATE TABLE archive_run (id INTEGER PRIMARY KEY, name TEXT NOT NULL, command TEXT NOT NULL,"
	" cwd TEXT, host TEXT, user TEXT, pid INTEGER, rank INTEGER, started REAL, ended REAL,"
	" status INTEGER, has_status INTEGER NOT NULL DEFAULT 0, stopped INTEGER NOT NULL DEFAULT 0,"
	" profile TEXT, step REAL, steps REAL, loss REAL, best REAL,"
	" warnings INTEGER NOT NULL DEFAULT 0, criticals INTEGER NOT NULL DEFAULT 0,"
	" note TEXT, meta TEXT, result TEXT)",
	/* Processes of one run: each but the first has its id in run; one of them, the first's speaker, speaks. */
	"ALTER TABLE archive_run ADD COLUMN job TEXT;"
	"ALTER TABLE archive_run ADD COLUMN run INTEGER;"
	"ALTER TABLE archive_run ADD COLUMN speaker INTEGER;"
	"ALTER TABLE archive_run ADD COLUMN child INTEGER;"
	"ALTER TABLE archive_run ADD COLUMN log TEXT;"
	"CREATE INDEX archive_run_job ON archive_run (job);"
	"CREATE INDEX archive_run_run ON archive_run (run);",
	NULL
};

const struct store_schema archive_schema = { "archive", steps };

/* The run of its job that it belongs to, 0: it begins one. */
static int
find_run(struct store *s, struct archive_run *r, struct diag *d)
{
	struct store_rows *q = store_query(s, "SELECT id, started FROM archive_run l WHERE job = ?1 AND run IS NULL"
	    " AND started > ?2 AND NOT EXISTS (SELECT 1 FROM archive_run m WHERE (m.id = l.id OR m.run = l.id)"
	    " AND m.rank = ?3) AND id = (SELECT max(id) FROM archive_run WHERE job = ?1 AND run IS NULL)",
	    "sdi", r->job, r->started - ARCHIVE_TOGETHER, (int64_t)r->rank);

	r->run = 0;
	r->began = r->started;
	if (store_next(q)) {
		r->run = store_int(q, 0);
		r->began = store_num(q, 1);
	}
	return store_done(q, d);
}

static int
add_row(struct store *s, struct archive_run *r, struct diag *d)
{
	if (find_run(s, r, d) != 0 ||
	    store_run(s, d, "INSERT INTO archive_run (name, command, cwd, host, user, pid, rank, started, log, job,"
	    " run) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0))", "sssssiidssi", r->name, r->command, r->cwd,
	    r->host, r->user, (int64_t)r->pid, (int64_t)r->rank, r->started, r->log, r->job, r->run) != 0)
		return -1;
	r->id = store_last_id(s);
	if (r->run == 0)
		r->run = r->id;
	return 0;
}

int
archive_begin(struct store *s, struct archive_run *r, struct diag *d)
{
	/* no other rank may look for its run meanwhile */
	if (store_enter(s, d) != 0)
		return -1;
	return store_leave(s, add_row(s, r, d), d);
}

int
archive_started(struct store *s, const struct archive_run *r, struct diag *d)
{
	return store_run(s, d, "UPDATE archive_run SET child = ? WHERE id = ?", "ii", (int64_t)r->child, r->id);
}

int
archive_end(struct store *s, const struct archive_run *r, struct diag *d)
{
	return store_run(s, d, "UPDATE archive_run SET ended = ?, status = ?, has_status = ?,"
	    " stopped = ?, profile = ?, step = ?, steps = ?, loss = ?, best = ?, warnings = ?,"
	    " criticals = ?, meta = ?, result = ? WHERE id = ?", "diiisddddiissi", r->ended,
	    (int64_t)r->status, (int64_t)r->has_status, (int64_t)r->stopped, r->profile, r->step,
	    r->steps, r->loss, r->best, (int64_t)r->warnings, (int64_t)r->criticals, r->meta,
	    r->result, r->id);
}

bool
archive_speaks(struct store *s, const struct archive_run *r, bool claims)
{
	struct store_rows *q;
	bool               speaks = true;

	if (r->job == NULL)
		return true;
	if (claims)
		store_run(s, NULL, "UPDATE archive_run SET speaker = ? WHERE id = ? AND speaker IS NULL", "ii",
		    r->id, r->run);
	q = store_query(s, "SELECT ifnull(speaker, (SELECT id FROM archive_run WHERE id = ?1 OR run = ?1"
	    " ORDER BY rank LIMIT 1)) FROM archive_run WHERE id = ?1", "i", r->run);
	if (store_next(q))
		speaks = store_int(q, 0) == r->id;
	store_done(q, NULL);
	return speaks;
}

/* --- reading --- */

/* ORDER of row.  l: what the run is called, e: whose end is its end, m: whose numbers are its numbers. */
#define COLUMNS "l.id, l.name, l.command, l.cwd, e.host, l.user, e.pid, l.rank, l.started, e.ended, e.status," \
	" e.has_status, e.stopped, m.profile, m.step, m.steps, m.loss, m.best, m.warnings, m.criticals," \
	" l.note, e.log, e.child"

static void
row(struct store_rows *q, struct archive_run *r)
{
	*r = (struct archive_run){
		.id = store_int(q, 0), .run = store_int(q, 0), .ranks = 1,
		.name = store_text(q, 1), .command = store_text(q, 2),
		.cwd = store_text(q, 3), .host = store_text(q, 4), .user = store_text(q, 5),
		.pid = (int)store_int(q, 6), .rank = (int)store_int(q, 7),
		.started = store_num(q, 8), .began = store_num(q, 8), .ended = store_num(q, 9),
		.status = (int)store_int(q, 10), .has_status = store_int(q, 11) != 0,
		.stopped = store_int(q, 12) != 0, .profile = store_text(q, 13),
		.step = store_num(q, 14), .steps = store_num(q, 15), .loss = store_num(q, 16),
		.best = store_num(q, 17), .warnings = (unsigned)store_int(q, 18),
		.criticals = (unsigned)store_int(q, 19), .note = store_text(q, 20),
		.log = store_text(q, 21), .child = (int)store_int(q, 22),
		.meta = store_text(q, 23), .result = store_text(q, 24),
	};
}

int
archive_ranks(struct store *s, int64_t run, bool full, archive_fn *fn, void *arg, struct diag *d)
{
	struct archive_run r;
	struct store_rows *q = store_query(s, "SELECT " COLUMNS ", NULL, CASE WHEN ?1 THEN m.result END"
	    " FROM archive_run l JOIN archive_run e USING (id) JOIN archive_run m USING (id)"
	    " WHERE l.id = ?2 OR l.run = ?2 ORDER BY l.rank", "ii", (int64_t)full, run);

	while (store_next(q)) {
		row(q, &r);
		fn(arg, &r);
	}
	return store_done(q, d);
}

/* What the processes of a run come to. */
struct sum {
	unsigned ranks, warnings, criticals;
	int64_t  end, numbers; /* ids of those whose they are; 0: of none yet */
	int      weight;       /* of the end */
	double   ended;
};

/* How much the state of one process says of the run. */
static int
weigh(const struct archive_run *r)
{
	static const char *const states[] = { "ok", "", "stopped", "lost", "unwatched", "running" };
	char        text[32];
	const char *state = archive_state(r, text);

	for (int i = 0; i < 6; i++)
		if (strcmp(states[i], state) == 0)
			return i;
	return 1; /* a status or a signal of its own */
}

static void
add_rank(void *arg, const struct archive_run *r)
{
	struct sum *sum = arg;
	int         weight = weigh(r);

	sum->ranks++;
	/* N ranks with the same finding have one */
	if (r->warnings > sum->warnings)
		sum->warnings = r->warnings;
	if (r->criticals > sum->criticals)
		sum->criticals = r->criticals;
	if (sum->numbers == 0 && !isnan(r->step))
		sum->numbers = r->id;
	/* the first that fails draws the others down; a run that went well ends with its last */
	if (sum->end == 0 || weight > sum->weight ||
	    (weight == sum->weight && (weight > 0) == (r->ended < sum->ended))) {
		sum->end = r->id;
		sum->weight = weight;
		sum->ended = r->ended;
	}
}

static int
give_run(struct store *s, int64_t id, bool several, bool full, archive_fn *fn, void *arg, struct diag *d)
{
	struct sum         sum = { .ranks = 1 };
	struct archive_run r;
	struct store_rows *q;

	if (several) {
		sum.ranks = 0;
		if (archive_ranks(s, id, false, add_rank, &sum, d) != 0)
			return -1;
	}
	q = store_query(s, "SELECT " COLUMNS ", CASE WHEN ?4 THEN m.meta END, CASE WHEN ?4 THEN m.result END"
	    " FROM archive_run l, archive_run e, archive_run m WHERE l.id = ?1 AND e.id = ?2 AND m.id = ?3",
	    "iiii", id, sum.end > 0 ? sum.end : id, sum.numbers > 0 ? sum.numbers : id, (int64_t)full);
	if (store_next(q)) {
		row(q, &r);
		if (sum.ranks > 1) {
			r.ranks = sum.ranks;
			r.rank = -1;
			r.warnings = sum.warnings;
			r.criticals = sum.criticals;
		}
		fn(arg, &r);
	}
	return store_done(q, d);
}

int
archive_each(struct store *s, int64_t id, unsigned limit, bool full, archive_fn *fn,
    void *arg, struct diag *d)
{
	struct store_rows *q = store_query(s, "SELECT id, job NOT NULL FROM archive_run WHERE run IS NULL"
	    " AND (?1 = 0 OR id = ?1) ORDER BY id DESC LIMIT ?2", "ii", id,
	    limit > 0 ? (int64_t)limit : (int64_t)-1);
	int rc = 0;

	while (rc == 0 && store_next(q))
		rc = give_run(s, store_int(q, 0), store_int(q, 1) != 0, full, fn, arg, d);
	return store_done(q, rc == 0 ? d : NULL) == 0 ? rc : -1;
}

int
archive_remove(struct store *s, int64_t id, struct diag *d)
{
	if (store_run(s, d, "DELETE FROM archive_run WHERE (id = ?1 AND run IS NULL) OR run = ?1", "i", id) != 0)
		return -1;
	return store_changes(s) > 0;
}

int
archive_note(struct store *s, int64_t id, const char *note, struct diag *d)
{
	if (store_run(s, d, "UPDATE archive_run SET note = ? WHERE id = ?", "si", note, id) != 0)
		return -1;
	return store_changes(s) > 0;
}

static bool
is_gone(int pid)
{
	return pid <= 0 || (kill((pid_t)pid, 0) != 0 && errno == ESRCH);
}

static bool
is_of_this_host(const struct archive_run *r)
{
	char host[256] = "";

	return gethostname(host, sizeof host - 1) == 0 && r->host != NULL && strcmp(host, r->host) == 0;
}

const char *
archive_state(const struct archive_run *r, char ret[static 32])
{
	if (isnan(r->ended) || !(r->stopped || r->has_status)) {
		/* it has no end in the books: is there somebody who could write it? */
		if (isnan(r->ended) && !(is_of_this_host(r) && is_gone(r->pid)))
			return "running";
		return is_of_this_host(r) && r->log != NULL && !is_gone(r->child) ? "unwatched" : "lost";
	}
	if (r->stopped)
		return "stopped";
	if (WIFSIGNALED(r->status))
		snprintf(ret, 32, "signal %d", WTERMSIG(r->status));
	else if (WEXITSTATUS(r->status) != 0)
		snprintf(ret, 32, "status %d", WEXITSTATUS(r->status));
	else
		return "ok";
	return ret;
}

static void
opt_time(struct jsonw *w, const char *key, double wall)
{
	char text[32];

	clock_iso(wall, text);
	jsonw_opt_str(w, key, text);
}

/* How it went, of a run or of one of its processes. */
static void
put_course(struct jsonw *w, const struct archive_run *r)
{
	char state[32];

	jsonw_opt_str(w, "host", r->host);
	jsonw_opt_num(w, "rank", r->rank >= 0 ? (double)r->rank : (double)NAN);
	opt_time(w, "started", r->started);
	opt_time(w, "ended", r->ended);
	jsonw_opt_num(w, "duration", r->ended - r->started);
	jsonw_opt_str(w, "state", archive_state(r, state));
	if (r->has_status && WIFSIGNALED(r->status))
		jsonw_opt_num(w, "signal", WTERMSIG(r->status));
	else if (r->has_status)
		jsonw_opt_num(w, "status", WEXITSTATUS(r->status));
	jsonw_opt_str(w, "log", r->log);
	jsonw_opt_str(w, "profile", r->profile);
	jsonw_opt_num(w, "step", r->step);
	jsonw_opt_num(w, "steps", r->steps);
	jsonw_opt_num(w, "loss", r->loss);
	jsonw_opt_num(w, "best", r->best);
	jsonw_opt_num(w, "warnings", r->warnings);
	jsonw_opt_num(w, "criticals", r->criticals);
}

static void
put_raw(struct jsonw *w, const char *key, const char *json)
{
	if (json == NULL)
		return;
	jsonw_key(w, key);
	jsonw_raw(w, span_of(json));
}

static void
put_rank(void *arg, const struct archive_run *r)
{
	struct jsonw *w = arg;

	jsonw_object(w);
	put_course(w, r);
	put_raw(w, "result", r->result);
	jsonw_object_end(w);
}

void
archive_json(struct store *s, const struct archive_run *r, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_key(&w, "schema");
	jsonw_uint(&w, 1);
	jsonw_key(&w, "id");
	jsonw_uint(&w, (uint64_t)r->id);
	jsonw_opt_str(&w, "name", r->name);
	jsonw_opt_str(&w, "command", r->command);
	jsonw_opt_str(&w, "cwd", r->cwd);
	jsonw_opt_str(&w, "user", r->user);
	put_course(&w, r);
	jsonw_opt_str(&w, "note", r->note);
	put_raw(&w, "meta", r->meta);
	put_raw(&w, "result", r->result);
	if (r->ranks > 1) {
		jsonw_key(&w, "ranks");
		jsonw_array(&w);
		archive_ranks(s, r->id, r->result != NULL, put_rank, &w, NULL);
		jsonw_array_end(&w);
	}
	jsonw_object_end(&w);
}
