/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dirlist.h"
#include "follow_impl.h"
#include "inflate.h"
#include "xalloc.h"

#define CLOCK_SLACK 1.0      /* seconds: names and files are not looked at in the same moment */
#define STEADY_TRIES 5       /* views that are taken until one holds still */

/* Files beside the live one that are not known yet. */
struct found {
	struct tail **file;
	size_t        n, cap;
};

static void
found_fini(struct found *u)
{
	for (size_t i = 0; i < u->n; i++)
		tail_free(u->file[i]);
	free(u->file);
}

static void
found_clear(struct found *u)
{
	for (size_t i = 0; i < u->n; i++)
		tail_free(u->file[i]);
	u->n = 0;
}

static void
set_path(struct tail *t, const char *path)
{
	if (t->path != NULL && strcmp(t->path, path) == 0)
		return;
	free(t->path);
	t->path = xstrdup(path);
}

/* The directory of the file that the name leads to. */
void
follow_place(struct follow *f)
{
	char *dir = path_dir(f->real != NULL ? f->real : f->path, &f->base);

	if (f->opts->dirs != NULL) {
		f->dir = dircache_get(f->opts->dirs, dir);
	} else {
		dirlist_free(f->dir);
		f->dir = dirlist_new(dir);
	}
	free(dir);
}

/* Where the name leads now.  true: a link was switched. */
static bool
place(struct follow *f)
{
	char *real = realpath(f->path, NULL);
	bool  other = real != NULL && f->real != NULL && strcmp(real, f->real) != 0;

	if (other && f->live != NULL)
		set_path(f->live, f->real);
	if (real != NULL) { /* else: it stays where it was */
		f->changed |= f->real == NULL || other;
		free(f->real);
		f->real = real;
	}
	follow_place(f);
	return other;
}

static void
note_found(struct found *u, const char *path, const struct fileinfo *info)
{
	struct tail *t;

	if (u == NULL || u->n == FOLLOW_FILES)
		return;
	t = tail_new(path, info);
	t->packed = inflate_suffix(path);
	XGROW(u->file, u->n, u->cap);
	u->file[u->n++] = t;
}

/* Those whose names rotation could have made: known ones are noted, the others go into u. */
static void
scan_names(struct follow *f, struct found *u, double now)
{
	struct fileinfo info;

	for (size_t i = dirlist_find(f->dir, f->base); i < dirlist_count(f->dir); i++) {
		const char  *name = dirlist_name(f->dir, i);
		struct tail *t;
		char        *path;

		if (strncmp(name, f->base, strlen(f->base)) != 0)
			break;
		if (!name_is_rotation(f->base, name))
			continue;
		path = path_join(dirlist_path(f->dir), name);
		if (fileinfo_path(path, &info) == 0 && S_ISREG(info.mode)) {
			t = follow_known(f, &info.id);
			if (t == NULL) {
				note_found(u, path, &info);
			} else if (!t->linked) {
				t->linked = true;
				set_path(t, path);
				f->changed |= tail_note(t, &info, now);
			}
		}
		free(path);
	}
}

/* A file that has none of the names: by its former path, or by its descriptor. */
static void
note_elsewhere(struct follow *f, struct tail *t, double now)
{
	struct fileinfo info;

	if (t->path != NULL && fileinfo_path(t->path, &info) == 0 &&
	    fileid_same(&info.id, &t->info.id)) {
		t->linked = true;
		f->changed |= tail_note(t, &info, now);
	} else if (t->fd >= 0 && !t->packed && fileinfo_fd(t->fd, &info) == 0) {
		f->changed |= tail_note(t, &info, now);
	}
}

static void
scan(struct follow *f, struct found *u, bool force, double now)
{
	if (f->real == NULL)
		place(f);
	else if (f->dir == NULL)
		follow_place(f);
	for (size_t i = 0; i < f->n; i++)
		f->file[i]->linked = false;
	if (dirlist_refresh(f->dir, now, force) == 0)
		scan_names(f, u, now);
	if (follow_in_place(f))
		f->live->linked = true;
	for (size_t i = 0; i < f->n; i++)
		if (!f->file[i]->linked)
			note_elsewhere(f, f->file[i], now);
}

/* Goes on in `to` where `from` was left. */
static void
take_over(struct tail *to, const struct tail *from)
{
	to->offset = from->offset;
	to->mark = from->mark;
	to->run = from->run;
	to->aside = false;
	to->dirty = true;
}

