/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "analyser.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The feed's pipe: what the analyser may lag behind before the spool is needed. */
#define PIPE_SIZE (1 << 20)

/* Where there are fewer cores than work, the command and the bytes go first. */
#define NICER 10

struct ends {
	int feed[2], voice[2], back[2];
};

static void
close_pair(int pair[2])
{
	if (pair[0] >= 0)
		close(pair[0]);
	if (pair[1] >= 0)
		close(pair[1]);
}

static int
make_ends(struct ends *e, struct diag *d)
{
	*e = (struct ends){ { -1, -1 }, { -1, -1 }, { -1, -1 } };
	if (pipe2(e->feed, O_CLOEXEC) == 0 && pipe2(e->voice, O_CLOEXEC) == 0 &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, e->back) == 0) {
		(void)fcntl(e->feed[1], F_SETPIPE_SZ, PIPE_SIZE);
		(void)fcntl(e->feed[1], F_SETFL, O_NONBLOCK);
		return 0;
	}
	diag_set(d, "cannot make a pipe: %s", strerror(errno));
	close_pair(e->feed);
	close_pair(e->voice);
	close_pair(e->back);
	return -1;
}

static void
put_on(int fd, int number)
{
	if (fd >= 0)
		dup2(fd, number);
}

/* Signals that are aimed at the whole job are the keeper's business. */
static void
set_signals(const struct signals *s)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE,
		SIGXFSZ, SIGTTOU, SIGUSR1, SIGUSR2 };
	struct sigaction sa = { .sa_handler = SIG_IGN };

	for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
		sigaction(ignored[i], &sa, NULL);
	sa.sa_handler = SIG_DFL;
	sigaction(SIGCHLD, &sa, NULL);
	sigprocmask(SIG_SETMASK, &s->before, NULL);
	close(s->fd);
}

static _Noreturn void
be_analyser(struct ends *e, const struct analyser_spec *spec)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int status;

	set_signals(spec->signals);
	prctl(PR_SET_NAME, "lossdog-analyse");
	(void)setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + NICER);
	put_on(null, STDIN_FILENO);
	if (!spec->keep_stdout)
		put_on(null, STDOUT_FILENO);
	put_on(e->voice[1], STDERR_FILENO);
	close(null);
	close_pair(e->voice);
	close(e->feed[1]);
	close(e->back[0]);
	status = spec->fn(feed_new(e->feed[0], e->back[1]), spec->arg);
	fflush(NULL);
	_exit(status);
}

int
analyser_start(struct analyser *a, const struct analyser_spec *spec, struct diag *d)
{
	struct ends e;
	pid_t       pid;

	if (make_ends(&e, d) != 0)
		return -1;
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		be_analyser(&e, spec);
	close(e.feed[0]);
	close(e.voice[1]);
	close(e.back[1]);
	if (pid < 0) {
		diag_set(d, "cannot fork: %s", strerror(errno));
		close(e.feed[1]);
		close(e.voice[0]);
		close(e.back[0]);
		return -1;
	}
	*a = (struct analyser){ .pid = pid, .back = e.back[0], .voice = e.voice[0],
		.look = INFINITY };
	feed_out_init(&a->feed, e.feed[1], spec->spool);
	return 0;
}

void
analyser_fini(struct analyser *a)
{
	if (a->pid > 0) {
		kill(a->pid, SIGKILL);
		waitpid(a->pid, &a->status, 0);
		a->pid = 0;
	}
	if (a->back >= 0)
		close(a->back);
	a->back = -1;
	feed_out_fini(&a->feed);
}

void
analyser_wake(struct analyser *a)
{
	if (a->pid > 0)
		kill(a->pid, SIGCONT);
}

/* Seconds of CPU time that one which was left may still take: a loop has no other end. */
#define LEFT_CPU 60

void
analyser_leave(struct analyser *a)
{
	struct timespec used;
	struct rlimit   limit;
	clockid_t       clock;

	if (clock_getcpuclockid(a->pid, &clock) == 0 && clock_gettime(clock, &used) == 0) {
		limit.rlim_cur = limit.rlim_max = (rlim_t)used.tv_sec + LEFT_CPU;
		(void)prlimit(a->pid, RLIMIT_CPU, &limit, NULL);
	}
	a->left = true;
	a->pid = 0;
	a->look = INFINITY;
}

void
analyser_fed(struct analyser *a, double now)
{
	if (a->look < INFINITY)
		return;
	a->since = now;
	a->look = now + 1;
}

bool
analyser_hangs(struct analyser *a, double now, double limit)
{
	uint64_t unread, done;

	if (a->pid == 0 || now < a->look)
		return false;
	unread = feed_out_unread(&a->feed);
	done = a->feed.taken - unread;
	a->look = now + 1;
	if (done != a->read) {
		a->read = done;
		a->since = fmax(a->since, now);
	}
	if (!a->ending && unread == 0 && !feed_out_pending(&a->feed)) {
		a->look = INFINITY;
		return false;
	}
	return now - a->since >= limit;
}

void
analyser_excuse(struct analyser *a, double now)
{
	a->since = fmax(a->since, now);
}

bool
analyser_reap(struct analyser *a)
{
	if (a->pid == 0 || waitpid(a->pid, &a->status, WNOHANG) != a->pid)
		return false;
	a->pid = 0;
	a->look = INFINITY;
	return true;
}

void
analyser_kill(struct analyser *a, double now)
{
	a->killed = true;
	a->since = now; /* one that waits for a dead disk cannot even die */
	if (a->pid > 0)
		kill(a->pid, SIGKILL);
}

void
analyser_hurry(struct analyser *a)
{
	struct feed_word w = { .what = FEED_WORD_END };

	if (a->back >= 0)
		(void)send(a->back, &w, sizeof w, MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool
analyser_request(struct analyser *a, struct feed_word *ret)
{
	ssize_t got = recv(a->back, ret, sizeof *ret, MSG_DONTWAIT);

	if (got == (ssize_t)sizeof *ret) {
		ret->text[sizeof ret->text - 1] = '\0';
		return true;
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	close(a->back);
	a->back = -1;
	return false;
}
