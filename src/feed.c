/* SPDX-License-Identifier: MIT */
/* feed: the analyser's end. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "feed.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "xalloc.h"

#define FEED_BUFFER (256 << 10)

struct feed {
	int              fd, back, also;
	struct feed_head head; /* of the frame whose bytes are being handed out */
	uint64_t         left; /* of those bytes */
	size_t           off, n;
	bool             ended, gone, asked;
	char             buf[FEED_BUFFER];
};

struct feed *
feed_new(int fd, int back)
{
	struct feed *f = xmalloc(sizeof *f);

	f->fd = fd;
	f->back = back;
	f->also = -1;
	f->left = 0;
	f->off = f->n = 0;
	f->ended = f->gone = f->asked = false;
	return f;
}

void
feed_free(struct feed *f)
{
	if (f == NULL)
		return;
	close(f->fd);
	if (f->back >= 0)
		close(f->back);
	free(f);
}

static void
record_of(const struct feed_head *h, struct feed_record *ret)
{
	*ret = (struct feed_record){
		.type = (enum feed_type)h->type,
		.stream = h->stream,
		.wall = h->wall,
		.mono = h->mono,
		.a = h->a,
		.b = h->b,
		.bytes = SPAN_NONE,
	};
}

/* A record from what is in the buffer. */
static bool
take(struct feed *f, struct feed_record *ret)
{
	size_t part;

	if (f->left == 0) {
		if (f->n - f->off < sizeof f->head)
			return false;
		memcpy(&f->head, f->buf + f->off, sizeof f->head);
		f->off += sizeof f->head;
		f->left = f->head.n;
		if (f->left == 0) {
			record_of(&f->head, ret);
			f->ended = ret->type == FEED_END;
			return true;
		}
	}
	part = f->n - f->off;
	if (part == 0)
		return false;
	if (part > f->left)
		part = (size_t)f->left;
	record_of(&f->head, ret);
	ret->bytes = (struct span){ f->buf + f->off, part };
	f->off += part;
	f->left -= part;
	return true;
}

/* Reads more behind what is there, which is less than a head. */
static void
fill(struct feed *f)
{
	ssize_t got;

	memmove(f->buf, f->buf + f->off, f->n - f->off);
	f->n -= f->off;
	f->off = 0;
	got = read(f->fd, f->buf + f->n, sizeof f->buf - f->n);
	if (got > 0)
		f->n += (size_t)got;
	else if (got == 0 || (errno != EINTR && errno != EAGAIN))
		f->gone = true;
}

/* The keeper's word to end now overtakes what waits in the pipe. */
static bool
told_to_end(struct feed *f, struct feed_record *ret)
{
	struct feed_word w;
	ssize_t          got = recv(f->back, &w, sizeof w, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got != (ssize_t)sizeof w || w.what != FEED_WORD_END) {
		close(f->back);
		f->back = -1;
		return false;
	}
	f->ended = true;
	*ret = (struct feed_record){
		.type = FEED_END,
		.a = FEED_END_INTERRUPTED,
		.wall = clock_wall(),
		.mono = clock_mono(),
	};
	return true;
}

static int
milliseconds(double seconds)
{
	if (seconds <= 0)
		return 0;
	return seconds < 1e6 ? (int)ceil(seconds * 1000) : -1;
}

int
feed_next(struct feed *f, double timeout, struct feed_record *ret)
{
	double until = clock_mono() + timeout;
	bool   first = true;

	while (!f->ended) {
		struct pollfd p[3] = {
			{ .fd = f->fd, .events = POLLIN },
			{ .fd = f->back, .events = POLLIN },
			{ .fd = f->also, .events = POLLIN },
		};
		double wait = first ? timeout : until - clock_mono();

		if (take(f, ret))
			return 1;
		if (f->gone || (!first && wait <= 0))
			break;
		first = false;
		if (poll(p, 3, milliseconds(wait)) <= 0)
			continue;
		if (p[1].revents != 0 && told_to_end(f, ret))
			return 1;
		if (p[0].revents != 0)
			fill(f);
		else if (p[2].revents != 0)
			return 0;
	}
	return f->ended || f->gone ? -1 : 0;
}

static void
tell_keeper(struct feed *f, const struct feed_word *w)
{
	if (f->back >= 0)
		(void)send(f->back, w, sizeof *w, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void
feed_status(struct feed *f, const char *text)
{
	struct feed_word w = { .what = FEED_WORD_STATUS };

	snprintf(w.text, sizeof w.text, "%s", text);
	tell_keeper(f, &w);
}

void
feed_busy(struct feed *f, double seconds)
{
	tell_keeper(f, &(struct feed_word){ .what = FEED_WORD_BUSY, .seconds = seconds });
}

void
feed_also(struct feed *f, int fd)
{
	f->also = fd;
}

void
feed_request_stop(struct feed *f, const char *why)
{
	struct feed_word w = { .what = FEED_WORD_STOP };

	if (f->back < 0 || f->asked)
		return;
	snprintf(w.text, sizeof w.text, "%s", why);
	f->asked = send(f->back, &w, sizeof w, MSG_NOSIGNAL) == (ssize_t)sizeof w;
}
