/* SPDX-License-Identifier: MIT */
/*
 * vocab_impl: the fields of the vocabulary, for vocab.c and vocab_load.c.
 */
#ifndef VOCAB_IMPL_H
#define VOCAB_IMPL_H

#include "map.h"
#include "vocab.h"

/* A metric of the vocabulary, or the meaning of a word that is no metric. */
struct entry {
	char            *base;
	enum key_kind    kind;
	bool             phased;
	enum phase       phase; /* implied: a key that is always of one phase */
	struct unit      unit;  /* printed without saying so */
	bool             has_unit;
	struct metric_info info;
};

/* What a name says of an unknown metric: the first glob that fits. */
struct like {
	char *glob;
	struct metric_info info;
	bool  phased;
	bool  setting; /* its name alone is no reason to take it for a metric */
};

struct name {
	char *text;
	struct metric_info info;
};

struct vocab {
	struct map   *words;  /* folded key -> struct entry */
	struct entry **entry; /* owned */
	size_t        entries, entry_cap;
	struct like  *like;
	size_t        likes, like_cap;
	struct map   *phases; /* folded word -> (void *)(phase + 1) */
	struct map   *fillers; /* words at the ends of a key that say nothing */
	struct map   *metric_ids, *label_ids; /* text -> (void *)(id + 1) */
	struct name **metric; /* owned; what series borrow of them stays where it is */
	size_t        metrics, metric_cap;
	char        **label;
	size_t        labels, label_cap;
};

/*
 * The form in which keys are compared: lower case, without quotes and blanks at
 * the ends, and every run of blanks, '_' and '-' between words one '_'.
 */
struct span vocab_fold(struct span key, char *buf, size_t size);


#endif
