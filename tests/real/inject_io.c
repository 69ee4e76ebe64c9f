/* SPDX-License-Identifier: MIT */
/*
 * A library to be preloaded that lets system calls fail on cue.
 *
 *	cc -shared -fPIC -o inject_io.so inject_io.c -ldl
 *	INJECT=eintr,short INJECT_PATH=logs/ LD_PRELOAD=./inject_io.so lossdog check logs
 *
 * INJECT is a list of: eintr (each third call is interrupted), short (reads and
 * writes take at most 5 bytes), eio (each seventh read of INJECT_PATH fails),
 * enospc (writes to INJECT_PATH fail), nobirth (no birth times), noinotify.
 * INJECT_PATH is a part of the names that are meant; without it all are.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
wanted(const char *what)
{
	const char *list = getenv("INJECT");
	const char *at = list != NULL ? strstr(list, what) : NULL;

	return at != NULL && (at == list || at[-1] == ',');
}

static bool
meant(int fd)
{
	const char *part = getenv("INJECT_PATH");
	char        link[64], name[4096];
	ssize_t     n;

	if (part == NULL)
		return true;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, name, sizeof name - 1);
	if (n < 0)
		return false;
	name[n] = '\0';
	return strstr(name, part) != NULL;
}

/* Counts calls of one kind; true for each n-th. */
static bool
turn(unsigned *count, unsigned n)
{
	return ++*count % n == 0;
}

static unsigned interrupted, failed;

static bool
read_fails(int fd)
{
	if (wanted("eintr") && meant(fd) && turn(&interrupted, 3)) {
		errno = EINTR;
		return true;
	}
	if (wanted("eio") && meant(fd) && turn(&failed, 7)) {
		errno = EIO;
		return true;
	}
	return false;
}

static size_t
cut(int fd, size_t n)
{
	return wanted("short") && n > 5 && meant(fd) ? 5 : n;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t
pread(int fd, void *p, size_t n, off_t at)
{
	return read_fails(fd) ? -1 : REAL(pread)(fd, p, cut(fd, n), at);
}

ssize_t
pread64(int fd, void *p, size_t n, off_t at)
{
	return pread(fd, p, n, at);
}

ssize_t
read(int fd, void *p, size_t n)
{
	return read_fails(fd) ? -1 : REAL(read)(fd, p, cut(fd, n));
}

static bool
write_fails(int fd)
{
	if (!wanted("enospc") || !meant(fd))
		return false;
	errno = ENOSPC;
	return true;
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	return write_fails(fd) ? -1 : REAL(pwrite)(fd, p, n, at);
}

ssize_t
pwrite64(int fd, const void *p, size_t n, off_t at)
{
	return pwrite(fd, p, n, at);
}

ssize_t
write(int fd, const void *p, size_t n)
{
	return write_fails(fd) ? -1 : REAL(write)(fd, p, n);
}

int
statx(int fd, const char *path, int flags, unsigned mask, struct statx *ret)
{
	int rc = REAL(statx)(fd, path, flags, mask, ret);

	if (rc == 0 && wanted("nobirth"))
		ret->stx_mask &= ~STATX_BTIME;
	return rc;
}

int
inotify_init1(int flags)
{
	if (wanted("noinotify")) {
		errno = EMFILE;
		return -1;
	}
	return ((int (*)(int))dlsym(RTLD_NEXT, "inotify_init1"))(flags);
}
