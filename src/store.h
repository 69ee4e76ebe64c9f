/* SPDX-License-Identifier: MIT */
/*
 * store: the run database, one SQLite file under the state directory.
 *
 * The only file that knows SQLite.  Whoever keeps something there owns its
 * tables and says how they came about: a struct store_schema, a list of SQL
 * texts of which each is run once, in order, for ever (a text that has been
 * released is never changed, a new one is added behind it).
 *
 * WAL, so that readers never wait for a writer (not on network file systems,
 * where it does not work); a writer waits for another up to 5 s.  A commit survives the death of the process at any instant.
 * A file that is broken, or written by a newer lossdog, is moved aside and a
 * new one begun; store_notice says so.
 *
 * Nothing of this crosses a fork: not a connection, and no child of a process
 * that has the database open may open it (SQLite knows its locks by process).
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "diag.h"
#include "span.h"

struct store;

struct store_schema {
	const char        *name;  /* of the owner: "outbox" */
	const char *const *steps; /* SQL texts, NULL at the end */
};

/* The name of the database inside the state directory. */
#define STORE_FILE "lossdog.db"

/*
 * Opens or makes dir/lossdog.db (dir, with its parents, is made with mode
 * 0700, the file has 0600) and brings its tables up to date.  schemas: NULL at
 * the end.  dir NULL: a database of this process alone, in memory.
 */
int  store_open(const char *dir, const struct store_schema *const *schemas,
    struct store **ret, struct diag *d);
void store_close(struct store *);
/* Something to tell the user once (the old file was moved aside), or NULL. */
const char *store_notice(const struct store *);

/*
 * Transactions; begin takes the write lock at once.  They do not nest.  A
 * transaction that reads first and asks for the lock later is refused when
 * another process has written in between, and no waiting helps: so what may
 * stand alone or inside a caller's transaction uses enter and leave.
 */
int store_begin(struct store *, struct diag *d);
int store_commit(struct store *, struct diag *d);
void store_rollback(struct store *);
/*
 * Begins a transaction, or nests in the one that is open.  leave ends what enter
 * began, undoing it when r is negative, and returns r, or -1 when that failed.
 */
int store_enter(struct store *, struct diag *d);
int store_leave(struct store *, int r, struct diag *d);

/*
 * Runs one statement that gives no rows.  types says what follows, one letter
 * for each '?': i int64_t, d double (NaN: NULL), s const char * (NULL: NULL),
 * b struct span (a blob).  sql must be a literal: statements are kept by its address.
 */
int store_run(struct store *, struct diag *d, const char *sql,
    const char *types, ...);
/* Rows changed by the last store_run; the id of the row it added. */
int64_t store_changes(const struct store *);
int64_t store_last_id(const struct store *);

/*
 * A statement that gives rows:
 *	q = store_query(s, "SELECT a, b FROM t WHERE c = ?", "i", c);
 *	while (store_next(q))
 *		use(store_text(q, 0), store_int(q, 1));
 *	if (store_done(q, &d) == -1) ...
 * store_done must be called in every case; store_query never returns NULL, a
 * failure is told by store_done.  Texts and blobs live until store_next.
 */
struct store_rows;

struct store_rows *store_query(struct store *, const char *sql,
    const char *types, ...);
bool        store_next(struct store_rows *);
int64_t     store_int(struct store_rows *, int column);    /* NULL: 0 */
double      store_num(struct store_rows *, int column);    /* NULL: NaN */
const char *store_text(struct store_rows *, int column);   /* NULL: NULL */
struct span store_blob(struct store_rows *, int column);
int         store_done(struct store_rows *, struct diag *d);

#endif
