/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "xalloc.h"

struct child {
	pid_t      pid; /* 0: it has been waited for */
	int        fd;
	bool       eof, timed_out;
	int        status;
	double     deadline;
	struct buf out;
};

/* A file without a name that holds text, at its start. */
static int
input_make(struct span text, struct diag *d)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	size_t done = 0;
	ssize_t n;

	while (fd != -1 && done < text.n) {
		n = write(fd, text.p + done, text.n - done);
		if (n == -1 && errno != EINTR)
			break;
		if (n > 0)
			done += (size_t)n;
	}
	if (fd != -1 && done == text.n && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	diag_set(d, "cannot prepare the input of a command: %s", strerror(errno));
	if (fd != -1)
		close(fd);
	return -1;
}

static void
signals_reset(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child: stdin is in, stdout and stderr are out, nothing else is open. */
_Noreturn static void
become(const struct child_spec *spec, int in, int out)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int ret;

	setpgid(0, 0);
	signals_reset();
	if (dup2(in, 0) == -1 || dup2(out, 1) == -1 ||
	    dup2(spec->quiet && null != -1 ? null : out, 2) == -1)
		_exit(127);
	close_range(3, ~0u, 0);
	for (const char *const *e = spec->env; e && *e; e++)
		putenv((char *)(size_t)*e); /* we are about to leave: it stays valid */
	if (spec->call) {
		ret = spec->call(spec->arg);
		fflush(stdout);
		_exit(ret);
	}
	execvp(spec->argv[0], (char *const *)(size_t)spec->argv);
	dprintf(1, "%s", strerror(errno));
	_exit(127);
}

struct child *
child_start(const struct child_spec *spec, double now, struct diag *d)
{
	struct child *c;
	int in, out[2];
	pid_t pid;

	if ((in = input_make(spec->input, d)) == -1)
		return NULL;
	if (pipe2(out, O_CLOEXEC) == -1) {
		diag_set(d, "cannot make a pipe: %s", strerror(errno));
		close(in);
		return NULL;
	}
	pid = fork();
	if (pid == 0)
		become(spec, in, out[1]);
	close(in);
	close(out[1]);
	if (pid == -1) {
		diag_set(d, "cannot start a process: %s", strerror(errno));
		close(out[0]);
		return NULL;
	}
	setpgid(pid, pid); /* here too: whoever comes first */
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	c = xcalloc(1, sizeof(*c));
	c->pid = pid;
	c->fd = out[0];
	c->deadline = now + spec->limit;
	buf_init(&c->out, CHILD_OUTPUT);
	return c;
}

void
child_free(struct child *c)
{
	if (!c)
		return;
	if (c->pid > 0) {
		kill(-c->pid, SIGKILL);
		kill(c->pid, SIGKILL);
		waitpid(c->pid, NULL, 0);
	}
	close(c->fd);
	buf_fini(&c->out);
	free(c);
}

int
child_fd(const struct child *c)
{
	return c->eof ? -1 : c->fd;
}

double
child_deadline(const struct child *c)
{
	return c->deadline;
}

static void
output_take(struct child *c)
{
	char part[4096];
	size_t room;
	ssize_t n;

	while ((n = read(c->fd, part, sizeof(part))) > 0) {
		room = CHILD_OUTPUT - c->out.n;
		buf_add(&c->out, part, (size_t)n < room ? (size_t)n : room);
	}
	if (n == 0)
		c->eof = true;
}

bool
child_step(struct child *c, double now)
{
	if (c->pid == 0)
		return true;
	output_take(c);
	if (waitpid(c->pid, &c->status, WNOHANG) == c->pid) {
		output_take(c);
		c->pid = 0;
		return true;
	}
	if (now < c->deadline)
		return false;
	c->timed_out = true;
	kill(-c->pid, SIGKILL);
	kill(c->pid, SIGKILL);
	waitpid(c->pid, &c->status, 0);
	c->pid = 0;
	return true;
}

bool
child_timed_out(const struct child *c)
{
	return c->timed_out;
}

int
child_status(const struct child *c)
{
	return c->status;
}

struct span
child_output(const struct child *c)
{
	return buf_get(&c->out);
}

struct child *
child_run(const struct child_spec *spec, struct diag *d)
{
	struct child *c = child_start(spec, clock_mono(), d);

	while (c && !child_step(c, clock_mono())) {
		struct pollfd p = { .fd = child_fd(c), .events = POLLIN };

		poll(&p, 1, c->eof ? 5 : 50);
	}
	return c;
}

int
child_check(const struct child *c, const char *name, struct diag *d)
{
	struct span said = span_trim(buf_get(&c->out));
	const char *end = said.n > 0 ? memchr(said.p, '\n', said.n) : NULL;
	struct buf b;
	int ret = -1;

	if (!c->timed_out && WIFEXITED(c->status) && WEXITSTATUS(c->status) == 0)
		return 0;
	if (end)
		said.n = (size_t)(end - said.p);
	buf_init(&b, 256);
	if (c->timed_out)
		buf_str(&b, "it did not end within its time limit");
	else if (WIFSIGNALED(c->status))
		buf_printf(&b, "killed by signal %d", WTERMSIG(c->status));
	else
		buf_printf(&b, "exit status %d", WEXITSTATUS(c->status));
	if (said.n > 0) {
		buf_str(&b, ": ");
		buf_harmless(&b, said, 160);
	}
	ret = diag_set(d, "%s: %s", name, buf_cstr(&b));
	buf_fini(&b);
	return ret;
}
