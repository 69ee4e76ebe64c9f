/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "pairs.h"

#include <math.h>

#define KEY_MAX 80

enum { C_OTHER, C_ALNUM, C_BLANK, C_BORDER, C_JOIN, C_OPEN, C_CLOSE, C_QUOTE };

static const unsigned char kind[256] = {
	['0' ... '9'] = C_ALNUM, ['A' ... 'Z'] = C_ALNUM, ['a' ... 'z'] = C_ALNUM, ['_'] = C_ALNUM,
	[0x80 ... 0xff] = C_ALNUM,
	[' '] = C_BLANK,
	[','] = C_BORDER, [';'] = C_BORDER, ['|'] = C_BORDER, ['\t'] = C_BORDER,
	[':'] = C_JOIN, ['='] = C_JOIN,
	['('] = C_OPEN, ['['] = C_OPEN, ['{'] = C_OPEN, ['<'] = C_OPEN,
	[')'] = C_CLOSE, [']'] = C_CLOSE, ['}'] = C_CLOSE, ['>'] = C_CLOSE,
	['"'] = C_QUOTE, ['\''] = C_QUOTE, ['`'] = C_QUOTE, ['*'] = C_QUOTE,
};

/* The wide forms that East Asian text has of borders, as the three bytes of their UTF-8. */
static const struct { const char *text; unsigned char kind; } wide[] = {
	{ "\xef\xbc\x9a", C_JOIN }, { "\xef\xbc\x9d", C_JOIN }, /* : = */
	{ "\xef\xbc\x8c", C_BORDER }, { "\xef\xbc\x9b", C_BORDER }, { "\xef\xbd\x9c", C_BORDER }, /* , ; | */
	{ "\xe3\x80\x81", C_BORDER }, { "\xe3\x80\x82", C_BORDER }, { "\xe2\x94\x82", C_BORDER },
	{ "\xef\xbc\x88", C_OPEN }, { "\xef\xbc\x89", C_CLOSE }, { "\xe3\x80\x80", C_BLANK },
};

/* Of a byte that is part of such a form, else of a letter. */
static unsigned char
wide_kind(struct span s, size_t i)
{
	for (size_t k = 0; k < 3 && k <= i; k++) {
		unsigned char c = (unsigned char)s.p[i - k];
		if (c < 0xc0 || i - k + 3 > s.n)
			continue;
		for (size_t w = 0; w < sizeof wide / sizeof *wide; w++)
			if (memcmp(s.p + i - k, wide[w].text, 3) == 0)
				return wide[w].kind;
		break;
	}
	return C_ALNUM;
}

static inline unsigned char
kind_at(struct span s, size_t i)
{
	unsigned char c = (unsigned char)s.p[i];

	return c < 0x80 ? kind[c] : wide_kind(s, i);
}

void
pairs_init(struct pairs *ps, struct span s, char sep)
{
	*ps = (struct pairs){ .s = s, .sep = sep };
}

struct span
pairs_rest(const struct pairs *ps)
{
	return span_from(ps->s, ps->from);
}

static inline bool
digit(struct span s, size_t i)
{
	return i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
}

/* nan, inf, Infinity as a word of its own begins here. */
static bool
named_number(struct span s, size_t i)
{
	static const char *const name[] = { "nan", "inf", "infinity" };

	for (size_t k = 0; k < sizeof name / sizeof *name; k++) {
		size_t n = strlen(name[k]);
		if (i + n <= s.n && span_is_nocase((struct span){ s.p + i, n }, name[k]) &&
		    (i + n == s.n || kind_at(s, i + n) != C_ALNUM))
			return true;
	}
	return false;
}

/* "Ep.3": the point at i ends a short word that begins the text or stands by itself. */
static bool
abbreviated(struct span s, size_t i)
{
	size_t n = 0;

	while (n < i && n < 6 && (s.p[i - n - 1] | 0x20) >= 'a' && (s.p[i - n - 1] | 0x20) <= 'z')
		n++;
	return n > 1 && n < 6 && digit(s, i + 1) && (n == i || strchr(" [(|,", s.p[i - n - 1]));
}

