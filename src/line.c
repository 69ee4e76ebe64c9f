/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "line.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "pack.h"
#include "prefix.h"
#include "xalloc.h"

#define HEAD 8192 /* bytes from which text is told from other things */

/*
 * A record is what stands between two ends: a newline, or a carriage return or
 * NUL that no newline follows.  (NULs are what a hole in a file reads as: the
 * writer went on at its old offset after a truncation.)  A record without
 * control bytes is a line.  One with them is taken apart into segments, each
 * what the screen showed at one time, and each of these is a line.
 */
enum ending { END_NEWLINE, END_RETURN, END_INPUT };

struct record {
	struct span bytes;
	enum ending end;
	bool        cut;
	bool        control; /* holds bytes below blank other than tabs */
};

/* What a prefix said; it holds up to the newline, also for the states of a bar behind it. */
struct facts {
	double          time; /* NaN: none */
	int             rank, node;
	enum line_level level;
};

struct lines {
	const struct prefixes *prefixes;
	struct prefix_memo     memo;
	struct lines_stat      stat;
	uint64_t               number; /* newlines so far */

	const char *p, *end; /* the rest of the piece */
	double      arrival;
	bool        ended;
	bool        begun; /* a record was given: no byte order mark can come */

	/* the record that goes on from piece to piece */
	struct buf held;
	size_t     skipped; /* bytes of it past LINE_MAX_TEXT */
	bool       control;
	bool       waiting; /* ended by \r or NUL, or by the newline that may follow */
	bool       held_given; /* the last line's spans point into held */

	/* the record that is taken apart */
	bool          open;
	struct record record; /* its rest */
	uint64_t      record_number;
	struct buf    clean, inner;

	/* the physical line: what stands between newlines */
	bool         moved; /* the cursor went up: the newline does not end an empty line */
	bool         more;  /* facts hold */
	bool         line_over;
	struct facts facts;

	unsigned      head;     /* bytes seen, up to HEAD */
	unsigned      head_odd; /* of these, control bytes that no text has */
	unsigned char first;    /* byte */
};

static const struct facts no_facts = { NAN, -1, -1, LEVEL_NONE };

struct lines *
lines_new(const struct prefixes *prefixes)
{
	struct lines *l = xcalloc(1, sizeof *l);

	l->prefixes = prefixes;
	l->facts = no_facts;
	l->arrival = NAN;
	buf_init(&l->held, LINE_MAX_TEXT);
	buf_init(&l->clean, LINE_MAX_TEXT);
	buf_init(&l->inner, LINE_MAX_TEXT);
	return l;
}

void
lines_free(struct lines *l)
{
	if (l == NULL)
		return;
	prefix_memo_fini(&l->memo);
	buf_fini(&l->held);
	buf_fini(&l->clean);
	buf_fini(&l->inner);
	free(l);
}

/* Bytes to records. */

typedef unsigned char vec __attribute__((__vector_size__(16)));

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 && c != '\t';
}

/* The first control byte of [p, end) other than a tab, or end. */
static inline const char *
find_control(const char *p, const char *end)
{
	uint64_t half[2];
	vec      v, hit;

	for (; end - p >= (ptrdiff_t)sizeof v; p += sizeof v) {
		memcpy(&v, p, sizeof v);
		hit = (vec)((v < 0x20) & (v != '\t'));
		memcpy(half, &hit, sizeof half);
		if ((half[0] | half[1]) == 0)
			continue;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		return p + (half[0] != 0 ? __builtin_ctzll(half[0]) / 8
		                         : 8 + __builtin_ctzll(half[1]) / 8);
#else
		break;
#endif
	}
	while (p < end && !is_control(*p))
		p++;
	return p;
}

/* The byte that may end a record, or end. */
static const char *
find_end(const char *p, const char *end, bool *control)
{
	for (;; p++) {
		p = find_control(p, end);
		if (p == end || *p == '\n' || *p == '\r' || *p == '\0')
			return p;
		*control = true;
		while (*p == '\b' && end - p > 1 && p[1] == '\b') /* Keras 1 writes a hundred */
			p++;
	}
}

