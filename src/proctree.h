/* SPDX-License-Identifier: MIT */
/*
 * proctree: what the processes below one process use.
 */
#ifndef PROCTREE_H
#define PROCTREE_H

#include <stdint.h>
#include <sys/types.h>

#define PROCTREE_MAX 4096 /* processes looked at; more are left out */

/* NaN: not known (rates need two looks). */
struct proctree_use {
	double cpu;         /* cores in use since the last look */
	double rss;         /* bytes; pages shared with files or each other counted once */
	double threads, processes;
	double waiting;     /* share of processes that wait for a disk or the like (D) */
	double read, write; /* bytes a second, to and from storage */
};

struct proctree;

/* Everything below root but the process except (and what is below that). */
struct proctree *proctree_new(pid_t root, pid_t except);
void             proctree_free(struct proctree *);
/* now: monotonic. */
void proctree_look(struct proctree *, double now, struct proctree_use *ret);

#endif
