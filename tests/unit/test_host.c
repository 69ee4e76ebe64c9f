/* SPDX-License-Identifier: MIT */
/* Limits of control groups: both versions, in containers, set above us. */
#include "host.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

#define MB 1048576.0

static void
put(const char *path, const char *text)
{
	char dirs[256];
	FILE *f;

	snprintf(dirs, sizeof dirs, "%s", path);
	for (char *p = strchr(dirs, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(dirs, 0700);
		*p = '/';
	}
	f = fopen(path, "w");
	if (!f)
		exit(1);
	fputs(text, f);
	fclose(f);
}

static struct host_use
look(const char *text, const char *root)
{
	struct host h = { .last = NAN };
	struct host_use u;

	host_find_groups(&h, text, root);
	host_look(&h, 1, &u);
	return u;
}

int
main(void)
{
	char dir[] = "/tmp/test_host.XXXXXX", command[64];
	struct host_use u;

	if (!mkdtemp(dir) || chdir(dir) != 0)
		return 1;
	put("two/job/memory.max", "104857600\n");
	put("two/job/cpu.max", "50000 100000\n");
	put("two/job/step/memory.max", "max\n");
	put("two/job/step/cpu.max", "max 100000\n");
	put("two/job/step/memory.events", "low 0\nhigh 0\nmax 7\noom 1\noom_kill 3\n");
	u = look("0::/job/step\n", "two");
	OK(fabs(u.limit - 100 * MB) < 1, "a limit that is set above us");
	OK(fabs(u.cores - 0.5) < 1e-9, "a quota that is set above us");
	OK(u.oom_kills == 3, "kills by the limit");

	put("box/memory.max", "52428800\n");
	put("box/cpu.max", "25000 100000\n");
	u = look("0::/\n", "box");
	OK(fabs(u.limit - 50 * MB) < 1 && fabs(u.cores - 0.25) < 1e-9, "a container's root has the limits");

	put("one/memory/slurm/memory.limit_in_bytes", "209715200\n");
	put("one/memory/slurm/job/memory.limit_in_bytes", "9223372036854771712\n");
	put("one/memory/slurm/job/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
	put("one/cpu/slurm/cpu.cfs_quota_us", "-1\n");
	put("one/cpu/slurm/job/cpu.cfs_quota_us", "75000\n");
	put("one/cpu/slurm/job/cpu.cfs_period_us", "100000\n");
	u = look("5:memory:/slurm/job\n2:cpuacct,cpu:/slurm/job\n1:cpuset:/x\n0::/\n", "one");
	OK(fabs(u.limit - 200 * MB) < 1 && u.oom_kills == 2, "version 1: memory");
	OK(fabs(u.cores - 0.75) < 1e-9, "version 1: cores");

	put("inner/memory/memory.limit_in_bytes", "31457280\n");
	u = look("5:memory:/docker/0123\n", "inner");
	OK(fabs(u.limit - 30 * MB) < 1, "version 1: a path that is the host's");

	u = look("garbage\n4:memory\n::::\n", "nowhere");
	OK(u.limit > 0 && isnan(u.oom_kills), "nothing to be found: the machine's");
	snprintf(command, sizeof command, "rm -r %s", dir);
	if (chdir("/") != 0 || system(command) != 0)
		return 1;
	DONE();
}
