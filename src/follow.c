/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "follow.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "follow_impl.h"
#include "xalloc.h"

#define QUIET      5.0  /* seconds: an unfinished record is shown */
#define LINGER     60.0 /* seconds: a file without a name is let go */
#define LINGER_FAR 3600.0 /* the same for one that was moved to where we do not look */
#define GONE_AFTER 2.0  /* seconds without a file before it is worth a word */
#define TRIES      10   /* looks that wait for what cannot be read */
#define RETRY      1.0  /* seconds between them */
#define TICK       0.1  /* seconds after which an equal time stamp proves that nothing changed */

static const struct follow_opts no_opts;

struct follow *
follow_new(const char *path, const struct follow_opts *opts)
{
	struct follow *f = xcalloc(1, sizeof *f);

	f->path = xstrdup(path);
	f->opts = opts != NULL ? opts : &no_opts;
	f->since = NAN;
	return f;
}

void
follow_free(struct follow *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->n; i++)
		tail_free(f->file[i]);
	free(f->file);
	if (f->opts->dirs == NULL)
		dirlist_free(f->dir);
	free(f->real);
	free(f->path);
	free(f);
}

const char *
follow_path(const struct follow *f)
{
	return f->path;
}

void
follow_stat(struct follow *f)
{
	f->name_error = fileinfo_path(f->path, &f->name) == 0 ? 0 : errno;
	if (f->name_error == 0 && !S_ISREG(f->name.mode))
		f->name_error = S_ISDIR(f->name.mode) ? EISDIR : ENOTSUP;
}

struct tail *
follow_known(const struct follow *f, const struct fileid *id)
{
	for (size_t i = f->n; i-- > 0;)
		if (fileid_same(&f->file[i]->info.id, id))
			return f->file[i];
	return NULL;
}

size_t
follow_index(const struct follow *f, const struct tail *t)
{
	size_t i = 0;

	while (i < f->n && f->file[i] != t)
		i++;
	return i;
}

void
follow_insert(struct follow *f, size_t at, struct tail *t)
{
	XGROW(f->file, f->n, f->cap);
	memmove(f->file + at + 1, f->file + at, (f->n - at) * sizeof *f->file);
	f->file[at] = t;
	f->n++;
	f->changed = true;
}

void
follow_remove(struct follow *f, const struct tail *t)
{
	size_t at = follow_index(f, t);

	memmove(f->file + at, f->file + at + 1, (f->n - at - 1) * sizeof *f->file);
	f->n--;
	f->changed = true;
}

void
follow_move_last(struct follow *f, struct tail *t)
{
	follow_remove(f, t);
	follow_insert(f, f->n, t);
}

static const char *
say(struct follow *f, const char *what, const char *why)
{
	snprintf(f->text, sizeof f->text, "%s%s%s", what, why != NULL ? ": " : "",
	    why != NULL ? why : "");
	return f->text;
}

bool
follow_in_place(const struct follow *f)
{
	return f->live != NULL && f->name_error == 0 &&
	    fileid_same(&f->name.id, &f->live->info.id);
}

/* No answer about the name, which is not the answer that there is no such file. */
static bool
blind(const struct follow *f)
{
	return f->name_error != 0 && f->name_error != ENOENT &&
	    f->name_error != ENOTDIR;
}

void
follow_look(struct follow *f, double now)
{
	follow_stat(f);
	rotate_scan(f, now);
	f->moved = !follow_in_place(f) && !blind(f);
	if (f->name_error == 0)
		f->since = NAN;
	else if (isnan(f->since) && !blind(f))
		f->since = now;
	if (follow_in_place(f))
		f->changed |= tail_note(f->live, &f->name, now);
	else if (f->live != NULL && f->moved)
		f->live->dirty = true; /* its last words, before it is left */
	f->stuck = false;
	if (f->unknown && follow_in_place(f) && f->live->offset == 0)
		rotate_unknown(f, now);
	f->cursor = 0;
	f->phase = PHASE_READ;
	f->tried = now;
}

void
follow_stuck(struct follow *f)
{
	f->stuck = f->stuck || f->tries < TRIES;
}

static int
open_tail(struct tail *t)
{
	if (t->fd >= 0)
		return 0;
	return t->packed ? proof_unpack(t) : tail_open(t);
}

