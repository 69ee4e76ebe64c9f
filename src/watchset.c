/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "watchset.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "dirlist.h"
#include "map.h"
#include "xalloc.h"

#define DEPTH_MAX     16         /* folders in folders */
#define DIRS_MAX      20000
#define TURN          (4u << 20) /* bytes of one file before the others have their turn */
#define FORGET        3600.0     /* seconds after which a name without a file is forgotten */
#define MUTE          0.1        /* seconds without inotify after it told only of files that are no logs */
#define SAFETY_FIRST  1.0        /* seconds to the first look that nothing asked for; each next one is twice as far */
#define SAFETY_MAX    64.0
#define POLL_LOCAL    0.2
#define POLL_REMOTE   1.5

#define WAKE_MASK (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | \
    IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

enum root_kind { ROOT_PATH, ROOT_PATTERN };

struct root {
	char          *path;
	enum root_kind kind;
};

struct folder {
	char           *path;
	struct dirlist *list;
	unsigned        seen;  /* generation whose names have been looked at */
	int             fd;    /* while they are */
	int             wd;    /* inotify; -1: none */
	unsigned        depth; /* below the root; DEPTH_MAX: its names are not searched, only watched */
};

struct slot {
	struct watched file;  /* follow NULL: forgotten */
	bool           fresh; /* WATCH_FOUND is still to be said */
	bool           dirty; /* to be looked at in this pass */
	bool           busy;  /* a look is under way */
	bool           dead;  /* WATCH_FORGET was said */
	bool           spoke; /* it had events in this look */
	double         due;   /* follow_deadline */
};

struct watchset {
	struct watchset_opts opts;
	struct dircache     *dirs;
	struct root         *root;
	size_t               roots, root_cap;
	struct folder      **folder;
	size_t               folders, folder_cap;
	struct folder      **by_wd; /* inotify numbers its watches from 1 */
	size_t               wds, wd_cap;
	struct map          *folder_by_path;
	struct slot        **slot;
	size_t               slots, slot_cap;
	struct map          *slot_by_path;
	size_t               cursor;
	size_t               turn;     /* bytes of the present file */
	unsigned             open;     /* descriptors */
	int                  fd;       /* inotify; -1: none */
	bool                 remote, blind; /* a file server; a folder without inotify */
	bool                 search;   /* names have appeared, or events were lost */
	double               muted;    /* until then */
	double               last, step; /* the last full look, and the time to the next */
	char                 notice[256];
	unsigned             said;     /* bits of NOTICE_* */
	char                *buf;
};

enum { NOTICE_BLIND = 1, NOTICE_FULL = 2, NOTICE_OVERFLOW = 4 };

