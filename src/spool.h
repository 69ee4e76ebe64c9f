/* SPDX-License-Identifier: MIT */
/*
 * spool: a queue of bytes in a file without a name.
 *
 * Used as a ring of at most limit bytes; made when the first byte comes, in
 * $TMPDIR, /tmp or /var/tmp, whichever is on a disk (a file in memory would
 * take from the training what the training needs).  At most a quarter of the free space is used.
 */
#ifndef SPOOL_H
#define SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct spool {
	int      fd;         /* -1: none yet */
	bool     broken;     /* could not be made, written or read */
	uint64_t limit;      /* as asked; once made: as it is */
	uint64_t head, tail; /* positions of reading and writing, never going back but to 0 */
};

void     spool_init(struct spool *, uint64_t limit);
void     spool_fini(struct spool *);
uint64_t spool_used(const struct spool *);
/* Appends all of it or nothing; false: there is no room. */
bool     spool_put(struct spool *, const struct iovec *, int n);
/* Takes up to n bytes.  -1: it cannot be read, errno says why. */
ptrdiff_t spool_take(struct spool *, char *p, size_t n);

#endif
