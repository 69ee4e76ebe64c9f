/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "learn.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "learn_impl.h"
#include "object.h"
#include "pairs.h"
#include "reader.h"
#include "xalloc.h"

#define HEADER_AGE 3 /* lines without numbers between a table's header and its rows */

struct learn *
learn_new(struct knowledge *k)
{
	struct learn *l = xcalloc(1, sizeof *l);

	l->k = k;
	l->shapes = map_new();
	l->epoch = NAN;
	return l;
}

static void
template_free(struct learn_template *t)
{
	for (unsigned i = 0; i < LEARN_EXAMPLES; i++)
		free(t->example[i]);
	free(t->shape);
	free(t->header);
	free(t->field);
	free(t);
}

void
learn_free(struct learn *l)
{
	if (!l)
		return;
	for (unsigned i = 0; i < l->n; i++)
		template_free(l->t[i]);
	map_free(l->shapes);
	free(l);
}

/* --- templates --- */

/* Those met once make room for new ones. */
static void
make_room(struct learn *l)
{
	unsigned kept = 0;

	map_free(l->shapes);
	l->shapes = map_new();
	for (unsigned i = 0; i < l->n; i++) {
		struct learn_template *t = l->t[i];
		if (t->count <= 1 && t != l->table) {
			template_free(t);
			continue;
		}
		map_set(l->shapes, (struct span){ t->shape, t->shape_n }, t);
		l->t[kept++] = t;
	}
	l->n = kept;
}

/* The template of this shape; NULL: there are too many. */
static struct learn_template *
template_of(struct learn *l, struct span shape, enum learn_kind kind, uint64_t line)
{
	struct learn_template *t = map_get(l->shapes, shape);

	if (t)
		return t;
	if (l->n == LEARN_TEMPLATES)
		make_room(l);
	if (l->n == LEARN_TEMPLATES)
		return NULL;
	t = xcalloc(1, sizeof *t);
	t->kind = kind;
	t->shape = xstrndup(shape.p, shape.n);
	t->shape_n = shape.n;
	t->line = line;
	t->epoch = NAN;
	map_set(l->shapes, shape, t);
	return l->t[l->n++] = t;
}

static void
keep_example(struct learn_template *t, const struct line *line)
{
	unsigned at = t->count < LEARN_EXAMPLES ? (unsigned)t->count : LEARN_EXAMPLES - 1;

	free(t->example[at]);
	t->example[at] = xstrndup(line->text.p, line->text.n);
	t->redraw = t->redraw || line->redraw;
	t->count++;
}

static struct learn_field *
field_new(struct learn_template *t, struct span key)
{
	t->field = xrealloc(t->field, t->fields + 1, sizeof *t->field);
	struct learn_field *f = &t->field[t->fields++];
	*f = (struct learn_field){ .total_of = -1, .whole = true };
	size_t n = key.n < sizeof f->key ? key.n : sizeof f->key - 1;
	memcpy(f->key, key.p ? key.p : "", n);
	f->key[n] = '\0';
	return f;
}

static void
observe(struct learn_field *f, double v, bool new_epoch)
{
	if (f->n++ == 0)
		f->first = f->min = f->max = v;
	else if (v != f->last)
		f->moves = true;
	if (f->n > 1 && v < f->last) {
		f->falls++;
		f->restarts += new_epoch;
	}
	f->min = fmin(f->min, v);
	f->max = fmax(f->max, v);
	f->whole = f->whole && v == floor(v);
	f->last = v;
}

/* A number under a key that means the epoch. */
static bool
is_epoch(const struct learn *l, const char *key)
{
	struct key_meaning m;

	if (!key[0])
		return false;
	vocab_key(l->k->vocab, span_of(key), &m);
	return m.kind == KEY_EPOCH;
}

static bool
epoch_began(struct learn *l, struct learn_template *t)
{
	bool began = t->epoch < l->epoch;

	t->epoch = l->epoch;
	return began;
}

/* --- lines of text --- */

static bool
is_glyph(const struct span s, size_t i, size_t *len)
{
	unsigned char c = (unsigned char)s.p[i];

	*len = 1;
	if (strchr("=#>.", c) && c)
		return true;
	/* U+2500 to U+25FF: blocks and lines */
	*len = 3;
	return c == 0xe2 && i + 2 < s.n && (unsigned char)s.p[i + 1] >= 0x94 && (unsigned char)s.p[i + 1] <= 0x97;
}

