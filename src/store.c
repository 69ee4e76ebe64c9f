/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "store.h"

#include "xalloc.h"

#ifdef HAVE_SQLITE3

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define BUSY_MS 5000
#define JOURNAL_MS 20
#define KEPT    64 /* prepared statements, found by the address of their text */

struct store_rows {
	struct store *store;
	sqlite3_stmt *stmt; /* NULL: preparing or binding failed */
	const char   *sql;
	int           rc;
	bool          busy;
};

struct store {
	sqlite3          *db;
	struct store_rows kept[KEPT];
	unsigned          n;
	unsigned          nested; /* entered inside a transaction */
	char             *notice;
};

static int
failed(struct store *s, struct diag *d)
{
	return diag_set(d, "the run database: %s", sqlite3_errmsg(s->db));
}

/* --- statements --- */

/* A free slot for sql; the oldest idle statement makes room. */
static struct store_rows *
slot_find(struct store *s, const char *sql)
{
	struct store_rows *idle = NULL;

	for (unsigned i = 0; i < s->n; i++) {
		if (s->kept[i].busy)
			continue;
		if (s->kept[i].sql == sql)
			return &s->kept[i];
		if (!idle)
			idle = &s->kept[i];
	}
	if (s->n < KEPT)
		return &s->kept[s->n++];
	if (idle) {
		sqlite3_finalize(idle->stmt);
		*idle = (struct store_rows){ 0 };
	}
	return idle;
}

static int
bind_one(sqlite3_stmt *st, int i, char type, va_list *ap)
{
	struct span b;
	double v;

	switch (type) {
	case 'i':
		return sqlite3_bind_int64(st, i, va_arg(*ap, int64_t));
	case 'd':
		v = va_arg(*ap, double);
		return isnan(v) ? sqlite3_bind_null(st, i) :
		    sqlite3_bind_double(st, i, v);
	case 's':
		return sqlite3_bind_text(st, i, va_arg(*ap, const char *), -1,
		    SQLITE_TRANSIENT);
	case 'b':
		b = va_arg(*ap, struct span);
		return sqlite3_bind_blob64(st, i, b.p ? b.p : "", b.n,
		    SQLITE_TRANSIENT);
	default:
		return SQLITE_MISUSE;
	}
}

static struct store_rows *
start(struct store *s, const char *sql, const char *types, va_list *ap)
{
	struct store_rows *q = slot_find(s, sql);

	if (!q) /* 64 queries at once: the program is wrong */
		abort();
	q->store = s;
	q->busy = true;
	q->rc = SQLITE_OK;
	if (!q->stmt) {
		q->sql = sql;
		q->rc = sqlite3_prepare_v3(s->db, sql, -1,
		    SQLITE_PREPARE_PERSISTENT, &q->stmt, NULL);
	}
	for (int i = 0; q->rc == SQLITE_OK && types[i] != '\0'; i++)
		q->rc = bind_one(q->stmt, i + 1, types[i], ap);
	return q;
}

struct store_rows *
store_query(struct store *s, const char *sql, const char *types, ...)
{
	struct store_rows *q;
	va_list ap;

	va_start(ap, types);
	q = start(s, sql, types, &ap);
	va_end(ap);
	return q;
}

bool
store_next(struct store_rows *q)
{
	if (q->rc != SQLITE_OK && q->rc != SQLITE_ROW)
		return false;
	q->rc = sqlite3_step(q->stmt);
	return q->rc == SQLITE_ROW;
}

int
store_done(struct store_rows *q, struct diag *d)
{
	bool ok = q->rc == SQLITE_OK || q->rc == SQLITE_ROW ||
	    q->rc == SQLITE_DONE;
	int ret = ok ? 0 : failed(q->store, d);

	if (q->stmt) {
		sqlite3_reset(q->stmt);
		sqlite3_clear_bindings(q->stmt);
	}
	q->busy = false;
	return ret;
}

