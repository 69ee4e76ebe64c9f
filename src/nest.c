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

int
nest_rank(int *ret_size)
{
	static const struct { const char *rank, *size; } from[] = {
		{ "RANK", "WORLD_SIZE" },
		{ "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE" },
		{ "PMIX_RANK", "PMIX_SIZE" },
		{ "PMI_RANK", "PMI_SIZE" },
		{ "MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE" },
		{ "SLURM_PROCID", "SLURM_NTASKS" },
		{ "LOCAL_RANK", "LOCAL_WORLD_SIZE" },
	};

	for (size_t i = 0; i < sizeof from / sizeof from[0]; i++) {
		long rank = number(from[i].rank);

		/* a batch script has SLURM_PROCID without being one of several */
		if (rank < 0)
			continue;
		*ret_size = (int)number(from[i].size);
		return (int)rank;
	}
	*ret_size = -1;
	return -1;
}
