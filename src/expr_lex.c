/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "expr_lex.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

static const struct {
	const char  *name;
	enum unit_of unit;
	double       factor;
} units[] = {
	{ "point", U_POINTS, 1 }, { "points", U_POINTS, 1 },
	{ "step", U_STEPS, 1 }, { "steps", U_STEPS, 1 },
	{ "epoch", U_EPOCHS, 1 }, { "epochs", U_EPOCHS, 1 },
	{ "block", U_BLOCKS, 1 }, { "blocks", U_BLOCKS, 1 },
	{ "line", U_LINES, 1 }, { "lines", U_LINES, 1 },
	{ "ms", U_TIME, 1e-3 }, { "s", U_TIME, 1 }, { "sec", U_TIME, 1 },
	{ "second", U_TIME, 1 }, { "seconds", U_TIME, 1 },
	{ "min", U_TIME, 60 }, { "minutes", U_TIME, 60 },
	{ "h", U_TIME, 3600 }, { "hour", U_TIME, 3600 }, { "hours", U_TIME, 3600 },
	{ "day", U_TIME, 86400 }, { "days", U_TIME, 86400 },
	{ "MiB", U_BYTES, 1048576 }, { "GiB", U_BYTES, 1073741824 },
	{ "MB", U_BYTES, 1e6 }, { "GB", U_BYTES, 1e9 },
};

bool
lex_unit(struct span word, enum unit_of *ret, double *factor)
{
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (span_is(word, units[i].name)) {
			*ret = units[i].unit;
			*factor = units[i].factor;
			return true;
		}
	return false;
}

static struct span
word_at(struct span text, size_t at)
{
	size_t end = at;

	while (end < text.n && is_word(text.p[end]))
		end++;
	return (struct span){ text.p + at, end - at };
}

/* Length of the number at s: digits, a point, an exponent. */
static size_t
number_length(struct span s)
{
	size_t i = 0, e;

	while (i < s.n && (is_digit(s.p[i]) || s.p[i] == '.'))
		i++;
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		e = i + 1;
		if (e < s.n && (s.p[e] == '-' || s.p[e] == '+'))
			e++;
		if (e < s.n && is_digit(s.p[e])) {
			while (e < s.n && is_digit(s.p[e]))
				e++;
			i = e;
		}
	}
	return i;
}

/* A number, and the unit behind it when what follows is one. */
static void
number(struct lexer *l, struct token *t)
{
	struct span s = span_from(l->text, l->at), word;
	size_t      n = number_length(s);
	char        copy[64], *end;
	double      factor;

	if (n >= sizeof copy) {
		t->kind = T_BAD;
		t->why = "this number is too long";
		l->at += n;
		return;
	}
	memcpy(copy, s.p, n);
	copy[n] = '\0';
	t->kind = T_NUM;
	t->num = strtod(copy, &end);
	if (*end || isinf(t->num)) {
		t->kind = T_BAD;
		t->why = "this is no number";
	}
	l->at += n;
	if (l->at < l->text.n && l->text.p[l->at] == '%') {
		t->num /= 100;
		l->at++;
		return;
	}
	for (n = l->at; n < l->text.n && l->text.p[n] == ' ';)
		n++;
	word = word_at(l->text, n);
	if (word.n > 0 && lex_unit(word, &t->unit, &factor)) {
		t->num *= factor;
		l->at = n + word.n;
	} else if (word.n > 0 && n == l->at && t->kind == T_NUM) {
		t->kind = T_BAD;
		t->why = "this is no unit (points, steps, epochs, blocks, lines, s, min, h, %)";
	}
}

static void
text(struct lexer *l, struct token *t)
{
	char   quote = l->text.p[l->at];
	size_t end = l->at + 1;

	while (end < l->text.n && l->text.p[end] != quote)
		end++;
	t->text = (struct span){ l->text.p + l->at + 1, end - l->at - 1 };
	t->kind = T_TEXT;
	if (end == l->text.n) {
		t->kind = T_BAD;
		t->why = "this text has no closing quote";
		l->at = end;
	} else {
		l->at = end + 1;
	}
}

static void
word(struct lexer *l, struct token *t)
{
	size_t end = l->at;

	while (end < l->text.n && (is_word(l->text.p[end]) ||
	    (l->text.p[end] == '.' && end + 1 < l->text.n && is_word(l->text.p[end + 1]))))
		end++;
	t->text = (struct span){ l->text.p + l->at, end - l->at };
	l->at = end;
	t->kind = span_is(t->text, "and") ? T_AND : span_is(t->text, "or") ? T_OR :
	    span_is(t->text, "not") ? T_NOT : T_NAME;
}

static const struct { char text[3]; enum token_kind kind; } signs[] = {
	{ "<=", T_LE }, { ">=", T_GE }, { "==", T_EQ }, { "!=", T_NE },
	{ "<", T_LT }, { ">", T_GT }, { "+", T_ADD }, { "-", T_SUB }, { "*", T_MUL },
	{ "/", T_DIV }, { "(", T_LPAREN }, { ")", T_RPAREN }, { ",", T_COMMA },
};

static void
sign(struct lexer *l, struct token *t)
{
	struct span rest = span_from(l->text, l->at);

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (span_starts(rest, signs[i].text)) {
			t->kind = signs[i].kind;
			l->at += strlen(signs[i].text);
			return;
		}
	t->kind = T_BAD;
	t->why = *rest.p == '=' ? "equality is written ==" :
	    *rest.p == '&' || *rest.p == '|' || *rest.p == '!' ?
	    "write and, or, not" : "this sign means nothing here";
	l->at++;
}

struct token
lex_next(struct lexer *l)
{
	struct token t = { .kind = T_END };
	char         c;

	while (l->at < l->text.n && strchr(" \t\r\n", l->text.p[l->at]) && l->text.p[l->at])
		l->at++;
	t.off = l->at;
	if (l->at >= l->text.n)
		return t;
	c = l->text.p[l->at];
	if (is_digit(c) || (c == '.' && l->at + 1 < l->text.n && is_digit(l->text.p[l->at + 1])))
		number(l, &t);
	else if (c == '"' || c == '\'')
		text(l, &t);
	else if (is_word(c))
		word(l, &t);
	else if (c == '$' && l->at + 1 < l->text.n && is_word(l->text.p[l->at + 1])) {
		t.text = word_at(l->text, l->at + 1);
		t.kind = T_CAPTURE;
		l->at += 1 + t.text.n;
	} else
		sign(l, &t);
	return t;
}

bool
lex_number(struct span s, double *ret, enum unit_of *unit)
{
	struct lexer l = { s, 0 };
	struct token t = lex_next(&l);
	double       factor = 1;

	if (t.kind == T_SUB) {
		factor = -1;
		t = lex_next(&l);
	}
	if (t.kind != T_NUM || lex_next(&l).kind != T_END)
		return false;
	*ret = factor * t.num;
	*unit = t.unit;
	return true;
}