/* Cannot be opened or read.  Only the live file is worth a word, and only one. */
static bool
failed(struct follow *f, struct tail *t, struct follow_event *ret)
{
	int error = errno;

	t->dirty = false;
	if (fileid_trouble(error)) {
		follow_stuck(f);
		t->failed = true;
	}
	if (error == ESTALE)
		tail_close(t); /* a file server forgot it, or the name moved on: by its path again */
	if (t != f->live || f->moved || error == ENOENT || error == ESTALE ||
	    f->error == error)
		return false;
	f->error = error;
	t->failed = true;
	*ret = (struct follow_event){ .kind = FOLLOW_ERROR, .path = t->path,
		.text = say(f, "cannot be read", strerror(error)) };
	return true;
}

static bool
data(struct follow *f, struct tail *t, struct span bytes, enum follow_kind kind,
    struct follow_event *ret)
{
	f->changed = true;
	*ret = (struct follow_event){
		.kind = kind,
		.path = t->path != NULL ? t->path : f->path,
		.bytes = bytes,
		.offset = kind == FOLLOW_DATA ? t->offset - bytes.n : t->offset,
		.unfinished = t->mid,
		.run = t->run,
	};
	return true;
}

/* What was read of it is no longer in it. */
static bool
cut(struct follow *f, struct tail *t, double now, struct follow_event *ret)
{
	const char *text;

	f->changed = true;
	if (t != f->live) {
		t->aside = true; /* rotation by copying: what it holds now is another file's content */
		t->dirty = false;
		return false;
	}
	text = rotate_truncated(f, now);
	if (text == NULL) {
		t->dirty = false;
		t->failed = true;
		return false;
	}
	*ret = (struct follow_event){ .kind = FOLLOW_TRUNCATED, .path = f->path,
		.run = t->run, .text = text };
	f->cursor = 0;
	return true;
}

/* A file that nobody adds to any more: its last record is whole as it is. */
static bool
finish(struct follow *f, struct tail *t, char *buf, struct follow_event *ret)
{
	struct span rest;

	if (tail_finish(t, buf, &rest) != 0 && fileid_trouble(errno))
		return failed(f, t, ret);
	t->closed = false;
	if (t->packed) {
		tail_close(t);
		t->aside = true;
	}
	return rest.n > 0 && data(f, t, rest, FOLLOW_DATA, ret);
}

/* One file; true: *ret is something to hand out. */
static bool
read_tail(struct follow *f, struct tail *t, double now, char *buf,
    struct follow_event *ret)
{
	struct span bytes;

	if (open_tail(t) != 0)
		return failed(f, t, ret);
	switch (tail_read(t, buf, &bytes, now)) {
	case TAIL_DATA:
		if (t == f->live)
			f->error = 0;
		return data(f, t, bytes, FOLLOW_DATA, ret);
	case TAIL_TRUNCATED:
		return cut(f, t, now, ret);
	case TAIL_FAILED:
		return failed(f, t, ret);
	case TAIL_NOTHING:
		if (t == f->live)
			f->error = 0;
		break;
	}
	return t->closed && finish(f, t, buf, ret);
}

static bool
read_all(struct follow *f, double now, char *buf, struct follow_event *ret)
{
	while (f->cursor < f->n && !f->stuck) {
		struct tail *t = f->file[f->cursor];

		if (t->aside || !t->dirty)
			f->cursor++;
		else if (read_tail(f, t, now, buf, ret))
			return true;
	}
	return false;
}

/* All is read: if the name has moved on, to what it has now. */
static bool
settle(struct follow *f, double now, struct follow_event *ret)
{
	struct tail *before = f->live;

	f->phase = PHASE_SHOW;
	f->cursor = 0;
	if (f->stuck)
		return false;
	if (!f->moved) {
		if (f->unknown && follow_in_place(f)) {
			rotate_unknown(f, now);
			f->phase = PHASE_READ;
		} else {
			rotate_looked(f, now);
		}
		return false;
	}
	f->moved = false;
	*ret = (struct follow_event){ .path = f->path };
	ret->text = rotate_replaced(f, now, &ret->kind);
	ret->run = f->run;
	if (ret->text == NULL)
		return false; /* no consistent view: the next look tries again */
	rotate_looked(f, now);
	f->phase = PHASE_READ;
	return f->live != before && before != NULL;
}

