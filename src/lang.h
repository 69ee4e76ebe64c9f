/* SPDX-License-Identifier: MIT */
/*
 * lang: the fixed phrases of messages and of the terminal, in the languages there are.
 *
 * A table that is compiled in: a catalogue of gettext would need a file beside
 * the program and a locale that the machine has, and one file copied to a node
 * with neither must speak Chinese all the same.  Sentences that are said once
 * in a while (help, errors, reasons) are in translate.h, those of rules in
 * rules/lang/.
 */
#ifndef LANG_H
#define LANG_H

#include <stdbool.h>

enum lang { LANG_EN, LANG_ZH, LANGS };

/* ORDER PHRASES: as in lang.c. */
enum phrase {
	PHRASE_INFO, PHRASE_NOTICE, PHRASE_WARNING, PHRASE_CRITICAL,
	PHRASE_RESOLVED, PHRASE_STARTED, PHRASE_PROGRESS, PHRASE_FINISHED,
	PHRASE_CRASHED, PHRASE_TEST, PHRASE_STILL,
	PHRASE_RUN, PHRASE_METRIC, PHRASE_VALUE, PHRASE_POSITION, PHRASE_STEP,
	PHRASE_EPOCH, PHRASE_POINT, PHRASE_YES, PHRASE_NO, PHRASE_EVIDENCE, PHRASE_LINE, PHRASE_TREND, PHRASE_CAUSE,
	PHRASE_ADVICE, PHRASE_LEFT, PHRASE_LOST, PHRASE_HOST, PHRASE_LINK,
	PHRASE_HEAD, PHRASE_HEAD_RUN, PHRASE_GROUP, PHRASE_GROUP_RUN, PHRASE_MORE,
	PHRASE_TEST_TEXT,
	/* of the terminal: a finding */
	PHRASE_SHOW_VALUES, PHRASE_SHOW_LIKELY, PHRASE_SHOW_OR, PHRASE_SHOW_BECAUSE,
	PHRASE_SHOW_DO, PHRASE_SHOW_DO_ALONE, PHRASE_SHOW_OF,
	/* and the verdict */
	PHRASE_V_NOTHING_READ, PHRASE_V_STEP, PHRASE_V_STEP_OF, PHRASE_V_EPOCH, PHRASE_V_EPOCH_OF,
	PHRASE_V_RESTART, PHRASE_V_RESTARTS, PHRASE_V_COUNTS, PHRASE_V_FINISHED, PHRASE_V_BEST,
	PHRASE_V_AT_STEP, PHRASE_V_AT_EPOCH, PHRASE_V_NONFINITE, PHRASE_V_MORE, PHRASE_V_REFUSED,
	PHRASE_V_GOOD, PHRASE_V_RESOLVED, PHRASE_V_CLEAN, PHRASE_V_CLEAN_COUNT, PHRASE_V_NOT, PHRASE_V_NOT_GROUPS,
	PHRASE_V_LESSER,
	PHRASE_V_ABSENT, PHRASE_V_COMMA, PHRASE_V_OF_LOSS, PHRASE_V_OF_VALIDATION, PHRASE_V_OF_RATE,
	PHRASE_V_OF_GRADIENT, PHRASE_V_OF_TIME, PHRASE_V_OF_MACHINE, PHRASE_V_OF_GPU, PHRASE_V_OF_FEW, PHRASE_V_OF_ELSE,
	PHRASES
};

/* "en", "zh", "auto" or "" (the locale of the environment). false: no such language. */
bool        lang_find(const char *name, enum lang *ret);
const char *lang_phrase(enum lang, enum phrase);
const char *lang_name(enum lang); /* "zh" */
/* Of a text and its form in Chinese (NULL: there is none) the one to show. */
const char *lang_pick(enum lang, const char *english, const char *chinese);

#endif
