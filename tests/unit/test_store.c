/* SPDX-License-Identifier: MIT */
#include "store.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static const char *const one[] = {
	"CREATE TABLE t (a INTEGER, b REAL, c TEXT, d BLOB)", NULL
};
static const char *const two[] = {
	"CREATE TABLE t (a INTEGER, b REAL, c TEXT, d BLOB)",
	"ALTER TABLE t ADD COLUMN e TEXT DEFAULT 'new'", NULL
};
static const struct store_schema first = { "t", one }, second = { "t", two };
static const struct store_schema *const old[] = { &first, NULL };
static const struct store_schema *const new[] = { &second, NULL };

static void
test_values(struct store *s)
{
	struct diag d = { .text = "" };
	struct store_rows *q;

	OK(store_run(s, &d, "INSERT INTO t (a, b, c, d) VALUES (?, ?, ?, ?)", "idsb",
	    (int64_t)1 << 40, 0.1, "it's", ((struct span){ "a\0b", 3 })) == 0, "a row: %s", d.text);
	OK(store_run(s, &d, "INSERT INTO t (a, b, c) VALUES (?, ?, ?)", "ids",
	    (int64_t)2, NAN, NULL) == 0, "a row without values");
	q = store_query(s, "SELECT a, b, c, d FROM t ORDER BY a DESC", "");
	OK(store_next(q), "the first");
	IS_NUM(store_int(q, 0), (double)((int64_t)1 << 40), "integer");
	IS_NUM(store_num(q, 1), 0.1, "number");
	IS_STR(store_text(q, 2), "it's", "text");
	OK(span_eq(store_blob(q, 3), (struct span){ "a\0b", 3 }), "blob");
	OK(store_next(q) && isnan(store_num(q, 1)) && store_text(q, 2) == NULL, "nothing is nothing");
	OK(!store_next(q) && store_done(q, &d) == 0, "the end");
	OK(store_run(s, &d, "INSERT INTO nowhere VALUES (1)", "") == -1 &&
	    strstr(d.text, "nowhere"), "a failure says why: %s", d.text);
}

static int64_t
rows(struct store *s)
{
	struct store_rows *q = store_query(s, "SELECT count(*) FROM t", "");
	int64_t n = store_next(q) ? store_int(q, 0) : -1;

	store_done(q, NULL);
	return n;
}

static void
test_transactions(struct store *s)
{
	store_begin(s, NULL);
	store_run(s, NULL, "INSERT INTO t (a) VALUES (3)", "");
	store_rollback(s);
	IS_NUM(rows(s), 2, "rolled back");
	store_begin(s, NULL);
	store_run(s, NULL, "INSERT INTO t (a) VALUES (3)", "");
	store_commit(s, NULL);
	IS_NUM(rows(s), 3, "committed");
}

static void
test_files(void)
{
	struct store *s;
	struct stat st;
	struct diag d;
	FILE *f;

	OK(store_open("a/b/c", new, &s, &d) == 0, "it is brought up to date");
	IS_NUM(rows(s), 3, "with what it had");
	store_close(s);
	OK(stat("a/b/c", &st) == 0 && (st.st_mode & 0777) == 0700, "its folder is private");
	OK(stat("a/b/c/" STORE_FILE, &st) == 0 && (st.st_mode & 0777) == 0600, "and so is the file");

	OK(store_open("a/b/c", old, &s, &d) == 0, "a file of a newer lossdog");
	OK(store_notice(s) && strstr(store_notice(s), "newer"), "is moved aside, and that is said");
	IS_NUM(rows(s), 0, "and a new one begun");
	store_close(s);
	OK(access("a/b/c/" STORE_FILE ".aside-1", F_OK) == 0, "the old one is kept");

	f = fopen("a/b/c/" STORE_FILE, "w");
	for (int i = 0; i < 2000; i++)
		fputs("this is no database at all ", f);
	fclose(f);
	OK(store_open("a/b/c", old, &s, &d) == 0 && store_notice(s), "a broken file as well");
	store_close(s);
	OK(store_open("/dev/null/x", old, &s, &d) == -1 && strstr(d.text, "/dev/null/x"),
	    "where nothing can be: %s", d.text);
}

static void
test_nesting(struct store *s)
{
	int64_t before = rows(s);

	store_enter(s, NULL);
	store_run(s, NULL, "INSERT INTO t (a) VALUES (5)", "");
	store_enter(s, NULL);
	store_run(s, NULL, "INSERT INTO t (a) VALUES (6)", "");
	IS_NUM(store_leave(s, -1, NULL), -1, "the inner one is undone");
	IS_NUM(store_leave(s, 3, NULL), 3, "the outer one is kept");
	IS_NUM(rows(s) - before, 1, "with what was its own");
	store_enter(s, NULL);
	store_run(s, NULL, "INSERT INTO t (a) VALUES (7)", "");
	IS_NUM(store_leave(s, -1, NULL), -1, "one that stands alone");
	IS_NUM(rows(s) - before, 1, "is undone as well");
	store_run(s, NULL, "DELETE FROM t WHERE a = 5", "");
}

/* Reads, then writes, while another process writes: never refused. */
static unsigned
refusals(struct store *s, int times)
{
	unsigned bad = 0;

	for (int i = 0; i < times; i++) {
		if (store_enter(s, NULL) == -1) {
			bad++;
			continue;
		}
		(void)rows(s);
		bad += store_leave(s, store_run(s, NULL, "INSERT INTO t (a) VALUES (4)", ""), NULL) == -1;
	}
	return bad;
}

static void
test_two_processes(void)
{
	int status = -1;
	pid_t pid = fork();
	struct store *s;

	/* Each opens its own: a database does not survive a fork. */
	if (store_open("two", old, &s, NULL) == -1)
		_exit(1);
	unsigned bad = refusals(s, 300);
	store_close(s);
	if (pid == 0)
		_exit(bad != 0);
	waitpid(pid, &status, 0);
	IS_NUM(bad, 0, "a transaction that reads first waits for the other process");
	IS_NUM(status, 0, "and so does the other");
}

int
main(void)
{
	struct store *s;
	struct diag d = { .text = "" };

	OK(store_open("a/b/c", old, &s, &d) == 0, "a new database: %s", d.text);
	OK(store_notice(s) == NULL, "nothing to say");
	test_values(s);
	test_transactions(s);
	test_nesting(s);
	store_close(s);
	test_two_processes();
	test_files();
	return DONE();
}