static double
linger(const struct follow *f, const struct tail *t)
{
	if (t->info.links > 0)
		return LINGER_FAR;
	return f->opts->linger > 0 ? f->opts->linger : LINGER;
}

static double
quiet(const struct follow *f)
{
	return f->opts->quiet > 0 ? f->opts->quiet : QUIET;
}

/* When a file that has no name here any more is let go. */
static double
last_day(const struct follow *f, const struct tail *t)
{
	double since = fmax(t->grew, (double)t->info.mtime * 1e-9);

	if (t->fd < 0 || t->linked || t->packed)
		return INFINITY;
	return since + linger(f, t);
}

static bool
show_all(struct follow *f, double now, char *buf, struct follow_event *ret)
{
	while (f->cursor < f->n) {
		struct tail *t = f->file[f->cursor++];
		struct span  rest;

		if (t->aside)
			continue;
		if (now >= last_day(f, t)) {
			bool said = finish(f, t, buf, ret);

			tail_close(t);
			if (said)
				return true;
			continue;
		}
		if (!tail_waits(t, quiet(f), now))
			continue;
		t->shown = t->info.size;
		if (open_tail(t) != 0)
			continue;
		rest = tail_rest(t, buf);
		if (rest.n > 0)
			return data(f, t, rest, FOLLOW_PROVISIONAL, ret);
	}
	return false;
}

static void
count_tries(struct follow *f)
{
	f->changed |= f->stuck || f->tries > 0;
	f->tries = f->stuck ? f->tries + 1 : 0;
	for (size_t i = 0; i < f->n && f->stuck; i++)
		if (f->file[i]->dirty) { /* it waited for one before it */
			f->file[i]->dirty = false;
			f->file[i]->failed = true;
		}
}

/* What there is to say of the name itself, once. */
static bool
remark(struct follow *f, double now, struct follow_event *ret)
{
	*ret = (struct follow_event){ .path = f->path, .run = f->run };
	if (f->name_error == 0) {
		f->gone = false;
		if (f->live != NULL && !f->live->failed)
			f->error = 0;
	}
	if (blind(f) && f->error != f->name_error) {
		f->error = f->name_error;
		ret->kind = FOLLOW_ERROR;
		ret->text = say(f, "cannot be looked at", strerror(f->error));
		return true;
	}
	if (f->name_error != 0 && !blind(f) && !f->gone && now - f->since >= GONE_AFTER) {
		f->gone = true;
		ret->kind = FOLLOW_GONE;
		ret->text = say(f, f->looked > 0 && f->live != NULL
		    ? "the file is gone" : "there is no such file yet", NULL);
		return true;
	}
	return false;
}

bool
follow_next(struct follow *f, double now, char *buf, struct follow_event *ret)
{
	while (f->phase != PHASE_IDLE) {
		switch (f->phase) {
		case PHASE_READ:
			if (read_all(f, now, buf, ret))
				return true;
			f->phase = PHASE_SETTLE;
			break;
		case PHASE_SETTLE:
			if (settle(f, now, ret))
				return true;
			break;
		case PHASE_SHOW:
			if (show_all(f, now, buf, ret))
				return true;
			rotate_forget(f);
			count_tries(f);
			f->phase = PHASE_IDLE;
			if (remark(f, now, ret))
				return true;
			break;
		case PHASE_IDLE:
			break;
		}
	}
	return false;
}

double
follow_deadline(const struct follow *f)
{
	double at = f->tries > 0 ? f->tried + RETRY : INFINITY;

	if (f->name_error != 0 && !f->gone && !blind(f))
		at = f->since + GONE_AFTER;
	for (size_t i = 0; i < f->n; i++) {
		const struct tail *t = f->file[i];

		if (t->aside)
			continue;
		at = fmin(at, last_day(f, t));
		if (t->stale && (t->linked || t->fd >= 0))
			at = fmin(at, f->looked + TICK);
		if (!t->dirty && !t->failed && !t->mid && t->info.size > t->offset &&
		    t->shown != t->info.size)
			at = fmin(at, (double)t->info.mtime * 1e-9 + quiet(f));
	}
	return at;
}

unsigned
follow_descriptors(const struct follow *f)
{
	unsigned n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += f->file[i]->fd >= 0;
	return n;
}