/* The end of a bar that is drawn at i; i: there is none.  A row of one ASCII character is a rule, no bar. */
static size_t
bar_end(struct span s, size_t i)
{
	size_t at = i, len, glyphs = 0;
	bool mixed = false;

	while (at < s.n) {
		if (is_glyph(s, at, &len)) {
			mixed = mixed || len > 1 || s.p[at] != s.p[i];
			glyphs++;
		} else if (glyphs == 0 || s.p[at] != ' ')
			break;
		else
			len = 1;
		at += len;
	}
	while (at > i && s.p[at - 1] == ' ')
		at--;
	return glyphs >= 3 && mixed ? at : i;
}

static bool
is_wordy(char c)
{
	return isalnum((unsigned char)c) || strchr("_.-/\\@+~#", c) != NULL;
}

/* The end of the run of letters, digits and what file names, times and versions are made of. */
static size_t
word_end(struct span s, size_t i, bool *digits)
{
	*digits = false;
	for (; i < s.n && s.p[i] && (is_wordy(s.p[i]) || (s.p[i] == ':' && i + 1 < s.n &&
	    isdigit((unsigned char)s.p[i + 1]) && i > 0 && isdigit((unsigned char)s.p[i - 1]))); i++)
		*digits = *digits || isdigit((unsigned char)s.p[i]);
	return i;
}

/* Words with digits that are names all the same: top5, F1, mAP50, acc@1. */
static bool
is_name(const struct learn *l, struct span word)
{
	struct key_meaning m;

	if (!isalpha((unsigned char)word.p[0]))
		return false;
	vocab_key(l->k->vocab, word, &m);
	return m.kind != KEY_UNKNOWN || m.likely;
}

/* The text between two numbers, without what varies in it. */
static void
add_literal(const struct learn *l, struct buf *shape, struct span s)
{
	for (size_t i = 0, end; i < s.n; i = end) {
		bool digits;
		if (s.p[i] == ' ' || s.p[i] == '\t') {
			for (end = i; end < s.n && (s.p[end] == ' ' || s.p[end] == '\t'); end++)
				;
			buf_char(shape, ' ');
		} else if ((end = bar_end(s, i)) > i)
			buf_char(shape, MARK_BAR);
		else if ((end = word_end(s, i, &digits)) > i) {
			struct span word = { s.p + i, end - i };
			if (digits && !is_name(l, word))
				buf_char(shape, MARK_WORD);
			else
				buf_span(shape, word);
		} else {
			buf_char(shape, s.p[i]);
			end = i + 1;
		}
	}
}

/* |####      |: a bar may be empty, so it is known by its borders. */
static void
drop_blank_bars(struct buf *shape)
{
	size_t n = 0;

	for (size_t i = 0; i < shape->n; i++) {
		shape->p[n++] = shape->p[i];
		if (shape->p[i] != '|')
			continue;
		size_t k = i + 1;
		while (k < shape->n && (shape->p[k] == ' ' || shape->p[k] == MARK_BAR))
			k++;
		if (k > i + 1 && k < shape->n && shape->p[k] == '|') {
			shape->p[n++] = MARK_BAR;
			i = k - 1;
		}
	}
	shape->n = n;
}

static void
add_number(struct buf *shape)
{
	while (shape->n && shape->p[shape->n - 1] == ' ')
		shape->n--;
	buf_char(shape, MARK_NUMBER);
}

struct number_seen {
	struct pair p;
	double value;
	int total_of;
};

/* Writes the shape of a text and lists its numbers; totals are numbers of their own. */
static unsigned
shape_of(const struct learn *l, struct span s, struct buf *shape, struct number_seen *ret)
{
	struct pairs ps;
	struct pair p;
	size_t at = 0;
	unsigned n = 0;

	pairs_init(&ps, s, 0);
	while (n + 2 < LEARN_FIELDS && pairs_next(&ps, &p)) {
		size_t start = (size_t)(p.text.p - s.p);
		if (start < at)
			break;
		add_literal(l, shape, (struct span){ s.p + at, start - at });
		add_number(shape);
		ret[n++] = (struct number_seen){ p, p.range ? NAN : p.value, -1 };
		at = ps.from;
		if (p.total.n == 0)
			continue;
		size_t gap = start + p.text.n, total = (size_t)(p.total.p - s.p), used;
		double v = NAN;
		(void)number_read(p.total, &v, &used);
		add_literal(l, shape, (struct span){ s.p + gap, total - gap });
		add_number(shape);
		ret[n] = (struct number_seen){ { .text = p.total }, v, (int)n - 1 };
		n++;
	}
	add_literal(l, shape, span_from(s, at));
	while (shape->n && shape->p[shape->n - 1] == ' ')
		shape->n--;
	drop_blank_bars(shape);
	return n;
}

