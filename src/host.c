/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "host.h"

#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static bool
slurp(const char *path, char *text, size_t size)
{
	int     fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t  n = 0;
	ssize_t got = 0;

	if (fd < 0)
		return false;
	while (n + 1 < size && (got = read(fd, text + n, size - 1 - n)) > 0)
		n += (size_t)got;
	close(fd);
	text[n] = '\0';
	return n > 0;
}

/* The number behind key at the start of a line. */
static double
field(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, n) == 0)
			return strtod(line + n, NULL);
	}
	return NAN;
}

static bool
group_text(const struct host *h, const char *name, char *text, size_t size)
{
	char path[4200];

	if (h->group[0] == '\0')
		return false;
	snprintf(path, sizeof path, "%s/%s", h->group, name);
	return slurp(path, text, size);
}

void
host_init(struct host *h)
{
	char  text[4096];
	char *at;

	*h = (struct host){ .last = NAN };
	if (!slurp("/proc/self/cgroup", text, sizeof text))
		return;
	/* version 2: "0::/path" */
	at = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
	if (at == NULL)
		return;
	at = strchr(at, '/');
	if (at == NULL)
		return;
	at[strcspn(at, "\n")] = '\0';
	if (snprintf(h->group, sizeof h->group, "/sys/fs/cgroup%s", strcmp(at, "/") == 0 ?
	    "" : at) >= (int)sizeof h->group)
		h->group[0] = '\0';
}

/* The smallest limit on the way up to the root of the hierarchy. */
static double
group_limit(const struct host *h)
{
	struct host up = *h;
	double      limit = INFINITY;
	char        text[64];

	while (strlen(up.group) > strlen("/sys/fs/cgroup")) {
		char *slash = strrchr(up.group, '/');

		if (group_text(&up, "memory.max", text, sizeof text) && text[0] != 'm')
			limit = fmin(limit, strtod(text, NULL));
		*slash = '\0';
	}
	return limit;
}

static double
allotted_cores(const struct host *h)
{
	cpu_set_t set;
	char      text[64], *end;
	double    cores = NAN, quota, period;

	if (sched_getaffinity(0, sizeof set, &set) == 0)
		cores = CPU_COUNT(&set);
	if (!group_text(h, "cpu.max", text, sizeof text) || text[0] == 'm')
		return cores;
	quota = strtod(text, &end);
	period = strtod(end, NULL);
	return period > 0 ? fmin(cores, quota / period) : cores;
}

/* "some avg10=0.00 avg60=0.00 ...": the cgroup's own, else the machine's. */
static double
pressure(const struct host *h, const char *what)
{
	char text[512], name[64];
	char *at;

	snprintf(name, sizeof name, "%s.pressure", what);
	if (!group_text(h, name, text, sizeof text)) {
		snprintf(name, sizeof name, "/proc/pressure/%s", what);
		if (!slurp(name, text, sizeof text))
			return NAN;
	}
	at = strstr(text, "avg60=");
	return at != NULL ? strtod(at + 6, NULL) / 100 : NAN;
}

static void
network(double *received, double *sent)
{
	char               text[16384], *line, *save = NULL;
	unsigned long long in, out;

	*received = *sent = NAN;
	if (!slurp("/proc/self/net/dev", text, sizeof text))
		return;
	*received = *sent = 0;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *colon = strchr(line, ':');

		if (colon == NULL || strstr(line, " lo:") != NULL || strncmp(line, "lo:", 3) == 0 ||
		    sscanf(colon + 1, "%llu %*u %*u %*u %*u %*u %*u %*u %llu", &in, &out) != 2)
			continue;
		*received += (double)in;
		*sent += (double)out;
	}
}

static void
memory(const struct host *h, struct host_use *u)
{
	char   text[8192];
	double total = NAN, kills = NAN;

	u->available = NAN;
	if (slurp("/proc/meminfo", text, sizeof text)) {
		total = field(text, "MemTotal:") * 1024;
		u->available = field(text, "MemAvailable:") * 1024 / total;
	}
	u->limit = fmin(total, group_limit(h));
	if (group_text(h, "memory.events", text, sizeof text))
		kills = field(text, "oom_kill ");
	u->oom_kills = kills;
}

static double
swapped_in(void)
{
	char text[16384];

	if (!slurp("/proc/vmstat", text, sizeof text))
		return NAN;
	return field(text, "pswpin ") * (double)sysconf(_SC_PAGESIZE);
}

void
host_look(struct host *h, double now, struct host_use *ret)
{
	double dt = now > h->last ? now - h->last : NAN;
	double swapped = swapped_in(), received, sent, unused, size;

	network(&received, &sent);
	memory(h, ret);
	ret->cores = allotted_cores(h);
	ret->pressure_cpu = pressure(h, "cpu");
	ret->pressure_memory = pressure(h, "memory");
	ret->pressure_io = pressure(h, "io");
	ret->swap_in = (swapped - h->swapped) / dt;
	ret->net_read = (received - h->received) / dt;
	ret->net_write = (sent - h->sent) / dt;
	ret->shm = host_disk("/dev/shm", &unused, &size) && size > 0 ? 1 - unused / size : NAN;
	h->swapped = swapped;
	h->received = received;
	h->sent = sent;
	h->last = now;
}

bool
host_disk(const char *path, double *ret_free, double *ret_size)
{
	struct statvfs fs;

	if (statvfs(path, &fs) != 0)
		return false;
	*ret_free = (double)fs.f_bavail * (double)fs.f_frsize;
	*ret_size = (double)fs.f_blocks * (double)fs.f_frsize;
	return true;
}