/* "Epoch0 loss", "step10:": a position that its number clings to. */
static bool
clings_to_position(struct span s, size_t i)
{
	static const char *const name[] = { "epoch", "step", "iter" };
	size_t end = i;

	while (end < s.n && digit(s, end))
		end++;
	if (end < s.n && !strchr(" :,])|/", s.p[end]))
		return false;
	for (size_t k = 0; k < sizeof name / sizeof *name; k++) {
		size_t n = strlen(name[k]);
		if (i >= n && span_is_nocase((struct span){ s.p + i - n, n }, name[k]) &&
		    (i == n || strchr(" [(|,", s.p[i - n - 1])))
			return true;
	}
	return false;
}

/* A number may begin at i as far as what stands before it and its first bytes tell. */
static bool
may_begin(struct span s, size_t i)
{
	char c = s.p[i];

	if (i > 0) {
		char b = s.p[i - 1];
		if ((kind_at(s, i - 1) == C_ALNUM && !clings_to_position(s, i)) || (b == '.' && !abbreviated(s, i - 1)) || b == '/' || b == '@' || b == '\\' ||
		    (b == '#' && (i < 2 || s.p[i - 2] != ' ')))
			return false;
		/* top-5: a hyphen glued to a word is no sign. */
		if ((b == '-' || b == '+') && i > 1 && kind_at(s, i - 2) == C_ALNUM)
			return false;
		if ((b == '-' || b == '+') && c != '.' && !digit(s, i) && !named_number(s, i))
			return false;
	}
	if (c >= '0' && c <= '9')
		return true;
	if (c == '.')
		return digit(s, i + 1);
	if (c == '-' || c == '+')
		return digit(s, i + 1) || (i + 2 < s.n && s.p[i + 1] == '.' && digit(s, i + 2)) ||
		    (i + 1 < s.n && named_number(s, i + 1));
	return (c == 'n' || c == 'N' || c == 'i' || c == 'I') && named_number(s, i);
}

/* tensor(0.1), array(0.1), np.float32(0.1): a wrapped number as a value. */
static bool
wrapped(struct span s, size_t i)
{
	return (s.p[i] == 't' || s.p[i] == 'a' || s.p[i] == 'n' || s.p[i] == 'f' || s.p[i] == 'T') &&
	    i > 0 && kind_at(s, i - 1) != C_ALNUM &&
	    memchr(s.p + i, '(', s.n - i < 20 ? s.n - i : 20) != NULL;
}

/* The key of a number at `at`: walks back from it to a border. */
static struct span
key_before(const struct pairs *ps, size_t at, struct pair *ret)
{
	struct span s = ps->s;
	size_t end = at, low = at > ps->from + KEY_MAX ? at - KEY_MAX : ps->from;

	/* An opening bracket before the number: [5/100]  [  5/100]  (0.6)  lr=[1e-4 */
	for (size_t open = end; open > low && end - open < 6; open--)
		if (kind_at(s, open - 1) != C_BLANK) {
			end = kind_at(s, open - 1) == C_OPEN ? open : end;
			break;
		}
	if (end > low && kind_at(s, end - 1) == C_OPEN) {
		ret->bracket = true;
		do
			end--;
		while (end > low && (unsigned char)s.p[end - 1] >= 0x80 && kind_at(s, end - 1) == C_OPEN);
	}
	while (end > low && (kind_at(s, end - 1) == C_BLANK || kind_at(s, end - 1) == C_QUOTE))
		end--;
	if (end > low && kind_at(s, end - 1) == C_JOIN) {
		ret->joined = true;
		while (end > low && kind_at(s, end - 1) == C_JOIN)
			end--;
		while (end > low && (kind_at(s, end - 1) == C_BLANK || kind_at(s, end - 1) == C_QUOTE))
			end--;
	} else if (end > low + 1 && s.p[end - 1] == '>' && (s.p[end - 2] == '-' || s.p[end - 2] == '=')) {
		ret->joined = true; /* loss -> 0.1   loss => 0.1 */
		end -= 2;
	}
	size_t start = end;
	unsigned depth = 0;
	while (start > low) {
		char c = s.p[start - 1];
		unsigned char k = kind_at(s, start - 1);
		if (k == C_CLOSE)
			depth++;
		else if (k == C_OPEN && depth > 0)
			depth--;
		else if (depth == 0 && (k == C_OPEN || k == C_BORDER || k == C_JOIN || (c == ps->sep && c)))
			break;
		else if (depth == 0 && k == C_BLANK && start - 1 > low &&
		    (kind_at(s, start - 2) == C_BLANK || (s.p[start - 2] == '-' && start - 2 > low &&
		    kind_at(s, start - 3) == C_BLANK)))
			break;
		start--;
	}
	return span_trim((struct span){ s.p + start, end - start });
}

