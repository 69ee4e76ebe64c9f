/* SPDX-License-Identifier: MIT */
/*
 * inflate: compressed bytes to bytes; gzip, zstd and xz behind one face.
 *
 * The only file that includes zlib, zstd and lzma, each of which may have been
 * left out when the program was built.  Members and frames that follow each
 * other are one stream, as the tools that make them say.  Memory is bounded:
 * a stream that asks for a window of more than INFLATE_MEMORY is refused.
 */
#ifndef INFLATE_H
#define INFLATE_H

#include <stdbool.h>
#include <sys/types.h>

#include "diag.h"
#include "span.h"

#define INFLATE_MAGIC  6 /* bytes that tell all kinds apart */
#define INFLATE_MEMORY (160u << 20)

enum inflate_kind {
	INFLATE_NONE,  /* not compressed in a way that we know */
	INFLATE_SHORT, /* may become one of the kinds: show more bytes */
	INFLATE_GZIP, INFLATE_ZSTD, INFLATE_XZ,
	INFLATE_BZIP2, INFLATE_LZ4 /* known to be refused by name */
};

struct inflate;

/* The kind by the first bytes of a file. */
enum inflate_kind inflate_magic(struct span first);
/* Whether name ends as the compressors of that kind name their files (".gz"). */
bool inflate_suffix(const char *name);

/* NULL: the kind is not supported or not built in, and d says what to do. */
struct inflate *inflate_new(enum inflate_kind, struct diag *d);
void            inflate_free(struct inflate *);

/*
 * Takes bytes from the front of *in, which it advances, and puts at most n into
 * out.  Returns how many; 0: it needs more input; -1: broken data, d says how.
 */
ssize_t inflate_next(struct inflate *, struct span *in, char *out, size_t n,
    struct diag *d);
/* The input may end here: nothing was begun that has no end. */
bool inflate_complete(struct inflate *);

/* "zlib 1.2.13, zstd 1.5.4, xz 5.4.1" or what there is of it; "" for none.  Into ret. */
void inflate_versions(char *ret, size_t n);

#endif
