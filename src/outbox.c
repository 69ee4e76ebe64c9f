/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "outbox.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "clock.h"

#define GATHER   1.0   /* seconds: what fires together is one message */
#define LEASE    180.0 /* seconds after which a claim is void */
#define PROGRESS_EXPIRE 120.0
#define WAIT_FIRST 2.0
#define WAIT_MOST  900.0

enum { WAITING, SENT, FAILED, EXPIRED }; /* outbox.state */

static const char *const steps[] = {
	"CREATE TABLE findings ("
	" id TEXT PRIMARY KEY,"
	" run TEXT, rule TEXT NOT NULL, metric TEXT, labels TEXT,"
	" severity INTEGER NOT NULL, state INTEGER NOT NULL,"
	" told INTEGER NOT NULL," /* the highest severity that was told; -1: none */
	" first REAL, last REAL, updated REAL NOT NULL, json TEXT) WITHOUT ROWID;"
	"CREATE INDEX findings_run ON findings (run, rule);"
	"CREATE TABLE outbox ("
	" seq INTEGER PRIMARY KEY AUTOINCREMENT,"
	" channel TEXT NOT NULL, id TEXT NOT NULL,"
	" session TEXT NOT NULL, episode TEXT,"
	" kind INTEGER NOT NULL, severity INTEGER NOT NULL,"
	" created REAL NOT NULL, due REAL NOT NULL,"
	" state INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0,"
	" batch INTEGER, owner TEXT, lease REAL, sent REAL, error TEXT,"
	" body BLOB NOT NULL, UNIQUE (channel, id));"
	"CREATE INDEX outbox_due ON outbox (channel, state, due);"
	"CREATE INDEX outbox_sent ON outbox (channel, sent);",
	"ALTER TABLE findings ADD COLUMN began REAL;",
	"ALTER TABLE findings ADD COLUMN episode TEXT;" /* of the one that speaks for it */
	"CREATE INDEX findings_episode ON findings (episode);"
	"CREATE INDEX outbox_episode ON outbox (channel, episode);",
	NULL
};

const struct store_schema outbox_schema = { "outbox", steps };

/* One number that a query gives; missing: nothing. */
static int
ask(struct store_rows *q, int64_t missing, int64_t *ret, struct diag *d)
{
	*ret = store_next(q) ? store_int(q, 0) : missing;
	return store_done(q, d);
}

/* --- findings --- */

/* Another rank fires the same: it was told, or (resolved) it still lasts. */
static int
has_sibling(struct store *s, const struct finding *f, double began, int64_t *ret, struct diag *d)
{
	return ask(store_query(s, "SELECT count(*) FROM findings WHERE run IS ? AND began IS ? AND "
	    "rule = ? AND metric IS ? AND labels IS NOT ? AND state = 0 AND told >= ?",
	    "sdsssi", f->run, began, f->rule, f->metric, f->labels,
	    (int64_t)(f->state == FINDING_FIRING ? (int)f->severity : 0)), 0, ret, d);
}

static int
finding_note(struct store *s, const struct finding *f, double began, const char *json,
    const char *episode, int64_t told, double now, struct diag *d)
{
	return store_run(s, d, "INSERT INTO findings (id, run, began, rule, metric, labels, "
	    "episode, severity, state, told, first, last, updated, json) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
	    "severity = excluded.severity, state = excluded.state, "
	    "told = excluded.told, last = excluded.last, "
	    "updated = excluded.updated, json = excluded.json",
	    "ssdssssiiiddds", f->id, f->run, began, f->rule, f->metric, f->labels, episode,
	    (int64_t)f->severity, (int64_t)f->state, told, f->first_time,
	    f->last_time, now, json);
}