int
store_run(struct store *s, struct diag *d, const char *sql, const char *types, ...)
{
	struct store_rows *q;
	va_list ap;

	va_start(ap, types);
	q = start(s, sql, types, &ap);
	va_end(ap);
	store_next(q);
	return store_done(q, d);
}

int64_t
store_changes(const struct store *s)
{
	return sqlite3_changes64(s->db);
}

int64_t
store_last_id(const struct store *s)
{
	return sqlite3_last_insert_rowid(s->db);
}

int64_t
store_int(struct store_rows *q, int column)
{
	return sqlite3_column_int64(q->stmt, column);
}

double
store_num(struct store_rows *q, int column)
{
	if (sqlite3_column_type(q->stmt, column) == SQLITE_NULL)
		return NAN;
	return sqlite3_column_double(q->stmt, column);
}

const char *
store_text(struct store_rows *q, int column)
{
	return (const char *)sqlite3_column_text(q->stmt, column);
}

struct span
store_blob(struct store_rows *q, int column)
{
	const void *p = sqlite3_column_blob(q->stmt, column);
	int n = sqlite3_column_bytes(q->stmt, column);

	return (struct span){ p, (size_t)n };
}

/* --- transactions --- */

int
store_begin(struct store *s, struct diag *d)
{
	return store_run(s, d, "BEGIN IMMEDIATE", "");
}

int
store_commit(struct store *s, struct diag *d)
{
	return store_run(s, d, "COMMIT", "");
}

void
store_rollback(struct store *s)
{
	store_run(s, NULL, "ROLLBACK", "");
}

int
store_enter(struct store *s, struct diag *d)
{
	if (sqlite3_get_autocommit(s->db))
		return store_begin(s, d);
	if (store_run(s, d, "SAVEPOINT nested", "") == -1)
		return -1;
	s->nested++;
	return 0;
}

int
store_leave(struct store *s, int r, struct diag *d)
{
	if (s->nested == 0) {
		if (r >= 0 && store_commit(s, d) == 0)
			return r;
		store_rollback(s);
		return -1;
	}
	s->nested--;
	if (r < 0)
		store_run(s, NULL, "ROLLBACK TO nested", "");
	if (store_run(s, r < 0 ? NULL : d, "RELEASE nested", "") == -1)
		return -1;
	return r;
}

/* --- tables --- */

static int
schema_version(struct store *s, const char *name, int64_t *ret, struct diag *d)
{
	struct store_rows *q = store_query(s,
	    "SELECT version FROM schema WHERE name = ?", "s", name);

	*ret = store_next(q) ? store_int(q, 0) : 0;
	return store_done(q, d);
}

/* The steps that this file has not seen yet.  1: it has seen more than we know. */
static int
schema_raise(struct store *s, const struct store_schema *schema, struct diag *d)
{
	int64_t have, n = 0;

	if (schema_version(s, schema->name, &have, d) == -1)
		return -1;
	while (schema->steps[n])
		n++;
	if (have > n) {
		diag_set(d, "it was written by a newer lossdog (%s %lld, known here: %lld)",
		    schema->name, (long long)have, (long long)n);
		return 1;
	}
	for (int64_t i = have; i < n; i++)
		if (sqlite3_exec(s->db, schema->steps[i], NULL, NULL, NULL) != SQLITE_OK)
			return failed(s, d);
	if (have == n)
		return 0;
	return store_run(s, d, "INSERT INTO schema (name, version) VALUES (?, ?) "
	    "ON CONFLICT (name) DO UPDATE SET version = excluded.version",
	    "si", schema->name, n);
}

static int
schemas_raise(struct store *s, const struct store_schema *const *schemas,
    struct diag *d)
{
	int r = 0;