static void
learn_text(struct learn *l, const struct line *line)
{
	struct number_seen seen[LEARN_FIELDS];
	struct learn_template *t = NULL;
	struct buf shape;

	buf_init(&shape, 2 * LEARN_LINE);
	unsigned n = shape_of(l, span_trim(line->text), &shape, seen);
	if (n > 0) {
		l->stat.numbers++;
		t = template_of(l, buf_get(&shape), LEARN_TEXT, line->number);
	}
	buf_fini(&shape);
	if (!t)
		return;
	for (unsigned i = t->fields; i < n; i++) {
		struct learn_field *f = field_new(t, seen[i].p.key);
		f->joined = seen[i].p.joined;
		f->bracket = seen[i].p.bracket;
		f->total_of = seen[i].total_of;
		f->wrapped = memchr(seen[i].p.text.p, '(', seen[i].p.text.n) != NULL;
	}
	for (unsigned i = 0; i < n; i++)
		if (seen[i].total_of < 0 && is_epoch(l, t->field[i].key) && !isnan(seen[i].value))
			l->epoch = seen[i].value;
	bool began = epoch_began(l, t);
	for (unsigned i = 0; i < n; i++) {
		if (t->field[i].unit.q == Q_NONE)
			t->field[i].unit = seen[i].p.unit;
		observe(&t->field[i], seen[i].value, began);
	}
	keep_example(t, line);
}

/* --- objects --- */

static struct learn_field *
field_named(struct learn_template *t, struct span key)
{
	for (unsigned i = 0; i < t->fields; i++)
		if (span_is(key, t->field[i].key))
			return &t->field[i];
	return t->fields < LEARN_FIELDS && key.n < LEARN_KEY ? field_new(t, key) : NULL;
}

static bool
item_number(const struct object_item *it, double *v)
{
	size_t used;

	return it->kind != OBJ_NULL && it->kind != OBJ_BOOL && number_read_wrapped(it->text, v, &used) == NUMBER_OK &&
	    (it->kind == OBJ_NUMBER || used == it->text.n);
}

/* A line that holds {"loss": 0.1, ...}: its shape is what stands before, and its first number's key. */
static bool
learn_object(struct learn *l, const struct line *line)
{
	const char *brace = memchr(line->text.p, '{', line->text.n);
	struct object o;
	struct object_item it;
	struct learn_template *t = NULL;
	struct buf shape;
	double v;
	unsigned n = 0;

	if (!brace)
		return false;
	struct span body = span_from(line->text, (size_t)(brace - line->text.p));
	buf_init(&shape, 2 * LEARN_LINE);
	add_literal(l, &shape, (struct span){ line->text.p, line->text.n - body.n });
	buf_char(&shape, '{');
	object_init(&o, body);
	while (object_next(&o, &it))
		if (item_number(&it, &v) && n++ == 0)
			buf_span(&shape, it.path);
	bool good = !object_bad(&o) && n >= 2;
	if (good && memchr(shape.p, MARK_WORD, shape.n) == NULL) {
		l->stat.numbers++;
		t = template_of(l, buf_get(&shape), LEARN_OBJECT, line->number);
	}
	buf_fini(&shape);
	object_init(&o, body);
	while (t && object_next(&o, &it)) {
		struct learn_field *f = item_number(&it, &v) ? field_named(t, it.path) : NULL;
		if (!f)
			continue;
		if (is_epoch(l, f->key))
			l->epoch = v;
		observe(f, v, t->epoch < l->epoch);
	}
	if (t) {
		(void)epoch_began(l, t);
		keep_example(t, line);
	}
	return t != NULL;
}

/* --- tables --- */