/* Its own from before, else that of a sibling which fires, else its id. */
static int
find_episode(struct store *s, const struct finding *f, double began,
    char ret[static OUTBOX_EPISODE], struct diag *d)
{
	struct store_rows *q = store_query(s, "SELECT episode FROM findings WHERE episode "
	    "NOT NULL AND (id = ?1 OR (run IS ?2 AND began IS ?3 AND rule = ?4 AND metric IS ?5 "
	    "AND state = 0)) ORDER BY id <> ?1, first LIMIT 1", "ssdss", f->id, f->run, began,
	    f->rule, f->metric);
	const char *text = store_next(q) ? store_text(q, 0) : NULL;

	snprintf(ret, OUTBOX_EPISODE, "%s", text ? text : f->id);
	return store_done(q, d);
}

static int
finding_judge(struct store *s, const struct finding *f, double began, const char *json,
    double now, char episode[static OUTBOX_EPISODE], struct diag *d)
{
	int64_t told, state, siblings;
	bool tell;

	if (ask(store_query(s, "SELECT told FROM findings WHERE id = ?", "s", f->id),
	    -1, &told, d) == -1 ||
	    ask(store_query(s, "SELECT state FROM findings WHERE id = ?", "s", f->id),
	    -1, &state, d) == -1 ||
	    has_sibling(s, f, began, &siblings, d) == -1 ||
	    find_episode(s, f, began, episode, d) == -1)
		return -1;
	if (f->state == FINDING_FIRING)
		tell = told < (int64_t)f->severity && siblings == 0;
	else
		tell = state != FINDING_RESOLVED && siblings == 0;
	if (f->under) /* its headline was told */
		tell = false;
	/* A silent sibling counts as told: its worsening is news all the same. */
	if (f->state == FINDING_FIRING && told < (int64_t)f->severity)
		told = (int64_t)f->severity;
	if (finding_note(s, f, began, json, episode, told, now, d) == -1)
		return -1;
	return tell;
}

int
outbox_finding(struct store *s, const struct finding *f, double began, const char *json,
    double now, char episode[static OUTBOX_EPISODE], struct diag *d)
{
	if (store_enter(s, d) == -1)
		return -1;
	return store_leave(s, finding_judge(s, f, began, json, now, episode, d), d);
}

/* --- adding --- */

/*
 * Of what ends: as how severe the channel was told of it, a bit for each; 0: not
 * at all, and its end is nobody's business.
 */
static int
told_as(struct store *s, const struct channel *c, const struct notice *n,
    int64_t *ret, struct diag *d)
{
	if (n->kind == NOTICE_RESOLVED)
		return ask(store_query(s, "SELECT sum(DISTINCT 1 << severity) FROM outbox WHERE "
		    "channel = ? AND episode = ? AND kind = ? AND state <> 3", "ssi", c->name,
		    n->episode, (int64_t)NOTICE_FIRING), 0, ret, d);
	/* A start, where it ends a crash: the newest, unless a start has ended it. */
	return ask(store_query(s, "SELECT sum(DISTINCT 1 << severity) FROM outbox WHERE "
	    "channel = ?1 AND episode = ?2 AND kind = ?3 AND state <> 3 AND seq > ifnull("
	    "(SELECT max(seq) FROM outbox WHERE channel = ?1 AND episode = ?2 AND kind = ?4), 0)",
	    "ssii", c->name, n->episode, (int64_t)NOTICE_CRASHED, (int64_t)NOTICE_STARTED),
	    0, ret, d);
}

static double
due_time(const struct channel *c, const struct notice *n, double now)
{
	double due = channel_quiet_end(c, n, now);
	bool urgent = n->kind == NOTICE_CRASHED || n->kind == NOTICE_TEST ||
	    (n->kind == NOTICE_FIRING && n->severity == SEV_CRITICAL);

	if (n->kind == NOTICE_PROGRESS || n->kind == NOTICE_STARTED)
		return now;
	if (c->digest > 0 && !urgent)
		return fmax(due, now + c->digest);
	return fmax(due, now + (c->ops->most > 1 ? GATHER : 0));
}

