/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static unsigned short
size_from(const char *name, unsigned short otherwise)
{
	const char *text = getenv(name);
	long        n = text != NULL ? strtol(text, NULL, 10) : 0;

	return n > 0 && n < 10000 ? (unsigned short)n : otherwise;
}

static void
dress(int fd, int theirs)
{
	struct winsize w;
	struct termios t;

	if (ioctl(fd, TIOCGWINSZ, &w) != 0)
		w = (struct winsize){ .ws_row = size_from("LINES", 24),
			.ws_col = size_from("COLUMNS", 80) };
	ioctl(theirs, TIOCSWINSZ, &w);
	if (tcgetattr(fd, &t) != 0 && tcgetattr(theirs, &t) != 0)
		return;
	t.c_oflag &= ~(tcflag_t)OPOST; /* the real one does that: once is enough */
	t.c_lflag |= EXTPROC;          /* changes of modes are told */
	tcsetattr(theirs, TCSANOW, &t);
}

int
terminal_pair(int fd, int *ret_ours, int *ret_theirs, struct diag *d)
{
	int ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), theirs = -1, on = 1;

	if (ours >= 0 && grantpt(ours) == 0 && unlockpt(ours) == 0)
		theirs = ioctl(ours, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (theirs >= 0 && ioctl(ours, TIOCPKT, &on) == 0) {
		dress(fd, theirs);
		*ret_ours = ours;
		*ret_theirs = theirs;
		return 0;
	}
	diag_set(d, "cannot make a pseudo terminal: %s", strerror(errno));
	if (theirs >= 0)
		close(theirs);
	if (ours >= 0)
		close(ours);
	return -1;
}

bool
terminal_resize(int fd, int ours)
{
	struct winsize a, b;

	if (ioctl(fd, TIOCGWINSZ, &a) != 0 || ioctl(ours, TIOCGWINSZ, &b) != 0)
		return false;
	if (memcmp(&a, &b, sizeof a) == 0)
		return false;
	return ioctl(ours, TIOCSWINSZ, &a) == 0;
}

void
terminal_copy_modes(int fd, int ours)
{
	struct termios real, set;

	if (tcgetattr(fd, &real) != 0 || tcgetattr(ours, &set) != 0)
		return;
	real.c_iflag = set.c_iflag;
	real.c_lflag = set.c_lflag & ~(tcflag_t)EXTPROC;
	real.c_oflag = (set.c_oflag & ~(tcflag_t)OPOST) | (real.c_oflag & OPOST);
	memcpy(real.c_cc, set.c_cc, sizeof real.c_cc);
	tcsetattr(fd, TCSANOW, &real); /* SIGTTOU is blocked: never stops us */
}

void
terminal_open(struct terminal *t, pid_t group)
{
	t->fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	t->group = group;
	t->lent = false;
}

void
terminal_close(struct terminal *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

bool
terminal_is_ours(const struct terminal *t)
{
	return t->fd >= 0 && tcgetpgrp(t->fd) == getpgrp();
}

bool
terminal_is_near(const struct terminal *t)
{
	return terminal_is_ours(t) || (t->fd >= 0 && tcgetpgrp(t->fd) == t->group);
}

bool
terminal_lend(struct terminal *t)
{
	if (!terminal_is_ours(t) || tcsetpgrp(t->fd, t->group) != 0)
		return false;
	t->lent = true;
	return true;
}

void
terminal_take_back(struct terminal *t)
{
	if (t->lent && tcgetpgrp(t->fd) == t->group)
		tcsetpgrp(t->fd, getpgrp());
	t->lent = false;
}
