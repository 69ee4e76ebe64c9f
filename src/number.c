/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "number.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DIGITS_EXACT 19   /* decimal digits that always fit 64 bits */
#define DIGITS_KEPT  800  /* more than any double needs to be rounded rightly */
#define EXPONENT_CAP 20000

__extension__ typedef unsigned __int128 uint128;

enum { /* classes of bytes, ORed */
	C_DIGIT = 1, C_ALPHA = 2, C_TOKEN = 4
};

static unsigned
class_of(char c)
{
	unsigned u = (unsigned char)c;

	if (u - '0' < 10)
		return C_DIGIT | C_TOKEN;
	if ((u | 0x20) - 'a' < 26)
		return C_ALPHA | C_TOKEN;
	if (u == '_' || u >= 0x80)
		return C_TOKEN;
	return 0;
}

static bool
is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static bool
is_digit_at(const char *p, const char *end)
{
	return p < end && is_digit(*p);
}

/* Decimal digits to double, rounded rightly. */

/* A decimal: its first digits as an integer, and the power of ten. */
struct decimal {
	uint64_t    m;
	int         digits;  /* significant digits met */
	int         exp;     /* value = m * 10^exp, when digits <= DIGITS_EXACT */
	const char *start;   /* of the digits, for the slow path */
	const char *end;     /* before an exponent */
	int         printed; /* the printed exponent */
	bool        plain;   /* digits alone: no point, no exponent */
};

static const double pow10_exact[] = {
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22
};

#define POW5_MAX 27 /* 5^27 is the last below 2^63 */

static uint64_t
pow5(int n)
{
	uint64_t v = 1;

	while (n-- > 0)
		v *= 5;
	return v;
}

/*
 * m * 10^exp for |exp| <= POW5_MAX by one exact 128-bit step: 10^exp is 5^exp
 * times a power of two, and the remainder of the division is kept as a last
 * bit, so that the one rounding is that of the conversion to double.
 */
static double
scale_exact(uint64_t m, int exp)
{
	uint128  v, q;
	uint64_t d;
	int      shift;

	if (exp >= 0)
		return ldexp((double)((uint128)m * pow5(exp)), exp);
	shift = __builtin_clzll(m);
	v = (uint128)(m << shift) << 64;
	d = pow5(-exp);
	q = v / d;
	if (q * d != v)
		q |= 1;
	return ldexp((double)q, exp - 64 - shift);
}

/*
 * The slow path: the digits without a point, then the exponent, to strtod;
 * without a point the locale has nothing to say.
 */
static double
scale_slow(const struct decimal *d)
{
	char   text[DIGITS_KEPT + 32];
	size_t n = 0;
	long   exp = d->printed;
	bool   point = false, more = false;

	for (const char *p = d->start; p < d->end; p++) {
		if (*p == '.')
			point = true;
		if (!is_digit(*p))
			continue;
		exp -= point;
		if (n == 0 && *p == '0')
			continue;
		if (n < DIGITS_KEPT) {
			text[n++] = *p;
		} else {
			more = more || *p != '0';
			exp++;
		}
	}
	if (n == 0)
		return 0;
	if (more) { /* what was cut off lies above zero: enough to tell a tie */
		text[n++] = '1';
		exp--;
	}
	snprintf(text + n, sizeof text - n, "e%ld", exp);
	return strtod(text, NULL);
}

static enum number_err
decimal_value(const struct decimal *d, double *ret)
{
	int    exp = d->exp;
	double v;

	if (d->m == 0 && d->digits <= DIGITS_EXACT)
		v = 0;
	else if (d->digits <= DIGITS_EXACT && d->m < 1ULL << 53 && exp >= -22 && exp <= 22)
		v = exp < 0 ? (double)d->m / pow10_exact[-exp]
		            : (double)d->m * pow10_exact[exp];
	else if (d->digits <= DIGITS_EXACT && exp >= -POW5_MAX && exp <= POW5_MAX)
		v = scale_exact(d->m, exp);
	else {
		v = scale_slow(d);
		if (isinf(v) || (v == 0 && d->m != 0))
			return NUMBER_RANGE;
	}
	*ret = v;
	return NUMBER_OK;
}

