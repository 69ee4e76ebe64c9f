/* SPDX-License-Identifier: MIT */
/*
 * conf: the configuration, as a flat list of values that know where they came from.
 *
 *	lang: zh                         section ""           key lang
 *	notify:
 *	  team: { type: slack, ... }     section notify.team  key type
 *	rules:
 *	  loss-plateau: off              section rules.loss-plateau  key enabled = off
 *	  loss-spike: { times: 8 }       section rules.loss-spike  key times
 *	  loss-spike:                    the same for some runs or metrics only:
 *	    - { times: 8 }
 *	    - { run: "gan-*", metric: "g_*", times: 12 }
 *
 * A value that is read later replaces an earlier one of the same section, key
 * and condition: built in, /etc/xdg, the user's file, environment, options.
 * What a section may hold is its owner's business (notifiers.h, rule.h).
 */
#ifndef CONF_H
#define CONF_H

#include <stdbool.h>

#include "diag.h"

struct conf;
struct conf_doc; /* the file a value stands in */

struct conf_value {
	const char *section, *key;
	const char *text;    /* of a list: its items with \n between them */
	bool        list;
	const char *run, *metric; /* rules: patterns it is limited to; NULL: none */
	const char *origin;  /* "FILE", "built in", "environment (NAME)", "option" */
	unsigned    line, col; /* in FILE; 0 elsewhere */
	const struct conf_doc *doc; /* NULL: not from a file */
};

#define CONF_FILE "config.yaml"

struct conf *conf_new(void);
void         conf_free(struct conf *);

/*
 * Reads path, or when it is NULL what LOSSDOG_CONFIG names, or else the
 * system's and the user's config.yaml, as far as they exist; then the
 * environment (LOSSDOG_LANG, LOSSDOG_STATE_DIR).  Mistakes go to diags; -1 when there was one.
 */
int conf_load(struct conf *, const char *path, struct diags *diags);
/* Adds one file's text: what conf_load does for each. */
int conf_read(struct conf *, const char *path, struct diags *diags);
/* Sets a value; all is copied. */
void conf_set(struct conf *, const char *section, const char *key,
    const char *text, const char *origin);

/* All values in the order of their first setting. */
unsigned                 conf_count(const struct conf *);
const struct conf_value *conf_at(const struct conf *, unsigned i);
/* The value without a condition, or NULL. */
const struct conf_value *conf_find(const struct conf *, const char *section,
    const char *key);
/* Its text, or NULL. */
const char *conf_text(const struct conf *, const char *section, const char *key);
/* Section i of those that begin with prefix ("notify."), without it; NULL past the last. */
const char *conf_section(const struct conf *, const char *prefix, unsigned i);

/* Files that were read, for `config show`; NULL past the last. */
const char *conf_path(const struct conf *, unsigned i);
/* Others can read the file that the value stands in. */
bool conf_is_open(const struct conf_value *);

/* A mistake in a value, with its place.  Returns -1. */
int conf_mistake(const struct conf_value *, enum diag_level, struct diags *,
    const char *fmt, ...) DIAG_PRINTF(4, 5);

/* Texts read as what is meant; false: not that. */
bool conf_bool(const char *text, bool *ret);
bool conf_seconds(const char *text, double *ret); /* 90, 1.5s, 10m, 2h, 1d */

#endif
