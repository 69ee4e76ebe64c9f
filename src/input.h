/* SPDX-License-Identifier: MIT */
/*
 * input: a log that is read once from start to end.
 *
 * A path or "-" (standard input); gzip, zstd and xz are decompressed by their
 * first bytes, whatever the name.  Errors name the file and say what it is; the
 * name in d->file is the caller's path, or lives until input_close.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <sys/types.h>

#include "diag.h"

struct input;

/* NULL: it cannot be read (missing, a directory, no permission, unknown compression); d says so. */
struct input *input_open(const char *path, struct diag *d);
/* As input_open over a descriptor, which input_close then closes; name is for messages and copied. */
struct input *input_fdopen(int fd, const char *name, struct diag *d);
void          input_close(struct input *);

/* At most n > 0 bytes into buf, as soon as there are any; 0: the end; -1: d says why. */
ssize_t input_read(struct input *, char *buf, size_t n, struct diag *d);

/* "-" is "<stdin>" here. */
const char *input_name(const struct input *);
bool        input_compressed(const struct input *);

#endif