void
rotate_scan(struct follow *f, double now)
{
	struct found u = { 0 };

	scan(f, &u, false, now);
	f->unknown = u.n > 0;
	found_fini(&u);
}

/*
 * Whether a file is older than a look is for the clock of the file system alone
 * to say: a file server's need not be ours.
 */
void
rotate_looked(struct follow *f, double now)
{
	f->looked = now;
	for (size_t i = 0; i < f->n; i++)
		f->seen = fmax(f->seen, (double)f->file[i]->info.ctime * 1e-9);
}

/* A view in which the name had the same file before and after the names were read. */
static bool
steady_scan(struct follow *f, struct found *u, double now)
{
	struct fileinfo before;
	int             error;

	for (int i = 0; i < STEADY_TRIES; i++) {
		follow_stat(f);
		before = f->name;
		error = f->name_error;
		found_clear(u);
		scan(f, u, f->looked > 0, now);
		follow_stat(f);
		if (error == f->name_error &&
		    (error != 0 || fileid_same(&before.id, &f->name.id)))
			return true;
	}
	return false;
}

/* The time that puts files in the order in which they were written. */
static double
birth(const struct tail *t)
{
	/* Compressing makes a new file, which keeps the time of the last write. */
	int64_t ns = t->packed || t->info.id.birth == 0 ? t->info.mtime : t->info.id.birth;

	return (double)ns * 1e-9;
}

static int
by_birth(const void *a, const void *b)
{
	const struct tail *x = *(struct tail *const *)a, *y = *(struct tail *const *)b;

	if (birth(x) != birth(y))
		return birth(x) < birth(y) ? -1 : 1;
	return strverscmp(y->path, x->path); /* within one tick of the clock: log.2 is older than log.1 */
}

/* A plain file of the same name is there too: the compressor is not done. */
static bool
in_the_making(const struct follow *f, const struct tail *t)
{
	char       *plain = xstrdup(t->path);
	const char *name;
	size_t      i;
	bool        there;

	*strrchr(plain, '.') = '\0';
	name = strrchr(plain, '/') != NULL ? strrchr(plain, '/') + 1 : plain;
	i = dirlist_find(f->dir, name);
	there = i < dirlist_count(f->dir) && strcmp(dirlist_name(f->dir, i), name) == 0;
	free(plain);
	return there;
}

/* The file that had the name cannot be read under any other. */
static bool
vanished(const struct tail *t)
{
	return t != NULL && !t->linked && (t->fd < 0 || t->info.links == 0);
}

/*
 * A compressed file.  When it is a file that we know, it goes on there, or is
 * set aside when that one is still to be found by itself.
 */
static void
settle_packed(struct follow *f, struct tail *t)
{
	if (in_the_making(f, t) || !proof_unpacked(f, t)) {
		t->aside = true;
		return;
	}
	for (size_t i = f->n; i-- > 0 && !t->aside;) {
		struct tail *k = f->file[i];

		if (k->packed)
			continue;
		if (!proof_continues(f, t, k)) {
			t->aside = proof_is_part(f, t, k);
		} else if (vanished(k)) {
			take_over(t, k);
			k->aside = k->fd < 0;
			return;
		} else {
			t->aside = true;
		}
	}
}

/* An unknown rotation of a name that has changed hands. */
static void
settle_unknown(struct follow *f, struct tail *t, bool *followed, double now)
{
	/* A clock that was set back proves nothing, nor do two that are far apart. */
	bool clock_holds = f->looked <= now && f->seen <= now + CLOCK_SLACK;

	if (t->packed) {
		settle_packed(f, t);
	} else if (!*followed && vanished(f->live) && proof_continues(f, t, f->live)) {
		take_over(t, f->live);
		*followed = true;
		return;
	}
	if (!t->aside && t->offset == 0 && clock_holds && birth(t) < f->seen - CLOCK_SLACK)
		t->aside = true; /* an old file that was moved here */
	if (t->aside) {
		t->dirty = false;
		tail_close(t);
	}
}

/* Puts the unknown ones behind the file that had the name, oldest first. */
static void
adopt(struct follow *f, struct found *u, bool *followed, double now)
{
	size_t at = f->live != NULL ? follow_index(f, f->live) + 1 : f->n;

	if (u->n > 1)
		qsort(u->file, u->n, sizeof *u->file, by_birth);
	for (size_t i = 0; i < u->n; i++) {
		u->file[i]->run = f->run;
		settle_unknown(f, u->file[i], followed, now);
		follow_insert(f, at++, u->file[i]);
	}
	u->n = 0;
}

