/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "sense.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "host.h"
#include "nvml.h"
#include "proctree.h"

/* The time between looks grows by this factor and is this many times what a look takes. */
#define GROWTH  1.1
#define COST    200
#define FIRST   1.0
#define DISKS   8
#define RAREST  15.0

struct sense {
	const struct sense_spec *spec;
	int              fd;
	double           wall;
	struct proctree *tree;
	struct host      host;
	struct nvml     *nvml;
};

/* Tells a value; what is not known is not told.  A reader that lags misses some. */
static void
tell(const struct sense *s, const char *metric, const char *labels, double value)
{
	struct sense_reading r = { .value = value, .wall = s->wall };

	if (isnan(value) || isinf(value))
		return;
	snprintf(r.metric, sizeof r.metric, "%s", metric);
	snprintf(r.labels, sizeof r.labels, "%s", labels);
	if (write(s->fd, &r, sizeof r) < 0 && errno == EPIPE)
		_exit(0);
}

static void
look_at_processes(const struct sense *s, double now, double cores, double limit)
{
	struct proctree_use u;

	proctree_look(s->tree, now, &u);
	tell(s, "proc/cpu", "", u.cpu);
	tell(s, "proc/cpu_share", "", u.cpu / cores);
	tell(s, "proc/rss", "", u.rss);
	tell(s, "proc/rss_share", "", u.rss / limit);
	tell(s, "proc/threads", "", u.threads);
	tell(s, "proc/count", "", u.processes);
	tell(s, "proc/waiting", "", u.waiting);
	tell(s, "proc/read", "", u.read);
	tell(s, "proc/write", "", u.write);
}

/* Directories of one file system share its space. */
static bool
is_seen(const dev_t *seen, unsigned n, dev_t dev)
{
	while (n > 0)
		if (seen[--n] == dev)
			return true;
	return false;
}

static void
look_at_disks(const struct sense *s)
{
	double      unused, size;
	char        labels[96];
	struct stat st;
	dev_t       seen[DISKS];
	unsigned    n = 0;

	for (unsigned i = 0; s->spec->dirs != NULL && s->spec->dirs[i] != NULL; i++) {
		const char *dir = s->spec->dirs[i];

		/* one that is not there yet may come */
		if (n == DISKS || stat(dir, &st) != 0 || is_seen(seen, n, st.st_dev) ||
		    !host_disk(dir, &unused, &size) || size <= 0)
			continue;
		seen[n++] = st.st_dev;
		/* a path that cannot stand in a label goes by its number */
		if (strlen(dir) < 80 && strpbrk(dir, ",= ") == NULL)
			snprintf(labels, sizeof labels, "disk=%s", dir);
		else
			snprintf(labels, sizeof labels, "disk=%u", i);
		tell(s, "disk/free", labels, unused);
		tell(s, "disk/free_share", labels, unused / size);
	}
}

static void
look_at_host(struct sense *s, double now)
{
	struct host_use u;

	host_look(&s->host, now, &u);
	tell(s, "mem/limit", "", u.limit);
	tell(s, "mem/available", "", u.available);
	tell(s, "mem/oom_kills", "", u.oom_kills);
	tell(s, "sys/pressure_cpu", "", u.pressure_cpu);
	tell(s, "sys/pressure_memory", "", u.pressure_memory);
	tell(s, "sys/pressure_io", "", u.pressure_io);
	tell(s, "swap/in", "", u.swap_in);
	tell(s, "net/read", "", u.net_read);
	tell(s, "net/write", "", u.net_write);
	tell(s, "mem/shm", "", u.shm);
	look_at_processes(s, now, u.cores, u.limit);
	look_at_disks(s);
}

static void
look_at_gpus(const struct sense *s)
{
	char labels[32];

	for (unsigned i = 0; i < nvml_count(s->nvml); i++) {
		struct nvml_use u;

		nvml_look(s->nvml, i, &u);
		snprintf(labels, sizeof labels, "gpu=%u", i);
		tell(s, "gpu/util", labels, u.util);
		tell(s, "gpu/memory_util", labels, u.memory_util);
		tell(s, "gpu/memory", labels, u.memory);
		tell(s, "gpu/memory_total", labels, u.memory_total);
		tell(s, "gpu/memory_share", labels, u.memory / u.memory_total);
		tell(s, "gpu/temperature", labels, u.temperature);
		tell(s, "gpu/power", labels, u.power);
		tell(s, "gpu/power_limit", labels, u.power_limit);
		tell(s, "gpu/clock", labels, u.clock);
		tell(s, "gpu/throttled", labels, u.throttled);
		tell(s, "gpu/ecc_errors", labels, u.ecc);
		tell(s, "gpu/processes", labels, u.processes);
	}
}

/* True: the reader has gone. */
static bool
sleep_unless_left(int fd, double seconds)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, (int)(seconds * 1000)) > 0;
}

static _Noreturn void
be_sense(const struct sense_spec *spec, int fd)
{
	struct sense s = { .spec = spec, .fd = fd };
	double       every = spec->first > 0 ? spec->first : FIRST, now, cost;
	double       rarest = spec->rarest > 0 ? spec->rarest : RAREST;

	prctl(PR_SET_NAME, "lossdog-sense");
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* it may never look whether anybody listens */
	signal(SIGPIPE, SIG_IGN);
	s.tree = proctree_new(spec->root, spec->except);
	host_init(&s.host);
	s.nvml = nvml_open();
	for (;;) {
		now = clock_mono();
		s.wall = clock_wall();
		look_at_host(&s, now);
		look_at_gpus(&s);
		cost = clock_mono() - now;
		if (sleep_unless_left(fd, fmax(every, COST * cost)))
			_exit(0);
		every = fmin(every * GROWTH, rarest);
	}
}

int
sense_start(const struct sense_spec *spec)
{
	int   pair[2];
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC | O_NONBLOCK) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		/* nobody waits for this process: it must not hold what others wait for */
		for (int i = 0; i < 3; i++)
			dup2(null, i);
		dup2(pair[1], 3);
		close_range(4, ~0U, 0);
		be_sense(spec, 3);
	}
	close(pair[1]);
	if (pid > 0)
		return pair[0];
	close(pair[0]);
	return -1;
}

bool
sense_next(int fd, struct sense_reading *ret, bool *ended)
{
	ssize_t got = read(fd, ret, sizeof *ret);

	*ended = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
	return got == (ssize_t)sizeof *ret;
}
