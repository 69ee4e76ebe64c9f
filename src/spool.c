/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statfs.h>
#include <unistd.h>

/* What a file in memory may take when there is no other place. */
#define SPOOL_MEMORY (32ULL << 20)
/* A drained file longer than this gives its blocks back. */
#define SPOOL_KEEP (1ULL << 20)

void
spool_init(struct spool *s, uint64_t limit)
{
	*s = (struct spool){ .fd = -1, .limit = limit };
}

void
spool_fini(struct spool *s)
{
	if (s->fd >= 0)
		close(s->fd);
	spool_init(s, s->limit);
}

uint64_t
spool_used(const struct spool *s)
{
	return s->tail - s->head;
}

static int
unnamed_in(const char *dir)
{
	char path[4096];
	int  fd = open(dir, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	/* not every file system has files without a name */
	if (snprintf(path, sizeof path, "%s/lossdog.XXXXXX", dir) >= (int)sizeof path)
		return -1;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

/* Room for a file in dir: a quarter of what is free. */
static uint64_t
room_for(int fd)
{
	struct statfs fs;
	uint64_t      room;

	if (fstatfs(fd, &fs) != 0)
		return 0;
	room = (uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize / 4;
	if (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC)
		return room < SPOOL_MEMORY ? room : SPOOL_MEMORY;
	return room;
}

static bool
make(struct spool *s)
{
	const char *dirs[] = { getenv("TMPDIR"), "/tmp", "/var/tmp" };
	uint64_t    best = 0;

	for (size_t i = 0; i < sizeof dirs / sizeof dirs[0] && best < s->limit; i++) {
		int      fd = dirs[i] != NULL ? unnamed_in(dirs[i]) : -1;
		uint64_t room = fd >= 0 ? room_for(fd) : 0;

		if (room <= best) {
			if (fd >= 0)
				close(fd);
			continue;
		}
		if (s->fd >= 0)
			close(s->fd);
		s->fd = fd;
		best = room;
	}
	if (best < s->limit)
		s->limit = best;
	s->broken = s->fd < 0;
	return !s->broken;
}

static bool
write_at(const struct spool *s, uint64_t at, const char *p, size_t n)
{
	while (n > 0) {
		uint64_t pos = at % s->limit;
		size_t   part = n < s->limit - pos ? n : (size_t)(s->limit - pos);
		ssize_t  did = pwrite(s->fd, p, part, (off_t)pos);

		if (did < 0 && errno == EINTR)
			continue;
		if (did <= 0)
			return false;
		p += did;
		n -= (size_t)did;
		at += (uint64_t)did;
	}
	return true;
}

bool
spool_put(struct spool *s, const struct iovec *v, int n)
{
	uint64_t size = 0, at = s->tail;

	for (int i = 0; i < n; i++)
		size += v[i].iov_len;
	if (s->broken || (s->fd < 0 && !make(s)))
		return false;
	if (size > s->limit - spool_used(s))
		return false;
	if (at % s->limit + size <= s->limit &&
	    pwritev(s->fd, v, n, (off_t)(at % s->limit)) == (ssize_t)size) {
		s->tail += size;
		return true;
	}
	for (int i = 0; i < n; i++) {
		/* a full disk may have room again later: not broken */
		if (!write_at(s, at, v[i].iov_base, v[i].iov_len))
			return false;
		at += v[i].iov_len;
	}
	s->tail = at;
	return true;
}

static void
rewind_empty(struct spool *s)
{
	if (s->tail > SPOOL_KEEP && ftruncate(s->fd, 0) != 0)
		return; /* the ring goes on as it is */
	s->head = s->tail = 0;
}

ptrdiff_t
spool_take(struct spool *s, char *p, size_t n)
{
	uint64_t pos;
	ssize_t  got;

	if (n > spool_used(s))
		n = (size_t)spool_used(s);
	if (n == 0)
		return 0;
	pos = s->head % s->limit;
	if (n > s->limit - pos)
		n = (size_t)(s->limit - pos);
	do
		got = pread(s->fd, p, n, (off_t)pos);
	while (got < 0 && errno == EINTR);
	if (got <= 0) {
		s->broken = true;
		return -1;
	}
	s->head += (uint64_t)got;
	if (s->head == s->tail)
		rewind_empty(s);
	return got;
}