static void
set_aside(struct follow *f, struct tail *t)
{
	if (!t->packed && proof_continues(f, t, f->live))
		take_over(t, f->live); /* should it ever come to be the live one */
	t->aside = true;
	t->dirty = false;
	tail_close(t);
	follow_insert(f, follow_index(f, f->live), t);
}

/*
 * Copies and leftovers beside a live file that is in its place: not to be read.
 * Of a live file of which nothing was read yet it cannot be told whether it was
 * cut: what is no copy of it may be what it held before.
 */
void
rotate_unknown(struct follow *f, double now)
{
	struct undo *undo = undo_begin(f);
	struct found u = { 0 };
	bool         followed = true;
	size_t       kept = 0;

	f->unknown = false;
	scan(f, &u, false, now);
	follow_stat(f);
	/* Only after the names were read does its being unharmed say something of them. */
	if (!follow_in_place(f) || f->name.size < f->live->offset ||
	    (f->live->mark.n > 0 &&
	    !proof_ok(f, mark_holds_path(f->path, f->live->offset, &f->live->mark)))) {
		found_fini(&u);
		undo_end(undo, f);
		return;
	}
	for (size_t i = 0; i < u.n; i++) {
		struct tail *t = u.file[i];

		if (f->live->offset > 0 || proof_copies_live(f, t))
			set_aside(f, t);
		else
			u.file[kept++] = t;
	}
	u.n = kept;
	adopt(f, &u, &followed, now);
	follow_move_last(f, f->live);
	found_fini(&u);
	undo_end(undo, f);
}

static void
start_at_end(struct follow *f, struct tail *t)
{
	int fd = open_regular(t->path, &t->info);

	t->offset = t->info.size;
	t->dirty = false;
	if (fd < 0)
		return;
	proof_ok(f, mark_take(fd, t->offset, &t->mark) == 0);
	close(fd);
}

/* What was there before the first look is not read; what is added to it from now on is. */
static void
set_history(struct follow *f, struct found *u)
{
	for (size_t i = 0; i < u->n; i++) {
		struct tail *t = u->file[i];

		t->aside = t->packed;
		start_at_end(f, t);
		follow_insert(f, 0, t);
	}
	u->n = 0;
}

/* The name's file of now becomes the live one. */
static void
take_name(struct follow *f, bool followed, double now)
{
	struct tail *former = f->live;
	struct tail *t = follow_known(f, &f->name.id);

	if (t != NULL) {
		follow_remove(f, t);
		set_path(t, f->path);
		tail_note(t, &f->name, now);
	} else {
		t = tail_new(f->path, &f->name);
		tail_note(t, &f->name, now);
		t->dirty = true;
		t->run = f->run;
	}
	if (!followed && former != NULL && former != t && vanished(former) &&
	    proof_continues(f, t, former))
		take_over(t, former);
	if (former == NULL && f->looked == 0 && f->opts->from_end)
		start_at_end(f, t);
	t->linked = true;
	t->aside = false;
	follow_insert(f, f->n, t);
	f->live = t;
}

static const char *
tell(struct follow *f, const struct tail *former, bool followed)
{
	if (former == NULL)
		return "found";
	if (former->linked && former->path != NULL)
		snprintf(f->text, sizeof f->text, "rotated: the former file is %s", former->path);
	else if (followed || (f->live != former && f->live->offset > 0))
		snprintf(f->text, sizeof f->text, "replaced by a file that continues it");
	else if (former->fd >= 0)
		snprintf(f->text, sizeof f->text, "replaced: the former file has no name here any more");
	else
		snprintf(f->text, sizeof f->text, "replaced: the former file is gone; "
		    "what was added to it behind byte %llu cannot be read",
		    (unsigned long long)former->offset);
	return f->text;
}

static const char *
replaced(struct follow *f, double now, enum follow_kind *kind)
{
	struct found u = { 0 };
	struct tail *former = f->live;
	bool         followed = false, first = f->looked == 0, switched = false;

	if (f->name_error == 0)
		switched = place(f);
	if (!steady_scan(f, &u, now)) {
		found_fini(&u);
		return NULL;
	}
	switched = switched && former != NULL && former->linked;
	*kind = switched ? FOLLOW_NEW_RUN : FOLLOW_ROTATED;
	if (switched)
		f->run++;
	if (first || switched)
		set_history(f, &u);
	adopt(f, &u, &followed, now);
	found_fini(&u);
	if (f->name_error != 0)
		return "";
	take_name(f, followed, now);
	return switched ? "the link leads to another file: a new run"
	                : tell(f, former, followed);
}

