/* SPDX-License-Identifier: MIT */
/*
 * host: what the machine and the control group give, and how short they are.
 *
 * Every value is NaN where the system does not tell it.
 */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stddef.h>

struct host_use {
	double cores;           /* allotted: affinity and cgroup quota */
	double limit;           /* bytes of memory we may use: the smaller of machine and cgroup */
	double available;       /* share of the machine's memory that is available */
	double oom_kills;       /* by the cgroup's limit, since it exists */
	double pressure_cpu, pressure_memory, pressure_io; /* share of the last minute in which some waited */
	double swap_in;         /* bytes a second */
	double net_read, net_write; /* bytes a second, without the loopback */
	double shm;             /* share of /dev/shm in use */
};

#define HOST_PATH 4096

struct host_group {
	char   dir[HOST_PATH];  /* "": none */
	size_t root;            /* the length of the hierarchy's own directory */
	bool   old;             /* version 1: each controller has a hierarchy */
};

struct host {
	struct host_group memory, cpu;
	double last;            /* NaN: no look before */
	double swapped, received, sent;
};

void host_init(struct host *);
/* Our control groups by the text of /proc/self/cgroup, under root (/sys/fs/cgroup). */
void host_find_groups(struct host *, const char *text, const char *root);
/* now: monotonic; rates need two looks. */
void host_look(struct host *, double now, struct host_use *ret);

/* oom_kills as of now. */
double host_oom_kills(void);

/* Free and all bytes of the file system that path is on; false: not known. */
bool host_disk(const char *path, double *ret_free, double *ret_size);

#endif
