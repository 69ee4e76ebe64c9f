/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "tail.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xalloc.h"

#define TICK 0.05 /* seconds in which two writes may get the same time stamp, with room to spare */

struct tail *
tail_new(const char *path, const struct fileinfo *info)
{
	struct tail *t = xcalloc(1, sizeof *t);

	t->path = xstrdup(path);
	t->fd = -1;
	t->info = *info;
	t->dirty = t->linked = true;
	t->mark = mark_of(SPAN_NONE);
	t->grew = NAN;
	return t;
}

void
tail_free(struct tail *t)
{
	if (t == NULL)
		return;
	tail_close(t);
	free(t->path);
	free(t);
}

bool
tail_note(struct tail *t, const struct fileinfo *info, double now)
{
	bool changed = t->stale || t->failed || !fileinfo_same(&t->info, info);

	if (changed)
		t->dirty = true;
	t->stale = now - (double)info->mtime * 1e-9 < TICK;
	t->failed = false;
	t->info = *info;
	return changed;
}

int
tail_open(struct tail *t)
{
	struct fileinfo info;
	int             fd;

	if (t->fd >= 0)
		return 0;
	if (t->path == NULL) {
		errno = ENOENT;
		return -1;
	}
	fd = open_regular(t->path, &info);
	if (fd < 0)
		return -1;
	if (!fileid_same(&info.id, &t->info.id)) {
		close(fd);
		errno = ESTALE;
		return -1;
	}
	t->fd = fd;
	return 0;
}

void
tail_close(struct tail *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

void
tail_rewind(struct tail *t)
{
	t->offset = 0;
	t->mark = mark_of(SPAN_NONE);
	t->mid = false;
	t->dirty = true;
	t->shown = 0;
}

/* Length of the whole records at the start of s. */
static size_t
records(struct span s)
{
	const char *nl = s.n > 0 ? memrchr(s.p, '\n', s.n) : NULL;
	size_t      least = nl != NULL ? (size_t)(nl - s.p) + 1 : 0;

	/* A \r counts when another byte follows that does not belong to its end. */
	for (size_t i = s.n; i-- > least + 1;)
		if (s.p[i - 1] == '\r' && s.p[i] != '\r')
			return i;
	return least;
}

static size_t
leading_nuls(struct span s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == '\0')
		n++;
	return n;
}

/*
 * Moves the offset over NULs, of which the n bytes there begin with.  true: a
 * record begins at the new offset; false: nothing but NULs so far, or errno.
 */
static bool
skip_nuls(struct tail *t, char *buf, struct span data)
{
	uint64_t    at = t->offset;
	size_t      nuls = leading_nuls(data);
	struct mark mark;
	off_t       next;
	int64_t     got;

	while (nuls == data.n) {
		at += nuls;
		next = lseek(t->fd, (off_t)at, SEEK_DATA); /* a hole may be as large as the disk */
		if (next < 0 && errno == ENXIO) {
			errno = 0;
			return false;
		}
		if (next > (off_t)at)
			at = (uint64_t)next;
		got = pread_full(t->fd, buf, TAIL_BUF, at);
		if (got <= 0)
			return false;
		data = (struct span){ buf, (size_t)got };
		nuls = leading_nuls(data);
	}
	if (mark_take(t->fd, at + nuls, &mark) != 0)
		return false;
	t->offset = at + nuls;
	t->mark = mark;
	return true;
}

/* Reads from the mark on; *ret is what stands behind the offset, up to the end when errno is 0. */
static enum tail_result
read_on(struct tail *t, char *buf, struct span *ret)
{
	size_t  want = t->mark.n + TAIL_BUF;
	int64_t got = pread_full(t->fd, buf, want, t->offset - t->mark.n);

	if (got < 0 || ((size_t)got < t->mark.n && errno != 0))
		return TAIL_FAILED;
	if ((size_t)got < t->mark.n ||
	    mark_of((struct span){ buf, t->mark.n }).hash != t->mark.hash)
		return TAIL_TRUNCATED;
	*ret = span_from((struct span){ buf, (size_t)got }, t->mark.n);
	return TAIL_DATA;
}

static void
advance(struct tail *t, const char *buf, struct span taken)
{
	size_t all = t->mark.n + taken.n;

	t->offset += taken.n;
	t->mark = mark_of((struct span){ buf, all });
}

enum tail_result
tail_read(struct tail *t, char *buf, struct span *ret, double now)
{
	struct span      data;
	enum tail_result rc = read_on(t, buf, &data);
	size_t           n;

	if (rc == TAIL_DATA && !t->mid && data.n > 0 && data.p[0] == '\0') {
		if (!skip_nuls(t, buf, data)) {
			t->dirty = false;
			return errno == 0 ? TAIL_NOTHING : TAIL_FAILED;
		}
		rc = read_on(t, buf, &data);
	}
	if (rc != TAIL_DATA)
		return rc;
	n = records(data);
	if (n == 0 && data.n < TAIL_BUF) {
		t->dirty = false;
		return errno == 0 ? TAIL_NOTHING : TAIL_FAILED; /* read_on has left it */
	}
	t->mid = n == 0;
	if (t->mid)
		n = data.n;
	*ret = (struct span){ data.p, n };
	advance(t, buf, *ret);
	t->grew = now;
	t->shown = 0;
	return TAIL_DATA;
}