/* Reading the text. */

static inline const char *
take_digits(struct decimal *d, const char *p, const char *end)
{
	for (; p < end && is_digit(*p); p++) {
		if (d->digits < DIGITS_EXACT)
			d->m = d->m * 10 + (uint64_t)(*p - '0');
		d->digits += d->m != 0;
	}
	return p;
}

/*
 * Groups of three behind the first digits at p: 1,234,567 and 1_000.  NULL when
 * what stands there is no grouping but would read like one: 1,5  0,123.
 */
static const char *
take_groups(struct decimal *d, const char *p, const char *end)
{
	char sep = *p;

	if (p - d->start > 3 || *d->start == '0')
		return NULL;
	while (p < end && *p == sep && is_digit_at(p + 1, end)) {
		const char *q = take_digits(d, p + 1, end);

		if (q - p != 4)
			return NULL;
		p = q;
	}
	return p;
}

/* The end of an exponent at p ("e-05"), or p when there is none. */
static const char *
take_exponent(struct decimal *d, const char *p, const char *end)
{
	const char *q = p + 1;
	bool        minus = false;
	int         v = 0;

	if (q < end && (*q == '-' || *q == '+'))
		minus = *q++ == '-';
	if (!is_digit_at(q, end))
		return p;
	for (; is_digit_at(q, end); q++)
		if (v < EXPONENT_CAP)
			v = v * 10 + (*q - '0');
	d->printed = minus ? -v : v;
	d->plain = false;
	return q;
}

/* The end of a decimal that starts at p with a digit or a point and a digit; NULL: odd. */
static const char *
take_decimal(struct decimal *d, const char *p, const char *end)
{
	const char *point;

	*d = (struct decimal){ .start = p, .plain = true };
	p = take_digits(d, p, end);
	if (p < end && (*p == ',' || *p == '_') && is_digit_at(p + 1, end)) {
		p = take_groups(d, p, end);
		if (p == NULL)
			return NULL;
	}
	/* numpy prints 1. and 1.e-03; the point of 1... and of 5.jpg is not ours */
	if (p < end && *p == '.' && !(p + 1 < end && (p[1] == '.' || p[1] == '#'))) {
		point = p + 1;
		p = take_digits(d, point, end);
		d->exp = (int)(point - p < -EXPONENT_CAP ? -EXPONENT_CAP : point - p);
		d->plain = false;
	}
	d->end = p;
	if (p < end && (*p | 0x20) == 'e')
		p = take_exponent(d, p, end);
	d->exp += d->printed;
	return p;
}

/* Digits of other scripts: ٢ ۲ २ ２. */
static bool
is_foreign_digit(const char *p, const char *end)
{
	unsigned char a, b, c;

	if (end - p < 2)
		return false;
	a = (unsigned char)p[0];
	b = (unsigned char)p[1];
	c = end - p > 2 ? (unsigned char)p[2] : 0;
	return (a == 0xd9 && b >= 0xa0 && b <= 0xa9) || (a == 0xdb && b >= 0xb0 && b <= 0xb9) ||
	    (a == 0xe0 && b == 0xa5 && c >= 0xa6 && c <= 0xaf) ||
	    (a == 0xef && b == 0xbc && c >= 0x90 && c <= 0x99);
}

/* Two slashes among digits are a date: 12/09/24; one is a position: 10/100. */
static bool
is_date(const char *p, const char *end)
{
	if (!is_digit_at(p + 1, end))
		return false;
	for (p++; is_digit_at(p, end); p++)
		;
	return p < end && *p == '/' && is_digit_at(p + 1, end);
}

