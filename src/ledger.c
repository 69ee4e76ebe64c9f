/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "ledger.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const steps[] = {
	"CREATE TABLE watch_pass (number INTEGER NOT NULL);"
	"INSERT INTO watch_pass VALUES (0);"
	"CREATE TABLE watch_file ("
	" path TEXT PRIMARY KEY, run TEXT," /* NULL: called as the path */
	" print INTEGER NOT NULL, version INTEGER NOT NULL) WITHOUT ROWID;"
	/* Apart, so that a look at all files does not read it. */
	"CREATE TABLE watch_place (path TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE watch_run ("
	" name TEXT PRIMARY KEY, source TEXT, profile TEXT, status INTEGER NOT NULL,"
	" step REAL, steps REAL, epoch REAL, epochs REAL, loss REAL, rate REAL, eta REAL,"
	" first REAL, last REAL, deadline REAL, lines INTEGER, curve TEXT) WITHOUT ROWID;"
	"CREATE INDEX watch_run_deadline ON watch_run (deadline);"
	"CREATE INDEX watch_run_status ON watch_run (status);"
	"CREATE TABLE watch_state (run TEXT PRIMARY KEY, state BLOB NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE watch_finding ("
	" id TEXT PRIMARY KEY, run TEXT NOT NULL, rule TEXT NOT NULL, metric TEXT,"
	" severity INTEGER NOT NULL, state INTEGER NOT NULL, first REAL, last REAL,"
	" pass INTEGER NOT NULL, told REAL, summary TEXT NOT NULL, json TEXT NOT NULL,"
	" text TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX watch_finding_pass ON watch_finding (pass);"
	"CREATE INDEX watch_finding_state ON watch_finding (state, severity, run);",
	/* The newest pass whose news were told: one that died before it told them leaves them to the next. */
	"ALTER TABLE watch_pass ADD COLUMN told INTEGER NOT NULL DEFAULT 0;"
	"UPDATE watch_pass SET told = number;",
	NULL
};

const struct store_schema ledger_schema = { "watch", steps };

const char *
ledger_status_name(enum ledger_status s)
{
	static const char *const name[RUN_STATUSES] = { "new", "active", "silent",
		"finished", "crashed", "stopped", "gone" };

	return name[s];
}

int64_t
ledger_pass(struct store *s, int64_t *told, struct diag *d)
{
	/* Nothing is written: most passes find no news. */
	struct store_rows *q = store_query(s, "SELECT max(number, told, "
	    "coalesce((SELECT max(pass) FROM watch_finding), 0)) + 1, told FROM watch_pass", "");
	int64_t            n = -1;

	if (store_next(q)) {
		n = store_int(q, 0);
		*told = store_int(q, 1);
	}
	return store_done(q, d) == 0 ? n : -1;
}

int
ledger_told(struct store *s, int64_t pass, struct diag *d)
{
	return store_run(s, d, "UPDATE watch_pass SET told = max(told, ?)", "i", pass);
}

int
ledger_put_run(struct store *s, const struct ledger_run *r, struct diag *d)
{
	return store_run(s, d, "INSERT OR REPLACE INTO watch_run (name, source, profile, "
	    "status, step, steps, epoch, epochs, loss, rate, eta, first, last, deadline, "
	    "lines, curve) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "sssiddddddddddis", r->name, r->source, r->profile, (int64_t)r->status,
	    r->step, r->steps, r->epoch, r->epochs, r->loss, r->rate, r->eta, r->first,
	    r->last, isfinite(r->deadline) ? r->deadline : (double)NAN, r->lines, r->curve);
}

/* Copies text into strings, one after the other; NULL stays NULL. */
static size_t
keep(struct buf *strings, const char *text)
{
	size_t at = strings->n;

	if (text == NULL)
		return (size_t)-1;
	buf_str(strings, text);
	buf_add(strings, "", 1);
	return at;
}

