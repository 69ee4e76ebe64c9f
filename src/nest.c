/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "nest.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NAME "LOSSDOG_RUN"

static void
host_name(char ret[static 256])
{
	if (gethostname(ret, 256) != 0)
		ret[0] = '\0';
	ret[255] = '\0';
}

const char *
nest_mark(char ret[static NEST_MARK_MAX])
{
	char host[256];

	host_name(host);
	snprintf(ret, NEST_MARK_MAX, NAME "=%d@%s", (int)getpid(), host);
	return ret;
}

/*
 * What we print ends where the outer one does not look: a file that is not its
 * own log, or nowhere.  A pipe is taken to lead to it (| tee).
 */
static bool
prints_elsewhere(const char *ids)
{
	char        id[64];
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) != 0)
		return true;
	if (S_ISCHR(st.st_mode))
		return isatty(STDOUT_FILENO) == 0;
	if (!S_ISREG(st.st_mode))
		return false;
	snprintf(id, sizeof id, ",%llx:%llx", (unsigned long long)st.st_dev,
	    (unsigned long long)st.st_ino);
	return strstr(ids, id) == NULL;
}

static bool
is_inside_run(void)
{
	const char *mark = getenv(NAME);
	const char *at = mark != NULL ? strchr(mark, '@') : NULL;
	char        host[256];
	size_t      n;
	long        pid;

	if (at == NULL)
		return false;
	n = strcspn(++at, ",");
	host_name(host);
	if (strlen(host) != n || strncmp(at, host, n) != 0)
		return true;
	pid = strtol(mark, NULL, 10);
	/* the mark outlives its run in what was started from it: a terminal multiplexer, a service */
	if (pid <= 1 || (kill((pid_t)pid, 0) != 0 && errno != EPERM))
		return false;
	return !prints_elsewhere(at + n);
}

static void
comm_of(const char *pid, char ret[static 32])
{
	char  path[300];
	FILE *f;

	ret[0] = '\0';
	snprintf(path, sizeof path, "/proc/%s/comm", pid);
	f = fopen(path, "re");
	if (f == NULL)
		return;
	if (fgets(ret, 32, f) == NULL)
		ret[0] = '\0';
	fclose(f);
	ret[strcspn(ret, "\n")] = '\0';
}

/* The name of the process whose standard input is the pipe st; "": none is found. */
static void
reader_of(const struct stat *st, char ret[static 32])
{
	DIR           *proc = opendir("/proc");
	struct dirent *e;
	struct stat    in;
	char           path[300];

	ret[0] = '\0';
	while (proc != NULL && ret[0] == '\0' && (e = readdir(proc)) != NULL) {
		if (e->d_name[0] < '1' || e->d_name[0] > '9')
			continue;
		snprintf(path, sizeof path, "/proc/%s/fd/0", e->d_name);
		if (stat(path, &in) == 0 && in.st_dev == st->st_dev && in.st_ino == st->st_ino)
			comm_of(e->d_name, ret);
	}
	if (proc != NULL)
		closedir(proc);
}

static bool
is_shell(const char *comm)
{
	size_t n = strlen(comm);

	return n >= 2 && strcmp(comm + n - 2, "sh") == 0; /* sh, bash, dash, zsh, fish */
}

static bool
prints_into_filter(void)
{
	struct timespec moment = { 0, 5000000 };
	struct stat     st;
	char            parent[16], shell[32], reader[32];

	if (fstat(STDOUT_FILENO, &st) != 0 || !S_ISFIFO(st.st_mode))
		return false;
	snprintf(parent, sizeof parent, "%d", (int)getppid());
	comm_of(parent, shell);
	/* a shell may not have started the other end yet, or still be its fork */
	for (int i = 0; i < 6; i++) {
		reader_of(&st, reader);
		if (!is_shell(shell) || (reader[0] != '\0' && strcmp(reader, shell) != 0))
			break;
		nanosleep(&moment, NULL);
	}
	return strcmp(reader, "lossdog") == 0;
}

