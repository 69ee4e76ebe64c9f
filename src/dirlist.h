/* SPDX-License-Identifier: MIT */
/*
 * dirlist: the names in a directory, read again only when they may have changed.
 *
 * Sorted, so that the rotations of a log are a range.  A directory whose time
 * stamp is too young to prove anything counts as changed.
 */
#ifndef DIRLIST_H
#define DIRLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "fileid.h"

#define DIRLIST_MAX 1000000 /* names of one directory */

struct dirlist;

struct dirlist *dirlist_new(const char *path);
void            dirlist_free(struct dirlist *);

/*
 * 0, or -1: it cannot be listed (errno; there are no names then).  now: wall
 * time; asked again for the same `now`, it does not look again unless `force`.
 */
int         dirlist_refresh(struct dirlist *, double now, bool force);
/* Goes up when the names may have changed. */
unsigned    dirlist_generation(const struct dirlist *);
const char *dirlist_path(const struct dirlist *);
size_t      dirlist_count(const struct dirlist *);
const char *dirlist_name(const struct dirlist *, size_t i);
/* It is, as far as the directory itself tells, a directory (DT_DIR), a file (DT_REG) ...; DT_UNKNOWN. */
unsigned char dirlist_type(const struct dirlist *, size_t i);
/* Index of the first name that is not before `name` in byte order. */
size_t      dirlist_find(const struct dirlist *, const char *name);

/* Listings by their path, shared by all who look into the same directory. */
struct dircache;

struct dircache *dircache_new(void);
void             dircache_free(struct dircache *);
/* The listing of path, made when it is new; the cache owns it. */
struct dirlist  *dircache_get(struct dircache *, const char *path);

/* A file name that looks like a log's. */
bool name_is_log(const char *name);
/*
 * name is what rotation makes of base: base, a separator, and only numbers,
 * dates and words like "old", "bak", "gz" behind it.
 */
bool name_is_rotation(const char *base, const char *name);
/* It could be the rotation of some base. */
bool name_may_be_rotation(const char *name);

/* dir/name, or name alone when dir is ".": free it. */
char *path_join(const char *dir, const char *name);
/* Splits path into its directory ("." for none; free it) and the name behind, which is borrowed from path. */
char *path_dir(const char *path, const char **name);

#endif
