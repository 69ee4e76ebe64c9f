/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

/* One word from *from to *to, both moved on; false: a quote is not closed. */
static bool
word_copy(char **from, char **to)
{
	char quote = '\0', *p = *from, *q = *to;

	for (; *p != '\0'; p++) {
		if (quote == '\0' && (*p == ' ' || *p == '\t' || *p == '\n'))
			break;
		if (*p == quote)
			quote = '\0';
		else if (quote == '\0' && (*p == '\'' || *p == '"'))
			quote = *p;
		else {
			if (quote == '"' && *p == '\\' && p[1] != '\0')
				p++;
			*q++ = *p;
		}
	}
	*from = *p != '\0' ? p + 1 : p;
	*q++ = '\0';
	*to = q;
	return quote == '\0';
}

int
words_split(const char *text, struct words *ret, struct diag *d)
{
	struct words w = { .text = xstrdup(text) };
	char *from = w.text, *to = w.text;

	for (;;) {
		from += strspn(from, " \t\n");
		if (*from == '\0')
			break;
		if (w.n == WORDS_MAX) {
			words_fini(&w);
			return diag_set(d, "the command has more than %d words", WORDS_MAX);
		}
		w.argv[w.n++] = to;
		if (!word_copy(&from, &to)) {
			words_fini(&w);
			return diag_set(d, "a quote in the command is not closed");
		}
	}
	if (w.n == 0) {
		words_fini(&w);
		return diag_set(d, "the command is empty");
	}
	*ret = w;
	return 0;
}

void
words_fini(struct words *w)
{
	free(w->text);
	*w = (struct words){ 0 };
}