bool
ledger_get_run(struct store *s, const char *name, struct ledger_run *ret, struct buf *strings)
{
	struct store_rows *q = store_query(s, "SELECT status, step, steps, epoch, epochs, "
	    "loss, rate, eta, first, last, deadline, lines, curve, source, profile "
	    "FROM watch_run WHERE name = ?", "s", name);
	size_t source = 0, profile = 0;
	bool   found = store_next(q);

	buf_reset(strings);
	if (found) {
		*ret = (struct ledger_run){ .name = name,
			.status = (enum ledger_status)store_int(q, 0),
			.step = store_num(q, 1), .steps = store_num(q, 2),
			.epoch = store_num(q, 3), .epochs = store_num(q, 4),
			.loss = store_num(q, 5), .rate = store_num(q, 6),
			.eta = store_num(q, 7), .first = store_num(q, 8),
			.last = store_num(q, 9), .deadline = store_num(q, 10),
			.lines = store_int(q, 11) };
		if (store_text(q, 12) != NULL)
			snprintf(ret->curve, sizeof ret->curve, "%s", store_text(q, 12));
		source = keep(strings, store_text(q, 13));
		profile = keep(strings, store_text(q, 14));
		if (isnan(ret->deadline))
			ret->deadline = INFINITY;
		if (ret->status < 0 || ret->status >= RUN_STATUSES)
			ret->status = RUN_NEW;
	}
	found = store_done(q, NULL) == 0 && found;
	if (found) {
		ret->source = source != (size_t)-1 ? strings->p + source : NULL;
		ret->profile = profile != (size_t)-1 ? strings->p + profile : NULL;
	}
	return found;
}

int
ledger_put_state(struct store *s, const char *run, struct span state, struct diag *d)
{
	return store_run(s, d, "INSERT OR REPLACE INTO watch_state (run, state) "
	    "VALUES (?, ?)", "sb", run, state);
}

bool
ledger_get_state(struct store *s, const char *run, struct buf *ret)
{
	struct store_rows *q = store_query(s, "SELECT state FROM watch_state WHERE run = ?",
	    "s", run);
	bool found = store_next(q);

	if (found)
		buf_span(ret, store_blob(q, 0));
	return store_done(q, NULL) == 0 && found;
}

int
ledger_put_file(struct store *s, const char *path, const char *run, struct span state,
    uint64_t print, int64_t *version, struct diag *d)
{
	int rc;

	if (strcmp(path, run) == 0)
		run = NULL;
	if (*version == 0)
		rc = store_run(s, d, "INSERT OR IGNORE INTO watch_file "
		    "(path, run, print, version) VALUES (?, ?, ?, 1)",
		    "ssi", path, run, (int64_t)print);
	else
		rc = store_run(s, d, "UPDATE watch_file SET run = ?, print = ?, "
		    "version = version + 1 WHERE path = ? AND version = ?",
		    "sisi", run, (int64_t)print, path, *version);
	if (rc != 0)
		return -1;
	if (store_changes(s) == 0)
		return diag_at(d, path, 0, 0, "another lossdog has read it at the same time: "
		    "what this one found is left to that one");
	++*version;
	return store_run(s, d, "INSERT OR REPLACE INTO watch_place (path, state) VALUES (?, ?)",
	    "sb", path, state);
}

int64_t
ledger_get_file(struct store *s, const char *path, struct buf *state)
{
	struct store_rows *q = store_query(s, "SELECT version, state FROM watch_file "
	    "NATURAL JOIN watch_place WHERE path = ?", "s", path);
	int64_t version = 0;

	if (store_next(q)) {
		version = store_int(q, 0);
		buf_span(state, store_blob(q, 1));
	}
	return store_done(q, NULL) == 0 ? version : 0;
}

int
ledger_forget_file(struct store *s, const char *path, struct diag *d)
{
	return store_run(s, d, "DELETE FROM watch_place WHERE path = ?", "s", path) == 0
	    ? store_run(s, d, "DELETE FROM watch_file WHERE path = ?", "s", path) : -1;
}

int
ledger_put_finding(struct store *s, const struct finding *f, const char *json,
    const char *text, int64_t pass, double now, struct diag *d)
{
	/* News: a new one, one that got worse, one that is resolved. */
	return store_run(s, d, "INSERT INTO watch_finding (id, run, rule, metric, severity, "
	    "state, first, last, pass, told, summary, json, text) "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) "
	    "ON CONFLICT (id) DO UPDATE SET "
	    "pass = CASE WHEN excluded.state <> state OR excluded.severity > severity "
	    "THEN excluded.pass ELSE pass END, "
	    "told = CASE WHEN excluded.state <> state OR excluded.severity > severity "
	    "THEN excluded.told ELSE told END, "
	    "severity = excluded.severity, state = excluded.state, last = excluded.last, "
	    "summary = excluded.summary, json = excluded.json, text = excluded.text",
	    "ssssiiddidsss", f->id, f->run, f->rule, f->metric, (int64_t)f->severity,
	    (int64_t)f->state, f->first_time, f->last_time, pass, now,
	    f->summary != NULL ? f->summary : "", json, text);
}

int
ledger_remind(struct store *s, double now, double every, int64_t pass, struct diag *d)
{
	return store_run(s, d, "UPDATE watch_finding SET pass = ?, told = ? "
	    "WHERE state = 0 AND pass <> ? AND told < ?", "idid", pass, now, pass,
	    now - every);
}
