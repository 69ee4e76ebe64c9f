/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "terminal.h"

/* One output: what the command gets, and where we read it. */
struct output {
	bool            left;   /* closed on entry: left as it is */
	enum relay_kind kind;
	int             theirs, ours, wake;
};

/*
 * Both outputs are one: the same open file, or the same terminal by whatever
 * way.  One channel for both then keeps their order.
 */
static bool
are_one(const struct relay *r)
{
	long differ = syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, STDOUT_FILENO,
	    STDERR_FILENO);

	if (differ == 0)
		return true;
	if (differ > 0 && !r->out[0].terminal)
		return false;
	return outlet_same(&r->out[0], &r->out[1]);
}

static int
open_log(struct output *o, const char *path, struct diag *d)
{
	o->kind = RELAY_FILE;
	o->theirs = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (o->theirs < 0)
		return diag_set(d, "cannot write the log %s: %s", path, strerror(errno));
	o->ours = open(path, O_RDONLY | O_CLOEXEC);
	if (o->ours < 0)
		return diag_set(d, "cannot read the log %s: %s", path, strerror(errno));
	if (lseek(o->ours, 0, SEEK_END) < 0)
		return diag_set(d, "the log %s is no file: %s", path, strerror(errno));
	o->wake = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (o->wake >= 0 && inotify_add_watch(o->wake, path, IN_MODIFY) < 0) {
		close(o->wake);
		o->wake = -1;
	}
	return 0;
}

static int
open_output(struct output *o, const struct outlet *out, const struct command_spec *spec,
    unsigned number, struct diag *d)
{
	char log[4096];
	int  pair[2];

	*o = (struct output){ .theirs = -1, .ours = -1, .wake = -1 };
	if (out->gone) {
		o->left = true;
		return 0;
	}
	if (spec->log != NULL) {
		snprintf(log, sizeof log, "%s%s", spec->log, number == 1 ? ".stderr" : "");
		return open_log(o, log, d);
	}
	if (spec->pty == COMMAND_PTY_ALWAYS ||
	    (spec->pty == COMMAND_PTY_AUTO && out->terminal)) {
		o->kind = RELAY_TERMINAL;
		return terminal_pair(out->fd, &o->ours, &o->theirs, d);
	}
	if (pipe2(pair, O_CLOEXEC) != 0)
		return diag_set(d, "cannot make a pipe: %s", strerror(errno));
	o->kind = RELAY_PIPE;
	o->ours = pair[0];
	o->theirs = pair[1];
	(void)fcntl(o->ours, F_SETPIPE_SZ, 256 << 10);
	return 0;
}

static void
shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* The mark says to a lossdog inside which outputs are seen here. */
static void
set_environment(const struct command_spec *spec)
{
	static char mark[512]; /* of the child alone: putenv keeps it */
	size_t      n;
	struct stat st;

	if (!spec->buffered)
		setenv("PYTHONUNBUFFERED", "1", 0);
	if (spec->mark == NULL)
		return;
	n = (size_t)snprintf(mark, sizeof mark, "%s", spec->mark);
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (n < sizeof mark && fstat(fd, &st) == 0)
			n += (size_t)snprintf(mark + n, sizeof mark - n, ",%llx:%llx",
			    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	putenv(mark);
}

static _Noreturn void
be_command(const struct command_spec *spec, const struct signals *signals,
    const struct output out[2], bool one, int report)
{
	int error;

	setpgid(0, 0);
	if (out[0].theirs >= 0)
		dup2(out[0].theirs, STDOUT_FILENO);
	if (out[one ? 0 : 1].theirs >= 0)
		dup2(out[one ? 0 : 1].theirs, STDERR_FILENO);
	set_environment(spec);
	signals_restore(signals);
	execvp(spec->argv[0], spec->argv);
	error = errno;
	if (write(report, &error, sizeof error) < 0) {
		/* the status tells as well */
	}
	_exit(127);
}

/* Waits until it is executed; its errno when it could not be. */
static int
exec_error(int report)
{
	int     error = 0;
	ssize_t got;

	do
		got = read(report, &error, sizeof error);
	while (got < 0 && errno == EINTR);
	return got == (ssize_t)sizeof error ? error : 0;
}

static int
spawn(struct command *c, const struct command_spec *spec, const struct relay *r,
    const struct output out[2], bool one, struct diag *d)
{
	int report[2];

	if (pipe2(report, O_CLOEXEC) != 0)
		return diag_set(d, "cannot make a pipe: %s", strerror(errno));
	c->pid = fork();
	if (c->pid == 0)
		be_command(spec, &r->signals, out, one, report[1]);
	close(report[1]);
	if (c->pid < 0) {
		close(report[0]);
		c->pid = 0;
		return diag_set(d, "cannot fork: %s", strerror(errno));
	}
	setpgid(c->pid, c->pid); /* whoever comes first */
	c->group = c->pid;
	c->error = exec_error(report[0]);
	close(report[0]);
	if (c->error == 0)
		return 0;
	waitpid(c->pid, &c->status, 0);
	c->pid = 0;
	return diag_set(d, "cannot run %s: %s", spec->argv[0], strerror(c->error));
}

static void
hand_over(struct relay *r, struct output out[2], unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct relay_stream *s;

		shut(&out[i].theirs);
		if (out[i].left)
			out[i].ours = -1;
		s = relay_add(r, out[i].kind, out[i].ours,
		    r->opts->quiet ? NULL : &r->out[i]);
		s->wake = out[i].wake;
	}
}

int
command_start(struct command *c, const struct command_spec *spec, struct relay *r,
    struct diag *d)
{
	struct output out[2] = { { .theirs = -1, .ours = -1, .wake = -1 },
		{ .theirs = -1, .ours = -1, .wake = -1 } };
	bool          one = are_one(r);
	unsigned      n = one ? 1 : 2;
	int           failed = 0;

	*c = (struct command){ 0 };
	for (unsigned i = 0; i < n && failed == 0; i++)
		failed = open_output(&out[i], &r->out[i], spec, i, d);
	if (failed == 0) {
		prctl(PR_SET_CHILD_SUBREAPER, 1);
		failed = spawn(c, spec, r, out, one, d);
	}
	if (failed == 0) {
		hand_over(r, out, n);
		return 0;
	}
	for (unsigned i = 0; i < n; i++) {
		shut(&out[i].theirs);
		shut(&out[i].ours);
		shut(&out[i].wake);
	}
	return -1;
}

/* Orphans of the command become our children: nobody else takes their end. */
static void
bury_orphans(const struct command *c, pid_t analyser)
{
	siginfo_t si;

	for (;;) {
		si.si_pid = 0;
		if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) != 0 ||
		    si.si_pid == 0 || si.si_pid == c->pid || si.si_pid == analyser)
			return; /* those have their own waiter; the next look finds the rest */
		waitpid(si.si_pid, NULL, 0);
	}
}

void
command_wait(struct command *c, pid_t analyser)
{
	int status;

	while (c->pid > 0 &&
	    waitpid(c->pid, &status, WNOHANG | WUNTRACED | WCONTINUED) == c->pid) {
		if (WIFSTOPPED(status)) {
			c->stopped = WSTOPSIG(status);
		} else if (WIFCONTINUED(status)) {
			c->stopped = 0;
		} else {
			c->status = status;
			c->pid = 0;
			c->stopped = 0;
		}
	}
	bury_orphans(c, analyser);
}

void
command_signal(const struct command *c, int number)
{
	if (c->pid > 0)
		kill(-c->pid, number);
}

int
command_exec_status(const struct command *c)
{
	return c->error == ENOENT ? 127 : 126;
}
