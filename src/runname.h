/* SPDX-License-Identifier: MIT */
/*
 * runname: what the run of a log is called.
 */
#ifndef RUNNAME_H
#define RUNNAME_H

/*
 * The name that a pattern gives to an absolute path: {path}, {dir}, {parent}
 * (the folder's own name), {name}, {stem} (without its ending).  NULL: {path}.  Free it.
 */
char *run_name(const char *pattern, const char *path);
/* NULL, or the first word in braces that is none of these: free it. */
char *run_name_unknown(const char *pattern);
/* path from the root, without looking at links: free it. */
char *path_absolute(const char *path);

#endif
