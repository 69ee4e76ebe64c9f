/* SPDX-License-Identifier: MIT */
#include "nest.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static void
clear(void)
{
	static const char *const names[] = { "RANK", "WORLD_SIZE", "SLURM_PROCID",
		"SLURM_NTASKS", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "PMI_RANK",
		"PMI_SIZE", "PMIX_RANK", "LOCAL_RANK", "MV2_COMM_WORLD_RANK", "LOSSDOG_RUN" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		unsetenv(names[i]);
}

static void
test_rank(void)
{
	int size = 0;

	clear();
	OK(nest_rank(&size) == -1 && size == -1, "no rank");
	setenv("SLURM_PROCID", "3", 1);
	setenv("SLURM_NTASKS", "8", 1);
	OK(nest_rank(&size) == 3 && size == 8, "srun");
	setenv("RANK", "11", 1);
	OK(nest_rank(&size) == 11 && size == -1, "torchrun's comes first; its size is not known");
	setenv("RANK", "zero", 1);
	OK(nest_rank(&size) == 3, "no number is no rank");
	setenv("RANK", "", 1);
	setenv("OMPI_COMM_WORLD_RANK", "0", 1);
	OK(nest_rank(&size) == 0, "mpirun");
}

/* The mark of a run that printed to the pipe or file fd. */
static void
mark(long pid, const char *host, int fd)
{
	char        text[400], name[256] = "";
	struct stat st = { 0 };

	gethostname(name, sizeof name - 1);
	fstat(fd, &st);
	snprintf(text, sizeof text, "%ld@%s,%llx:%llx", pid, host ? host : name,
	    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("LOSSDOG_RUN", text, 1);
}

static void
test_why(void)
{
	char buf[NEST_MARK_MAX];
	int  out = dup(STDOUT_FILENO), p[2];
	char path[] = "/tmp/nest.XXXXXX";
	int  file = mkstemp(path);
	bool alone, inside, dead, elsewhere, log, other;

	unlink(path);
	if (pipe(p) != 0)
		return;
	fflush(stdout);
	dup2(p[1], STDOUT_FILENO);
	clear();
	alone = nest_why() == NULL;
	mark(getppid(), NULL, p[1]);
	inside = nest_why() != NULL;
	mark(99999999, NULL, p[1]);
	dead = nest_why() == NULL;
	mark(99999999, "elsewhere", p[1]);
	other = nest_why() != NULL;
	dup2(file, STDOUT_FILENO);
	mark(getppid(), NULL, p[1]);
	elsewhere = nest_why() == NULL;
	mark(getppid(), NULL, file);
	log = nest_why() != NULL;
	dup2(out, STDOUT_FILENO);
	OK(alone, "alone");
	OK(inside, "inside of a run");
	OK(dead, "the run that left the mark is over");
	OK(other, "inside of a run on another machine");
	OK(elsewhere, "inside, but printing to a file that the outer one does not see");
	OK(log, "inside, printing to the outer one's log");
	OK(strncmp(nest_mark(buf), "LOSSDOG_RUN=", 12) == 0 && strchr(buf, '@') != NULL, "a mark");
	clear();
}

int
main(void)
{
	test_rank();
	test_why();
	return DONE();
}
