/* SPDX-License-Identifier: MIT */
/*
 * prefix_impl: what prefix.c (peeling), prefix_json.c (JSON-wrapped lines) and
 * prefix_load.c (the file) share.  Nobody else includes it.
 */
#ifndef PREFIX_IMPL_H
#define PREFIX_IMPL_H

#include "map.h"
#include "pattern.h"
#include "prefix.h"

#define JSON_LAYER 63 /* the bit of JSON-wrapped lines among those of the layers */
#define HEAD       4  /* bytes by which layers are told apart at once */
#define LIST_MAX   12 /* starts, times of a layer */

enum group { G_TIME, G_RANK, G_NODE, G_LEVEL, G_TEXT, G_N };

struct list {
	char    *text[LIST_MAX];
	unsigned n;
};

struct layer {
	char           *name;
	struct pattern *pattern;
	struct pattern *sure;  /* NULL; what follows the prefix and makes it sure */
	struct pattern *tail;  /* NULL; what stands behind the text, at the end of the line */
	struct list     start; /* shapes of the first bytes */
	struct list     time;  /* forms of the time */
	int             streak; /* -1: needs no confirmation */
	bool            known; /* group numbers are known */
	unsigned        group[G_N]; /* 0: none */
	unsigned        ncap;       /* captures that are looked at */
};

/* What a key of a JSON-wrapped line is. */
enum json_key { J_TEXT, J_TIME, J_LEVEL, J_STREAM, J_RANK, J_PLAIN, J_N };

struct prefixes {
	struct layer *layer;
	size_t        n, cap;
	int           streaks;
	uint64_t      byte[HEAD][256]; /* layers whose byte there may be this one */
	struct map   *json;       /* key to its entry of json_kinds */
	struct list   json_time;
};

/* What one layer says. */
struct facts {
	double          time; /* NaN: none */
	long            rank, node;
	enum line_level level;
};

/* The names of the groups in the order of their enum, NULL at the end. */
extern const char *const prefix_group_names[];

/* The level that a word or letter names; LEVEL_NONE: none. */
enum line_level prefix_level(struct span);
/* The number at the end of s: 5 of "vm-07-05"; -1: none. */
long prefix_number(struct span);
/* A byte has the shape: # a digit, ^ an upper and ? a lower case letter, * any byte; others are themselves. */
bool prefix_shape(char shape, char c);
/* The time by the first of the forms that reads it. */
bool prefix_time(const struct list *forms, struct span, double arrival, struct stamp_memo *,
    double *ret);
/* Sets those facts of the line that are there. */
void prefix_apply(const struct facts *, struct line *);

/*
 * {"log": "...", "stream": ..., "time": ...}: the text is the line.  A record
 * that holds numbers of its own ({"event": "train", "loss": 0.1}) stays as it
 * is for the profiles, and only its time, level and rank are taken: *whole.
 */
bool prefix_json(const struct prefixes *, struct prefix_memo *, struct line *, bool *whole);

#endif
