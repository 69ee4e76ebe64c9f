/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int
open_again(int fd)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void
outlet_open(struct outlet *o, int fd)
{
	struct stat st;
	int         flags = fcntl(fd, F_GETFL);

	*o = (struct outlet){ .fd = fd, .own = fd };
	if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY || fstat(fd, &st) != 0) {
		o->gone = true;
		return;
	}
	o->terminal = isatty(fd) == 1;
	o->socket = S_ISSOCK(st.st_mode);
	if (!o->terminal && !S_ISFIFO(st.st_mode))
		return; /* files and the like do not wait */
	o->own = open_again(fd);
	if (o->own >= 0)
		return;
	o->own = fd;
	o->small = true;
}

static ssize_t
try_write(const struct outlet *o, const char *p, size_t n)
{
	struct pollfd room = { .fd = o->own, .events = POLLOUT };

	if (o->socket)
		return send(o->own, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (!o->small)
		return write(o->own, p, n);
	/* room for one byte is room for PIPE_BUF */
	if (poll(&room, 1, 0) == 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(o->own, p, n < PIPE_BUF ? n : PIPE_BUF);
}

/* True: this failure means that there is no reader any more. */
static bool
is_gone(const struct outlet *o, int error)
{
	switch (error) {
	case EPIPE:
	case ECONNRESET:
	case EBADF:
		return true;
	case EIO:
		return o->terminal; /* hung up */
	default:
		return false;
	}
}

size_t
outlet_write(struct outlet *o, const char *p, size_t n)
{
	size_t done = 0;

	while (done < n && !o->gone) {
		ssize_t did = try_write(o, p + done, n - done);

		if (did > 0) {
			done += (size_t)did;
			continue;
		}
		if (did < 0 && errno == EINTR)
			continue;
		if (did < 0 && errno == EAGAIN)
			break;
		o->gone = did < 0 && is_gone(o, errno);
		if (!o->gone) {
			o->error = did < 0 ? errno : EIO;
			o->lost += n - done;
			return n;
		}
	}
	if (done > 0)
		o->in_line = p[done - 1] != '\n';
	if (!o->gone)
		return done;
	o->lost += n - done;
	return n;
}

void
outlet_close(struct outlet *o)
{
	int null;

	if (o->own != o->fd)
		close(o->own);
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (!o->gone && close(o->fd) != 0 && errno != EINTR && o->error == 0)
		o->error = errno;
	if (null >= 0 && null != o->fd) {
		dup2(null, o->fd);
		close(null);
	}
	o->own = o->fd;
	o->gone = true;
}

bool
outlet_same(const struct outlet *a, const struct outlet *b)
{
	struct stat x, y;

	if (fstat(a->fd, &x) != 0 || fstat(b->fd, &y) != 0)
		return false;
	return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}