unsigned
follow_close(struct follow *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->file[i]->linked || f->file[i]->packed)
			tail_close(f->file[i]);
	return follow_descriptors(f);
}

bool
follow_info(const struct follow *f, struct fileinfo *ret)
{
	if (f->live == NULL)
		return false;
	*ret = f->live->info;
	return f->name_error == 0;
}

double
follow_missing_since(const struct follow *f)
{
	return f->since;
}

/* The live one counts twice, so that it is not taken for one of its rotations. */
static uint64_t
print_live(const struct fileinfo *info)
{
	return fileinfo_print(info) * 3;
}

uint64_t
follow_print(const struct follow *f)
{
	uint64_t print = 0;

	if (!follow_in_place(f) || f->error != 0 || f->tries > 0 || f->dir == NULL)
		return 0;
	for (size_t i = 0; i < f->n; i++) {
		const struct tail *t = f->file[i];

		if (!t->linked)
			continue;
		if (t->stale || t->dirty || t->failed || (!t->aside && t->info.size > t->offset &&
			t->shown != t->info.size))
			return 0;
		if (t != f->live && !rotate_is_beside(f, t))
			return 0;
		print += t == f->live ? print_live(&t->info) : fileinfo_print(&t->info);
	}
	return print;
}

uint64_t
follow_print_at(const char *name, const struct dirlist *dir, int dirfd)
{
	struct fileinfo info;
	size_t          n = strlen(name);
	uint64_t        print;

	if (fileinfo_at(dirfd, name, &info) != 0 || !S_ISREG(info.mode))
		return 0;
	print = print_live(&info);
	for (size_t i = dirlist_find(dir, name); i < dirlist_count(dir); i++) {
		const char *other = dirlist_name(dir, i);

		if (strncmp(other, name, n) != 0)
			break;
		if (name_is_rotation(name, other) && fileinfo_at(dirfd, other, &info) == 0 &&
		    S_ISREG(info.mode))
			print += fileinfo_print(&info);
	}
	return print;
}

bool
follow_savable(const struct follow *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->file[i]->mid)
			return false;
	return true;
}

bool
follow_changed(const struct follow *f)
{
	return f->changed;
}

#define FOLLOW_VERSION "lossdog-follow 2"

void
follow_save(struct follow *f, struct buf *b)
{
	const char *real = f->real != NULL ? f->real : "";

	buf_printf(b, FOLLOW_VERSION " %.3f %u %u %zu %zu %zu %s\n", f->looked, f->run,
	    f->tries, f->n, follow_index(f, f->live), strlen(real), real);
	for (size_t i = 0; i < f->n; i++)
		tail_save(f->file[i], f->path, b);
	f->changed = false;
}

static bool
load_head(struct follow *f, struct span *text, size_t *n, size_t *live)
{
	char   head[128];
	size_t len = 0, size = text->n < sizeof head - 1 ? text->n : sizeof head - 1;
	int    used = 0;

	memcpy(head, text->p, size);
	head[size] = '\0';
	if (sscanf(head, FOLLOW_VERSION " %lf %u %u %zu %zu %zu %n", &f->looked, &f->run,
		&f->tries, n, live, &len, &used) != 6)
		return false;
	*text = span_from(*text, (size_t)used);
	if (len >= text->n || text->p[len] != '\n')
		return false;
	f->real = len > 0 ? xstrndup(text->p, len) : NULL;
	*text = span_from(*text, len + 1);
	return true;
}

int
follow_load(struct follow *f, struct span text, struct diag *d)
{
	size_t n, live;

	if (!load_head(f, &text, &n, &live))
		goto bad;
	for (size_t i = 0; i < n; i++) {
		struct tail *t = tail_load(&text, f->path);

		if (t == NULL)
			goto bad;
		follow_insert(f, f->n, t);
	}
	f->live = live < n ? f->file[live] : NULL;
	rotate_looked(f, f->looked);
	f->changed = false;
	return 0;
bad:
	while (f->n > 0)
		tail_free(f->file[--f->n]);
	free(f->real);
	f->real = NULL;
	f->looked = 0;
	f->run = 0;
	return diag_at(d, f->path, 0, 0,
	    "what is stored about it cannot be understood: it is read from its start");
}