bool
learn_cell(struct span *rest, char sep, struct span *ret)
{
	if (sep == 0) {
		*rest = span_trim(*rest);
		size_t n = 0;
		while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
			n++;
		*ret = (struct span){ rest->p, n };
		*rest = span_from(*rest, n);
		return n > 0;
	}
	if (!rest->p)
		return false;
	const char *end = rest->n ? memchr(rest->p, sep, rest->n) : NULL;
	size_t n = end ? (size_t)(end - rest->p) : rest->n;
	*ret = span_trim((struct span){ rest->p, n });
	*rest = end ? span_from(*rest, n + 1) : SPAN_NONE;
	return true;
}

static char
sep_of(struct span s)
{
	static const char seps[] = ",|\t;";

	for (const char *c = seps; *c; c++)
		if (memchr(s.p, *c, s.n))
			return *c;
	return 0;
}

/* Two names or more, none a number, one of them a metric's. */
static bool
is_header(const struct learn *l, struct span s)
{
	struct span rest = span_trim(s), cell;
	char sep = sep_of(rest);
	unsigned n = 0, metrics = 0;

	while (learn_cell(&rest, sep, &cell)) {
		struct key_meaning m;
		if (cell.n == 0)
			continue;
		if (cell.n >= LEARN_KEY || memchr(cell.p, ':', cell.n) || memchr(cell.p, '=', cell.n))
			return false;
		vocab_key(l->k->vocab, cell, &m);
		n++;
		metrics += m.kind == KEY_METRIC || m.likely;
	}
	return n > 1 && metrics > 0;
}

/* As many cells as the header has, half of them numbers. */
static bool
is_row(struct span header, struct span row, char sep)
{
	struct span a, b;
	unsigned n = 0, numbers = 0;
	double v;
	size_t used;

	header = span_trim(header);
	row = span_trim(row);
	while (learn_cell(&header, sep, &a)) {
		if (!learn_cell(&row, sep, &b))
			return false;
		n += a.n > 0;
		numbers += number_read_wrapped(b, &v, &used) == NUMBER_OK;
	}
	return !learn_cell(&row, sep, &b) && n > 1 && numbers * 2 >= n;
}

static void
learn_row(struct learn *l, struct learn_template *t, const struct line *line)
{
	struct span names = span_trim(span_of(t->header)), row = span_trim(line->text), name, cell;
	double v;
	size_t used;

	while (learn_cell(&names, t->sep, &name) && learn_cell(&row, t->sep, &cell)) {
		struct learn_field *f = name.n ? field_named(t, name) : NULL;
		if (!f || number_read_wrapped(cell, &v, &used) != NUMBER_OK)
			continue;
		if (is_epoch(l, f->key))
			l->epoch = v;
		observe(f, v, t->epoch < l->epoch);
	}
	(void)epoch_began(l, t);
	keep_example(t, line);
	l->stat.numbers++;
}

static bool
learn_table(struct learn *l, const struct line *line)
{
	if (l->table && is_row(span_of(l->table->header), line->text, l->table->sep)) {
		learn_row(l, l->table, line);
		return true;
	}
	if (!l->header[0] || !is_row(span_of(l->header), line->text, sep_of(span_of(l->header))))
		return false;
	l->table = template_of(l, span_of(l->header), LEARN_TABLE, line->number);
	l->header[0] = '\0';
	if (!l->table)
		return false;
	if (!l->table->header) {
		l->table->header = xstrndup(l->table->shape, l->table->shape_n);
		l->table->sep = sep_of(span_of(l->table->header));
	}
	learn_row(l, l->table, line);
	return true;
}

void
learn_line(struct learn *l, const struct line *line, const struct match *m)
{
	struct span s = span_trim(line->text);

	if (s.n == 0)
		return;
	l->stat.lines++;
	if (m && m->profile && !m->profile->generic) {
		l->stat.known++;
		return;
	}
	if (s.n > LEARN_LINE || memchr(s.p, 0, s.n))
		return;
	if (learn_table(l, line)) /* "1,5,0.25" has no number by itself */
		return;
	if (pairs_any(s)) {
		if (!learn_object(l, line))
			learn_text(l, line);
	} else if (is_header(l, s)) {
		memcpy(l->header, s.p, s.n);
		l->header[s.n] = '\0';
		l->header_age = 0;
	} else if (++l->header_age > HEADER_AGE)
		l->header[0] = '\0';
}
