/* SPDX-License-Identifier: MIT */
/*
 * hyper: what a log says of the run before it trains: parameters and versions.
 *
 * Understood: argparse's Namespace(lr=0.1, ...), the arguments that Hugging
 * Face prints one a line, "key": value lines of a JSON dump and whole objects,
 * YAML (nested names are joined: optimizer.lr),
 * Megatron's "key ....... value", banners of "key: value" and "key = value", and
 * "torch 2.1.0" or "CUDA version: 12.1" for the versions.  Secrets are hidden.
 */
#ifndef HYPER_H
#define HYPER_H

#include <stdbool.h>

#include "jsonw.h"
#include "line.h"
#include "match.h"
#include "vocab.h"

#define HYPER_MAX   600  /* parameters kept */
#define HYPER_VALUE 200  /* bytes of a value */
#define HYPER_LINES 4000 /* lines looked at */
#define HYPER_SECTIONS 6 /* nested ones that have a name; deeper ones are called as their parent is */

struct hyper;

/* Where in a dump a log is; all zero at the start, and saved as it is. */
struct hyper_place {
	struct { char name[64]; size_t indent; } section[HYPER_SECTIONS]; /* of the dump, outermost first */
	unsigned sections;
	unsigned lines; /* looked at */
	bool     block; /* inside of a dump of one argument a line */
};

/*
 * Hands out the parameters of a line as printed, without quotes.  measures: it holds a
 * metric, so it says how the run goes, not what it is; trains: samples have come
 * already.  Then only dumps that say what they are count.  False: nothing else is
 * looked for in it.
 */
bool hyper_read(struct hyper_place *, const struct line *, bool measures, bool trains,
    void (*take)(void *arg, struct span name, struct span value), void *arg);

/* Does a line hold a metric?  Learning rates and what is unknown stand among the parameters as well. */
bool hyper_measures(const struct vocab *, const struct match *);

struct hyper *hyper_new(void);
void          hyper_free(struct hyper *);
void          hyper_line(struct hyper *, const struct line *, bool measures, bool trains);
/* The value of a parameter as printed, or NULL. */
const char   *hyper_find(const struct hyper *, const char *name);
/* Writes "parameters": {...} and "versions": {...} into an open object. */
void          hyper_json(const struct hyper *, struct jsonw *);

#endif
