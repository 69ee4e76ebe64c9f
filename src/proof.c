/* SPDX-License-Identifier: MIT */
/* proof: what the bytes of two files say of each other. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "follow_impl.h"
#include "input.h"
#include "spool.h"
#include "xalloc.h"

#define UNPACK_MAX (1ULL << 40)

int
proof_unpack(struct tail *t)
{
	static const size_t size = 128 * 1024;
	struct input *in = input_open(t->path, NULL);
	struct spool  spool;
	char         *buf;
	ssize_t       n;

	if (in == NULL)
		return -1;
	spool_init(&spool, UNPACK_MAX);
	buf = xmalloc(size);
	while ((n = input_read(in, buf, size, NULL)) > 0)
		if (!spool_put(&spool, &(struct iovec){ buf, (size_t)n }, 1))
			break;
	free(buf);
	input_close(in);
	if (n != 0) {
		spool_fini(&spool);
		errno = n > 0 ? ENOSPC : EIO;
		return -1;
	}
	t->fd = spool.fd;
	t->closed = true;
	if (t->fd < 0)
		errno = ENODATA;
	return t->fd < 0 ? -1 : 0;
}

bool
proof_ok(struct follow *f, bool holds)
{
	if (!holds && fileid_trouble(errno))
		follow_stuck(f);
	return holds;
}

bool
proof_unpacked(struct follow *f, struct tail *t)
{
	return t->fd >= 0 || proof_ok(f, proof_unpack(t) == 0);
}

bool
proof_continues(struct follow *f, struct tail *t, const struct tail *former)
{
	if (former->mark.n == 0)
		return false;
	if (t->packed)
		return proof_unpacked(f, t) &&
		    proof_ok(f, mark_holds(t->fd, former->offset, &former->mark));
	return proof_ok(f, mark_holds_path(t->path, former->offset, &former->mark));
}

bool
proof_is_part(struct follow *f, const struct tail *t, const struct tail *k)
{
	struct fileinfo info;
	struct mark     end;

	return k->fd >= 0 && fileinfo_fd(t->fd, &info) == 0 && info.size > 0 &&
	    proof_ok(f, mark_take(t->fd, info.size, &end) == 0) &&
	    proof_ok(f, mark_holds(k->fd, info.size, &end));
}

bool
proof_copies_live(struct follow *f, const struct tail *t)
{
	struct fileinfo info;
	struct mark     m;
	int             fd;
	bool            same;

	if (t->packed || t->info.size == 0)
		return false;
	fd = open_regular(t->path, &info);
	if (!proof_ok(f, fd >= 0))
		return false;
	same = proof_ok(f, mark_take(fd, t->info.size, &m) == 0) &&
	    proof_ok(f, mark_holds_path(f->path, t->info.size, &m));
	close(fd);
	return same;
}
