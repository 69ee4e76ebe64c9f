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

/* --- control groups --- */

static bool
text_in(const char *dir, const char *name, char *text, size_t size)
{
	char path[HOST_PATH + 64];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return dir[0] != '\0' && slurp(path, text, size);
}

/* A word of a list with commas. */
static bool
names(const char *list, size_t n, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i + len <= n; i++)
		if ((i == 0 || list[i - 1] == ',') && memcmp(list + i, word, len) == 0 &&
		    (i + len == n || list[i + len] == ','))
			return true;
	return false;
}

/* Within a container the path may be the host's: then its root is all there is. */
static void
set_group(struct host_group *g, const char *root, const char *mount, const char *path, size_t n)
{
	size_t used;

	g->old = mount[0] != '\0';
	g->root = (size_t)snprintf(g->dir, sizeof g->dir, "%s%s%s", root, g->old ? "/" : "", mount);
	used = n > 1 ? (size_t)snprintf(g->dir + g->root, sizeof g->dir - g->root, "%.*s", (int)n, path) : 0;
	if (used >= sizeof g->dir - g->root || access(g->dir, F_OK) != 0)
		g->dir[g->root] = '\0';
}

void
host_find_groups(struct host *h, const char *text, const char *root)
{
	h->memory.dir[0] = h->cpu.dir[0] = '\0';
	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n') {
		/* "4:memory:/path" of version 1, "0::/path" of version 2 */
		const char *list = line + strcspn(line, ":\n"), *path;
		size_t      n;

		if (*list != ':')
			continue;
		n = strcspn(++list, ":\n");
		if (list[n] != ':')
			continue;
		path = list + n + 1;
		if (names(list, n, "memory"))
			set_group(&h->memory, root, "memory", path, strcspn(path, "\n"));
		if (names(list, n, "cpu"))
			set_group(&h->cpu, root, "cpu", path, strcspn(path, "\n"));
		if (n == 0 && h->memory.dir[0] == '\0')
			set_group(&h->memory, root, "", path, strcspn(path, "\n"));
		if (n == 0 && h->cpu.dir[0] == '\0')
			set_group(&h->cpu, root, "", path, strcspn(path, "\n"));
	}
}

void
host_init(struct host *h)
{
	char text[4096];

	*h = (struct host){ .last = NAN };
	if (slurp("/proc/self/cgroup", text, sizeof text))
		host_find_groups(h, text, "/sys/fs/cgroup");
}

static double
memory_limit(const char *dir, bool old)
{
	char text[64];

	if (!text_in(dir, old ? "memory.limit_in_bytes" : "memory.max", text, sizeof text) || text[0] == 'm')
		return INFINITY;
	return strtod(text, NULL);
}

static double
cores_limit(const char *dir, bool old)
{
	char   text[64], *end;
	double quota, period;

	if (!text_in(dir, old ? "cpu.cfs_quota_us" : "cpu.max", text, sizeof text) || text[0] == 'm')
		return INFINITY;
	quota = strtod(text, &end);
	if (old)
		period = text_in(dir, "cpu.cfs_period_us", text, sizeof text) ? strtod(text, NULL) : 0;
	else
		period = strtod(end, NULL);
	return quota > 0 && period > 0 ? quota / period : INFINITY;
}

/* The smallest one on the way up to the root of the hierarchy, which within a container has one too. */
static double
least(const struct host_group *g, double (*limit)(const char *dir, bool old))
{
	struct host_group up = *g;
	double            n = INFINITY;

	while (up.dir[0] != '\0') {
		n = fmin(n, limit(up.dir, up.old));
		if (strlen(up.dir) <= up.root)
			break;
		*strrchr(up.dir, '/') = '\0';
	}
	return n;
}

static double
allotted_cores(const struct host *h)
{
	cpu_set_t set;
	double    cores = NAN;

	if (sched_getaffinity(0, sizeof set, &set) == 0)
		cores = CPU_COUNT(&set);
	return fmin(cores, least(&h->cpu, cores_limit));
}

/* "some avg10=0.00 avg60=0.00 ...": the cgroup's own, else the machine's. */
static double
pressure(const struct host *h, const char *what)
{
	char text[512], name[64];
	char *at;

	snprintf(name, sizeof name, "%s.pressure", what);
	if (h->memory.old || !text_in(h->memory.dir, name, text, sizeof text)) {
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

static double
kills(const struct host *h)
{
	char text[1024];

	if (!text_in(h->memory.dir, h->memory.old ? "memory.oom_control" : "memory.events", text, sizeof text))
		return NAN;
	return field(text, "oom_kill ");
}

double
host_oom_kills(void)
{
	struct host h;

	host_init(&h);
	return kills(&h);
}

static void
memory(const struct host *h, struct host_use *u)
{
	char   text[8192];
	double total = NAN;

	u->available = NAN;
	if (slurp("/proc/meminfo", text, sizeof text)) {
		total = field(text, "MemTotal:") * 1024;
		u->available = field(text, "MemAvailable:") * 1024 / total;
	}
	u->limit = fmin(total, least(&h->memory, memory_limit));
	u->oom_kills = kills(h);
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
