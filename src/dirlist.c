/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "dirlist.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "map.h"
#include "xalloc.h"

#define TICK       0.05 /* as long may two changes share one time stamp */
#define FORCED_MAX 64   /* when thousands of logs are rotated at once, one listing must do for many */

struct entry {
	char         *name;
	unsigned char type;
};

struct dirlist {
	char           *path;
	struct entry   *entry;
	size_t          n, cap;
	struct fileinfo info;  /* of the directory when it was listed */
	bool            stale; /* a change right after the listing would not show */
	bool            known;
	double          checked;    /* the `now` of the last look */
	int             error;      /* errno of it */
	unsigned        forced;     /* looks that were forced at that time */
	unsigned        generation;
};

struct dirlist *
dirlist_new(const char *path)
{
	struct dirlist *l = xcalloc(1, sizeof *l);

	l->path = xstrdup(path);
	l->checked = NAN;
	return l;
}

static void
forget(struct dirlist *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->entry[i].name);
	l->n = 0;
	l->known = false;
	l->generation++;
}

void
dirlist_free(struct dirlist *l)
{
	if (l == NULL)
		return;
	forget(l);
	free(l->entry);
	free(l->path);
	free(l);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static int
list(struct dirlist *l)
{
	DIR           *d = opendir(l->path);
	struct dirent *e;

	if (d == NULL)
		return -1;
	while ((e = readdir(d)) != NULL && l->n < DIRLIST_MAX) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		XGROW(l->entry, l->n, l->cap);
		l->entry[l->n++] = (struct entry){ xstrdup(e->d_name), e->d_type };
	}
	closedir(d);
	if (l->n > 1)
		qsort(l->entry, l->n, sizeof *l->entry, by_name);
	return 0;
}

static int
refresh(struct dirlist *l, double now)
{
	struct fileinfo info;

	if (fileinfo_path(l->path, &info) != 0)
		return -1;
	if (l->known && !l->stale && fileid_same(&info.id, &l->info.id) &&
	    fileinfo_same(&info, &l->info))
		return 0;
	forget(l);
	if (list(l) != 0)
		return -1;
	l->known = true;
	l->stale = now - (double)info.mtime * 1e-9 < TICK;
	l->info = info;
	return 0;
}

int
dirlist_refresh(struct dirlist *l, double now, bool force)
{
	if (l->checked != now)
		l->forced = 0;
	if (l->checked == now && (!force || l->forced++ >= FORCED_MAX)) {
		errno = l->error;
		return l->error != 0 ? -1 : 0;
	}
	l->checked = now;
	l->error = refresh(l, now) == 0 ? 0 : errno;
	if (l->error != 0)
		forget(l);
	errno = l->error;
	return l->error != 0 ? -1 : 0;
}

unsigned
dirlist_generation(const struct dirlist *l)
{
	return l->generation;
}

const char *
dirlist_path(const struct dirlist *l)
{
	return l->path;
}

size_t
dirlist_count(const struct dirlist *l)
{
	return l->n;
}

const char *
dirlist_name(const struct dirlist *l, size_t i)
{
	return l->entry[i].name;
}

unsigned char
dirlist_type(const struct dirlist *l, size_t i)
{
	return l->entry[i].type;
}

size_t
dirlist_find(const struct dirlist *l, const char *name)
{
	size_t from = 0, to = l->n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (strcmp(l->entry[mid].name, name) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

struct dircache {
	struct map *map;
};

struct dircache *
dircache_new(void)
{
	struct dircache *c = xmalloc(sizeof *c);

	c->map = map_new();
	return c;
}

void
dircache_free(struct dircache *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < map_count(c->map); i++)
		dirlist_free(map_at(c->map, i, NULL));
	map_free(c->map);
	free(c);
}

struct dirlist *
dircache_get(struct dircache *c, const char *path)
{
	struct dirlist *l = map_get(c->map, span_of(path));

	if (l == NULL) {
		l = dirlist_new(path);
		map_set(c->map, span_of(path), l);
	}
	return l;
}

bool
name_is_log(const char *name)
{
	static const char *const whole[] = { "log", "stdout", "stderr", "output",
		"console", "nohup.out" };
	static const char *const ending[] = { ".log", ".out", ".err", ".txt", ".csv",
		".tsv", ".jsonl", ".ndjson", ".stdout", ".stderr", ".log.json", "_log",
		"-log", ".output" };
	size_t n = strlen(name);

	if (name[0] == '.' || strncmp(name, "events.out.tfevents", 19) == 0)
		return false;
	for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
		if (strcmp(name, whole[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++) {
		size_t m = strlen(ending[i]);

		if (n > m && strcmp(name + n - m, ending[i]) == 0)
			return true;
	}
	return false;
}

static bool
is_rotation_word(const char *s, size_t n)
{
	static const char *const word[] = { "gz", "zst", "xz", "bz2", "lz4", "old",
		"bak", "prev", "orig", "save", "saved", "backup", "rotated", "copy" };

	if (strspn(s, "0123456789") >= n)
		return true;
	for (size_t i = 0; i < sizeof word / sizeof word[0]; i++)
		if (strlen(word[i]) == n && memcmp(word[i], s, n) == 0)
			return true;
	return false;
}

static const char separators[] = "._-~:+@TZ";

bool
name_may_be_rotation(const char *name)
{
	const char *p = name + strlen(name);

	while (p > name && strchr(separators, p[-1]) == NULL)
		p--;
	return p > name && (*p == '\0' || is_rotation_word(p, strlen(p)));
}

bool
name_is_rotation(const char *base, const char *name)
{
	size_t      n = strlen(base);
	const char *p = name + n;

	if (strncmp(base, name, n) != 0 || *p == '\0' || strchr("._-~", *p) == NULL)
		return false;
	while (*p != '\0') {
		p++; /* the separator */
		n = strcspn(p, separators);
		if (n > 0 && !is_rotation_word(p, n))
			return false;
		p += n;
	}
	return true;
}

char *
path_join(const char *dir, const char *name)
{
	size_t n = strcmp(dir, ".") == 0 ? 0 : strlen(dir), m = strlen(name) + 1;
	char  *path = xmalloc(n + 1 + m);

	memcpy(path, dir, n);
	if (n > 0 && dir[n - 1] != '/')
		path[n++] = '/';
	memcpy(path + n, name, m);
	return path;
}

char *
path_dir(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');

	*name = slash != NULL ? slash + 1 : path;
	if (slash == NULL)
		return xstrdup(".");
	return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}
