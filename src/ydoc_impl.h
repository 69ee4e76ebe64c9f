/* SPDX-License-Identifier: MIT */
/*
 * ydoc_impl: the fields of a document, for ydoc.c, which parses one, and
 * ydoc_pack.c, which makes one of what was packed.
 */
#ifndef YDOC_IMPL_H
#define YDOC_IMPL_H

#include "ydoc.h"

struct ydoc {
	char          *name;
	char          *text; /* owned when it was parsed, borrowed when unpacked */
	size_t         size;
	struct ynode  *root;
	struct ynode **all; /* parsed: every node, for freeing */
	size_t         n, cap;
	void          *arena; /* unpacked: all nodes and links in one piece; NULL when parsed */
};

#endif
