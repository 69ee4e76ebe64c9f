/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "object.h"

#include <stdio.h>
#include <string.h>

#include "number.h"

bool
object_bad(const struct object *o)
{
	return o->bad;
}

struct span
object_rest(const struct object *o)
{
	return o->rest;
}

static bool
fail(struct object *o)
{
	o->bad = true;
	return false;
}

/* The next byte that is no blank, or '\0' at the end. */
static char
peek(struct object *o)
{
	while (o->rest.n > 0 && (*o->rest.p == ' ' || *o->rest.p == '\t'))
		o->rest = span_from(o->rest, 1);
	return o->rest.n > 0 ? *o->rest.p : '\0';
}

static bool
push(struct object *o, char open, struct span key)
{
	if (o->depth == OBJECT_DEPTH)
		return fail(o);
	o->level[o->depth].key = key;
	o->level[o->depth].path = o->path_n;
	o->level[o->depth].index = 0;
	o->level[o->depth].close = open == '{' ? '}' : open == '[' ? ']' : ')';
	o->depth++;
	o->rest = span_from(o->rest, 1);
	return true;
}

/* Path of the item at hand: that of its level, a dot, and name. */
static void
set_path(struct object *o, struct span name)
{
	size_t n = o->level[o->depth - 1].path;

	if (n > 0 && n < sizeof o->path)
		o->path[n] = '.';
	n += n > 0;
	if (n <= sizeof o->path && name.n <= sizeof o->path - n)
		memcpy(o->path + n, name.p, name.n);
	o->path_n = n + name.n;
}

/* Length of the quoted text at the start of s with its quotes; 0: it does not end. */
static size_t
quoted_length(struct span s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == *s.p)
			return i + 1;
	}
	return 0;
}

static bool
is_quote(char c)
{
	return c == '"' || c == '\'';
}

/* Python's u'', b'' and r'' are plain strings here. */
static void
skip_string_prefix(struct object *o)
{
	if (o->rest.n > 1 && is_quote(o->rest.p[1]) && memchr("ubrUBR", *o->rest.p, 6) != NULL)
		o->rest = span_from(o->rest, 1);
}

static bool
take_string(struct object *o, struct span *ret)
{
	size_t n = quoted_length(o->rest);

	if (n == 0)
		return fail(o);
	*ret = (struct span){ o->rest.p + 1, n - 2 };
	o->rest = span_from(o->rest, n);
	return true;
}

/*
 * The length of a value without quotes: up to the comma or bracket that ends
 * it, over brackets and strings of its own: tensor(0.1, device='cuda:0'),
 * <object at 0x7f>.  0: it does not end.
 */
static size_t
bare_length(struct span s)
{
	size_t   i, n;
	unsigned depth = 0;

	for (i = 0; i < s.n; i++) {
		switch (s.p[i]) {
		case '(': case '[': case '{': case '<':
			depth++;
			break;
		case ')': case ']': case '}': case '>':
			if (depth == 0)
				return i;
			depth--;
			break;
		case ',':
			if (depth == 0)
				return i;
			break;
		case '"': case '\'':
			n = quoted_length(span_from(s, i));
			if (depth == 0 || n == 0)
				return 0;
			i += n - 1;
			break;
		}
	}
	return 0;
}

static enum object_kind
bare_kind(struct span s)
{
	static const struct { const char *word; enum object_kind kind; } words[] = {
		{ "true", OBJ_BOOL }, { "false", OBJ_BOOL }, { "True", OBJ_BOOL },
		{ "False", OBJ_BOOL }, { "null", OBJ_NULL }, { "None", OBJ_NULL },
		{ "undefined", OBJ_NULL },
	};
	double v;
	size_t used;

	if ((unsigned char)(*s.p - '0') < 10 || *s.p == '-' || *s.p == '.' || *s.p == '+')
		return OBJ_NUMBER;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (span_is(s, words[i].word))
			return words[i].kind;
	switch (number_read_wrapped(s, &v, &used)) {
	case NUMBER_OK:
	case NUMBER_RANGE:
		return used == s.n ? OBJ_NUMBER : OBJ_STRING;
	default:
		return OBJ_STRING;
	}
}

static bool
take_bare(struct object *o, struct object_item *ret)
{
	size_t n = bare_length(o->rest);

	ret->text = span_trim((struct span){ o->rest.p, n });
	if (ret->text.n == 0)
		return fail(o);
	ret->kind = bare_kind(ret->text);
	o->rest = span_from(o->rest, n);
	return true;
}

/* A key and its colon: quoted, or a bare word or number ({0: 0.5}). */
static bool
take_key(struct object *o, struct span *ret)
{
	size_t n = 0;

	skip_string_prefix(o);
	if (o->rest.n > 0 && is_quote(*o->rest.p)) {
		if (!take_string(o, ret))
			return false;
	} else {
		while (n < o->rest.n && memchr(" \t:,{}[]()\"'=", o->rest.p[n], 13) == NULL)
			n++;
		if (n == 0)
			return fail(o);
		*ret = (struct span){ o->rest.p, n };
		o->rest = span_from(o->rest, n);
	}
	if (peek(o) != ':')
		return fail(o);
	o->rest = span_from(o->rest, 1);
	return true;
}

/* Sets key and path of the next item of the innermost level. */
static bool
take_name(struct object *o, struct span *key)
{
	char   index[12];
	size_t i = o->depth - 1;

	if (o->level[i].close == '}') {
		if (!take_key(o, key))
			return false;
		set_path(o, *key);
		return true;
	}
	snprintf(index, sizeof index, "%u", o->level[i].index - 1);
	set_path(o, span_of(index));
	*key = o->level[i].key;
	return true;
}

/* Behind a value or an opening: a comma or what closes the level.  False: the level is closed. */
static bool
more(struct object *o)
{
	size_t i = o->depth - 1;

	if (o->level[i].index > 0 && peek(o) == ',')
		o->rest = span_from(o->rest, 1);
	else if (o->level[i].index > 0 && peek(o) != o->level[i].close)
		return fail(o);
	if (peek(o) == o->level[i].close) { /* a trailing comma is fine */
		o->rest = span_from(o->rest, 1);
		o->depth--;
		return false;
	}
	if (o->rest.n == 0)
		return fail(o);
	o->level[i].index++;
	return true;
}

void
object_init(struct object *o, struct span s)
{
	o->rest = s;
	o->depth = 0;
	o->path_n = 0;
	o->bad = s.n == 0 || (*s.p != '{' && *s.p != '[') || !push(o, *s.p, SPAN_NONE);
}

bool
object_next(struct object *o, struct object_item *ret)
{
	struct span key;

	while (!o->bad && o->depth > 0) {
		if (!more(o))
			continue;
		if (!take_name(o, &key))
			return false;
		switch (peek(o)) {
		case '{': case '[': case '(':
			push(o, *o->rest.p, key);
			continue;
		}
		skip_string_prefix(o);
		ret->depth = o->depth;
		ret->key = key;
		ret->kind = OBJ_STRING;
		if (o->rest.n > 0 && is_quote(*o->rest.p) ? !take_string(o, &ret->text)
		                                          : !take_bare(o, ret))
			return false;
		ret->path = (struct span){ o->path, o->path_n };
		if (o->path_n <= sizeof o->path)
			return true;
	}
	return false;
}