/* Keeps a part of a record that goes on in the next piece, as far as it is looked at. */
static void
hold(struct lines *l, struct span s)
{
	size_t room = LINE_MAX_TEXT - l->held.n;

	if (s.n > room) {
		l->skipped += s.n - room;
		s.n = room;
	}
	buf_span(&l->held, s);
}

/* The record that ends here, whose last part is s. */
static bool
give_record(struct lines *l, struct span s, enum ending end, struct record *ret)
{
	if (l->held.n > 0 || l->skipped > 0) {
		hold(l, s);
		s = buf_get(&l->held);
		l->held_given = true;
	} else if (s.n > LINE_MAX_TEXT) {
		l->skipped = s.n - LINE_MAX_TEXT;
		s.n = LINE_MAX_TEXT;
	}
	if (!l->begun && s.n >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0)
		s = span_from(s, 3);
	l->begun = true;
	if (l->skipped > 0) {
		l->stat.cut_lines++;
		l->stat.cut_bytes += l->skipped;
	}
	*ret = (struct record){ s, end, l->skipped > 0, l->control };
	l->waiting = false;
	l->control = false;
	l->skipped = 0;
	return true;
}

/* Passes over a run of \r and NUL; true when it is known whether a newline follows. */
static bool
skip_returns(struct lines *l)
{
	for (; l->p < l->end && (*l->p == '\r' || *l->p == '\0'); l->p++)
		l->stat.nul_bytes += *l->p == '\0';
	return l->p < l->end || l->ended;
}

static bool
take_record(struct lines *l, struct record *ret)
{
	struct span s = { l->p, 0 };

	if (l->held_given) {
		buf_reset(&l->held);
		l->held_given = false;
	}
	if (!l->waiting) {
		l->p = find_end(l->p, l->end, &l->control);
		s.n = (size_t)(l->p - s.p);
		if (l->p == l->end) {
			if (l->ended && (s.n > 0 || l->held.n > 0))
				return give_record(l, s, END_INPUT, ret);
			hold(l, s);
			return false;
		}
	}
	if (!skip_returns(l)) {
		hold(l, s);
		l->waiting = true;
		return false;
	}
	if (l->p < l->end && *l->p == '\n') {
		l->p++;
		return give_record(l, s, END_NEWLINE, ret);
	}
	return give_record(l, s, END_RETURN, ret);
}

/* Escape sequences. */

enum effect {
	DOES_NOTHING, /* colours, titles, modes */
	DOES_BREAK,   /* the cursor leaves the line, or the line is erased */
	DOES_UP,      /* as that, upwards */
	DOES_BACK     /* as \b, count times */
};

/* Length of the control string (OSC and the like) at the start of s, which starts with ESC. */
static size_t
string_length(struct span s)
{
	for (size_t i = 2; i < s.n; i++) {
		if (s.p[i] == '\a')
			return i + 1;
		if (s.p[i] == '\x1b')
			return i + 1 < s.n && s.p[i + 1] == '\\' ? i + 2 : i;
	}
	return 2; /* not ended: take nothing for it */
}

static enum effect
csi_effect(char final, unsigned count)
{
	switch (final) {
	case 'A': case 'F':
		return DOES_UP;
	case 'B': case 'E': case 'H': case 'f': case 'd':
		return DOES_BREAK;
	case 'G':
		return count <= 1 ? DOES_BREAK : DOES_NOTHING;
	case 'J': case 'K': /* 0: to the right only, where nothing stands */
		return count > 0 ? DOES_BREAK : DOES_NOTHING;
	case 'D':
		return DOES_BACK;
	default:
		return DOES_NOTHING;
	}
}

/* Reads the escape at the start of s; returns its length. */
static size_t
take_escape(struct span s, enum effect *effect, unsigned *count)
{
	size_t i = 2;

	*effect = DOES_NOTHING;
	*count = 0;
	if (s.n < 2)
		return s.n;
	if (memchr("]PX^_", s.p[1], 5) != NULL)
		return string_length(s);
	if (s.p[1] == '[') {
		for (; i < s.n && s.p[i] >= 0x20 && s.p[i] <= 0x3f; i++)
			if (s.p[i] >= '0' && s.p[i] <= '9' && *count < LINE_MAX_TEXT)
				*count = *count * 10 + (unsigned)(s.p[i] - '0');
		if (i == s.n || s.p[i] < 0x40 || s.p[i] == 0x7f)
			return i;
		*effect = csi_effect(s.p[i], *count);
		return i + 1;
	}
	if (s.p[1] == 'M' || s.p[1] == 'c')
		*effect = DOES_BREAK;
	if (s.p[1] < 0x20 || s.p[1] == 0x7f)
		return 1;
	for (i = 1; i < s.n && s.p[i] >= 0x20 && s.p[i] <= 0x2f; i++)
		;
	return i < s.n ? i + 1 : i;
}

