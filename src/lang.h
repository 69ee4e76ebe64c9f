/* SPDX-License-Identifier: MIT */
/*
 * lang: the few fixed phrases of a message, in the languages there are.
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
	PHRASE_EPOCH, PHRASE_EVIDENCE, PHRASE_LINE, PHRASE_TREND, PHRASE_CAUSE,
	PHRASE_ADVICE, PHRASE_LEFT, PHRASE_LOST, PHRASE_HOST, PHRASE_LINK,
	PHRASE_HEAD, PHRASE_HEAD_RUN, PHRASE_GROUP, PHRASE_GROUP_RUN, PHRASE_MORE,
	PHRASE_TEST_TEXT,
	PHRASES
};

/* "en", "zh", "auto" or "" (the locale of the environment). false: no such language. */
bool        lang_find(const char *name, enum lang *ret);
const char *lang_phrase(enum lang, enum phrase);

#endif