/* What stands directly behind the number at p makes it something else. */
static bool
is_glued(const char *p, const char *end, bool plain)
{
	unsigned class = class_of(*p);

	if (class & C_TOKEN) {
		if ((class & (C_ALPHA | C_DIGIT)) || *p == '_')
			return unit_read((struct span){ p, (size_t)(end - p) }).used == 0;
		return is_foreign_digit(p, end);
	}
	if (p + 1 >= end)
		return false;
	switch (*p) {
	case '.':
		return class_of(p[1]) & (C_DIGIT | C_ALPHA);
	case ':':
		return is_digit(p[1]);
	case ',':
		return plain && is_digit(p[1]);
	case '-':
		return class_of(p[1]) & (C_DIGIT | C_ALPHA);
	case '/':
		return is_date(p, end);
	default:
		return false;
	}
}

/* The whole token at p that is no number after all. */
static const char *
token_end(const char *p, const char *end)
{
	const char *last = p;

	for (; p < end && (class_of(*p) || memchr(".,:-+/", *p, 6) != NULL); p++)
		if (class_of(*p))
			last = p + 1;
	return last;
}

/* Words: name as printed, lower case. */
static const struct {
	const char   *word;
	unsigned char n;
	bool          inf;
} words[] = {
	{ "nan(snan)", 9, false }, { "nan(ind)", 8, false }, { "nan", 3, false },
	{ "infinity", 8, true }, { "inf", 3, true },
	{ "1.#qnan", 7, false }, { "1.#snan", 7, false }, { "1.#ind", 6, false },
	{ "1.#inf", 6, true },
};

/* The end of a word for nan or infinity at p; NULL when there is none. */
static const char *
take_word(const char *p, const char *end, double *ret)
{
	size_t room = (size_t)(end - p);

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const char *q = p + words[i].n;

		if (room < words[i].n || strncasecmp(p, words[i].word, words[i].n) != 0)
			continue;
		while (*p == '1' && q < end && *q == '0') /* 1.#IND00: filled to the width */
			q++;
		if (q < end && class_of(*q) & C_TOKEN && (unsigned char)*q < 0x80)
			return NULL; /* nano, inform */
		*ret = words[i].inf ? (double)INFINITY : (double)NAN;
		return q;
	}
	return NULL;
}

/* Behind a sign: ASCII, or the typographic minus. */
static const char *
take_sign(const char *p, const char *end, bool *minus)
{
	if (p < end && (*p == '-' || *p == '+')) {
		*minus = *p == '-';
		return p + 1;
	}
	if (end - p >= 3 && memcmp(p, "\xe2\x88\x92", 3) == 0) {
		*minus = true;
		return p + 3;
	}
	return p;
}

enum number_err
number_read(struct span s, double *ret, size_t *used)
{
	const char     *end = s.p + s.n, *p, *q;
	bool            minus = false;
	struct decimal  d;
	enum number_err err;
	double          v = 0;

	if (s.n == 0)
		return NUMBER_NONE;
	p = take_sign(s.p, end, &minus);
	if (!is_digit_at(p, end) && !(p < end && *p == '.' && is_digit_at(p + 1, end))) {
		q = p < end ? take_word(p, end, &v) : NULL;
		if (q == NULL)
			return NUMBER_NONE;
	} else if (end - p > 3 && p[1] == '.' && p[2] == '#' &&
	    (q = take_word(p, end, &v)) != NULL) {
		; /* the nan and infinity of old Windows */
	} else {
		q = take_decimal(&d, p, end);
		if (q == NULL || (q < end && is_glued(q, end, d.plain))) {
			*used = (size_t)(token_end(p, end) - s.p);
			return NUMBER_ODD;
		}
		err = decimal_value(&d, &v);
		if (err != NUMBER_OK) {
			*used = (size_t)(q - s.p);
			return err;
		}
	}
	*ret = minus ? -v : v;
	*used = (size_t)(q - s.p);
	return NUMBER_OK;
}

/* Wrappings. */

#define WRAP_DEPTH 4
#define WRAP_MAX   1024 /* bytes of keyword arguments that are passed over */

/* Calls that wrap one number, without their module's name. */
static const char *const calls[] = {
	"tensor", "Tensor", "array", "Array", "DeviceArray", "float", "float16", "float32",
	"float64", "float128", "bfloat16", "longdouble", "int", "int8", "int16", "int32",
	"int64", "uint8", "uint16", "uint32", "uint64", "Decimal", "Parameter", "asarray",
};

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && *p == ' ')
		p++;
	return p;
}