/* Records to segments. */

static bool
is_blank(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t')
			return false;
	return true;
}

/*
 * Takes n characters off the end of the state.  False: nothing is left of it,
 * and it was shown; so it is a line by itself.
 */
static bool
erase(struct buf *b, size_t n)
{
	size_t left = b->n;

	for (; n > 0 && left > 0; n--)
		do
			left--;
		while (left > 0 && ((unsigned char)b->p[left] & 0xc0) == 0x80);
	if (left == 0 && !is_blank(buf_get(b)))
		return false;
	b->n = left;
	return true;
}

/* Bytes of the run of \b and cursor-left at the start of s; *n: how far they go. */
static size_t
take_backs(struct span s, size_t *n)
{
	enum effect effect;
	unsigned    count;
	size_t      i, len;

	*n = 0;
	for (i = 0; i < s.n; i += len) {
		len = 1;
		if (s.p[i] == '\b') {
			(*n)++;
			continue;
		}
		if (s.p[i] != '\x1b')
			break;
		len = take_escape(span_from(s, i), &effect, &count);
		if (effect == DOES_BACK)
			*n += count > 0 ? count : 1;
		else if (effect != DOES_NOTHING)
			break;
	}
	return i;
}

/*
 * What one control at the start of s does to the state in l->clean: *used gets
 * its length; true when the state ends here.
 */
static bool
obey(struct lines *l, struct span s, size_t *used)
{
	enum effect effect = DOES_BREAK;
	unsigned    count;
	size_t      n, len;
	bool        next_is_text;

	*used = 1;
	switch (*s.p) {
	case '\r': case '\n': case '\0':
		return true;
	case '\v': case '\f':
		buf_char(&l->clean, ' ');
		return false;
	case '\x1b':
		*used = take_escape(s, &effect, &count);
		if (effect == DOES_UP)
			l->moved = true;
		if (effect != DOES_BACK)
			return effect != DOES_NOTHING;
		break;
	case '\b':
		break;
	default:
		return false;
	}
	/* Keras 1 goes back over all it wrote and then returns: nothing is erased by that. */
	len = take_backs(s, &n);
	next_is_text = len < s.n && !is_control(s.p[len]);
	*used = len;
	return next_is_text && !erase(&l->clean, n);
}

/*
 * Where a tqdm bar in s ends ("...| 7/9 [00:02<00:01, 3.1it/s]") and another text
 * clings to it: the bar is drawn without a newline, and what the program prints next
 * comes right behind.  0: there is no such place.
 */
static size_t
behind_bar(struct span s)
{
	size_t      i = 0, depth = 0;
	const char *p = s.p, *end = s.p + s.n;

	do
		if ((p = memchr(p, '|', (size_t)(end - p))) == NULL)
			return 0;
	while (p++ == s.p || p[-2] != '%');
	if ((p = memchr(p, '|', (size_t)(end - p))) == NULL)
		return 0;
	for (i = (size_t)(p - s.p) + 1; i < s.n && (s.p[i] != ']' || depth > 1); i++) {
		depth += s.p[i] == '[';
		depth -= s.p[i] == ']' && depth > 0;
	}
	return depth == 1 && i + 1 < s.n && s.p[i + 1] != ' ' && s.p[i + 1] != '\t' ? i + 1 : 0;
}

