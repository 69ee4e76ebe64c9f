/* SPDX-License-Identifier: MIT */
/*
 * match_impl: the fields of the matcher, for match.c and match_state.c.
 */
#ifndef MATCH_IMPL_H
#define MATCH_IMPL_H

#include "match.h"
#include "reader.h"
#include "reading.h"

#define RANK_CACHE 64
#define SIGN_SEEN      (1u << 31)

struct event {
	unsigned        id;
	struct pattern *pattern, *unless;
	bool            nameless; /* no named groups */
};

#define SCORE_NUMBERS 8 /* what speaks for a profile: a line with numbers */

/* What matchers of the same profiles and events share; it changes no more once it is ready. */
struct tables {
	unsigned         users;
	bool             ready;
	struct literals *literals;
	struct reader  **order;   /* the most specific first; the generic ones at the end */
	unsigned         special; /* how many are not generic */
	struct event    *event;
	unsigned         events;
	size_t           event_cap;
	unsigned        *sign_of; /* profile of each sign */
	unsigned         signs;
	unsigned         words;   /* of the bits of readers, events and signs */
};

struct matcher {
	struct profiles *profiles;
	struct vocab    *vocab;
	struct tables   *t;
	unsigned         readers;
	uint64_t        *hit;     /* candidates: bits in the order of readers, then the events; NULL before the first line */
	uint64_t        *met;     /* readers of profiles that have read a line */
	struct shapes   *shapes;
	const struct profile *only;

	/* State of the stream. */
	uint64_t        *lines;   /* read by each profile */
	uint64_t        *score;   /* and what speaks for it */
	unsigned char   *lean;    /* lines without numbers that counted */
	unsigned        *sign_of; /* profile of each sign; | SIGN_SEEN when it has been seen */
	uint64_t        *hits;    /* by each reader */
	struct block    *block;   /* one a profile */
	unsigned         open;    /* blocks open */
	unsigned         state;   /* goes up when lines may be read differently from now on */
	enum phase       phase;   /* context */
	bool             placed;  /* a line has said where the run stands */
	int              rank_labels[RANK_CACHE];
};

/* Its tables are made, with the first line. */
void matcher_ready(struct matcher *);
/* This profile has read a line: from now on it comes first. */
void matcher_meet(struct matcher *, const struct profile *);

#endif
