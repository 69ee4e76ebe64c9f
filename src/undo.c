/* SPDX-License-Identifier: MIT */
/* undo: what was settled of a name's files, taken back. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>

#include "follow_impl.h"
#include "xalloc.h"

struct undo {
	struct tail **file;
	struct tail  *was; /* what each of file held */
	size_t        n;
	struct tail  *live;
	char         *real;
	unsigned      run;
	bool          stuck;
};

struct undo *
undo_begin(struct follow *f)
{
	struct undo *u = xcalloc(1, sizeof *u);

	u->n = f->n;
	u->file = xcalloc(f->n + 1, sizeof *u->file);
	u->was = xcalloc(f->n + 1, sizeof *u->was);
	for (size_t i = 0; i < f->n; i++) {
		u->file[i] = f->file[i];
		u->was[i] = *f->file[i];
		u->was[i].path = xcopy(f->file[i]->path);
	}
	u->live = f->live;
	u->real = xcopy(f->real);
	u->run = f->run;
	u->stuck = f->stuck;
	f->stuck = false;
	return u;
}

static bool
had(const struct undo *u, const struct tail *t)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->file[i] == t)
			return true;
	return false;
}

/* Its descriptor stays as it is by now: with it the file may have lost its last name. */
static void
put_back(struct tail *t, struct tail *was)
{
	int fd = t->fd;

	if (was->fd < 0) {
		tail_close(t);
		fd = -1;
	}
	free(t->path);
	*t = *was;
	t->fd = fd;
	was->path = NULL;
}

static void
put_all_back(struct undo *u, struct follow *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (!had(u, f->file[i]))
			tail_free(f->file[i]);
	for (size_t i = 0; i < u->n; i++) {
		f->file[i] = u->file[i];
		put_back(f->file[i], &u->was[i]);
	}
	f->n = u->n;
	f->live = u->live;
	f->run = u->run;
	free(f->real);
	f->real = u->real;
	u->real = NULL;
	follow_place(f);
}

bool
undo_end(struct undo *u, struct follow *f)
{
	bool stuck = f->stuck;

	if (stuck)
		put_all_back(u, f);
	for (size_t i = 0; i < u->n; i++)
		free(u->was[i].path);
	f->stuck = stuck || u->stuck;
	free(u->file);
	free(u->was);
	free(u->real);
	free(u);
	return stuck;
}
