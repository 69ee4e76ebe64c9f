/* SPDX-License-Identifier: MIT */
/*
 * rule_loader: what reading a rule's map has in common, for rule_load*.c.
 */
#ifndef RULE_LOADER_H
#define RULE_LOADER_H

#include "rule_impl.h"

/* What is known while one rule is read. */
struct loader {
	struct rules *rules;
	struct rule  *r;
	struct ydoc  *doc;
	struct diags *diags;
	struct scope  scope;
	const struct ynode *node; /* of the text in hand */
	bool          failed;
};

#define FAIL(l, n, ...) \
	do { \
		(l)->failed = true; \
		ydoc_error((l)->doc, (n), (l)->diags, __VA_ARGS__); \
	} while (0)

/* A text; "" and a mistake when it is none. */
const char *loader_str(struct loader *, const struct ynode *);
/* The number under a key, or what stands for it. */
unsigned    loader_count(struct loader *, const struct ynode *map, const char *key, unsigned otherwise);
/* The number of the word in a table of names, of which those before `from` do not count; -1: a mistake was added. */
int         loader_choice(struct loader *, const struct ynode *, const char *const *table, unsigned from);
bool        loader_is_name(const char *);

extern const char *const loader_roles[]; /* ORDER of enum role, NULL-terminated */

/* rule_load_event.c: event, unless, detect, role, mark, count, within. */
void        loader_events(struct loader *, const struct ynode *map);

#endif