/* The next state of the open record: its text in l->clean, its bytes and ending in *ret. */
static void
take_segment(struct lines *l, struct record *ret)
{
	struct span s = l->record.bytes;
	size_t      i = 0, used = 0;
	const char *q;

	*ret = l->record;
	buf_reset(&l->clean);
	for (;; i += used) {
		q = find_control(s.p + i, s.p + s.n);
		used = behind_bar((struct span){ s.p + i, (size_t)(q - s.p) - i });
		if (used > 0) {
			buf_add(&l->clean, s.p + i, used);
			ret->bytes.n = i + used;
			ret->end = END_NEWLINE; /* it stays where it stands */
			l->record.bytes = span_from(s, i + used);
			return;
		}
		buf_add(&l->clean, s.p + i, (size_t)(q - s.p) - i);
		i = (size_t)(q - s.p);
		if (i == s.n) {
			l->open = false;
			return;
		}
		if (obey(l, span_from(s, i), &used))
			break;
	}
	ret->bytes.n = i;
	ret->end = s.p[i] == '\n' ? END_NEWLINE : END_RETURN;
	l->record.bytes = span_from(s, i + used);
}

/* Lines. */

static void
fill(struct lines *l, struct span text, const struct record *r, struct line *ret)
{
	*ret = (struct line){
		.text = text, .raw = r->bytes, .number = l->record_number,
		.time = l->arrival, .arrival = l->arrival, .rank = -1, .node = -1,
		.redraw = r->end == END_RETURN, .cut = r->cut,
	};
}

/* Takes over what the prefix at the start of the physical line said. */
static void
recall(struct lines *l, struct line *line)
{
	if (line->rank < 0)
		line->rank = l->facts.rank;
	if (line->node < 0)
		line->node = l->facts.node;
	if (line->level == LEVEL_NONE)
		line->level = l->facts.level;
	if (!line->printed_time && !isnan(l->facts.time)) {
		line->printed_time = true;
		line->time = l->facts.time;
	}
}

static void
remember(struct lines *l, const struct line *line)
{
	l->facts = (struct facts){
		line->printed_time ? line->time : (double)NAN, line->rank, line->node, line->level
	};
	l->more = true;
}

/* A wrapped text ({"log": "..."}) that holds control bytes itself is a record in its turn. */
static bool
reopen(struct lines *l, const struct line *line, enum ending end)
{
	const char *stop = line->text.p + line->text.n;

	if (!l->memo.unwrapped || find_control(line->text.p, stop) == stop)
		return false;
	buf_reset(&l->inner);
	buf_add(&l->inner, line->text.p, line->text.n < LINE_MAX_TEXT ? line->text.n : LINE_MAX_TEXT);
	remember(l, line);
	l->record = (struct record){ buf_get(&l->inner), end, line->cut, true };
	l->open = true;
	return true;
}

/* The line of a record or segment whose clean text is text; false when it is none after all. */
static bool
finish(struct lines *l, struct span text, const struct record *r, struct line *ret)
{
	fill(l, text, r, ret);
	if (l->prefixes != NULL) {
		prefixes_peel(l->prefixes, &l->memo, ret);
		if (l->memo.unwrapped && reopen(l, ret, r->end))
			return false;
	}
	if (l->more)
		recall(l, ret);
	if (l->open || r->end == END_RETURN)
		remember(l, ret);
	if ((ret->redraw || l->moved) && is_blank(ret->text))
		return false;
	l->stat.lines++;
	l->stat.redraws += ret->redraw;
	return true;
}

/* A physical line is over: its facts hold no longer. */
static void
new_line(struct lines *l)
{
	l->line_over = false;
	l->more = false;
	l->moved = false;
	l->facts = no_facts;
}

bool
lines_next(struct lines *l, struct line *ret)
{
	struct record r;

	for (;;) {
		if (l->open) {
			take_segment(l, &r);
			if (finish(l, buf_get(&l->clean), &r, ret))
				return true;
			continue;
		}
		if (l->line_over)
			new_line(l);
		if (!take_record(l, &r)) {
			l->ended = false;
			return false;
		}
		l->record_number = l->number + 1;
		if (r.end == END_NEWLINE) {
			l->number++;
			l->line_over = true;
		}
		if (r.control || behind_bar(r.bytes) > 0) {
			l->record = r;
			l->open = true;
		} else if (finish(l, r.bytes, &r, ret))
			return true;
	}
}

/* The stream. */