	if (store_begin(s, d) == -1)
		return -1;
	if (store_run(s, d, "CREATE TABLE IF NOT EXISTS schema "
	    "(name TEXT PRIMARY KEY, version INTEGER NOT NULL)", "") == -1)
		r = -1;
	for (; r == 0 && *schemas; schemas++)
		r = schema_raise(s, *schemas, d);
	if (r == 0)
		return store_commit(s, d);
	store_rollback(s);
	return r;
}

/* --- opening --- */

/* path and its parents, private to the user. */
static int
make_dirs(const char *path, struct diag *d)
{
	char *copy = xstrdup(path), *p = copy;
	int ret = 0;

	while (ret == 0 && (p = strchr(p + 1, '/')) != NULL) {
		*p = '\0';
		if (mkdir(copy, 0700) == -1 && errno != EEXIST)
			ret = -1;
		*p = '/';
	}
	if (ret == 0 && mkdir(path, 0700) == -1 && errno != EEXIST)
		ret = -1;
	if (ret == -1)
		diag_set(d, "cannot make the state directory %s: %s", path,
		    strerror(errno));
	free(copy);
	return ret;
}

static void
disconnect(struct store *s)
{
	for (unsigned i = 0; i < s->n; i++)
		sqlite3_finalize(s->kept[i].stmt);
	memset(s->kept, 0, sizeof(s->kept));
	s->n = 0;
	sqlite3_close(s->db);
	s->db = NULL;
}

/*
 * WAL needs memory shared by all users of the file, which hosts do not share:
 * on a cluster's home directory the older journal is the one that works.
 */
static bool
is_network(const char *dir)
{
	static const unsigned long magic[] = {
		0x6969, 0x0bd00bd0, 0x47504653, 0xff534d42, 0xfe534d42, 0x517b,
		0x19830326, 0x00c36400, 0x5346414f, 0x01021997, 0x65735546,
	}; /* NFS, Lustre, GPFS, CIFS, SMB2, SMB, BeeGFS, Ceph, AFS, 9p, FUSE */
	struct statfs fs;

	if (statfs(dir, &fs) == -1)
		return false;
	for (size_t i = 0; i < sizeof(magic) / sizeof(*magic); i++)
		if (((unsigned long)fs.f_type & 0xffffffff) == magic[i])
			return true;
	return false;
}

/* The busy timeout does not hold for the change of the journal: two first openings at once. */
static int
set_journal(struct store *s, bool wal)
{
	int rc;

	for (int waited = 0; ; waited += JOURNAL_MS) {
		rc = sqlite3_exec(s->db, wal ?
		    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
		    "PRAGMA cache_size = -512" :
		    "PRAGMA journal_mode = TRUNCATE; PRAGMA cache_size = -512",
		    NULL, NULL, NULL);
		if (rc != SQLITE_BUSY || waited >= BUSY_MS)
			return rc;
		sqlite3_sleep(JOURNAL_MS);
	}
}

/* 1: the file is no database of ours. */
static int
connect_file(struct store *s, const char *path, bool wal,
    const struct store_schema *const *schemas, struct diag *d)
{
	int rc, r;

	rc = sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK)
		return diag_set(d, "cannot open the run database %s: %s", path,
		    s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc));
	sqlite3_busy_timeout(s->db, BUSY_MS);
	rc = set_journal(s, wal);
	r = rc == SQLITE_OK ? schemas_raise(s, schemas, d) : failed(s, d);
	rc = sqlite3_errcode(s->db);
	if (r == -1 && (rc == SQLITE_NOTADB || rc == SQLITE_CORRUPT))
		return 1;
	return r;
}

