/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "proctree.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xalloc.h"

struct proc {
	pid_t    pid, parent;
	char     state;
	bool     below;         /* of root */
	uint64_t start;         /* tells a reused pid */
	uint64_t ticks, read, write;
	uint64_t rss, shared;   /* pages */
	long     threads;
};

struct proctree {
	pid_t       root, except;
	double      last;       /* time of the look before; NaN: none */
	struct proc *now, *before;
	size_t      n, nbefore;
};

struct proctree *
proctree_new(pid_t root, pid_t except)
{
	struct proctree *t = xcalloc(1, sizeof *t);

	t->root = root;
	t->except = except;
	t->last = NAN;
	t->now = xcalloc(PROCTREE_MAX, sizeof *t->now);
	t->before = xcalloc(PROCTREE_MAX, sizeof *t->before);
	return t;
}

void
proctree_free(struct proctree *t)
{
	if (t == NULL)
		return;
	free(t->now);
	free(t->before);
	free(t);
}

static bool
read_of(pid_t pid, const char *name, char *text, size_t size)
{
	char    path[64];
	ssize_t got = -1;
	int     fd;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, text, size - 1);
	close(fd);
	if (got <= 0)
		return false;
	text[got] = '\0';
	return true;
}

/* /proc/PID/stat: the name in brackets may hold anything, so from the last one on. */
static bool
read_stat(struct proc *p, pid_t pid)
{
	char               text[1024], *rest;
	int                parent;
	unsigned long long user, sys, start;

	if (!read_of(pid, "stat", text, sizeof text))
		return false;
	rest = strrchr(text, ')');
	if (rest == NULL || sscanf(rest + 1, " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
	    "%llu %llu %*d %*d %*d %*d %ld %*d %llu", &p->state, &parent, &user, &sys,
	    &p->threads, &start) != 6)
		return false;
	p->pid = pid;
	p->parent = (pid_t)parent;
	p->start = start;
	p->ticks = user + sys;
	return true;
}

static void
read_use(struct proc *p)
{
	char               text[512], *at;
	unsigned long long rss = 0, shared = 0, n;

	if (read_of(p->pid, "statm", text, sizeof text))
		sscanf(text, "%*u %llu %llu", &rss, &shared);
	p->rss = rss;
	p->shared = shared;
	p->read = p->write = 0;
	if (!read_of(p->pid, "io", text, sizeof text))
		return;
	if ((at = strstr(text, "\nread_bytes: ")) != NULL && sscanf(at + 13, "%llu", &n) == 1)
		p->read = n;
	if ((at = strstr(text, "\nwrite_bytes: ")) != NULL && sscanf(at + 14, "%llu", &n) == 1)
		p->write = n;
}

static void
read_all(struct proctree *t)
{
	DIR           *dir = opendir("/proc");
	struct dirent *e;

	t->n = 0;
	if (dir == NULL)
		return;
	while (t->n < PROCTREE_MAX && (e = readdir(dir)) != NULL)
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' &&
		    read_stat(&t->now[t->n], (pid_t)atoi(e->d_name)))
			t->now[t->n++].below = false;
	closedir(dir);
}

/* /proc lists processes in the order of their numbers. */
static struct proc *
find(struct proc *p, size_t n, pid_t pid)
{
	size_t from = 0;

	while (from < n) {
		size_t mid = from + (n - from) / 2;

		if (p[mid].pid == pid)
			return &p[mid];
		if (p[mid].pid < pid)
			from = mid + 1;
		else
			n = mid;
	}
	return NULL;
}

/* Children may have lower numbers than their parents: repeated until nothing is new. */
static void
mark_below(struct proctree *t)
{
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < t->n; i++) {
			struct proc       *p = &t->now[i];
			const struct proc *parent = find(t->now, t->n, p->parent);

			if (p->below || p->pid == t->except)
				continue;
			p->below = p->parent == t->root || (parent != NULL && parent->below);
			again |= p->below;
		}
	}
}

static size_t
keep_below(struct proctree *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		if (t->now[i].below)
			t->now[n++] = t->now[i];
	return n;
}

/* As it was at the look before; NULL: it is new. */
static const struct proc *
earlier(const struct proctree *t, const struct proc *p)
{
	const struct proc *b = find(t->before, t->nbefore, p->pid);

	return b != NULL && b->start == p->start ? b : NULL;
}

static void
sum(const struct proctree *t, double dt, struct proctree_use *u)
{
	static const struct proc none;
	double   page = (double)sysconf(_SC_PAGESIZE);
	double   hz = (double)sysconf(_SC_CLK_TCK);
	uint64_t shared = 0, waiting = 0;

	*u = (struct proctree_use){ .processes = (double)t->n };
	for (size_t i = 0; i < t->n; i++) {
		const struct proc *p = &t->now[i], *b = earlier(t, p);

		b = b != NULL ? b : &none;
		u->cpu += (double)(p->ticks - b->ticks) / hz / dt;
		u->read += (double)(p->read - b->read) / dt;
		u->write += (double)(p->write - b->write) / dt;
		u->rss += (double)(p->rss - (p->shared < p->rss ? p->shared : p->rss)) * page;
		u->threads += (double)p->threads;
		shared = p->shared > shared ? p->shared : shared;
		waiting += p->state == 'D';
	}
	u->rss += (double)shared * page;
	u->waiting = t->n > 0 ? (double)waiting / (double)t->n : 0;
	if (isnan(dt))
		u->cpu = u->read = u->write = NAN;
}

void
proctree_look(struct proctree *t, double now, struct proctree_use *ret)
{
	struct proc *swap;

	read_all(t);
	mark_below(t);
	t->n = keep_below(t);
	for (size_t i = 0; i < t->n; i++)
		read_use(&t->now[i]);
	sum(t, now > t->last ? now - t->last : NAN, ret);
	swap = t->before;
	t->before = t->now;
	t->now = swap;
	t->nbefore = t->n;
	t->last = now;
}