/* Behind the "(" of a call of the table at p; NULL when none stands there. */
static const char *
take_call(const char *p, const char *end)
{
	const char *name = p, *q = p;

	for (; q < end && (class_of(*q) & (C_ALPHA | C_DIGIT) || *q == '_' || *q == '.'); q++)
		if (*q == '.')
			name = q + 1;
	if (q == end || *q != '(')
		return NULL;
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (span_is((struct span){ name, (size_t)(q - name) }, calls[i]))
			return q + 1;
	return NULL;
}

/* The number in <tf.Tensor: shape=(), dtype=float32, numpy=0.12> at p; NULL when there is none. */
static const char *
take_tensor(const char *p, const char *end)
{
	struct span s = { p, (size_t)(end - p) < WRAP_MAX ? (size_t)(end - p) : WRAP_MAX };
	size_t      at = span_starts(s, "<tf.") ? span_find(s, "numpy=") : (size_t)-1;

	return at != (size_t)-1 ? p + at + 6 : NULL;
}

/* Passes over ", device='cuda:0', grad_fn=<NllLossBackward0>" up to the ")" at its end. */
static const char *
skip_arguments(const char *p, const char *end)
{
	int depth = 0;

	p = skip_blanks(p + 1, end);
	if (p < end && !(class_of(*p) & C_ALPHA))
		return NULL; /* a second number */
	if (end - p > WRAP_MAX)
		end = p + WRAP_MAX;
	for (; p < end; p++) {
		if (*p == '(' || *p == '[')
			depth++;
		else if (*p == ')' && depth == 0)
			return p;
		else if (*p == ')' || *p == ']')
			depth--;
	}
	return NULL;
}

/* Peels one layer at p: *close is what has to end it, '\0' when nothing is wrapped. */
static const char *
peel(const char *p, const char *end, char *close)
{
	const char *q;

	*close = '\0';
	if (p == end)
		return p;
	switch (*p) {
	case '[': *close = ']'; return p + 1;
	case '(': *close = ')'; return p + 1;
	case '\'': case '"': *close = *p; return p + 1;
	}
	q = *p == '<' ? take_tensor(p, end) : take_call(p, end);
	if (q == NULL)
		return p;
	*close = *p == '<' ? '>' : ')';
	return q;
}

enum number_err
number_read_wrapped(struct span s, double *ret, size_t *used)
{
	const char     *p = s.p, *end = s.p + s.n;
	char            close[WRAP_DEPTH], c;
	unsigned        n = 0;
	double          v;
	size_t          len;
	enum number_err err;

	for (const char *q; n < WRAP_DEPTH; p = skip_blanks(q, end)) {
		q = peel(p, end, &c);
		if (c == '\0')
			break;
		close[n++] = c;
	}
	err = number_read((struct span){ p, (size_t)(end - p) }, &v, &len);
	if (err == NUMBER_NONE)
		return err;
	p += len;
	while (err == NUMBER_OK && n > 0) {
		c = close[--n];
		p = skip_blanks(p, end);
		if (p < end && *p == ',' && c == ')')
			p = skip_arguments(p, end);
		if (p == NULL || p == end || *p != c)
			return NUMBER_NONE; /* several numbers, or cut off */
		p++;
	}
	*used = (size_t)(p - s.p);
	if (err == NUMBER_OK)
		*ret = v;
	return err;
}

bool
duration_read(struct span s, double *ret)
{
	double v = 0, part = 0;
	size_t i = 0, digits = 0;

	for (; i < s.n && i < 16 && ((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] == ':' && digits > 0)); i++) {
		if (s.p[i] == ':') {
			v = (v + part) * 60;
			part = 0;
			digits = 0;
			continue;
		}
		part = part * 10 + (s.p[i] - '0');
		digits++;
	}
	bool clock = memchr(s.p, ':', i) != NULL;
	if (i == 0 || digits == 0 || (!clock && !(i + 1 == s.n && s.p[i] == 's')) || (clock && i < s.n))
		return false;
	*ret = v + part;
	return true;
}