/* Looks at the first bytes for what is no text at all. */
static void
look_at_head(struct lines *l, struct span s)
{
	for (size_t i = 0; i < s.n && l->head < HEAD; i++, l->head++) {
		unsigned char c = (unsigned char)s.p[i];

		if (l->head == 1 && l->first + c == 0xff + 0xfe && (c == 0xff || c == 0xfe))
			l->stat.utf16 = true;
		if (l->head == 0)
			l->first = c;
		l->head_odd += c < 7 || (c > 13 && c < 0x20 && c != 0x1b);
	}
}

void
lines_push(struct lines *l, struct span bytes, double arrival)
{
	l->stat.bytes += bytes.n;
	if (l->head < HEAD)
		look_at_head(l, bytes);
	if (l->stat.utf16) {
		buf_reset(&l->held);
		bytes.n = 0;
	}
	l->p = bytes.p;
	l->end = bytes.p + bytes.n;
	l->arrival = arrival;
}

void
lines_end(struct lines *l)
{
	l->p = l->end = "";
	l->ended = true;
}

void
lines_stat(const struct lines *l, struct lines_stat *ret)
{
	*ret = l->stat;
	ret->binary = l->head_odd >= 8 && l->head_odd > l->head / 32;
}

uint64_t
lines_number(const struct lines *l)
{
	return l->number;
}

void
lines_set_number(struct lines *l, uint64_t n)
{
	l->number = n;
	if (n > 0) { /* not the start of the file */
		l->head = HEAD;
		l->begun = true;
	}
}

/* What a state holds of a stream, beside the bytes of the record that goes on. */
struct saved {
	struct lines_stat  stat;
	struct facts       facts;
	struct prefix_memo memo; /* without its scratch */
	double   arrival;
	uint64_t number, record_number, skipped, held;
	unsigned head, head_odd;
	unsigned char begun, control, waiting, moved, more, line_over, first;
};

void
lines_save(const struct lines *l, struct buf *b)
{
	struct saved s;

	memset(&s, 0, sizeof s); /* also what lies between the fields */
	s.stat = l->stat;
	s.facts = l->facts;
	s.memo = l->memo;
	s.memo.scratch = NULL;
	s.arrival = l->arrival;
	s.number = l->number;
	s.record_number = l->record_number;
	s.skipped = l->skipped;
	s.held = l->held_given ? 0 : l->held.n;
	s.head = l->head;
	s.head_odd = l->head_odd;
	s.first = l->first;
	s.begun = l->begun;
	s.control = l->control;
	s.waiting = l->waiting;
	s.moved = l->moved;
	s.more = l->more;
	s.line_over = l->line_over;
	pack_raw(b, &s, sizeof s);
	pack_raw(b, l->held.p, s.held);
}

static bool
is_sane(const struct saved *s, const struct unpack *u)
{
	for (unsigned i = 0; i < PREFIX_DEPTH; i++)
		if (s->memo.layer[i] > PREFIX_LAYERS + 1)
			return false;
	return !u->bad && s->held <= LINE_MAX_TEXT && s->held <= u->rest.n && s->head <= HEAD &&
	    s->memo.n <= PREFIX_DEPTH && (unsigned)s->facts.level <= LEVEL_CRITICAL;
}

bool
lines_load(struct lines *l, struct unpack *u)
{
	struct saved s;

	unpack_raw(u, &s, sizeof s);
	unpack_flag(&s.stat.utf16);
	unpack_flag(&s.stat.binary);
	unpack_flag(&s.memo.unwrapped);
	unpack_flag(&s.memo.stamp.zone_known);
	unpack_flag(&s.memo.stamp.day_first);
	if (!is_sane(&s, u))
		return false;
	l->stat = s.stat;
	l->facts = s.facts;
	l->memo = s.memo;
	l->memo.scratch = NULL;
	l->arrival = s.arrival;
	l->number = s.number;
	l->record_number = s.record_number;
	l->skipped = s.skipped;
	buf_add(&l->held, u->rest.p, s.held);
	u->rest = span_from(u->rest, s.held);
	l->head = s.head;
	l->head_odd = s.head_odd;
	l->first = s.first;
	l->begun = s.begun;
	l->control = s.control;
	l->waiting = s.waiting;
	l->moved = s.moved;
	l->more = s.more;
	l->line_over = s.line_over;
	return true;
}
