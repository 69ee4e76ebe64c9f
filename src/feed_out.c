/* SPDX-License-Identifier: MIT */
/*
 * feed: the keeper's end.
 *
 * A frame goes whole to the first place that takes it and behind which nothing
 * waits: the pipe, mem, the spool.  Only the pipe may take a part; the rest
 * then fits into mem, which is empty.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "xalloc.h"

#define MEM_SIZE (FEED_CHUNK + sizeof(struct feed_head))
/* What data leave of the spool to events. */
#define SPOOL_RESERVE (64 << 10)
/* Writes a flush does before the bytes' path has its turn again. */
#define FLUSH_STEPS 8

void
feed_out_init(struct feed_out *f, int fd, uint64_t limit)
{
	*f = (struct feed_out){ .fd = fd, .mem = xmalloc(MEM_SIZE) };
	spool_init(&f->spool, limit);
}

static void
shut(struct feed_out *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	f->off = f->n = 0;
	f->nlate = 0;
	spool_fini(&f->spool);
}

void
feed_out_fini(struct feed_out *f)
{
	shut(f);
	free(f->mem);
	f->mem = NULL;
}

static bool
is_spooling(const struct feed_out *f)
{
	return spool_used(&f->spool) > 0;
}

/* What the pipe takes now: bytes, or -1 when it is gone. */
static ptrdiff_t
give(struct feed_out *f, const struct iovec *v, int n)
{
	ssize_t did;

	do
		did = writev(f->fd, v, n);
	while (did < 0 && errno == EINTR);
	if (did < 0 && errno == EAGAIN)
		return 0;
	if (did < 0)
		shut(f);
	else
		f->taken += (uint64_t)did;
	return did;
}

static void
keep(struct feed_out *f, const struct iovec *v, size_t from)
{
	for (int i = 0; i < 2; i++) {
		size_t skip = from < v[i].iov_len ? from : v[i].iov_len;

		from -= skip;
		if (v[i].iov_len > skip)
			memcpy(f->mem + f->n, (char *)v[i].iov_base + skip,
			    v[i].iov_len - skip);
		f->n += v[i].iov_len - skip;
	}
}

/* Room in the spool for data, once it is made. */
static bool
spool_has_room(const struct feed_out *f, uint64_t size)
{
	return !f->spool.broken && (f->spool.fd < 0 ||
	    spool_used(&f->spool) + size + SPOOL_RESERVE <= f->spool.limit);
}

/* True: the frame is on its way (or there is nobody to go to). */
static bool
put(struct feed_out *f, const struct feed_head *h, struct span bytes)
{
	struct iovec v[2] = {
		{ (void *)(uintptr_t)h, sizeof *h },
		{ (void *)(uintptr_t)bytes.p, bytes.n },
	};
	size_t    size = sizeof *h + bytes.n;
	ptrdiff_t did;

	if (f->nlate > 0)
		return false;
	if (!is_spooling(f) && f->n == 0) {
		f->off = 0;
		did = give(f, v, bytes.n > 0 ? 2 : 1);
		if (did < 0)
			return true;
		if ((size_t)did < size)
			keep(f, v, (size_t)did);
		return true;
	}
	if (!is_spooling(f) && size <= MEM_SIZE - f->n) {
		memmove(f->mem, f->mem + f->off, f->n - f->off);
		f->n -= f->off;
		f->off = 0;
		keep(f, v, 0);
		return true;
	}
	if (bytes.n > 0 && !spool_has_room(f, size))
		return false;
	return spool_put(&f->spool, v, 2);
}

/* Remembers an event that has no room now; what is least needed goes first. */
static void
put_late(struct feed_out *f, const struct feed_head *h)
{
	bool optional = h->type == FEED_SIGNAL || h->type == FEED_TERM;

	if (f->nlate < FEED_LATE - (optional ? 8U : 0U))
		f->late[f->nlate++] = *h;
}

static void
lose(struct feed_out *f, unsigned stream, size_t n, double wall, double mono)
{
	struct feed_head gap = { .type = FEED_GAP, .stream = stream,
		.a = (int64_t)n, .wall = wall, .mono = mono };

	f->lost += n;
	f->skip[stream] = true;
	for (unsigned i = f->nlate; i-- > 0;)
		if (f->late[i].type == FEED_GAP && f->late[i].stream == stream) {
			f->late[i].a += (int64_t)n;
			return;
		}
	put_late(f, &gap);
}