/* Units. */

#define UNIT_MAX 24 /* longest unit that is looked at */

static const struct {
	const char   *name;
	enum quantity q;
	double        factor;
} units[] = {
	{ "%", Q_RATIO, 0.01 }, { "percent", Q_RATIO, 0.01 },
	{ "ns", Q_TIME, 1e-9 }, { "nsec", Q_TIME, 1e-9 },
	{ "us", Q_TIME, 1e-6 }, { "usec", Q_TIME, 1e-6 },
	{ "\xc2\xb5s", Q_TIME, 1e-6 }, { "\xce\xbcs", Q_TIME, 1e-6 },
	{ "ms", Q_TIME, 1e-3 }, { "msec", Q_TIME, 1e-3 },
	{ "s", Q_TIME, 1 }, { "sec", Q_TIME, 1 }, { "secs", Q_TIME, 1 },
	{ "second", Q_TIME, 1 }, { "seconds", Q_TIME, 1 },
	{ "min", Q_TIME, 60 }, { "mins", Q_TIME, 60 }, { "minute", Q_TIME, 60 },
	{ "minutes", Q_TIME, 60 },
	{ "h", Q_TIME, 3600 }, { "hr", Q_TIME, 3600 }, { "hrs", Q_TIME, 3600 },
	{ "hour", Q_TIME, 3600 }, { "hours", Q_TIME, 3600 },
	/* Frameworks divide by 1024 and print MB, so both spellings are powers of 1024. */
	{ "B", Q_BYTES, 1 }, { "bytes", Q_BYTES, 1 },
	{ "KB", Q_BYTES, 0x1p10 }, { "kB", Q_BYTES, 0x1p10 }, { "KiB", Q_BYTES, 0x1p10 },
	{ "MB", Q_BYTES, 0x1p20 }, { "Mb", Q_BYTES, 0x1p20 }, { "MiB", Q_BYTES, 0x1p20 },
	{ "GB", Q_BYTES, 0x1p30 }, { "GiB", Q_BYTES, 0x1p30 }, { "G", Q_BYTES, 0x1p30 },
	{ "TB", Q_BYTES, 0x1p40 }, { "TiB", Q_BYTES, 0x1p40 },
	{ "k", Q_COUNT, 1e3 }, { "K", Q_COUNT, 1e3 }, { "M", Q_COUNT, 1e6 },
	{ "T", Q_COUNT, 1e12 },
	{ "wps", Q_RATE, 1 }, { "ips", Q_RATE, 1 }, { "fps", Q_RATE, 1 },
	{ "FPS", Q_RATE, 1 }, { "tps", Q_RATE, 1 }, { "ups", Q_RATE, 1 },
};

/* Things that are counted, and may stand behind a k or M: kit/s, Mtok/s. */
static const char *const things[] = {
	"it", "iter", "iters", "tok", "tokens", "samples", "steps", "img", "imgs", "images",
	"words", "examples", "frames", "seq", "sequences", "batches",
};

static bool
unit_lookup(struct span name, struct unit *ret)
{
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (span_is(name, units[i].name)) {
			*ret = (struct unit){ units[i].q, units[i].factor, name.n };
			return true;
		}
	return false;
}

static bool
is_word(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(class_of(s.p[i]) & C_ALPHA) && s.p[i] != '_')
			return false;
	return s.n > 0;
}

/* The factor of what stands before the slash of a rate: MB/s, kit/s, samples/s, /s. */
static double
rate_factor(struct span thing)
{
	struct unit u;

	if (unit_lookup(thing, &u) && u.q == Q_BYTES)
		return u.factor;
	if (thing.n < 2 || !unit_lookup((struct span){ thing.p, 1 }, &u) ||
	    (u.q != Q_COUNT && u.q != Q_BYTES))
		return 1;
	for (size_t i = 0; i < sizeof things / sizeof *things; i++)
		if (span_is(span_from(thing, 1), things[i]))
			return u.q == Q_BYTES ? 1e9 : u.factor;
	return 1;
}

