/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "prose.h"

#include <ctype.h>

/* "48/2 + 24 = 48", "$5", "\\frac{1}{2}": what is worked out in a text. */
static bool
is_sum(struct span s)
{
	for (size_t i = 0; i + 1 < s.n; i++) {
		bool digit = isdigit((unsigned char)s.p[i + 1]);
		if ((s.p[i] == '$' && digit) || (s.p[i] == '\\' && (span_starts(span_from(s, i + 1), "frac") ||
		    span_starts(span_from(s, i + 1), "boxed") || span_starts(span_from(s, i + 1), "text"))))
			return true;
		if (!strchr("+-*", s.p[i]) || i == 0)
			continue;
		size_t a = i, b = i + 1;
		while (a > 0 && s.p[a - 1] == ' ')
			a--;
		while (b < s.n && s.p[b] == ' ')
			b++;
		if (a == 0 || !isdigit((unsigned char)s.p[a - 1]) || b == s.n || !isdigit((unsigned char)s.p[b]))
			continue;
		while (b < s.n && (isdigit((unsigned char)s.p[b]) || s.p[b] == '.' || s.p[b] == ' '))
			b++;
		if (b < s.n && s.p[b] == '=')
			return true;
	}
	return false;
}

bool
prose_is(struct span s)
{
	static const char *const common[] = { "the", "of", "and", "in", "is", "to", "if", "for", "we", "so", "he", "she",
	    "it", "are", "has", "that", "then", "how", "many", "you", "with", "her", "his", "this", "they" };
	/* A whole sentence of a loop has these, and a number for most of its little words. */
	static const char *const ours[] = { "loss", "accuracy", "epoch", "perplexity" };
	unsigned words = 0, said = 0, numbers = 0;
	bool loop = false;

	for (size_t i = 0, from; i < s.n; i++) {
		for (from = i; i < s.n && isalpha((unsigned char)s.p[i]); i++)
			;
		if (i - from > 1 && (from == 0 || strchr(" (\"'", s.p[from - 1]))) {
			words++;
			for (size_t k = 0; k < sizeof common / sizeof *common; k++)
				said += span_is_nocase((struct span){ s.p + from, i - from }, common[k]);
			for (size_t k = 0; k < sizeof ours / sizeof *ours; k++)
				loop = loop || span_is_nocase((struct span){ s.p + from, i - from }, ours[k]);
		}
		numbers += i < s.n && isdigit((unsigned char)s.p[i]) && (i == 0 || !isdigit((unsigned char)s.p[i - 1]));
	}
	return is_sum(s) || (said > 3 && (!loop || said > numbers)) || (words >= 12 && words > 4 * numbers);
}

struct span
prose_before_bar(struct span s)
{
	const char *bar = memmem(s.p, s.n, "%|", 2), *open;

	if (!bar || !(open = memchr(bar, '[', s.n - (size_t)(bar - s.p))) || memchr(open, '=', s.n - (size_t)(open - s.p)) ||
	    !memchr(open, '<', s.n - (size_t)(open - s.p)) || span_trim(s).p[span_trim(s).n - 1] != ']')
		return s;
	while (bar > s.p && isdigit((unsigned char)bar[-1]))
		bar--;
	return (struct span){ s.p, (size_t)(bar - s.p) };
}
