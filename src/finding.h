/* SPDX-License-Identifier: MIT */
/*
 * finding: a rule that fired on a run.
 *
 * Plain data that flows to the sinks.  All strings are borrowed for the call;
 * who keeps a finding copies it (finding_copy).
 */
#ifndef FINDING_H
#define FINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

#define FINDING_SCHEMA 1
#define FINDING_CAUSES 8
#define FINDING_CURVE  48

enum severity { SEV_INFO, SEV_NOTICE, SEV_WARNING, SEV_CRITICAL };
enum finding_state { FINDING_FIRING, FINDING_RESOLVED };

struct finding_cause {
	const char *because;
	const char *evidence; /* what in this log speaks for it; NULL: nothing does */
	const char *advice;   /* JSON: "do" */
};

/* The same in another language; NULL each: there is none. */
struct finding_words {
	const char *summary, *evidence, *advice;
	struct finding_cause cause[FINDING_CAUSES];
};

struct finding {
	char        id[40];   /* of the episode: firing and resolved share it */
	const char *rule;
	const char *under;    /* rule of the headline of which this is a part; NULL: it is one itself */
	enum severity severity;
	enum finding_state state;
	const char *run, *source;
	const char *metric;   /* NULL: about no metric */
	const char *labels;   /* "rank=3,gpu=0"; "" or NULL: none */
	double      step, epoch, time, value; /* NaN: absent */
	uint64_t    line;     /* 0: absent */
	const char *text;     /* that line, made harmless; NULL: absent */
	const char *summary;
	const char *advice;   /* of the first cause, or of the rule */
	struct finding_cause cause[FINDING_CAUSES]; /* ranked */
	unsigned    causes;
	const char *evidence; /* values behind it: "loss 9.31, best 2.10 at step 400, threshold 2.31"; may be NULL */
	double      first_time, last_time; /* of the episode */
	double      curve[FINDING_CURVE];  /* the course of the metric until now, oldest first */
	unsigned    points;                /* of the curve; 0: none */
	struct finding_words zh; /* for people; JSON is in English */
};

const char *severity_name(enum severity);
/* false: no such name. */
bool        severity_find(const char *name, enum severity *ret);

/* Text i of it, to be read or set, until NULL: all its strings but the id. */
const char    **finding_text(struct finding *, unsigned i);
struct finding *finding_copy(const struct finding *);
void            finding_free(struct finding *);

/* One JSON object without a newline: the documented schema (DESIGN, section 9). */
void finding_json(const struct finding *, struct buf *);

#endif
