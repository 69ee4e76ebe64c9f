/* SPDX-License-Identifier: MIT */
/*
 * translate: the program's own sentences in the language of whoever reads them.
 *
 * Code says everything in English; where it is shown to a person, it is looked
 * up in rules/program/zh.yaml, a map from the English text to the Chinese one:
 *
 *	"say this and stop": 显示本说明并退出
 *	"there is no option $1; did you mean $2?": 没有选项 $1；是不是 $2？
 *
 * $1 to $9 stand for what differs each time (at least one byte); of all that
 * fit, the entry with the most text of its own is taken, and what stands for $1
 * is looked up as well when it is a sentence.  Blanks and line ends around a
 * text do not count and stay.  No entry is a format of printf,
 * and one that is missing costs nothing but its language.
 */
#ifndef TRANSLATE_H
#define TRANSLATE_H

#include "buf.h"
#include "diag.h"
#include "lang.h"

/* Appends the text in that language, or as it is. */
void  translate(enum lang, const char *english, struct buf *out);
/* The same of what the format makes. */
void  translate_printf(enum lang, struct buf *out, const char *fmt, ...) DIAG_PRINTF(3, 4);
/* The same as a text of its own, to be freed. */
char *translated(enum lang, const char *english);

#endif
