/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <math.h>
#include <stdlib.h>

#include "buf.h"
#include "object.h"
#include "prefix_impl.h"
#include "xalloc.h"

#define JSON_KEYS 64 /* members that are looked at */
#define JSON_IDLE 8  /* JSON lines without facts after which one in 16 is looked at */

struct scratch {
	struct buf text[2]; /* a wrapped line may wrap another */
	unsigned   turn;
};

struct wrapped {
	struct facts facts;
	struct span  text;  /* p NULL: none */
	bool         stream;
	bool         extra; /* numbers that the wrapper does not know: a record with data of its own */
};

static unsigned
hex4(const char *p)
{
	unsigned v = 0;

	for (int i = 0; i < 4; i++) {
		unsigned c = (unsigned char)p[i] | 0x20;

		if (c - '0' >= 10 && c - 'a' >= 6)
			return 0xfffd;
		v = v * 16 + (c - '0' < 10 ? c - '0' : c - 'a' + 10);
	}
	return v;
}

static void
add_utf8(struct buf *b, unsigned c)
{
	if (c < 0x80) {
		buf_char(b, (char)c);
		return;
	}
	if (c < 0x800) {
		buf_char(b, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			buf_char(b, (char)(0xe0 | c >> 12));
		} else {
			buf_char(b, (char)(0xf0 | c >> 18));
			buf_char(b, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		buf_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	buf_char(b, (char)(0x80 | (c & 0x3f)));
}

/* Adds the escape \uXXXX at the start of s, a pair of surrogates as one; returns its length. */
static size_t
add_unicode(struct buf *b, struct span s)
{
	unsigned c = s.n >= 6 ? hex4(s.p + 2) : 0xfffd, low;

	if (c >= 0xd800 && c < 0xdc00 && s.n >= 12 && s.p[6] == '\\' && s.p[7] == 'u') {
		low = hex4(s.p + 8);
		if (low >= 0xdc00 && low < 0xe000) {
			add_utf8(b, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
			return 12;
		}
	}
	add_utf8(b, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
	return s.n < 6 ? s.n : 6;
}

static struct span
unescape(struct buf *b, struct span s)
{
	static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
	const char       *known;

	buf_reset(b);
	for (size_t i = 0; i < s.n;) {
		if (s.p[i] != '\\' || i + 1 == s.n) {
			buf_char(b, s.p[i++]);
		} else if (s.p[i + 1] == 'u') {
			i += add_unicode(b, span_from(s, i));
		} else {
			known = memchr(from, s.p[i + 1], sizeof from - 1);
			buf_char(b, known != NULL ? to[known - from] : s.p[i + 1]);
			i += 2;
		}
	}
	return buf_get(b);
}

static struct buf *
scratch_next(struct prefix_memo *memo)
{
	struct scratch *s = memo->scratch;

	if (s == NULL) {
		s = xcalloc(1, sizeof *s);
		buf_init(&s->text[0], LINE_MAX_TEXT);
		buf_init(&s->text[1], LINE_MAX_TEXT);
		memo->scratch = s;
	}
	s->turn = !s->turn;
	return &s->text[s->turn];
}

void
prefix_memo_fini(struct prefix_memo *memo)
{
	struct scratch *s = memo->scratch;

	if (s == NULL)
		return;
	buf_fini(&s->text[0]);
	buf_fini(&s->text[1]);
	free(s);
	memo->scratch = NULL;
}

static void
take_member(const struct prefixes *x, const struct object_item *item, double arrival,
    struct stamp_memo *memo, struct wrapped *w)
{
	const enum json_key *kind = item->depth == 1 ? map_get(x->json, item->key) : NULL;

	if (kind == NULL) {
		w->extra = w->extra || item->kind == OBJ_NUMBER;
		return;
	}
	switch (*kind) {
	case J_TEXT:
		if (w->text.p == NULL && item->kind == OBJ_STRING && span_trim(item->text).n > 0)
			w->text = item->text;
		break;
	case J_TIME: /* a plain number may be a duration: forms tell */
		if (isnan(w->facts.time))
			prefix_time(&x->json_time, item->text, arrival, memo, &w->facts.time);
		break;
	case J_LEVEL:
		if (item->kind == OBJ_STRING)
			w->facts.level = prefix_level(item->text);
		break;
	case J_STREAM:
		w->stream = true;
		break;
	case J_RANK:
		if (item->kind == OBJ_NUMBER)
			w->facts.rank = prefix_number(item->text);
		break;
	default:
		break;
	}
}

/* Reads the object that is all of s. */
static bool
read_wrapped(const struct prefixes *x, struct span s, double arrival, struct stamp_memo *memo,
    struct wrapped *w)
{
	struct object      o;
	struct object_item item;
	unsigned           n = 0;

	*w = (struct wrapped){ .facts = { NAN, -1, -1, LEVEL_NONE } };
	object_init(&o, s);
	while (object_next(&o, &item) && n++ < JSON_KEYS)
		take_member(x, &item, arrival, memo, w);
	if (n > JSON_KEYS)
		w->extra = true;
	else if (object_bad(&o) || span_trim(object_rest(&o)).n > 0)
		return false;
	return !isnan(w->facts.time) || w->facts.level != LEVEL_NONE || w->stream;
}

bool
prefix_json(const struct prefixes *x, struct prefix_memo *memo, struct line *line, bool *whole)
{
	struct wrapped w;
	struct span    s = line->text;

	if (memo->json_idle >= JSON_IDLE && memo->lines % 16 != 0)
		return false;
	s = span_trim(s);
	if (s.n < 8 || span_trim(span_from(s, 1)).p[0] != '"' ||
	    !read_wrapped(x, s, line->arrival, &memo->stamp, &w)) {
		if (memo->json_idle < JSON_IDLE)
			memo->json_idle++;
		return false;
	}
	memo->json_idle = 0;
	prefix_apply(&w.facts, line);
	*whole = w.text.p == NULL || w.extra;
	if (*whole)
		return true;
	memo->unwrapped = true;
	if (memchr(w.text.p, '\\', w.text.n) != NULL)
		w.text = unescape(scratch_next(memo), w.text);
	while (w.text.n > 0 && w.text.p[w.text.n - 1] == '\n')
		w.text.n -= w.text.n > 1 && w.text.p[w.text.n - 2] == '\r' ? 2 : 1;
	line->text = w.text;
	return true;
}
