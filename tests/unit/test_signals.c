/* SPDX-License-Identifier: MIT */
#include "signals.h"

#include <sys/wait.h>
#include <unistd.h>

#include "keeper_run.h"
#include "tap.h"

static const struct { const char *name; int number; } names[] = {
	{ "TERM", SIGTERM }, { "SIGTERM", SIGTERM }, { "sigterm", SIGTERM },
	{ "15", 15 }, { "USR1", SIGUSR1 }, { "INT", SIGINT }, { "64", 64 },
	{ "", -1 }, { "0", -1 }, { "65", -1 }, { "-1", -1 }, { "TERMINATE", -1 },
	{ "SIG", -1 }, { "15x", -1 },
};

static const struct { const char *name, *comm, *cgroup; bool all; } senders[] = {
	{ "a step's daemon with cgroups", "slurmstepd",
	    "0::/system.slice/slurmstepd.scope/job_7/step_0/user/task_0\n", true },
	{ "a step's daemon without", "slurmstepd", "0::/user.slice/session-1.scope\n", false },
	{ "a person's shell within a step", "bash",
	    "0::/system.slice/slurmstepd.scope/job_7/step_0/user/task_0\n", false },
	{ "systemd, which may or may not", "systemd", "0::/system.slice/train.service\n", false },
};

static int
status_of(void (*fn)(void))
{
	int   status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		fn();
		_exit(99);
	}
	waitpid(pid, &status, 0);
	return status;
}

static void
die(void)
{
	struct signals s;

	signals_open(&s, true);
	signals_die(SIGTERM);
}

static void
die_ignored(void)
{
	struct signals s;

	signal(SIGHUP, SIG_IGN);
	signals_open(&s, true);
	signals_die(SIGHUP);
}

/* Its own broken pipe is no signal to a filter; one that was sent is. */
static void
own_pipe(void)
{
	struct signals     s;
	struct signal_seen seen;
	int                p[2], bad = 0;

	signals_open(&s, true);
	if (pipe(p) != 0)
		_exit(1);
	close(p[0]);
	bad |= write(p[1], "x", 1) >= 0;
	bad |= signals_next(&s, &seen);
	kill(getpid(), SIGUSR2);
	bad |= !signals_next(&s, &seen) || seen.number != SIGUSR2 || seen.from != getpid();
	bad |= signals_next(&s, &seen);
	_exit(bad);
}

static void
ignored_before(void)
{
	struct signals     s;
	struct signal_seen seen;

	signal(SIGHUP, SIG_IGN);
	signals_open(&s, false);
	kill(getpid(), SIGHUP);
	_exit(signals_next(&s, &seen));
}

int
main(void)
{
	char buf[16];
	int  status;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		IS_NUM(signals_find(names[i].name), names[i].number, "\"%s\"", names[i].name);
	IS_STR(signals_name(SIGKILL, buf), "KILL", "a name");
	IS_STR(signals_name(40, buf), "40", "a number");
	for (size_t i = 0; i < sizeof senders / sizeof senders[0]; i++)
		OK(run_reaches_all(senders[i].comm, senders[i].cgroup) == senders[i].all, "%s",
		    senders[i].name);
	status = status_of(die);
	OK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "dies of a blocked signal");
	status = status_of(die_ignored);
	OK(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP, "and of an ignored one");
	IS_NUM(status_of(own_pipe), 0, "a broken pipe of our own is no signal");
	IS_NUM(status_of(ignored_before), 0, "what was ignored on entry stays so for the filter");
	return DONE();
}