static int
add_one(struct store *s, const struct channel *c, const struct notice *n,
    const char *session, struct span body, double now, struct diag *d)
{
	if (store_run(s, d, "INSERT OR IGNORE INTO outbox (channel, id, session, "
	    "episode, kind, severity, created, due, body) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", "ssssiiddb", c->name, n->id, session,
	    n->episode, (int64_t)n->kind, (int64_t)n->severity, now,
	    due_time(c, n, now), body) == -1)
		return -1;
	return store_changes(s) > 0;
}

static int
add_for(struct store *s, const struct channel *c, const struct notice *n,
    const char *session, double now, struct diag *d)
{
	struct notice mine = *n; /* borrowed */
	struct buf body;
	int64_t told;
	int r;

	if (n->kind == NOTICE_RESOLVED || (n->kind == NOTICE_STARTED && c->ops->restarts)) {
		if (told_as(s, c, n, &told, d) == -1)
			return -1;
		if (told == 0)
			return 0;
		mine.told = (double)told;
	}
	buf_init(&body, NOTICE_PACKED);
	notice_pack(&mine, &body);
	r = body.over ? diag_set(d, "a notice is too large") :
	    add_one(s, c, n, session, buf_get(&body), now, d);
	buf_fini(&body);
	return r;
}

int
outbox_add(struct store *s, const struct channels *cs, const struct notice *n,
    const char *session, double now, struct diag *d)
{
	int added = 0;

	if (store_enter(s, d) == -1)
		return -1;
	for (unsigned i = 0; added >= 0 && i < cs->n; i++) {
		int one = channel_takes(cs->channel[i], n) ?
		    add_for(s, cs->channel[i], n, session, now, d) : 0;

		added = one == -1 ? -1 : added + one;
	}
	return store_leave(s, added, d);
}

/* --- taking --- */

/* When the channel may send again; at most now: at once. */
static int
rate_next(struct store *s, const struct channel *c, double now, double *ret,
    struct diag *d)
{
	struct store_rows *q = store_query(s, "SELECT DISTINCT sent FROM outbox WHERE "
	    "channel = ? AND sent > ? ORDER BY sent DESC LIMIT 1 OFFSET ?", "sdi",
	    c->name, now - c->rate_seconds, (int64_t)c->rate_count - 1);

	*ret = store_next(q) ? store_num(q, 0) + c->rate_seconds : now;
	return store_done(q, d);
}

static int
expire(struct store *s, const struct channel *c, double now, struct diag *d)
{
	return store_run(s, d, "UPDATE outbox SET state = 3 WHERE channel = ? AND "
	    "state = 0 AND (created < ? OR (kind = ? AND created < ?))", "sdid",
	    c->name, now - OUTBOX_EXPIRE, (int64_t)NOTICE_PROGRESS,
	    now - PROGRESS_EXPIRE);
}

/* The first message that waits unclaimed: its due time and batch (0: none yet). */
static int
first_due(struct store *s, const struct channel *c, double now, double *due,
    int64_t *batch, struct diag *d)
{
	struct store_rows *q = store_query(s, "SELECT due, batch FROM outbox WHERE "
	    "channel = ? AND state = 0 AND (owner IS NULL OR lease < ?) "
	    "ORDER BY due, seq LIMIT 1", "sd", c->name, now);

	*due = INFINITY;
	*batch = 0;
	if (store_next(q)) {
		*due = store_num(q, 0);
		*batch = store_int(q, 1);
	}
	return store_done(q, d);
}

/* A row that nobody can read would be due for ever. */
static void
batch_row(struct store *s, struct outbox_batch *b, struct store_rows *q)
{
	if (notice_unpack(store_blob(q, 1), &b->notice[b->n]) == -1) {
		store_run(s, NULL, "UPDATE outbox SET state = 2, error = 'unreadable' "
		    "WHERE seq = ?", "i", store_int(q, 0));
		return;
	}
	b->seq[b->n++] = store_int(q, 0);
	b->tries = (unsigned)store_int(q, 2);
}