/* Bytes of the bar between two cells that ends at `end`; it may be drawn with lines. */
static size_t
bar_before(struct span s, size_t end)
{
	if (end > 0 && s.p[end - 1] == '|')
		return 1;
	return end > 2 && memcmp(s.p + end - 3, "\xe2\x94\x82", 3) == 0 ? 3 : 0;
}

/*
 * | loss | 0.5 |: the cell before that of the number, when there is no number in it.
 * One among others that are words is no key: 3 | cls_loss | NLLLoss | 0.
 */
static struct span
cell_before(const struct pairs *ps, size_t at)
{
	struct span s = ps->s;
	size_t end = at, start, bar;

	while (end > ps->from && s.p[end - 1] == ' ')
		end--;
	if (end <= ps->from || (bar = bar_before(s, end)) == 0)
		return SPAN_NONE;
	end -= bar;
	for (start = end; start > ps->from && bar_before(s, start) == 0; start--)
		;
	for (size_t i = ps->from; i < start && s.p[0] != '|'; i++)
		if (kind_at(s, i) == C_ALNUM)
			return SPAN_NONE;
	return span_trim((struct span){ s.p + start, end - start });
}

/* "/ 100" or " of 100" behind a number. */
static size_t
read_total(struct span s, size_t at, struct span *ret)
{
	size_t i = at, used;
	double v;

	while (i < s.n && s.p[i] == ' ')
		i++;
	if (i < s.n && s.p[i] == '/')
		i++;
	else if (i > at && i + 3 < s.n && memcmp(s.p + i, "of ", 3) == 0)
		i += 3;
	else
		return at;
	while (i < s.n && s.p[i] == ' ')
		i++;
	if (!digit(s, i) || number_read(span_from(s, i), &v, &used) != NUMBER_OK)
		return at;
	*ret = (struct span){ s.p + i, used };
	return i + used;
}

/* "reward is 0.3 and kl is 0.1": words between the keys. */
static struct span
out_of_prose(struct span key)
{
	if (key.n > 4 && span_starts(key, "and "))
		key = span_from(key, 4);
	if (key.n > 3 && memcmp(key.p + key.n - 3, " is", 3) == 0)
		key.n -= 3;
	/* "TRAIN in epoch 0" */
	static const char *const place[] = { " epoch", " step", " iteration" };
	for (size_t i = 0; i < sizeof place / sizeof *place; i++) {
		size_t n = strlen(place[i]);
		if (key.n > n + 3 && span_is_nocase(span_from(key, key.n - n), place[i]) &&
		    span_is_nocase((struct span){ key.p + key.n - n - 3, 3 }, " in"))
			return span_from(key, key.n - n + 1);
	}
	return key;
}

/* "[train] loss", "Evaluating... loss", "Epoch complete. Loss", but "Val. loss": what comes before is no key. */
static struct span
last_sentence(struct span key)
{
	const char *close = key.n && key.p[0] == '[' ? memchr(key.p, ']', key.n) : NULL;
	size_t letters = 0, from = 0;

	if (close && close + 1 < key.p + key.n)
		key = span_trim(span_from(key, (size_t)(close - key.p) + 1));
	for (size_t i = 0; i + 2 < key.n; i++) {
		if (key.p[i] == '.' && key.p[i + 1] == ' ' && (letters > 5 || (letters == 4 && memcmp(key.p + i - 4, "done", 4) == 0) || (i > 0 && key.p[i - 1] == '.')))
			from = i + 2;
		letters = kind_at(key, i) == C_ALNUM ? letters + 1 : 0;
	}
	return span_trim(span_from(key, from));
}

