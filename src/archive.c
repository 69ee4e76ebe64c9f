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
	NULL
};

const struct store_schema archive_schema = { "archive", steps };

int
archive_begin(struct store *s, struct archive_run *r, struct diag *d)
{
	if (store_run(s, d, "INSERT INTO archive_run (name, command, cwd, host, user, pid, rank,"
	    " started) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", "sssssiid", r->name, r->command, r->cwd,
	    r->host, r->user, (int64_t)r->pid, (int64_t)r->rank, r->started) != 0)
		return -1;
	r->id = store_last_id(s);
	return 0;
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

static void
row(struct store_rows *q, struct archive_run *r)
{
	*r = (struct archive_run){
		.id = store_int(q, 0), .name = store_text(q, 1), .command = store_text(q, 2),
		.cwd = store_text(q, 3), .host = store_text(q, 4), .user = store_text(q, 5),
		.pid = (int)store_int(q, 6), .rank = (int)store_int(q, 7),
		.started = store_num(q, 8), .ended = store_num(q, 9),
		.status = (int)store_int(q, 10), .has_status = store_int(q, 11) != 0,
		.stopped = store_int(q, 12) != 0, .profile = store_text(q, 13),
		.step = store_num(q, 14), .steps = store_num(q, 15), .loss = store_num(q, 16),
		.best = store_num(q, 17), .warnings = (unsigned)store_int(q, 18),
		.criticals = (unsigned)store_int(q, 19), .note = store_text(q, 20),
		.meta = store_text(q, 21), .result = store_text(q, 22),
	};
}

int
archive_each(struct store *s, int64_t id, unsigned limit, bool full, archive_fn *fn,
    void *arg, struct diag *d)
{
	struct archive_run r;
	struct store_rows *q;

	q = store_query(s, "SELECT id, name, command, cwd, host, user, pid, rank, started, ended,"
	    " status, has_status, stopped, profile, step, steps, loss, best, warnings, criticals,"
	    " note, CASE WHEN ?1 THEN meta END, CASE WHEN ?1 THEN result END FROM archive_run"
	    " WHERE ?2 = 0 OR id = ?2 ORDER BY id DESC LIMIT ?3", "iii", (int64_t)full, id,
	    limit > 0 ? (int64_t)limit : (int64_t)-1);
	while (store_next(q)) {
		row(q, &r);
		fn(arg, &r);
	}
	return store_done(q, d);
}

int
archive_remove(struct store *s, int64_t id, struct diag *d)
{
	if (store_run(s, d, "DELETE FROM archive_run WHERE id = ?", "i", id) != 0)
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

/* It has no end in the books, and nobody who could write it. */
static bool
is_lost(const struct archive_run *r)
{
	char host[256] = "";

	if (gethostname(host, sizeof host - 1) != 0 || r->host == NULL || strcmp(host, r->host) != 0)
		return false;
	return kill((pid_t)r->pid, 0) != 0 && errno == ESRCH;
}

const char *
archive_state(const struct archive_run *r, char ret[static 32])
{
	if (isnan(r->ended))
		return is_lost(r) ? "lost" : "running";
	if (r->stopped)
		return "stopped";
	if (!r->has_status)
		return "lost";
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

void
archive_json(const struct archive_run *r, struct buf *out)
{
	struct jsonw w;
	char         state[32];

	jsonw_init(&w, out);
	jsonw_object(&w);
	jsonw_key(&w, "schema");
	jsonw_uint(&w, 1);
	jsonw_key(&w, "id");
	jsonw_uint(&w, (uint64_t)r->id);
	jsonw_opt_str(&w, "name", r->name);
	jsonw_opt_str(&w, "command", r->command);
	jsonw_opt_str(&w, "cwd", r->cwd);
	jsonw_opt_str(&w, "host", r->host);
	jsonw_opt_str(&w, "user", r->user);
	jsonw_opt_num(&w, "rank", r->rank >= 0 ? (double)r->rank : (double)NAN);
	opt_time(&w, "started", r->started);
	opt_time(&w, "ended", r->ended);
	jsonw_opt_num(&w, "duration", r->ended - r->started);
	jsonw_opt_str(&w, "state", archive_state(r, state));
	if (r->has_status && WIFSIGNALED(r->status))
		jsonw_opt_num(&w, "signal", WTERMSIG(r->status));
	else if (r->has_status)
		jsonw_opt_num(&w, "status", WEXITSTATUS(r->status));
	jsonw_opt_str(&w, "profile", r->profile);
	jsonw_opt_num(&w, "step", r->step);
	jsonw_opt_num(&w, "steps", r->steps);
	jsonw_opt_num(&w, "loss", r->loss);
	jsonw_opt_num(&w, "best", r->best);
	jsonw_opt_num(&w, "warnings", r->warnings);
	jsonw_opt_num(&w, "criticals", r->criticals);
	jsonw_opt_str(&w, "note", r->note);
	if (r->meta != NULL) {
		jsonw_key(&w, "meta");
		jsonw_raw(&w, span_of(r->meta));
	}
	if (r->result != NULL) {
		jsonw_key(&w, "result");
		jsonw_raw(&w, span_of(r->result));
	}
	jsonw_object_end(&w);
}
