/* SPDX-License-Identifier: MIT */
/*
 * check_impl: what the files of `lossdog check` share.
 */
#ifndef CHECK_IMPL_H
#define CHECK_IMPL_H

#include "cmd.h"
#include "sweep.h"

enum check_format { FORMAT_TEXT, FORMAT_TABLE, FORMAT_NAGIOS, FORMAT_JSON };

/* What a pass found, on stdout; seconds: how long it took.  Returns the exit status. */
int check_print(struct sweep *, enum check_format, bool quiet, double seconds, double now);

/* --print-NAME: ready files for other programs.  argv: the paths that they are to check. */
struct check_file { const char *name, *help; void (*print)(FILE *, const char *program, int argc, char **argv); };
extern const struct check_file check_files[]; /* name NULL at the end */

#endif
