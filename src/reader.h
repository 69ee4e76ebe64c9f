/* SPDX-License-Identifier: MIT */
/*
 * reader: what a profile says of one kind of line, ready to use.
 *
 * Made by profile.c from YAML, used by match.c and reading.c.  The rest of the program does
 * not include this.
 */
#ifndef READER_H
#define READER_H

#include <stdbool.h>

#include "map.h"
#include "number.h"
#include "pattern.h"
#include "span.h"
#include "vocab.h"

#define READER_NEEDS   16 /* keys that an object must have */

#define READER_GAP ' ' /* sep: two blanks or more; names of columns have one */

/* What a key or a group of a line means. */
struct target {
	enum key_kind kind;      /* KEY_METRIC, a position, KEY_IGNORE; KEY_RANK and KEY_GPU are labels */
	bool          phased;
	enum phase    phase;     /* said by the key; PHASE_NONE: the reader's, else the context's */
	char          base[VOCAB_NAME_MAX];
	char          label[24]; /* not "": the value is a label of this name */
	char          with[32];  /* not "": the metric has this label, "gpu=0" */
	bool          has_unit;
	struct unit   unit;
	double        scale;     /* the value times this */
	int           id[4];     /* interned metric by phase; -1: not yet */
	bool          known;     /* in the vocabulary or the profile, not taken on trust */
};

enum group_use { GROUP_NONE, GROUP_TARGET, GROUP_REST, GROUP_PHASE, GROUP_KEY, GROUP_VALUE };

enum rest { REST_NONE, REST_PAIRS, REST_OBJECT, REST_COLUMNS };

/* A key that is a pattern: "gpu_usage:(?<gpu>\d+)". */
struct key_pattern {
	struct pattern *pattern;
	struct target  *target;
};

struct reader {
	const struct profile *profile;
	char           *name, *full; /* full: "profile/reader" */
	unsigned        line;      /* of the YAML file */
	struct pattern *pattern;   /* NULL: the line begins with '{' */
	bool            ready;     /* groups are resolved */
	struct {
		enum group_use use;
		struct target *target;
		const char    *phase; /* of a value: "val/" before its key; NULL: the key alone */
	} group[PATTERN_GROUPS];
	unsigned        groups;    /* highest named group + 1 */

	enum rest       rest;
	char            sep;       /* pairs: hard border beside the usual ones; columns: between cells, 0: blanks, READER_GAP */
	bool            comma;     /* numbers may have a decimal comma: 1,5 */
	bool            anywhere;  /* object: may begin after other text */
	bool            strict;    /* only keys that are mapped or in the vocabulary */
	bool            spaced;    /* pairs: "loss 0.1" counts for unknown keys as well */
	char          **needs;     /* object: keys that must be there */
	unsigned        nneeds;
	struct pattern *row;       /* columns: what a row looks like; NULL: as many cells */
	bool            flex;      /* columns: a row may have more cells than names */

	enum phase      phase;     /* of metrics whose key does not say */
	enum phase      set_phase; /* context: for the lines after this one */
	bool            sets_phase;
	struct map     *map;       /* raw key -> struct target, the profile's own and what was looked up */
	struct key_pattern *keys;
	unsigned        nkeys;
	struct target **own;       /* all targets, owned */
	size_t          nown, own_cap;

	char           *opens, *in, *closes; /* names of blocks */
	bool            hold;      /* opens: samples wait for the positions printed later in the block */
	bool            stay;      /* opens: the block stays until it is closed or opened again */
	bool            bar;       /* a progress bar: a point only when complete */
	bool            main_bar;  /* its n/total is the run's step and total */
	bool            finish;    /* the run has finished by its own words */
	bool            starts;    /* a new run begins here */
	bool            context;   /* positions only: no sample is expected */
	int             priority;  /* added to the specificity */

	unsigned        id;        /* number among all readers */
	/* Made by the first matcher: */
	bool            scored;
	char          **literal;   /* one of them stands in every line that it can read; none: any line */
	unsigned        literals;
	unsigned        score;     /* specificity */
	bool            digits;    /* its pattern may tell one digit from another */
};

struct profile {
	char          *name, *title, *versions, *file;
	struct reader **reader;
	size_t         readers, reader_cap;
	char         **sign;      /* literals that recognise it */
	size_t         signs;
	bool           aside;     /* stands beside the lines of a framework: a monitor, MLPerf's marks */
	bool           generic;   /* tried when nothing else reads the line */
	unsigned       index;
	struct ydoc   *doc;       /* its text, for the tests in it */
};

/* A target of this reader, who frees it; its name. */
struct target *reader_target_new(struct reader *);
void           target_base(struct target *, struct span base);
void           reader_free(struct reader *);

/* The target of a key as printed; looked up once, then remembered.  Never NULL. */
struct target *reader_target(struct reader *, const struct vocab *, struct span key);
/* The same by its printed name, where another key of the line has what the vocabulary makes of it. */
struct target *reader_target_own(struct reader *, const struct target *, struct span key);
/* A key as printed that has this target; none: it was too many. */
struct span    reader_key(const struct reader *, const struct target *);

/* Resolves the named groups of the pattern; once. */
void reader_prepare(struct reader *, const struct vocab *);

/* All readers of all profiles, numbered by id. */
struct profiles;
struct reader *profiles_reader(const struct profiles *, unsigned id);
struct profile *profiles_get(const struct profiles *, unsigned i);

#endif
