/* SPDX-License-Identifier: MIT */
/*
 * map: name to pointer.  Open addressing, names of any bytes, copied in.
 */
#ifndef MAP_H
#define MAP_H

#include <stddef.h>

#include "span.h"

struct map;

struct map *map_new(void);
/* The values are not touched: they belong to the caller. */
void map_free(struct map *);
/* Sets name to value (not NULL); returns the value that was there, or NULL. */
void *map_set(struct map *, struct span name, void *value);
/* The value, or NULL. */
void *map_get(const struct map *, struct span name);
size_t map_count(const struct map *);
/* Entry i of map_count in the order of their first setting; *name is borrowed. */
void *map_at(const struct map *, size_t i, struct span *name);

#endif