const char *
rotate_replaced(struct follow *f, double now, enum follow_kind *kind)
{
	struct undo *undo = undo_begin(f);
	const char  *text = replaced(f, now, kind);

	return undo_end(undo, f) ? NULL : text;
}

/* The copy that was made before the live file was cut: the longest that has its mark. */
static struct tail *
find_copy(struct follow *f, const struct found *u)
{
	struct tail *best = NULL;

	for (size_t i = 0; i < f->n; i++) {
		struct tail *t = f->file[i];

		if (t != f->live && !t->packed && t->linked && t->aside &&
		    proof_continues(f, t, f->live) &&
		    (best == NULL || t->info.size > best->info.size))
			best = t;
	}
	for (size_t i = 0; i < u->n; i++)
		if (!u->file[i]->packed && proof_continues(f, u->file[i], f->live) &&
		    (best == NULL || u->file[i]->info.size > best->info.size))
			best = u->file[i];
	for (size_t i = 0; i < u->n && best == NULL; i++)
		if (u->file[i]->packed && !in_the_making(f, u->file[i]) &&
		    proof_continues(f, u->file[i], f->live))
			best = u->file[i];
	return best;
}

/* Rotation by copying writes all of them anew in place: those have lost their own marks. */
static void
suspect_rotations(struct follow *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct tail *t = f->file[i];

		if (t == f->live || t->aside || t->packed || !t->linked || t->mark.n == 0)
			continue;
		if (!proof_ok(f, mark_holds_path(t->path, t->offset, &t->mark))) {
			t->aside = true;
			t->dirty = false;
			tail_close(t);
		}
	}
}

static void
adopt_cut(struct follow *f, struct found *u, double now)
{
	bool   followed = true;
	size_t kept = 0;

	for (size_t i = 0; i < u->n; i++) {
		struct tail *t = u->file[i];

		if (proof_continues(f, t, f->live) || proof_copies_live(f, t))
			set_aside(f, t);
		else
			u->file[kept++] = t;
	}
	u->n = kept;
	adopt(f, u, &followed, now);
}

const char *
rotate_truncated(struct follow *f, double now)
{
	struct undo *undo = undo_begin(f);
	struct found u = { 0 };
	struct tail *live = f->live, *copy = NULL;
	uint64_t     lost = live->offset;

	if (steady_scan(f, &u, now)) {
		suspect_rotations(f);
		copy = live->offset > 0 ? find_copy(f, &u) : NULL;
		if (copy != NULL) {
			take_over(copy, live);
			copy->closed = true;
			if (follow_index(f, copy) < f->n)
				follow_remove(f, copy);
			follow_insert(f, follow_index(f, live), copy);
		}
		for (size_t i = 0; i < u.n; i++)
			if (u.file[i] == copy)
				u.file[i--] = u.file[--u.n];
		if (follow_in_place(f))
			adopt_cut(f, &u, now); /* else: when what the live file holds now has been read */
		follow_move_last(f, live);
	}
	found_fini(&u);
	if (undo_end(undo, f))
		return NULL;
	tail_rewind(live);
	if (copy != NULL)
		snprintf(f->text, sizeof f->text, "copied to %s and truncated", copy->path);
	else
		snprintf(f->text, sizeof f->text, "truncated or written anew after byte %llu: "
		    "read again from its start", (unsigned long long)lost);
	return f->text;
}

bool
rotate_is_beside(const struct follow *f, const struct tail *t)
{
	const char *name;
	char       *dir = path_dir(t->path, &name);
	bool        beside = strcmp(dir, dirlist_path(f->dir)) == 0 &&
	    name_is_rotation(f->base, name);

	free(dir);
	return beside;
}

void
rotate_forget(struct follow *f)
{
	size_t i = 0;

	while (f->n > FOLLOW_FILES && i < f->n) {
		struct tail *t = f->file[i];

		if (t == f->live || t->linked || t->fd >= 0) {
			i++;
		} else {
			follow_remove(f, t);
			tail_free(t);
		}
	}
}
