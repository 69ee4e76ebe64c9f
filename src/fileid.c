/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "fileid.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int64_t
nanoseconds(const struct statx_timestamp *t)
{
	return t->tv_sec * 1000000000 + t->tv_nsec;
}

static int
info(int fd, const char *path, int flags, struct fileinfo *ret)
{
	struct statx sx;
	int          rc;

	do
		rc = statx(fd, path, flags, STATX_BASIC_STATS | STATX_BTIME, &sx);
	while (rc != 0 && errno == EINTR);
	if (rc != 0)
		return -1;
	*ret = (struct fileinfo){
		.id.dev = makedev(sx.stx_dev_major, sx.stx_dev_minor),
		.id.ino = sx.stx_ino,
		.id.birth = (sx.stx_mask & STATX_BTIME) ? nanoseconds(&sx.stx_btime) : 0,
		.size = sx.stx_size,
		.mtime = nanoseconds(&sx.stx_mtime),
		.ctime = nanoseconds(&sx.stx_ctime),
		.mode = sx.stx_mode,
		.links = sx.stx_nlink,
	};
	return 0;
}

int
fileinfo_path(const char *path, struct fileinfo *ret)
{
	return info(AT_FDCWD, path, 0, ret);
}

int
fileinfo_at(int dirfd, const char *name, struct fileinfo *ret)
{
	return info(dirfd, name, 0, ret);
}

int
fileinfo_fd(int fd, struct fileinfo *ret)
{
	return info(fd, "", AT_EMPTY_PATH, ret);
}

bool
fileid_same(const struct fileid *a, const struct fileid *b)
{
	if (a->ino != b->ino)
		return false;
	if (a->birth != 0 && b->birth != 0)
		return a->birth == b->birth;
	return a->dev == b->dev;
}

bool
fileinfo_same(const struct fileinfo *a, const struct fileinfo *b)
{
	return a->size == b->size && a->mtime == b->mtime && a->ctime == b->ctime;
}

uint64_t
fileinfo_print(const struct fileinfo *i)
{
	/* Without the device: its number may change over a reboot. */
	const uint64_t v[] = { i->id.ino, (uint64_t)i->id.birth, i->size,
		(uint64_t)i->mtime, (uint64_t)i->ctime };

	return span_hash((struct span){ (const char *)v, sizeof v });
}

struct mark
mark_of(struct span before)
{
	if (before.n > MARK_BYTES)
		before = span_from(before, before.n - MARK_BYTES);
	return (struct mark){ span_hash(before), (unsigned)before.n };
}

int64_t
pread_full(int fd, char *buf, size_t n, uint64_t offset)
{
	size_t  got = 0;
	ssize_t rc;

	errno = 0;
	while (got < n) {
		rc = pread(fd, buf + got, n - got, (off_t)(offset + got));
		if (rc < 0 && errno == EINTR) {
			errno = 0;
			continue;
		}
		if (rc < 0 && got == 0)
			return -1;
		if (rc <= 0)
			break;
		got += (size_t)rc;
	}
	return (int64_t)got;
}

int
mark_take(int fd, uint64_t offset, struct mark *ret)
{
	char    buf[MARK_BYTES];
	size_t  n = offset < MARK_BYTES ? (size_t)offset : MARK_BYTES;
	int64_t got = pread_full(fd, buf, n, offset - n);

	if (got < 0)
		return -1;
	if ((size_t)got < n) {
		errno = errno != 0 ? errno : ENODATA;
		return -1;
	}
	*ret = mark_of((struct span){ buf, n });
	return 0;
}

bool
mark_holds(int fd, uint64_t offset, const struct mark *m)
{
	struct mark there;

	if (mark_take(fd, offset, &there) != 0) {
		errno = errno == ENODATA ? 0 : errno;
		return false;
	}
	errno = 0;
	return there.n == m->n && there.hash == m->hash;
}

bool
mark_holds_path(const char *path, uint64_t offset, const struct mark *m)
{
	struct fileinfo info_now;
	int  fd = open_regular(path, &info_now);
	int  error = 0;
	bool holds;

	if (fd < 0)
		return false;
	holds = info_now.size >= offset && mark_holds(fd, offset, m);
	if (info_now.size >= offset)
		error = errno;
	close(fd);
	errno = error;
	return holds;
}

/*
 * A read lease is refused while there is a writer.  It is given back at once:
 * whoever opens the file for writing in between waits for that.
 */
int
file_written(const char *path)
{
	struct fileinfo info;
	int             fd = open_regular(path, &info), ret = -1;

	if (fd < 0)
		return -1;
	if (fcntl(fd, F_SETSIG, SIGURG) == 0 && fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
		fcntl(fd, F_SETLEASE, F_UNLCK);
		ret = 0;
	} else if (errno == EAGAIN) {
		ret = 1;
	}
	close(fd);
	return ret;
}

bool
fileid_trouble(int error)
{
	static const int list[] = { EIO, EINTR, EAGAIN, ENOMEM, EMFILE, ENFILE, ETIMEDOUT, ENOSPC };

	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
		if (error == list[i])
			return true;
	return false;
}

int
open_regular(const char *path, struct fileinfo *ret)
{
	struct fileinfo there;
	int             fd;

	do
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return -1;
	if (fileinfo_fd(fd, &there) == 0) {
		if (S_ISREG(there.mode)) {
			*ret = there;
			return fd;
		}
		errno = S_ISDIR(there.mode) ? EISDIR : ENOTSUP;
	}
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}
