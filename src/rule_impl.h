/* SPDX-License-Identifier: MIT */
/*
 * rule_impl: the fields of a rule, for rule*.c and judge*.c.
 */
#ifndef RULE_IMPL_H
#define RULE_IMPL_H

#include "expr.h"
#include "facts.h"
#include "map.h"
#include "rule.h"
#include "text.h"
#include "ydoc.h"

#define RULE_LEVELS   4
#define RULE_NAMES    16 /* aliases, inhibits, silent conditions, metrics of a need */
#define RULE_CAPTURES 8
#define RULE_HOW      48
#define RULE_MIN_POINTS 20 /* diagnostics 1.3 */

enum role {
	ROLE_NONE, ROLE_ROOT, ROLE_CASCADE, ROLE_TEARDOWN, ROLE_ADVICE, ROLE_WARN, ROLE_INFO,
	ROLE_MARKER
};
enum every { EVERY_SAMPLE, EVERY_BLOCK, EVERY_TICK, EVERY_END, EVERY_EVENT };

struct names { char *v[RULE_NAMES]; unsigned n; };

/* Chooses series. */
struct need {
	char        *name;
	bool         optional;
	struct names metrics;     /* the first that exists; or a glob */
	unsigned     classes;     /* bits of enum metric_class; 0: by name */
	unsigned     phases;      /* bits of enum phase; 0: any */
	struct names except;
};

struct level { struct expr when; enum severity severity; }; /* when.n == 0: always */
struct param { char *name, *reason; struct value value; };
struct let { char *name; struct expr e; };
struct silent { struct expr e; char *text, *why; };
struct how { char *profile, *flags; };

struct cause {
	struct text because, evidence, advice;
	struct expr when;         /* n == 0: nothing speaks for or against it */
	struct how *how;
	unsigned    nhow;
};

/* A user's change: of enabled (0 or 1), severity (its number), keep, min_points or a parameter. */
struct override { char *key, *run, *metric; double value; };

struct rule {
	unsigned     id;          /* number of the name it is reported by */
	char        *name, *title, *file, *source, *measured;
	char        *of;          /* the rule of which it is a variant; or NULL */
	struct names alias, inhibits;
	struct level level[RULE_LEVELS];
	unsigned     nlevel;
	struct need  need[SCOPE_NEEDS];
	unsigned     nneed, each;
	unsigned char wants[SCOPE_NEEDS];
	enum every   every;
	unsigned     min_points, max_points, keep; /* max_points 0: no end */
	bool         live, mixed, never;  /* never resolved */
	struct param param[SCOPE_PARAMS];
	unsigned     nparam;
	struct let   let[SCOPE_LETS];
	unsigned     nlet;
	struct expr  when, resolve;
	char        *when_text;
	struct silent silent[RULE_NAMES];
	unsigned     nsilent;
	unsigned     nstreak;
	unsigned     watch[RULE_NAMES]; /* ids of the events that its conditions name */
	unsigned     nwatch;
	/* events */
	enum role    role;
	enum mark    mark;
	bool         traceback, restart;
	unsigned     first_event, nevents;
	char        *capture[RULE_CAPTURES];
	unsigned     ncapture;
	unsigned     count;
	struct value within;
	/* words */
	struct text  summary, evidence, advice;
	struct cause cause[FINDING_CAUSES];
	unsigned     ncause;
	/* the user's: those for all runs and metrics first */
	struct override *over;
	unsigned     nover;

	struct ydoc *doc;         /* borrowed from the set */
	const struct ynode *node, *tests;
};

struct event_pattern { char *pattern, *unless; bool exact; unsigned rule; };

/* A text of a rule in another language. */
struct wording {
	struct ydoc        *doc;  /* borrowed from the set */
	const struct ynode *id, *english, *text;
	bool                used; /* a rule has this text */
};

struct id { char *name; char *where; }; /* where: file that uses it before a rule has it */

struct rules {
	struct vocab *vocab;
	struct rule **at;
	size_t        size;
	unsigned      n;
	struct event_pattern *event;
	size_t        event_size;
	unsigned      nevents;
	struct id    *ids;
	size_t        id_size;
	unsigned      nids;
	struct ydoc **doc;
	size_t        doc_size;
	unsigned      ndocs;
	bool          trusted; /* patterns of what is loaded now are known to compile */
	struct map   *words;  /* of struct wording, by rule and English text */
	bool         *inhibits; /* n × n, made by rules_finish: [a * n + b]: a silences b */
};

/* The number of an id, made when it is new. */
unsigned rules_id(struct rules *, const char *name);
/* NULL: there is none. */
struct wording *wording_find(const struct rules *, const char *rule, struct span english);
/* Those that no rule has used: -1 when one is of a rule that is not there. */
int             wordings_check(const struct rules *, struct diags *);
void            wordings_free(struct rules *);
/* Reads one rule's map; NULL: mistakes were added. */
struct rule *rule_load(struct rules *, struct ydoc *, const struct ynode *, struct diags *);
void         rule_free(struct rule *);
/* Does a name match one of the names, which may be globs? */
bool         names_match(const struct names *, const char *name);
/* Does the need choose this metric; *rank: its place in the list. */
bool         need_match(const struct need *, const struct vocab *, int metric, unsigned *rank);

const char *role_name(enum role);
const char *every_name(enum every);

#endif