/* A batch that was tried before stays as it was: its id may be known already. */
static int
claim(struct store *s, const struct channel *c, const char *owner, int64_t batch,
    double now, struct outbox_batch *ret, struct diag *d)
{
	double reach = now + fmax(GATHER, c->digest);
	unsigned most = c->ops->most < OUTBOX_BATCH ? c->ops->most : OUTBOX_BATCH;
	struct store_rows *q = batch > 0 ?
	    store_query(s, "SELECT seq, body, tries FROM outbox WHERE channel = ? AND "
	    "state = 0 AND batch = ? ORDER BY seq LIMIT ?", "sii", c->name, batch,
	    (int64_t)OUTBOX_BATCH) :
	    store_query(s, "SELECT seq, body, tries FROM outbox WHERE channel = ? AND "
	    "state = 0 AND batch IS NULL AND due <= ? AND (owner IS NULL OR lease < ?) "
	    "ORDER BY seq LIMIT ?", "sddi", c->name, reach, now, (int64_t)most);

	while (store_next(q) && ret->n < OUTBOX_BATCH)
		batch_row(s, ret, q);
	if (store_done(q, d) == -1)
		return -1;
	for (unsigned i = 0; i < ret->n; i++)
		if (store_run(s, d, "UPDATE outbox SET owner = ?, lease = ?, batch = ? "
		    "WHERE seq = ?", "sdii", owner, now + LEASE, ret->seq[0],
		    ret->seq[i]) == -1)
			return -1;
	return 0;
}

int
outbox_take(struct store *s, const struct channel *c, const char *owner, double now,
    struct outbox_batch *ret, double *next, struct diag *d)
{
	double due, may;
	int64_t batch;
	int r = -1;

	ret->n = ret->tries = 0;
	*next = INFINITY;
	/* Most askings find nothing: they take no lock. */
	if (first_due(s, c, now, &due, &batch, d) == -1)
		return -1;
	if (due > now) {
		*next = due;
		return 0;
	}
	if (store_begin(s, d) == -1)
		return -1;
	if (expire(s, c, now, d) == 0 && first_due(s, c, now, &due, &batch, d) == 0 &&
	    rate_next(s, c, now, &may, d) == 0) {
		r = 0;
		*next = fmax(due, may);
		if (*next <= now)
			r = claim(s, c, owner, batch, now, ret, d);
	}
	if (r == 0)
		return store_commit(s, d);
	store_rollback(s);
	outbox_batch_fini(ret);
	return -1;
}

void
outbox_batch_fini(struct outbox_batch *b)
{
	for (unsigned i = 0; i < b->n; i++)
		notice_fini(&b->notice[i]);
	b->n = 0;
}

/* --- afterwards --- */

/* Twice as long each time, and a little by chance, so that many do not come at once. */
static double
back_off(unsigned tries, double wait)
{
	double usual = fmin(WAIT_FIRST * exp2(fmin(tries, 20)), WAIT_MOST);
	uint16_t chance = 0;

	if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) == -1)
		chance = (uint16_t)getpid();
	usual *= 0.75 + 0.5 * chance / 65536.0;
	return isnan(wait) ? usual : fmax(usual, fmin(wait, 3600) * (1 + 0.05 * chance / 65536.0));
}

static int
done_one(struct store *s, int64_t seq, enum outcome o, double wait, const char *why,
    double now, struct diag *d)
{
	switch (o) {
	case OUTCOME_SENT:
		return store_run(s, d, "UPDATE outbox SET state = 1, sent = ?, owner = NULL "
		    "WHERE seq = ?", "di", now, seq);
	case OUTCOME_FINAL:
		return store_run(s, d, "UPDATE outbox SET state = 2, tries = tries + 1, "
		    "owner = NULL, error = ? WHERE seq = ?", "si", why, seq);
	default:
		return store_run(s, d, "UPDATE outbox SET tries = tries + 1, owner = NULL, "
		    "due = ?, error = ? WHERE seq = ?", "dsi", now + wait, why, seq);
	}
}

