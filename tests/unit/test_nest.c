/* SPDX-License-Identifier: MIT */
#include "nest.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static void
clear(void)
{
	static const char *const names[] = { "RANK", "WORLD_SIZE", "SLURM_PROCID",
		"SLURM_NTASKS", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "PMI_RANK",
		"PMI_SIZE", "PMIX_RANK", "LOCAL_RANK", "MV2_COMM_WORLD_RANK", "LOSSDOG_RUN",
		"SLURM_STEP_ID", "SLURM_JOB_ID", "MASTER_ADDR", "MASTER_PORT", "PMIX_NAMESPACE" };

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
	OK(nest_rank(&size) == -1, "a batch script is no rank");
	setenv("SLURM_STEP_ID", "4294967291", 1);
	OK(nest_rank(&size) == -1, "by whatever number its step goes");
	setenv("SLURM_STEP_ID", "0", 1);
	OK(nest_rank(&size) == 3 && size == 8, "srun");
	setenv("RANK", "11", 1);
	OK(nest_rank(&size) == 11 && size == -1, "torchrun's comes first; its size is not known");
	setenv("RANK", "zero", 1);
	OK(nest_rank(&size) == 3, "no number is no rank");
	setenv("RANK", "", 1);
	setenv("OMPI_COMM_WORLD_RANK", "0", 1);
	OK(nest_rank(&size) == 0, "mpirun");
}

static void
test_job(void)
{
	char a[NEST_JOB_MAX], b[NEST_JOB_MAX];

	clear();
	OK(nest_job(a) == NULL, "no rank, no job");
	setenv("SLURM_PROCID", "3", 1);
	setenv("SLURM_JOB_ID", "77", 1);
	setenv("SLURM_STEP_ID", "1", 1);
	OK(strcmp(nest_job(a), "SLURM_JOB_ID 77 1") == 0, "a step");
	clear();
	setenv("RANK", "3", 1);
	OK(strncmp(nest_job(a), "parent ", 7) == 0, "who has started us");
	setenv("RANK", "2", 1);
	OK(strcmp(nest_job(b), a) == 0, "the same for all ranks");
	setenv("MASTER_ADDR", "node7", 1);
	setenv("MASTER_PORT", "29500", 1);
	OK(strcmp(nest_job(a), "MASTER_ADDR node7 29500") == 0, "torchrun");
	setenv("MASTER_ADDR", "127.0.0.1", 1);
	OK(strncmp(nest_job(a), "MASTER_ADDR 127.0.0.1 29500 ", 28) == 0 && a[28] != '\0',
	    "an address of this machine is one of its own");
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
	test_job();
	test_why();
	return DONE();
}
