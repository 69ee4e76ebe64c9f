/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "runname.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "dirlist.h"
#include "xalloc.h"

char *
path_absolute(const char *path)
{
	char cwd[PATH_MAX];

	while (strncmp(path, "./", 2) == 0)
		path += 2;
	if (path[0] == '/' || getcwd(cwd, sizeof cwd) == NULL)
		return xstrdup(path);
	return strcmp(path, ".") == 0 ? xstrdup(cwd) : path_join(cwd, path);
}

/* The part of a path that a word of the pattern stands for; false: it stands for none. */
static bool
add_part(struct buf *b, struct span word, const char *path)
{
	const char *name, *parent;
	char       *dir = path_dir(path, &name);
	char       *up = path_dir(dir, &parent);
	const char *dot = strrchr(name, '.');
	const struct { const char *word, *text; size_t n; } part[] = {
		{ "path", path, strlen(path) },
		{ "dir", dir, strlen(dir) },
		{ "parent", parent, strlen(parent) },
		{ "name", name, strlen(name) },
		{ "stem", name, dot != NULL && dot > name ? (size_t)(dot - name) : strlen(name) },
	};
	bool known = false;

	for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
		if (span_is(word, part[i].word)) {
			buf_add(b, part[i].text, part[i].n);
			known = true;
		}
	free(dir);
	free(up);
	return known;
}

/* The text of a pattern; *unknown: the first word that stands for nothing. */
static char *
expand(const char *pattern, const char *path, struct span *unknown)
{
	struct buf  b;
	const char *end;

	buf_init(&b, 4096);
	*unknown = SPAN_NONE;
	for (const char *p = pattern; *p != '\0';) {
		struct span word;

		end = *p == '{' ? strchr(p, '}') : NULL;
		if (end == NULL) {
			buf_char(&b, *p++);
			continue;
		}
		word = (struct span){ p + 1, (size_t)(end - p) - 1 };
		if (!add_part(&b, word, path) && unknown->p == NULL)
			*unknown = word;
		p = end + 1;
	}
	return buf_take(&b);
}

char *
run_name(const char *pattern, const char *path)
{
	struct span unknown;

	return expand(pattern != NULL ? pattern : "{path}", path, &unknown);
}

char *
run_name_unknown(const char *pattern)
{
	struct span unknown;

	free(expand(pattern, "/", &unknown));
	return unknown.p != NULL ? xstrndup(unknown.p, unknown.n) : NULL;
}