/* The unit above/below. */
static bool
unit_ratio(struct span above, struct span below, struct unit *ret)
{
	struct unit a = { 0 }, b = { 0 };
	bool        known = unit_lookup(above, &a);

	if (known && a.q == Q_TIME && is_word(below)) {
		*ret = (struct unit){ Q_TIME_PER, a.factor, 0 };
		return true;
	}
	if ((above.n > 0 && !is_word(above)) || !unit_lookup(below, &b) || b.q != Q_TIME)
		return false;
	*ret = (struct unit){ Q_RATE, rate_factor(above) / b.factor, 0 };
	return true;
}

/* Letters of a unit at the start of s. */
static struct span
unit_word(struct span s)
{
	size_t n = 0;

	while (n < s.n && n < UNIT_MAX &&
	    (class_of(s.p[n]) & C_ALPHA || s.p[n] == '_' ||
	        (n == 0 && s.n > 2 && s.p[2] == 's' &&
	            (memcmp(s.p, "\xc2\xb5", 2) == 0 || memcmp(s.p, "\xce\xbc", 2) == 0))))
		n += (unsigned char)s.p[n] >= 0x80 ? 2 : 1;
	return (struct span){ s.p, n };
}

/* Nothing follows that would make the unit another word. */
static bool
unit_ends(struct span rest)
{
	return rest.n == 0 || (!(class_of(*rest.p) & (C_ALPHA | C_DIGIT)) && *rest.p != '_');
}

/* s without blanks before it: the unit there. */
static bool
unit_at(struct span s, struct unit *ret)
{
	struct span word = unit_word(s), rest = span_from(s, word.n), below;
	size_t      gap = 0;

	if (s.n > 0 && *s.p == '%')
		return unit_lookup((struct span){ s.p, 1 }, ret);
	if (rest.n > 2 && memcmp(rest.p, " / ", 3) == 0 && word.n > 0)
		gap = 1; /* torchvision: 0.36 s / it */
	if (rest.n > gap && rest.p[gap] == '/') {
		below = unit_word(span_from(rest, 2 * gap + 1));
		if (below.n > 0 && unit_ends(span_from(rest, 2 * gap + 1 + below.n)) &&
		    unit_ratio(word, below, ret)) {
			ret->used = word.n + 2 * gap + 1 + below.n;
			return true;
		}
		if (gap == 0 && word.n == 0)
			return false;
	}
	return word.n > 0 && unit_ends(rest) && unit_lookup(word, ret);
}

struct unit
unit_read(struct span s)
{
	struct unit u = { Q_NONE, 1, 0 }, rate = { Q_NONE, 1, 0 };
	size_t      blank = s.n > 0 && *s.p == ' ';
	struct span rest = span_from(s, blank);

	if (rest.n == 0 || !unit_at(rest, &u))
		return (struct unit){ Q_NONE, 1, 0 };
	if (!blank && u.used == 1 && *rest.p == 'B') /* 7B; the unit of that name is bytes */
		u = (struct unit){ Q_COUNT, 1e9, 1 };
	if (blank && (u.q == Q_COUNT || (u.used == 1 && *rest.p == 'G')))
		return (struct unit){ Q_NONE, 1, 0 }; /* a letter standing alone: 3 T 0.5 */
	rest = span_from(rest, u.used);
	if (u.q == Q_COUNT && rest.n > 1 && *rest.p == ' ' &&
	    unit_at(span_from(rest, 1), &rate) && rate.q == Q_RATE)
		/* 132.05K wps */
		u = (struct unit){ Q_RATE, u.factor * rate.factor, u.used + 1 + rate.used };
	u.used += blank;
	return u;
}

bool
unit_find(struct span name, struct unit *ret)
{
	struct unit u;

	if (name.n == 0 || !unit_at(name, &u) || u.used != name.n)
		return false;
	*ret = u;
	return true;
}
