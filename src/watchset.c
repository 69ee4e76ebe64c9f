/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "watchset_impl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xalloc.h"

#define TURN          (4u << 20) /* bytes of one file before the others have their turn */
#define FORGET        3600.0     /* seconds after which a name without a file is forgotten */
#define MUTE          0.1        /* seconds without inotify after it told only of files that are no logs */
#define SAFETY_MAX    64.0
#define POLL_LOCAL    0.2
#define POLL_REMOTE   1.5

void
watchset_note(struct watchset *w, unsigned bit, const char *text)
{
	if (w->said & bit)
		return;
	w->said |= bit;
	snprintf(w->notice, sizeof w->notice, "%s", text);
}

const char *
watchset_notice(struct watchset *w)
{
	static const char none[] = "";

	if (strcmp(w->notice, none) == 0)
		return NULL;
	memmove(w->buf, w->notice, sizeof w->notice);
	w->notice[0] = '\0';
	return w->buf;
}

static unsigned
descriptor_limit(unsigned wanted)
{
	struct rlimit r;

	if (wanted == 0)
		wanted = 256;
	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur / 4 < wanted)
		wanted = (unsigned)(r.rlim_cur / 4);
	return wanted > 0 ? wanted : 1;
}

struct watchset *
watchset_new(const struct watchset_opts *opts)
{
	struct watchset *w = xcalloc(1, sizeof *w);

	w->opts = *opts;
	w->opts.descriptors = descriptor_limit(opts->descriptors);
	if (w->opts.files == 0)
		w->opts.files = 100000;
	w->dirs = w->opts.follow.dirs = dircache_new();
	w->folder_by_path = map_new();
	w->slot_by_path = map_new();
	w->fd = -1;
	w->last = -INFINITY;
	w->step = SAFETY_FIRST;
	w->buf = xmalloc(FOLLOW_BUF);
	if (opts->wake) {
		w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
		if (w->fd < 0)
			watchset_note(w, NOTICE_BLIND, "inotify is not to be had: "
			    "looking at the files several times a second instead");
	}
	w->blind = w->fd < 0;
	return w;
}

void
watchset_free(struct watchset *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < map_count(w->slot_by_path); i++) {
		struct slot *s = map_at(w->slot_by_path, i, NULL);

		follow_free(s->file.follow);
		free(s);
	}
	for (size_t i = 0; i < w->folders; i++) {
		free(w->folder[i]->path);
		free(w->folder[i]);
	}
	for (size_t i = 0; i < w->roots; i++)
		free(w->root[i].path);
	free(w->slot);
	free(w->folder);
	free(w->by_wd);
	free(w->root);
	map_free(w->slot_by_path);
	map_free(w->folder_by_path);
	dircache_free(w->dirs);
	if (w->fd >= 0)
		close(w->fd);
	free(w->buf);
	free(w);
}

int
watchset_add(struct watchset *w, const char *path, struct diag *d)
{
	struct stat sb;
	size_t      n = strlen(path);
	char       *copy;

	if (n == 0 || n >= 4096)
		return diag_set(d, "a path of %zu bytes cannot be watched", n);
	if (stat(path, &sb) == 0 && !S_ISREG(sb.st_mode) && !S_ISDIR(sb.st_mode))
		return diag_at(d, path, 0, 0, "is neither a file nor a directory: "
		    "read it with 'lossdog < %s'", path);
	copy = xstrdup(path);
	while (n > 1 && copy[n - 1] == '/')
		copy[--n] = '\0';
	XGROW(w->root, w->roots, w->root_cap);
	w->root[w->roots++] = (struct root){
		.path = copy,
		.kind = stat(copy, &sb) != 0 && strpbrk(copy, "*?[") != NULL
		    ? ROOT_PATTERN : ROOT_PATH,
	};
	return 0;
}

void
watchset_look(struct watchset *w, double now, bool all)
{
	if (all || w->search)
		watchset_search(w, now);
	w->search = false;
	if (all) {
		w->last = now;
		w->step = fmin(w->step * 2, SAFETY_MAX);
	}
	for (size_t i = 0; i < w->slots; i++)
		if (all || w->slot[i]->due <= now)
			w->slot[i]->dirty = true;
	w->cursor = 0;
	w->turn = 0;
}

/* Too many descriptors: those that a name leads back to are closed. */
static void
keep_to_limit(struct watchset *w)
{
	if (w->open <= w->opts.descriptors)
		return;
	w->open = 0;
	for (size_t i = 0; i < w->slots; i++)
		if (!w->slot[i]->busy)
			w->open += follow_close(w->slot[i]->file.follow);
		else
			w->open += follow_descriptors(w->slot[i]->file.follow);
}

/* No file has had this name for so long that it is not waited for any more. */
static bool
given_up(const struct watchset *w, const struct slot *s, double now)
{
	for (size_t i = 0; i < w->roots; i++)
		if (strcmp(w->root[i].path, follow_path(s->file.follow)) == 0)
			return false;
	return now - follow_missing_since(s->file.follow) > FORGET &&
	    follow_descriptors(s->file.follow) == 0;
}

/* The one of which WATCH_FORGET has been said; it stands just before the cursor. */
static void
bury(struct watchset *w)
{
	struct slot *s = w->cursor > 0 && w->cursor <= w->slots
	    ? w->slot[w->cursor - 1] : NULL;

	if (s == NULL || !s->dead)
		return;
	w->cursor--;
	memmove(w->slot + w->cursor, w->slot + w->cursor + 1,
	    (w->slots - w->cursor - 1) * sizeof *w->slot);
	w->slots--;
	follow_free(s->file.follow);
	*s = (struct slot){ 0 }; /* the map keeps it: the name may come back */
}

