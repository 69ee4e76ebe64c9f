/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "signals.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* What may be aimed at a filter that has to see the end of its input. */
static const int minded[] = { SIGINT, SIGTERM, SIGHUP };
/* What comes of writing to what is gone or full: seen as errno instead. */
static const int silenced[] = { SIGPIPE, SIGXFSZ };

static bool
is_ignored(int number)
{
	struct sigaction sa;

	return sigaction(number, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN;
}

static void
choose(sigset_t *set, bool all)
{
	if (all) {
		sigfillset(set);
		return;
	}
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGCONT);
	sigaddset(set, SIGWINCH);
	for (size_t i = 0; i < sizeof silenced / sizeof silenced[0]; i++)
		sigaddset(set, silenced[i]);
	for (size_t i = 0; i < sizeof minded / sizeof minded[0]; i++)
		if (!is_ignored(minded[i]))
			sigaddset(set, minded[i]);
}

int
signals_open(struct signals *s, bool all)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };
	sigset_t         set;

	choose(&set, all);
	s->chld_ignored = is_ignored(SIGCHLD);
	if (s->chld_ignored)
		sigaction(SIGCHLD, &sa, NULL);
	sigprocmask(SIG_BLOCK, &set, &s->before);
	s->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return s->fd < 0 ? -1 : 0;
}

void
signals_restore(const struct signals *s)
{
	struct sigaction sa = { .sa_handler = SIG_IGN };

	if (s->chld_ignored)
		sigaction(SIGCHLD, &sa, NULL);
	sigprocmask(SIG_SETMASK, &s->before, NULL);
}

void
signals_close(struct signals *s)
{
	close(s->fd);
	s->fd = -1;
}

bool
signals_next(const struct signals *s, struct signal_seen *ret)
{
	struct signalfd_siginfo si;

	for (;;) {
		if (read(s->fd, &si, sizeof si) != (ssize_t)sizeof si)
			return false;
		ret->number = (int)si.ssi_signo;
		ret->from = (pid_t)si.ssi_pid;
		ret->kernel = si.ssi_code == SI_KERNEL;
		/* of our own writing, not sent by anybody */
		if ((ret->number == SIGPIPE || ret->number == SIGXFSZ) &&
		    (ret->kernel || ret->from == getpid()))
			continue;
		return true;
	}
}

static void
set_default(int number)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };
	sigset_t         set;

	sigaction(number, &sa, NULL);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void
signals_die(int number)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	set_default(number);
	raise(number);
	_exit(128 + number);
}

void
signals_stop_group(int number)
{
	struct sigaction before;
	sigset_t         mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	sigaction(number, NULL, &before);
	kill(0, number);
	set_default(number); /* stops here */
	sigaction(number, &before, NULL);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

int
signals_find(const char *name)
{
	char *end;
	long  number = strtol(name, &end, 10);

	if (*name != '\0' && *end == '\0')
		return number > 0 && number <= SIGRTMAX ? (int)number : -1;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (int i = 1; i < 32; i++) {
		const char *abbrev = sigabbrev_np(i);

		if (abbrev != NULL && strcasecmp(abbrev, name) == 0)
			return i;
	}
	return -1;
}

const char *
signals_name(int number, char buf[static 16])
{
	const char *abbrev = sigabbrev_np(number);

	if (abbrev != NULL)
		return abbrev;
	snprintf(buf, 16, "%d", number);
	return buf;
}
