/* SPDX-License-Identifier: MIT */
/*
 * embed: the files of rules/ inside the binary, so that one file is a whole
 * installation.  embed.c is made by mkembed when lossdog is built.
 *
 * Names are relative to rules/ ("profiles/keras.yaml"), sorted as bytes.  The
 * data is followed by a NUL that does not count.
 */
#ifndef EMBED_H
#define EMBED_H

#include <stddef.h>

struct embed_file {
	const char *name;
	const char *data;
	size_t      size;
	const char *packed; /* without its tests, for ydoc_unpack */
};

extern const struct embed_file embed_files[];
extern const size_t            embed_count;

#endif