/* One step of one file; false: it has nothing more to say now. */
static bool
step(struct watchset *w, struct slot *s, double now, struct watch_event *ret)
{
	unsigned before;

	*ret = (struct watch_event){ .file = &s->file };
	if (s->fresh) {
		s->fresh = false;
		ret->kind = WATCH_FOUND;
		return true;
	}
	before = follow_descriptors(s->file.follow);
	if (!s->busy) {
		s->busy = true;
		s->spoke = false;
		follow_look(s->file.follow, now);
	}
	ret->kind = WATCH_EVENT;
	if (!follow_next(s->file.follow, now, w->buf, &ret->event)) {
		s->busy = s->dirty = false;
		s->due = follow_deadline(s->file.follow);
		ret->kind = WATCH_DONE;
	}
	w->open += follow_descriptors(s->file.follow) - before;
	w->turn += ret->event.bytes.n;
	if (ret->kind == WATCH_DONE) {
		keep_to_limit(w);
		if (given_up(w, s, now)) {
			s->dead = true;
			ret->kind = WATCH_FORGET;
			return true;
		}
		return s->spoke || follow_changed(s->file.follow);
	}
	s->spoke = true;
	return true;
}

bool
watchset_next(struct watchset *w, double now, struct watch_event *ret)
{
	bool again = false;

	bury(w);
	for (;;) {
		for (; w->cursor < w->slots; w->cursor++, w->turn = 0) {
			struct slot *s = w->slot[w->cursor];

			if (s->dirty && w->turn >= TURN) {
				again = true; /* the others first */
				continue;
			}
			if (s->dirty && step(w, s, now, ret)) {
				if (!s->dirty)
					w->cursor++;
				return true;
			}
		}
		if (!again)
			for (size_t i = 0; i < w->slots && !again; i++)
				again = w->slot[i]->busy;
		if (!again)
			return false;
		again = false;
		w->cursor = 0;
	}
}

int
watchset_fd(const struct watchset *w, double now)
{
	return now < w->muted ? -1 : w->fd;
}

/* true: it concerned something that is followed or may become so. */
static bool
take_event(struct watchset *w, const struct inotify_event *e)
{
	struct folder *d;
	struct slot   *s;
	char          *path;

	if (e->wd < 0 || (size_t)e->wd >= w->wds || w->by_wd[e->wd] == NULL)
		return false;
	d = w->by_wd[e->wd];
	if (e->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) {
		if (e->mask & IN_MOVE_SELF)
			inotify_rm_watch(w->fd, d->wd);
		w->by_wd[e->wd] = NULL;
		d->wd = -1;
		w->search = true;
		return true;
	}
	path = path_join(d->path, e->len > 0 ? e->name : "");
	s = map_get(w->slot_by_path, span_of(path));
	free(path);
	if (s == NULL && e->len > 0)
		s = watchset_base_of(w, d->path, e->name);
	if (s != NULL && s->file.follow != NULL)
		s->dirty = true;
	if ((e->mask & (IN_MODIFY | IN_ATTRIB)) != 0)
		return s != NULL;
	w->step = SAFETY_FIRST;
	if (s == NULL && (e->mask & (IN_CREATE | IN_MOVED_TO)) != 0)
		w->search = true; /* something new: search, at most once per look */
	return true;
}

void
watchset_wake(struct watchset *w, double now)
{
	char    events[16 * 1024] __attribute__((aligned(__alignof__(struct inotify_event))));
	bool    useful = false, useless = false;
	ssize_t n;

	while (w->fd >= 0 && (n = read(w->fd, events, sizeof events)) > 0) {
		useless = true;
		for (char *p = events; p < events + n;) {
			const struct inotify_event *e = (const void *)p;

			if (e->mask & IN_Q_OVERFLOW) {
				w->search = useful = true;
				watchset_note(w, NOTICE_OVERFLOW, "more was written than inotify could tell: "
				    "looking at everything");
				for (size_t i = 0; i < w->slots; i++)
					w->slot[i]->dirty = true;
			} else {
				useful |= take_event(w, e);
			}
			p += sizeof *e + e->len;
		}
	}
	if (useless && !useful)
		w->muted = now + MUTE;
}

/* Seconds between two looks at everything: the more files, the more it costs. */
static double
interval(const struct watchset *w)
{
	double crowd = 1 + (double)w->slots / 1000;

	if (w->opts.poll > 0)
		return w->opts.poll;
	return w->remote ? POLL_REMOTE * crowd : w->blind ? POLL_LOCAL * crowd : w->step;
}

double
watchset_deadline(const struct watchset *w, double now, bool *all)
{
	double at = w->last + interval(w);

	*all = true;
	for (size_t i = 0; i < w->slots; i++)
		if (w->slot[i]->due < at) {
			at = w->slot[i]->due;
			*all = false;
		}
	if (now < w->muted && w->muted < at) {
		at = w->muted;
		*all = false;
	}
	return at;
}

unsigned
watchset_count(const struct watchset *w)
{
	return (unsigned)w->slots;
}

struct watched *
watchset_at(const struct watchset *w, unsigned i)
{
	return &w->slot[i]->file;
}