int
outbox_done(struct store *s, const struct outbox_batch *b, enum outcome o,
    double wait, const char *why, double now, struct diag *d)
{
	if (store_begin(s, d) == -1)
		return -1;
	wait = back_off(b->tries, wait);
	for (unsigned i = 0; i < b->n; i++)
		if (done_one(s, b->seq[i], o, wait, why, now, d) == -1) {
			store_rollback(s);
			return -1;
		}
	/* What has long been told makes room. */
	store_run(s, NULL, "DELETE FROM outbox WHERE state <> 0 AND created < ?", "d",
	    now - 30 * 86400.0);
	store_run(s, NULL, "DELETE FROM findings WHERE updated < ?", "d", now - 90 * 86400.0);
	return store_commit(s, d);
}

void
outbox_owner(char ret[static 96])
{
	char host[65] = "";

	gethostname(host, sizeof(host) - 1);
	snprintf(ret, 96, "%s:%ld", host, (long)getpid());
}

/* No such process, or one that has ended and waits to be buried. */
static bool
is_gone(long pid)
{
	char path[64], stat[512];
	const char *paren;
	size_t n;
	FILE *f;

	if (kill((pid_t)pid, 0) == -1)
		return errno == ESRCH;
	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	if ((f = fopen(path, "re")) == NULL)
		return false;
	n = fread(stat, 1, sizeof(stat) - 1, f);
	fclose(f);
	stat[n] = '\0';
	paren = strrchr(stat, ')'); /* PID (NAME) STATE, and a name may hold anything */
	return paren && paren[1] == ' ' && (paren[2] == 'Z' || paren[2] == 'X');
}

/* owner is a process of this host that is no more. */
static bool
is_dead(const char *owner)
{
	char me[96];
	const char *colon = strrchr(owner, ':');
	size_t n;

	outbox_owner(me);
	n = (size_t)(strrchr(me, ':') - me) + 1;
	return colon && strncmp(owner, me, n) == 0 && strcmp(owner, me) != 0 &&
	    is_gone(atol(colon + 1));
}

#define OWNERS 64

int
outbox_release(struct store *s, struct diag *d)
{
	struct store_rows *q = store_query(s, "SELECT DISTINCT owner FROM outbox WHERE "
	    "state = 0 AND owner IS NOT NULL LIMIT ?", "i", (int64_t)OWNERS);
	char me[96], owner[OWNERS][96];
	int n = 0, others = 0;

	outbox_owner(me);
	while (n < OWNERS && store_next(q))
		snprintf(owner[n++], sizeof(owner[0]), "%s", store_text(q, 0));
	if (store_done(q, d) == -1)
		return -1;
	for (int i = 0; i < n; i++) {
		if (!is_dead(owner[i]))
			others += strcmp(owner[i], me) != 0;
		else if (store_run(s, d, "UPDATE outbox SET owner = NULL WHERE owner = ?", "s",
		    owner[i]) == -1)
			return -1;
	}
	return others;
}

int
outbox_standing(struct store *s, const struct channel *c, const char *session,
    struct outbox_batch *ret, struct diag *d)
{
	struct store_rows *q = store_query(s, "SELECT seq, body, tries FROM outbox AS o "
	    "WHERE channel = ? AND session = ? AND kind = ? AND state = 1 AND EXISTS "
	    "(SELECT 1 FROM findings WHERE episode = o.episode AND state = 0) "
	    "ORDER BY seq DESC LIMIT ?", "ssii", c->name, session, (int64_t)NOTICE_FIRING,
	    (int64_t)OUTBOX_BATCH);

	ret->n = ret->tries = 0;
	while (store_next(q) && ret->n < OUTBOX_BATCH)
		batch_row(s, ret, q);
	return store_done(q, d);
}

