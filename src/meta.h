/* SPDX-License-Identifier: MIT */
/*
 * meta: where and from what a run was started, as one JSON object.
 *
 * Command, directory, chosen environment, user, machine, GPUs, the state of the
 * git work tree, the files named on the command line.  Collected by a process of
 * its own: git may be slow and a file server dead.  Secrets are left out.
 */
#ifndef META_H
#define META_H

#include <sys/types.h>

#include "buf.h"

#define META_MAX   (1 << 20)  /* bytes of the object */
#define META_FILE  (64 << 10) /* a longer file is not copied */
#define META_FILES 16

struct meta {
	int   fd;  /* a file without a name, which the collector fills; -1: none */
	pid_t pid; /* 0: it has ended */
};

/* Starts collecting.  Does not fail: nothing is collected then. */
void meta_start(struct meta *, char *const *argv);
/* Appends the object once it is complete, waiting at most so many seconds; "{}" otherwise. */
void meta_take(struct meta *, double seconds, struct buf *);

#endif