const char *
nest_why(void)
{
	if (is_inside_run())
		return "this is inside of another lossdog run";
	if (prints_into_filter())
		return "a lossdog reads this output";
	return NULL;
}

int
nest_exec(char *const *argv, struct diag *d)
{
	int error;

	execvp(argv[0], argv);
	error = errno;
	diag_set(d, "cannot run %s: %s", argv[0], strerror(error));
	return error == ENOENT ? 127 : 126;
}

static long
number(const char *name)
{
	const char *text = getenv(name);
	char       *end;
	long        n;

	if (text == NULL || *text == '\0')
		return -1;
	n = strtol(text, &end, 10);
	return *end == '\0' && n >= 0 && n < 10000000 ? n : -1;
}

/* What starts the processes of a run: where each finds its rank, and what all of them share. */
static const struct launcher {
	const char *rank, *size;
	const char *job[3]; /* all of them must be there */
	bool        step;   /* only inside of a step: a batch script has a rank without being one of several */
} launchers[] = {
	{ "RANK", "WORLD_SIZE", { "MASTER_ADDR", "MASTER_PORT" }, false },
	{ "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", { "PMIX_NAMESPACE" }, false },
	{ "PMIX_RANK", "PMIX_SIZE", { "PMIX_NAMESPACE" }, false },
	{ "PMI_RANK", "PMI_SIZE", { "PMI_JOBID" }, false },
	{ "MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE", { "PMI_JOBID" }, false },
	{ "SLURM_PROCID", "SLURM_NTASKS", { "SLURM_JOB_ID", "SLURM_STEP_ID" }, true },
	{ "LOCAL_RANK", "LOCAL_WORLD_SIZE", { "MASTER_ADDR", "MASTER_PORT" }, false },
};

static const struct launcher *
find_launcher(void)
{
	for (size_t i = 0; i < sizeof launchers / sizeof launchers[0]; i++)
		if (number(launchers[i].rank) >= 0 && (!launchers[i].step || number("SLURM_STEP_ID") >= 0))
			return &launchers[i];
	return NULL;
}

int
nest_rank(int *ret_size)
{
	const struct launcher *l = find_launcher();

	*ret_size = l != NULL ? (int)number(l->size) : -1;
	return l != NULL ? (int)number(l->rank) : -1;
}

static bool
is_this_host(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "localhost") == 0 || strcmp(address, "::1") == 0;
}

/* When a process was started, in ticks since the machine was: with its number it is the only one. */
static unsigned long long
started(pid_t pid)
{
	unsigned long long ticks = 0;
	char  path[64], text[1024] = "";
	const char *p;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (f != NULL && fgets(text, sizeof text, f) == NULL)
		text[0] = '\0';
	if (f != NULL)
		fclose(f);
	p = strrchr(text, ')');
	for (int field = 2; p != NULL && field < 22; field++)
		p = strchr(p + 1, ' ');
	if (p != NULL)
		ticks = strtoull(p + 1, NULL, 10);
	return ticks;
}

const char *
nest_job(char ret[static NEST_JOB_MAX])
{
	const struct launcher *l = find_launcher();
	char   host[256];
	size_t n;
	bool   local = false;

	if (l == NULL)
		return NULL;
	host_name(host);
	n = (size_t)snprintf(ret, NEST_JOB_MAX, "%s", l->job[0]);
	for (int i = 0; i < 3 && l->job[i] != NULL; i++) {
		const char *value = getenv(l->job[i]);

		if (value == NULL) {
			snprintf(ret, NEST_JOB_MAX, "parent %d %llu %s", (int)getppid(), started(getppid()), host);
			return ret;
		}
		local = local || is_this_host(value);
		if (n < NEST_JOB_MAX)
			n += (size_t)snprintf(ret + n, NEST_JOB_MAX - n, " %s", value);
	}
	if (local && n < NEST_JOB_MAX)
		snprintf(ret + n, NEST_JOB_MAX - n, " %s", host);
	return ret;
}
