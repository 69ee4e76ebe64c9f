/* SPDX-License-Identifier: MIT */
/*
 * watchset_impl: the fields of a watchset, for watchset.c, which looks at the
 * logs, and watchset_find.c, which finds them.
 */
#ifndef WATCHSET_IMPL_H
#define WATCHSET_IMPL_H

#include "dirlist.h"
#include "map.h"
#include "watchset.h"

#define SAFETY_FIRST  1.0        /* seconds to the first look that nothing asked for; each next one is twice as far */

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
	unsigned        depth; /* below the root; at its limit its names are not searched, only watched */
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

/* watchset.c: a remark for the user, said once. */
void watchset_note(struct watchset *, unsigned bit, const char *text);

/* watchset_find.c: all that is new below the roots gets its slot. */
void watchset_search(struct watchset *, double now);
/* The log that a file of this name in that folder may be a rotation of; NULL: none that is followed. */
struct slot *watchset_base_of(const struct watchset *, const char *dir, const char *name);

#endif