/* The old file, and what SQLite keeps beside it, gets another name. */
static int
move_aside(struct store *s, const char *path, const char *why, struct diag *d)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char aside[PATH_MAX];
	struct stat st;
	unsigned n = 1;

	do
		snprintf(aside, sizeof(aside), "%s.aside-%u", path, n++);
	while (stat(aside, &st) == 0 && n < 1000);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		char *from = xasprintf("%s%s", path, ends[i]);
		char *to = xasprintf("%s%s", aside, ends[i]);
		int r = rename(from, to);

		free(from);
		free(to);
		if (r == -1 && i == 0)
			return diag_set(d, "cannot move the unreadable run database %s aside: %s",
			    path, strerror(errno));
	}
	free(s->notice);
	s->notice = xasprintf("the run database %s could not be used (%s); "
	    "it was moved to %s and a new one begun", path, why, aside);
	return 0;
}

static int
open_in(struct store *s, const char *dir,
    const struct store_schema *const *schemas, struct diag *d)
{
	struct diag why = { 0 };
	char *path;
	mode_t mask;
	bool wal;
	int r;

	if (make_dirs(dir, d) == -1)
		return -1;
	wal = !is_network(dir);
	path = xasprintf("%s/%s", dir, STORE_FILE);
	mask = umask(0077);
	r = connect_file(s, path, wal, schemas, &why);
	if (r == 1) {
		disconnect(s);
		r = move_aside(s, path, why.text, &why);
		if (r == 0)
			r = connect_file(s, path, wal, schemas, &why);
	}
	umask(mask);
	free(path);
	return r == 0 ? 0 : diag_set(d, "%s", why.text);
}

int
store_open(const char *dir, const struct store_schema *const *schemas,
    struct store **ret, struct diag *d)
{
	struct store *s = xcalloc(1, sizeof(*s));
	int r;

	if (dir)
		r = open_in(s, dir, schemas, d);
	else
		r = connect_file(s, ":memory:", false, schemas, d);
	if (r != 0) {
		store_close(s);
		return -1;
	}
	*ret = s;
	return 0;
}

void
store_close(struct store *s)
{
	if (!s)
		return;
	disconnect(s);
	free(s->notice);
	free(s);
}

const char *
store_notice(const struct store *s)
{
	return s->notice;
}

#else /* without SQLite there is no store, so nothing below is ever reached */

#include <stdlib.h>

int
store_open(const char *dir, const struct store_schema *const *schemas,
    struct store **ret, struct diag *d)
{
	(void)dir, (void)schemas, (void)ret;
	return diag_set(d, "this lossdog was built without SQLite: it cannot keep "
	    "state (--no-state works)");
}

void        store_close(struct store *s) { (void)s; }
const char *store_notice(const struct store *s) { (void)s; abort(); }
int         store_begin(struct store *s, struct diag *d) { (void)s, (void)d; abort(); }
int         store_commit(struct store *s, struct diag *d) { (void)s, (void)d; abort(); }
void        store_rollback(struct store *s) { (void)s; abort(); }
int         store_enter(struct store *s, struct diag *d) { (void)s, (void)d; abort(); }
int         store_leave(struct store *s, int r, struct diag *d) { (void)s, (void)r, (void)d; abort(); }
int64_t     store_changes(const struct store *s) { (void)s; abort(); }
int64_t     store_last_id(const struct store *s) { (void)s; abort(); }
bool        store_next(struct store_rows *q) { (void)q; abort(); }
int64_t     store_int(struct store_rows *q, int c) { (void)q, (void)c; abort(); }
double      store_num(struct store_rows *q, int c) { (void)q, (void)c; abort(); }
const char *store_text(struct store_rows *q, int c) { (void)q, (void)c; abort(); }
struct span store_blob(struct store_rows *q, int c) { (void)q, (void)c; abort(); }
int         store_done(struct store_rows *q, struct diag *d) { (void)q, (void)d; abort(); }

int
store_run(struct store *s, struct diag *d, const char *sql, const char *types, ...)
{
	(void)s, (void)d, (void)sql, (void)types;
	abort();
}

struct store_rows *
store_query(struct store *s, const char *sql, const char *types, ...)
{
	(void)s, (void)sql, (void)types;
	abort();
}

#endif