/* What clings to the ends of a key is no part of it: '- loss', '> loss', '] loss'. */
static struct span
tidy(struct span key)
{
	const char *close = key.n && key.p[0] == '[' ? memchr(key.p, ']', key.n) : NULL;
	if (close && close + 1 < key.p + key.n && close[1] == ' ')
		key = span_from(key, (size_t)(close - key.p) + 1);
	while (key.n && (kind_at(key, 0) == C_QUOTE || strchr("->#~*. ])}/", key.p[0])) && key.n > 1 &&
	    !(key.p[0] == '.' && key.p[1] >= '0' && key.p[1] <= '9'))
		key = span_from(key, 1);
	while (key.n && (kind_at(key, key.n - 1) == C_QUOTE || strchr("-~ .>#", key.p[key.n - 1])))
		key.n--;
	/* A bullet or a picture before it. */
	for (size_t i = 0; i < key.n && (unsigned char)key.p[i] >= 0x80; i++)
		if (i + 1 < key.n && key.p[i + 1] == ' ') {
			key = span_trim(span_from(key, i + 1));
			break;
		}
	key = out_of_prose(last_sentence(key));
	for (size_t i = 0; i < key.n; i++) {
		unsigned char c = (unsigned char)key.p[i];
		if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
			return key;
		if (c >= 0x80)
			return key;
	}
	return SPAN_NONE;
}

static bool
take(struct pairs *ps, size_t at, struct pair *ret)
{
	struct span s = span_from(ps->s, at);
	size_t used = 0;
	bool wrap = kind_at(s, 0) == C_ALNUM && !digit(s, 0) && !named_number(s, 0);
	enum number_err e = wrap ? number_read_wrapped(s, &ret->value, &used) :
	    number_read(s, &ret->value, &used);

	if (e == NUMBER_NONE || e == NUMBER_ODD) {
		ps->at = at + (used ? used : 1);
		/* A date or a version is a border as well, but not a word that only looked like one. */
		if (e == NUMBER_ODD && !wrap)
			ps->from = ps->at;
		return false;
	}
	/* "AP .5: 0.3": a threshold that ends a key, not a value. */
	if (s.p[0] == '.' && used + 1 < s.n && s.p[used] == ':' && s.p[used + 1] == ' ') {
		ps->at = at + used;
		return false;
	}
	ret->range = e == NUMBER_RANGE;
	ret->text = (struct span){ s.p, used };
	ret->unit = unit_read(span_from(s, used));
	size_t end = at + used + ret->unit.used;
	if (ret->unit.used == 0)
		end = read_total(ps->s, end, &ret->total);
	ret->key = tidy(key_before(ps, at, ret));
	if (ret->key.n == 0)
		ret->key = tidy(cell_before(ps, at));
	ps->at = ps->from = end;
	return true;
}

bool
pairs_next(struct pairs *ps, struct pair *ret)
{
	while (ps->at < ps->s.n) {
		size_t i = ps->at;
		char c = ps->s.p[i];
		*ret = (struct pair){ .value = NAN };
		bool number = ((c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' ||
		    (c | 0x20) == 'n' || (c | 0x20) == 'i') && may_begin(ps->s, i);
		if (!number && !((c == 't' || c == 'a' || c == 'n' || c == 'f' || c == 'T') && wrapped(ps->s, i))) {
			ps->at++;
			continue;
		}
		if (take(ps, i, ret))
			return true;
	}
	return false;
}

bool
pairs_any(struct span s)
{
	struct pairs ps;
	struct pair p;

	pairs_init(&ps, s, 0);
	return pairs_next(&ps, &p);
}