bool
outbox_stands(struct store *s, const struct channel *c, const char *session)
{
	struct outbox_batch b;
	bool ret;

	if ((!c->ops->refresh && c->remind <= 0) ||
	    outbox_standing(s, c, session, &b, NULL) == -1)
		return false;
	ret = b.n > 0;
	outbox_batch_fini(&b);
	return ret;
}

/* The notice of a message, said once more. */
static int
remind_one(struct store *s, const struct channel *c, const char *session,
    struct span body, unsigned again, double now, struct diag *d)
{
	struct notice n;
	struct buf b;
	char id[128];
	int r;

	if (notice_unpack(body, &n) == -1)
		return 0;
	snprintf(id, sizeof(id), "%.*s~%u", (int)strcspn(n.id, "~"), n.id, again);
	n.id = id;
	n.again = again;
	if (n.first_time > 0 && n.first_time < now)
		n.lost = now - n.first_time;
	buf_init(&b, NOTICE_PACKED);
	notice_pack(&n, &b);
	r = b.over ? 0 : add_one(s, c, &n, session, buf_get(&b), now, d);
	buf_fini(&b);
	notice_fini(&n);
	return r;
}

static int
remind_all(struct store *s, const struct channel *c, const char *session,
    double now, double *next, struct diag *d)
{
	/* Of each episode the newest message (SQLite: that of the maximum). */
	struct store_rows *q = store_query(s, "SELECT body, max(created), count(*) "
	    "FROM outbox AS o WHERE channel = ? AND session = ? AND kind = ? AND state <> 3 "
	    "AND EXISTS (SELECT 1 FROM findings WHERE episode = o.episode AND state = 0) "
	    "GROUP BY episode LIMIT ?", "ssii", c->name, session, (int64_t)NOTICE_FIRING,
	    (int64_t)OUTBOX_BATCH);
	int added = 0;

	while (added >= 0 && store_next(q)) {
		double due = store_num(q, 1) + c->remind;
		int r = 0;

		if (due <= now) {
			r = remind_one(s, c, session, store_blob(q, 0),
			    (unsigned)store_int(q, 2), now, d);
			due = now + c->remind;
		}
		*next = fmin(*next, due);
		added = r == -1 ? -1 : added + r;
	}
	return store_done(q, d) == -1 ? -1 : added;
}

int
outbox_remind(struct store *s, const struct channel *c, const char *session,
    double now, double *next, struct diag *d)
{
	*next = INFINITY;
	if (c->remind <= 0)
		return 0;
	if (store_enter(s, d) == -1)
		return -1;
	return store_leave(s, remind_all(s, c, session, now, next, d), d);
}

int
outbox_waiting(struct store *s, const char *channel, int64_t *ret, struct diag *d)
{
	return ask(store_query(s, "SELECT count(*) FROM outbox WHERE state = 0 AND "
	    "(?1 IS NULL OR channel = ?1)", "s", channel), 0, ret, d);
}

int
outbox_list(struct store *s, struct buf *b, struct diag *d)
{
	static const char *const state[] = { "waiting", "sent", "failed", "expired" };
	struct store_rows *q = store_query(s, "SELECT created, channel, state, kind, id, "
	    "tries, error FROM outbox ORDER BY seq DESC LIMIT 100", "");

	while (store_next(q)) {
		const char *error = store_text(q, 6);
		unsigned kind = (unsigned)store_int(q, 3) % NOTICE_KINDS;
		char time[32];

		clock_iso(store_num(q, 0), time);
		buf_printf(b, "%s  %-12s %-8s %-9s %s", time, store_text(q, 1),
		    state[store_int(q, 2) & 3], notice_kind_name((enum notice_kind)kind),
		    store_text(q, 4));
		if (error && store_int(q, 2) != SENT)
			buf_printf(b, "  (tried %u times: %s)", (unsigned)store_int(q, 5), error);
		buf_char(b, '\n');
	}
	return store_done(q, d);
}