static void
notice(struct watchset *w, unsigned bit, const char *text)
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
			notice(w, NOTICE_BLIND, "inotify is not to be had: "
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

static bool
is_remote(const char *path)
{
	static const unsigned long kind[] = {
		0x6969, 0xfe534d42, 0xff534d42, 0x517b,      /* NFS, SMB2, CIFS, SMB */
		0x65735546, 0x0bd00bd0, 0x47504653,          /* FUSE, Lustre, GPFS */
		0x19830326, 0x01021997, 0x5346414f, 0x00c36400 /* BeeGFS, 9p, AFS, Ceph */
	};
	struct statfs fs;

	if (statfs(path, &fs) != 0)
		return false;
	for (size_t i = 0; i < sizeof kind / sizeof kind[0]; i++)
		if ((unsigned long)fs.f_type == kind[i])
			return true;
	return false;
}

static void
watch_folder(struct watchset *w, struct folder *d)
{
	if (d->wd >= 0 || w->fd < 0)
		return;
	d->wd = inotify_add_watch(w->fd, d->path, WAKE_MASK);
	if (d->wd >= 0) {
		while (w->wds <= (size_t)d->wd) {
			XGROW(w->by_wd, w->wds, w->wd_cap);
			w->by_wd[w->wds++] = NULL;
		}
		w->by_wd[d->wd] = d;
		return;
	}
	if (errno == ENOENT || errno == ENOTDIR || errno == EACCES)
		return;
	w->blind = true;
	notice(w, NOTICE_BLIND, "no more inotify watches (fs.inotify.max_user_watches): "
	    "looking at the files several times a second instead");
}

static struct folder *
add_folder(struct watchset *w, const char *path, unsigned depth)
{
	struct folder *d = map_get(w->folder_by_path, span_of(path));

	if (d != NULL) {
		if (depth < d->depth)
			d->depth = depth;
		return d;
	}
	if (w->folders == DIRS_MAX) {
		notice(w, NOTICE_FULL, "too many folders: the rest is not watched");
		return NULL;
	}
	d = xcalloc(1, sizeof *d);
	d->path = xstrdup(path);
	d->list = dircache_get(w->dirs, path);
	d->wd = d->fd = -1;
	d->depth = depth;
	w->remote |= w->opts.wake && is_remote(path);
	XGROW(w->folder, w->folders, w->folder_cap);
	w->folder[w->folders++] = d;
	map_set(w->folder_by_path, span_of(path), d);
	watch_folder(w, d); /* before its names are read: nothing may come in between */
	return d;
}

/* As it was left: nothing to follow.  d: the folder of path, refreshed. */
static bool
is_settled(const struct watchset *w, const char *path, const char *name, struct folder *d)
{
	if (w->opts.settled == NULL)
		return false;
	if (d->fd < 0)
		d->fd = open(d->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return d->fd >= 0 &&
	    w->opts.settled(w->opts.arg, path, follow_print_at(name, d->list, d->fd));
}

static void
add_file(struct watchset *w, const char *path)
{
	struct slot *s = map_get(w->slot_by_path, span_of(path));

	if (s != NULL && s->file.follow != NULL)
		return;
	if (w->slots == w->opts.files) {
		notice(w, NOTICE_FULL, "too many logs: the rest is not followed");
		return;
	}
	if (s == NULL) {
		s = xcalloc(1, sizeof *s);
		map_set(w->slot_by_path, span_of(path), s);
	}
	s->file.follow = follow_new(path, &w->opts.follow);
	s->fresh = s->dirty = true;
	s->due = INFINITY;
	XGROW(w->slot, w->slots, w->slot_cap);
	w->slot[w->slots++] = s;
}

static bool
matches(const char *const *list, const char *name)
{
	for (; list != NULL && *list != NULL; list++)
		if (fnmatch(*list, name, 0) == 0)
			return true;
	return false;
}

/* The followed log whose rotation `name` is, or would be; NULL: of none. */
static struct slot *
base_of(const struct watchset *w, const char *dir, const char *name)
{
	struct slot *s = NULL;
	char        *path, *base;

	if (!name_may_be_rotation(name))
		return NULL;
	path = path_join(dir, name);
	base = path + strlen(path) - strlen(name);
	for (char *p = base + strlen(base) - 1; p > base && s == NULL; p--) {
		if (strchr("._-~", *p) == NULL)
			continue;
		*p = '\0';
		if (name_is_rotation(base, name))
			s = map_get(w->slot_by_path, span_of(path));
		if (s != NULL && s->file.follow == NULL)
			s = NULL;
	}
	free(path);
	return s;
}

static bool
is_log(const struct watchset *w, const char *name)
{
	if (matches(w->opts.exclude, name))
		return false;
	return w->opts.include != NULL ? matches(w->opts.include, name)
	                               : name_is_log(name);
}

/* It is the rotation of a log: one that is followed, or that stands beside it. */
static bool
has_base(const struct watchset *w, const struct folder *d, const char *name)
{
	if (!name_may_be_rotation(name))
		return false;
	if (base_of(w, d->path, name) != NULL)
		return true;
	for (size_t i = dirlist_find(d->list, name); i-- > 0;) {
		const char *base = dirlist_name(d->list, i);

		if (base[0] != name[0])
			return false;
		if (name_is_rotation(base, name) && is_log(w, base))
			return true;
	}
	return false;
}

static void
close_folder(struct folder *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}

/* One entry of a folder that is searched. */
static void
consider(struct watchset *w, struct folder *d, const char *name, unsigned char type)
{
	char       *path = path_join(d->path, name);
	struct stat sb;
	bool        file = false;

	if (type == DT_UNKNOWN && lstat(path, &sb) == 0)
		type = S_ISDIR(sb.st_mode) ? DT_DIR : S_ISREG(sb.st_mode) ? DT_REG
		    : S_ISLNK(sb.st_mode) ? DT_LNK : DT_FIFO;
	if (type == DT_DIR && name[0] != '.' && d->depth + 1 < DEPTH_MAX &&
	    !matches(w->opts.exclude, name))
		add_folder(w, path, d->depth + 1);
	else if (type == DT_REG && is_log(w, name))
		file = !is_settled(w, path, name, d);
	else if (type == DT_LNK && is_log(w, name) && stat(path, &sb) == 0)
		file = S_ISREG(sb.st_mode);
	if (file)
		add_file(w, path);
	free(path);
}

/* Names are sorted, so a log comes before its rotations, which are left to it. */
static void
search_folder(struct watchset *w, struct folder *d, double now)
{
	int rc;

	watch_folder(w, d); /* when it is there again */
	rc = dirlist_refresh(d->list, now, false);
	if (d->seen == dirlist_generation(d->list))
		return;
	d->seen = dirlist_generation(d->list);
	w->step = SAFETY_FIRST;
	if (rc != 0 || d->depth == DEPTH_MAX)
		return;
	for (size_t i = 0; i < dirlist_count(d->list); i++) {
		const char *name = dirlist_name(d->list, i);

		if (!has_base(w, d, name))
			consider(w, d, name, dirlist_type(d->list, i));
	}
	close_folder(d);
}

/* The folders in which a match may appear are watched, on each level of the pattern. */
static void
watch_pattern(struct watchset *w, const char *pattern)
{
	char  *part = xstrdup(pattern);
	char  *slash;
	glob_t g;

	while ((slash = strrchr(part, '/')) != NULL && slash > part) {
		*slash = '\0';
		if (glob(part, GLOB_NOSORT | GLOB_ONLYDIR, NULL, &g) == 0)
			for (size_t i = 0; i < g.gl_pathc; i++)
				add_folder(w, g.gl_pathv[i], DEPTH_MAX);
		globfree(&g);
		if (strpbrk(part, "*?[") == NULL)
			break;
	}
	if (slash == NULL)
		add_folder(w, ".", DEPTH_MAX);
	free(part);
}

static void
search_path(struct watchset *w, struct root *r, const char *path, double now)
{
	struct stat    sb;
	struct folder *d;
	const char    *name;
	char          *dir;

	if (stat(path, &sb) == 0 && S_ISDIR(sb.st_mode)) {
		add_folder(w, path, 0);
		return;
	}
	if (r->kind == ROOT_PATTERN && stat(path, &sb) == 0 && !S_ISREG(sb.st_mode))
		return;
	dir = path_dir(path, &name);
	d = add_folder(w, dir, DEPTH_MAX);
	free(dir); /* name is in path */
	if (d == NULL || lstat(path, &sb) != 0 || !S_ISREG(sb.st_mode) ||
	    dirlist_refresh(d->list, now, false) != 0 || !is_settled(w, path, name, d))
		add_file(w, path);
	if (d != NULL)
		close_folder(d);
}

static void
search(struct watchset *w, double now)
{
	for (size_t i = 0; i < w->roots; i++) {
		struct root *r = &w->root[i];
		glob_t       g;

		if (r->kind == ROOT_PATH) {
			search_path(w, r, r->path, now);
			continue;
		}
		watch_pattern(w, r->path);
		if (glob(r->path, 0, NULL, &g) == 0)
			for (size_t k = 0; k < g.gl_pathc; k++)
				search_path(w, r, g.gl_pathv[k], now);
		globfree(&g);
	}
	for (size_t i = 0; i < w->folders; i++) /* grows while it is walked */
		search_folder(w, w->folder[i], now);
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
		search(w, now);
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
		s = base_of(w, d->path, e->name);
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
				notice(w, NOTICE_OVERFLOW, "more was written than inotify could tell: "
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
