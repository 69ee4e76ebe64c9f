/* SPDX-License-Identifier: MIT */
/*
 * fileid: which file is this, whatever its name.
 *
 * A path is not a file, and an inode number is handed out again at once after a
 * delete.  Device, inode and birth time are, where the file system knows birth
 * times; what was read of a file is proved by a mark, a hash of the bytes just
 * before the offset.  (A hash of the first bytes would prove nothing: all runs
 * print the same banner.)
 */
#ifndef FILEID_H
#define FILEID_H

#include <stdbool.h>
#include <stdint.h>

#include "span.h"

#define MARK_BYTES 256

struct fileid {
	uint64_t dev, ino;
	int64_t  birth; /* nanoseconds since 1970; 0: the file system does not say */
};

/* What one stat tells.  Times in nanoseconds since 1970. */
struct fileinfo {
	struct fileid id;
	uint64_t size;
	int64_t  mtime, ctime;
	unsigned mode, links;
};

struct mark {
	uint64_t hash;
	unsigned n; /* bytes hashed: MARK_BYTES, fewer near the start, 0 at offset 0 */
};

/* 0 or -1 with errno.  Symbolic links are followed. */
int fileinfo_path(const char *path, struct fileinfo *ret);
int fileinfo_fd(int fd, struct fileinfo *ret);
int fileinfo_at(int dirfd, const char *name, struct fileinfo *ret);

/*
 * Device numbers may change over a reboot: inode and birth time are enough
 * where both are known; without birth time device and inode must do.
 */
bool fileid_same(const struct fileid *, const struct fileid *);
/* Size and times are equal: nobody has written. */
bool fileinfo_same(const struct fileinfo *, const struct fileinfo *);

/* A number for a file in this condition: differs when it is another file, or was written to. */
uint64_t fileinfo_print(const struct fileinfo *);

/* The mark of an offset before which all of `before` stands (at least MARK_BYTES or all there is). */
struct mark mark_of(struct span before);
/* The mark of an offset in a file; -1 with errno, ENODATA when it is shorter than that. */
int mark_take(int fd, uint64_t offset, struct mark *ret);
/* The file has at least `offset` bytes and this mark there.  false: errno is 0 when it has not, else it could not be read. */
bool mark_holds(int fd, uint64_t offset, const struct mark *);
bool mark_holds_path(const char *path, uint64_t offset, const struct mark *);

/*
 * pread until n bytes are there or the file ends: the number, or -1.  Fewer than
 * n: errno is 0 when the file ends there, else it could not be read on.
 */
int64_t pread_full(int fd, char *buf, size_t n, uint64_t offset);
/*
 * Does any process, of this machine and in whatever container, have the file
 * open for writing?  1, 0; -1: the file system or our rights do not tell.
 */
int file_written(const char *path);

/* An error that says nothing about the file: it is to be tried again. */
bool fileid_trouble(int error);
/* Opens a regular file for reading without waiting or becoming anybody's terminal; -1 with errno. */
int open_regular(const char *path, struct fileinfo *ret);

#endif