struct span
tail_rest(struct tail *t, char *buf)
{
	struct span data;

	errno = 0;
	if (t->fd < 0 || read_on(t, buf, &data) != TAIL_DATA)
		return SPAN_NONE;
	while (data.n > 0 && data.p[data.n - 1] == '\0')
		data.n--;
	t->shown = t->info.size;
	return data;
}

int
tail_finish(struct tail *t, char *buf, struct span *ret)
{
	struct span rest = tail_rest(t, buf);

	*ret = SPAN_NONE;
	if (errno != 0)
		return -1;
	if (rest.n == 0)
		return 0;
	advance(t, buf, rest);
	t->mid = false;
	buf[(size_t)(rest.p - buf) + rest.n++] = '\n';
	*ret = rest;
	return 0;
}

bool
tail_waits(const struct tail *t, double quiet, double now)
{
	/* The clocks of a file server and ours need not agree. */
	return !t->dirty && !t->failed && !t->mid && t->info.size > t->offset &&
	    t->shown != t->info.size &&
	    fabs(now - (double)t->info.mtime * 1e-9) >= quiet;
}

#define TAIL_FORMAT "%d %d %u %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRIu64 \
    " %u %" PRIx64 " %" PRIu64 " %" PRId64 " %" PRId64 " %" PRIu64 " %zu "

void
tail_save(const struct tail *t, const char *path, struct buf *b)
{
	const char *name = t->path != NULL && (path == NULL || strcmp(t->path, path) != 0)
	    ? t->path : "";

	/* A change that the times cannot show must be looked for after the restart. */
	buf_printf(b, TAIL_FORMAT, t->aside, t->packed, t->run, t->info.id.dev,
	    t->info.id.ino, t->info.id.birth, t->offset, t->mark.n, t->mark.hash,
	    t->info.size, t->stale || t->dirty || t->failed ? 0 : t->info.mtime, t->info.ctime,
	    t->shown, strlen(name));
	buf_str(b, name);
	buf_char(b, '\n');
}

static bool
next_number(struct span *s, int base, uint64_t *ret)
{
	char   digits[32];
	size_t n = 0;
	char  *end;

	while (n < s->n && n < sizeof digits - 1 && s->p[n] != ' ')
		n++;
	if (n == 0 || n == s->n || s->p[n] != ' ')
		return false;
	memcpy(digits, s->p, n);
	digits[n] = '\0';
	*ret = digits[0] == '-' ? (uint64_t)strtoll(digits, &end, base)
	                        : strtoull(digits, &end, base);
	*s = span_from(*s, n + 1);
	return *end == '\0';
}

enum { F_ASIDE, F_PACKED, F_RUN, F_DEV, F_INO, F_BIRTH, F_OFFSET, F_MARK_N,
	F_MARK, F_SIZE, F_MTIME, F_CTIME, F_SHOWN, F_NAME, F_COUNT }; /* the order of TAIL_FORMAT */

struct tail *
tail_load(struct span *text, const char *path)
{
	uint64_t        v[F_COUNT];
	struct fileinfo info = { 0 };
	struct tail    *t;

	for (int i = 0; i < F_COUNT; i++)
		if (!next_number(text, i == F_MARK ? 16 : 10, &v[i]))
			return NULL;
	if (v[F_NAME] >= text->n || text->p[v[F_NAME]] != '\n' ||
	    v[F_MARK_N] > MARK_BYTES || v[F_MARK_N] > v[F_OFFSET])
		return NULL;
	info.id = (struct fileid){ v[F_DEV], v[F_INO], (int64_t)v[F_BIRTH] };
	info.size = v[F_SIZE];
	info.mtime = (int64_t)v[F_MTIME];
	info.ctime = (int64_t)v[F_CTIME];
	t = tail_new(path, &info);
	if (v[F_NAME] > 0) {
		free(t->path);
		t->path = xstrndup(text->p, v[F_NAME]);
	}
	t->aside = v[F_ASIDE] != 0;
	t->packed = v[F_PACKED] != 0;
	t->run = (unsigned)v[F_RUN];
	t->offset = v[F_OFFSET];
	t->shown = v[F_SHOWN];
	t->mark = (struct mark){ v[F_MARK], (unsigned)v[F_MARK_N] };
	t->dirty = t->linked = false;
	*text = span_from(*text, v[F_NAME] + 1);
	return t;
}
