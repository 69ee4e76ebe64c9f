/* SPDX-License-Identifier: MIT */
/* watchset: what is a log below the paths, and which folders are to be watched. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "watchset_impl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "xalloc.h"

#define DEPTH_MAX     16         /* folders in folders */
#define DIRS_MAX      20000
#define WAKE_MASK (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | \
    IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

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
	watchset_note(w, NOTICE_BLIND, "no more inotify watches (fs.inotify.max_user_watches): "
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
		watchset_note(w, NOTICE_FULL, "too many folders: the rest is not watched");
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
		watchset_note(w, NOTICE_FULL, "too many logs: the rest is not followed");
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
struct slot *
watchset_base_of(const struct watchset *w, const char *dir, const char *name)
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
	if (watchset_base_of(w, d->path, name) != NULL)
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

void
watchset_search(struct watchset *w, double now)
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
