/* SPDX-License-Identifier: MIT */
/*
 * rule: YAML to rules that are checked before they run (rules/diagnostics/).
 *
 * A file holds one rule (a map) or a list of them.  Parsing touches nothing
 * but the text, so rules can be checked anywhere and fuzzed.  Conditions are
 * compiled once (expr.h).  A later file's rule with the same id replaces an
 * earlier one; the user's configuration overrides parameters by rule, run
 * pattern and metric.  The language is described in lossdog-rules(5).
 */
#ifndef RULE_H
#define RULE_H

#include <stdbool.h>

#include "diag.h"
#include "finding.h"
#include "lang.h"
#include "span.h"
#include "vocab.h"
#include "ydoc.h"

struct rules;
struct rule;

struct rules *rules_new(struct vocab *); /* borrowed */
void          rules_free(struct rules *);
/*
 * The words of rules in another language (rules/lang/zh.yaml), to be loaded
 * before the rules, as a document that is taken (NULL: it could not be
 * parsed); a text without them is shown in English.  What belongs to
 * no rule is found by rules_finish.
 */
int           rules_words(struct rules *, struct ydoc *, struct diags *);
/* Adds the rules of a document, which is taken (NULL: it could not be parsed); all mistakes go to diags.  -1 when there was one (the good rules stay). */
int           rules_load(struct rules *, struct ydoc *, struct diags *);
/* What is loaded from now on is known to be right, as shipped rules are: its patterns are compiled when a line needs them. */
void          rules_trusted(struct rules *, bool);
/* After the last load: checks what only the whole can tell (inhibits: an unknown id). */
int           rules_finish(struct rules *, struct diags *);

/*
 * The user's change of a rule: enabled, severity, keep, min_points or one of its
 * parameters, for all runs and metrics or (globs, may be NULL) for some.
 */
int rules_override(struct rules *, const char *id, const char *key, const char *text,
    const char *run, const char *metric, struct diag *d);

unsigned           rules_count(const struct rules *);
const struct rule *rules_at(const struct rules *, unsigned i);
/* By id or alias; NULL: none. */
const struct rule *rules_find(const struct rules *, const char *id);
/* The nearest id or alias to a wrong one, or NULL. */
const char        *rules_nearest(const struct rules *, const char *id);

const char   *rule_id(const struct rule *);
/* The id of its findings: its own, or that of the rule of which it is a variant. */
const char   *rule_told(const struct rule *);
const char   *rule_title(const struct rule *);
enum severity rule_severity(const struct rule *); /* the highest it can take */
const char   *rule_file(const struct rule *);
/* Alias i, or NULL past the last. */
const char   *rule_alias(const struct rule *, unsigned i);

/*
 * Event patterns of all rules, numbered from 0.  The match stage finds them with
 * its one literal pass and hands hits to judge_event.
 */
struct rule_event {
	const char *pattern; /* PCRE2, case sensitive, searched anywhere in the peeled line */
	const char *unless;  /* a line that matches this is no event; or NULL */
	const char *rule;    /* id */
	bool        exact;   /* pattern is plain text, no regular expression */
};
unsigned          rules_event_count(const struct rules *);
struct rule_event rules_event(const struct rules *, unsigned i);

/* `rules explain ID`: the rule in plain words, into buf. */
void rule_explain(const struct rule *, enum lang, struct buf *);

/*
 * `rules test`: runs the tests in the rules' own files.  One TAP-like text line per test is added to
 * out; coverage of rules, severities and causes at the end.  Returns the number that failed.
 */
struct rules_test_stat { unsigned tests, failed, rules_untested, causes_untested; };
int rules_test(const struct rules *, const char *only_id, struct buf *out, struct rules_test_stat *ret);

#endif
