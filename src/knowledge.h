/* SPDX-License-Identifier: MIT */
/*
 * knowledge: all that lossdog knows before it reads a line.
 *
 * The files of rules/ that are compiled in, then the user's own directory
 * ($XDG_CONFIG_HOME/lossdog/rules), then each --rules DIR: metrics.yaml,
 * prefixes.yaml, profiles/NAME.yaml, lang/zh.yaml, diagnostics/ID.yaml.  Later files add, and
 * replace by id what they name again.
 */
#ifndef KNOWLEDGE_H
#define KNOWLEDGE_H

#include <stdbool.h>

#include "diag.h"
#include "lang.h"
#include "match.h"
#include "lrspec.h"
#include "prefix.h"
#include "profile.h"
#include "rule.h"
#include "vocab.h"

/* What to load besides what lines mean. */
enum {
	KNOWLEDGE_RULES = 1,
	KNOWLEDGE_WORDS = 2, /* the rules' words in Chinese */
	KNOWLEDGE_WHOLE = 4  /* all of the shipped files, their tests too, with all their patterns checked */
};

struct knowledge {
	struct vocab    *vocab;
	struct prefixes *prefixes;
	struct profiles *profiles;
	struct rules    *rules; /* NULL: not asked for */
	unsigned         want;
	struct matcher  *model; /* of which all matchers are made; NULL: not yet */
	unsigned         model_of; /* profiles_loads when it was made */
	struct lr_spec  *expect_lr; /* the schedule that the user declared; NULL: none */
	struct series_set *baseline; /* of the run that the user compares with; NULL: none */
	enum lang        lang;  /* in which people are spoken to; the caller's */
};

/* The user has no rules of their own: only --rules could bring mistakes. */
bool knowledge_is_shipped(void);

/*
 * Loads everything into *ret, which knowledge_fini ends in any case.  dirs: n
 * directories of the user, which must exist.  Mistakes go to diags; -1 when
 * there was one in a file of the user.
 */
int  knowledge_init(struct knowledge *ret, const char *const *dirs, size_t n, unsigned want, struct diags *diags);
void knowledge_fini(struct knowledge *);

/* What lines mean, without the rules: a view of k that lives no longer than it, for knowledge_lines_fini. */
struct knowledge knowledge_lines(const struct knowledge *k);
void             knowledge_lines_fini(struct knowledge *);

/*
 * A matcher for one stream, with the events of the rules; the caller's.  Rules that
 * are loaded after the first one are not in it.  NULL: d says which rule is wrong.
 */
struct matcher *knowledge_matcher(struct knowledge *, struct diag *d);

/* One more file, by what it is: its path's end or, for a single file, its first key.  -1: mistakes. */
int  knowledge_file(struct knowledge *, const char *path, struct diags *diags);

#endif
