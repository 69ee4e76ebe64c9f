/* SPDX-License-Identifier: MIT */
/*
 * profile: YAML to the knowledge of how one framework prints (rules/profiles/).
 *
 * A profile is a list of readers, each of which takes the numbers out of one
 * kind of line.  See lossdog-profile(5) for the format:
 *
 *	profile: megatron-lm
 *	title: Megatron-LM
 *	versions: 2.x, 3.x, Core
 *	signs: ["using world size:"]           # lines that recognise it without numbers
 *	reads:
 *	- name: train
 *	  pattern: 'iteration\s+(?<step>\d+)/\s*(?<steps>\d+) \|'
 *	  pairs: {sep: '|'}                     # then every key: value of the rest
 *	  map: {lm loss: loss, "elapsed time per iteration (ms)": step_time ms}
 *	- name: validation
 *	  pattern: 'validation loss at iteration (?<step>\d+)'
 *	  phase: val
 *	  pairs: {sep: '|'}
 *	- name: table                          # a line names its own metric
 *	  pattern: '^\|\s+(?<key>\S+)\s+\|\s+(?<value>%{num})\s+\|'
 *	tests:
 *	- lines: [" iteration 10/ 100 | lm loss: 1.0E+00 |"]
 *	  samples: [{metric: train/loss, value: 1.0, step: 10}]
 *
 * Parsing touches nothing but the text.  A later profile of the same name replaces an
 * earlier one.
 */
#ifndef PROFILE_H
#define PROFILE_H

#include "buf.h"
#include "diag.h"
#include "span.h"
#include "vocab.h"
#include "ydoc.h"

struct profiles;
struct profile;

struct profiles *profiles_new(struct vocab *); /* borrowed */
void             profiles_free(struct profiles *);
/* Adds a profile, a document that is taken (NULL: it could not be parsed).  -1: mistakes are in diags. */
int              profiles_load(struct profiles *, struct ydoc *, struct diags *);

/* Goes up with each profile that is loaded: what was made of the profiles before is out of date. */
unsigned              profiles_loads(const struct profiles *);
unsigned              profiles_count(const struct profiles *);
const struct profile *profiles_at(const struct profiles *, unsigned i);
const struct profile *profiles_find(const struct profiles *, const char *name);
const char           *profile_name(const struct profile *);
const char           *profile_title(const struct profile *);
const char           *profile_versions(const struct profile *); /* which it was written for; NULL: not said */
const char           *profile_file(const struct profile *);
/* The whole YAML text. */
const char           *profile_text(const struct profile *);

/* Readers of all profiles: their number, and "profile/reader" of number i (match.reader_id). */
unsigned              profiles_reader_count(const struct profiles *);
const char           *profiles_reader_name(const struct profiles *, unsigned i);
/* The number of the reader of that name, which was `guess` when the state was saved; -1: there is none. */
int                   profiles_reader_find(const struct profiles *, const char *name, unsigned guess);

#endif
