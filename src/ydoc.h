/* SPDX-License-Identifier: MIT */
/*
 * ydoc: YAML text to a tree whose nodes know their line and column (libyaml).
 *
 * One document a file.  Refused, each with its place: duplicate keys, tags,
 * aliases and anchors, more than one document, nesting deeper than 32, a text
 * over 4 MiB.  Mappings keep their order.  Nothing is converted: a scalar is
 * text, and the functions below read it as what is meant.
 */
#ifndef YDOC_H
#define YDOC_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "diag.h"
#include "span.h"

enum ynode_kind { Y_SCALAR, Y_LIST, Y_MAP };

struct ynode {
	enum ynode_kind kind;
	unsigned        line, col; /* where it starts, from 1 */
	bool            plain;     /* scalar without quotes */
	bool            block;     /* scalar written with | or > : text starts on the next line */
	struct span     text;      /* scalar: its text, NUL-terminated all the same */
	size_t          n;         /* list, map: number of children */
	struct ynode  **item;      /* list: children; map: values */
	struct ynode  **key;       /* map: keys, scalars, beside item */
};

struct ydoc;

/*
 * Parses text, which is copied, as the file called name (copied).  Mistakes go
 * to diags.  Returns NULL when there was one.
 */
struct ydoc *ydoc_parse(const char *name, struct span text, struct diags *);
/* Reads a whole file (4 MiB at most) and parses it. */
struct ydoc *ydoc_read(const char *path, struct diags *);
void         ydoc_free(struct ydoc *);

/*
 * A parsed document as bytes and back, for the files inside the binary: they are parsed
 * when lossdog is built, so that a start does not wait for YAML.  Every value of the key
 * without is left out, whatever map it stands in; places stay those of the text.
 * ydoc_unpack borrows text (the whole file) and packed (bytes of ydoc_pack, which it
 * trusts) for as long as the document lives; name is copied.
 */
void         ydoc_pack(const struct ydoc *, const char *without, struct buf *);
struct ydoc *ydoc_unpack(const char *name, const char *text, const void *packed);

const struct ynode *ydoc_root(const struct ydoc *); /* never NULL */
const char         *ydoc_name(const struct ydoc *);
/* The whole text, for excerpts. */
const char         *ydoc_text(const struct ydoc *);

/* Adds an error (warning) at a node: diags_add with the place filled in. Returns -1. */
int ydoc_error(const struct ydoc *, const struct ynode *, struct diags *,
    const char *fmt, ...) DIAG_PRINTF(4, 5);
int ydoc_warn(const struct ydoc *, const struct ynode *, struct diags *,
    const char *fmt, ...) DIAG_PRINTF(4, 5);
/* As ydoc_error (ydoc_warn), at byte offset off inside a scalar's text (a regex, an expression). */
int ydoc_error_in(const struct ydoc *, const struct ynode *, size_t off,
    struct diags *, const char *fmt, ...) DIAG_PRINTF(5, 6);
int ydoc_warn_in(const struct ydoc *, const struct ynode *, size_t off,
    struct diags *, const char *fmt, ...) DIAG_PRINTF(5, 6);

/* The value of a key of a map, or NULL. */
const struct ynode *ynode_get(const struct ynode *, const char *key);

/*
 * Checks that every key of a map is one of names (NULL-terminated); each other
 * is an error with the nearest valid name.  False when there was one.
 */
bool ydoc_keys(const struct ydoc *, const struct ynode *map,
    const char *const *names, struct diags *);

/* Scalars read as what is meant: false (and an error) when they are not that. */
bool ydoc_bool(const struct ydoc *, const struct ynode *, bool *ret, struct diags *);
bool ydoc_num(const struct ydoc *, const struct ynode *, double *ret, struct diags *);
bool ydoc_str(const struct ydoc *, const struct ynode *, const char **ret, struct diags *);

#endif