/* After a gap only whole lines go on: drops the rest of the one that was cut. */
static void
skip_line(struct feed_out *f, unsigned stream, struct span *bytes, double wall,
    double mono)
{
	const char      *nl = memchr(bytes->p, '\n', bytes->n);
	size_t           n = nl != NULL ? (size_t)(nl - bytes->p) + 1 : bytes->n;
	struct feed_head gap = { .type = FEED_GAP, .stream = stream,
		.a = (int64_t)n, .wall = wall, .mono = mono };

	if (!put(f, &gap, SPAN_NONE)) {
		lose(f, stream, bytes->n, wall, mono);
		bytes->n = 0;
		return;
	}
	f->lost += n;
	f->skip[stream] = nl == NULL;
	*bytes = span_from(*bytes, n);
}

void
feed_out_data(struct feed_out *f, unsigned stream, struct span bytes,
    double wall, double mono)
{
	if (f->skip[stream] && f->fd >= 0)
		skip_line(f, stream, &bytes, wall, mono);
	while (bytes.n > 0 && f->fd >= 0) {
		struct span part = { bytes.p, bytes.n < FEED_CHUNK ? bytes.n : FEED_CHUNK };
		struct feed_head h = { .type = FEED_DATA, .stream = stream,
			.n = part.n, .wall = wall, .mono = mono };

		if (!put(f, &h, part))
			lose(f, stream, part.n, wall, mono);
		bytes = span_from(bytes, part.n);
	}
	f->lost += bytes.n;
}

void
feed_out_event(struct feed_out *f, const struct feed_head *h)
{
	if (f->fd >= 0 && !put(f, h, SPAN_NONE))
		put_late(f, h);
}

bool
feed_out_pending(const struct feed_out *f)
{
	return f->fd >= 0 && (f->n > 0 || is_spooling(f) || f->nlate > 0);
}

bool
feed_out_full(const struct feed_out *f)
{
	if (f->fd < 0 || (f->n == 0 && f->nlate == 0))
		return false;
	return f->nlate > 0 || (!spool_has_room(f, FEED_CHUNK) &&
	    MEM_SIZE - f->n < FEED_CHUNK);
}

/* What came late goes behind the spool again, when that is half empty. */
static void
release_late(struct feed_out *f)
{
	unsigned n = f->nlate, i;

	if (n == 0 || spool_used(&f->spool) > f->spool.limit / 2 ||
	    f->n > MEM_SIZE / 2)
		return;
	f->nlate = 0;
	for (i = 0; i < n; i++)
		if (f->fd < 0 || !put(f, &f->late[i], SPAN_NONE))
			break;
	if (f->fd < 0)
		return;
	memmove(f->late, f->late + i, (n - i) * sizeof f->late[0]);
	f->nlate = n - i;
}

/* Fills an empty mem from the spool; false: nothing waits. */
static bool
refill(struct feed_out *f)
{
	ptrdiff_t got;

	if (f->off < f->n)
		return true;
	f->off = f->n = 0;
	got = spool_take(&f->spool, f->mem, MEM_SIZE);
	if (got < 0)
		shut(f); /* the order of frames is lost: nothing can follow */
	if (got > 0)
		f->n = (size_t)got;
	return got > 0;
}

int
feed_out_flush(struct feed_out *f)
{
	for (int i = 0; i < FLUSH_STEPS && f->fd >= 0 && refill(f); i++) {
		struct iovec v = { f->mem + f->off, f->n - f->off };
		ptrdiff_t    did = give(f, &v, 1);

		if (did <= 0)
			break;
		f->off += (size_t)did;
		if (f->off == f->n)
			f->off = f->n = 0;
	}
	if (f->fd >= 0)
		release_late(f);
	return f->fd >= 0 ? 0 : -1;
}

uint64_t
feed_out_backlog(const struct feed_out *f)
{
	return feed_out_unread(f) + f->n + spool_used(&f->spool);
}

uint64_t
feed_out_unread(const struct feed_out *f)
{
	int n = 0;

	if (f->fd >= 0 && ioctl(f->fd, FIONREAD, &n) != 0)
		n = 0;
	return (uint64_t)n;
}
