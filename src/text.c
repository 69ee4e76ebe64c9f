/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "expr_eval.h"
#include "series_impl.h"
#include "translate.h"
#include "xalloc.h"

#define TEXT_PARTS 64

static struct text_part *
part_new(struct text *t)
{
	t->part = xrealloc(t->part, t->n + 1, sizeof *t->part);
	memset(&t->part[t->n], 0, sizeof *t->part);
	return &t->part[t->n++];
}

static void
plain(struct text *t, const char *p, size_t n)
{
	if (n > 0)
		part_new(t)->plain = xstrndup(p, n);
}

/* Mistakes of an expression inside a text, moved to their place in the text. */
struct shifted {
	struct expr_errors *to;
	size_t by;
};

static void
shift(void *arg, size_t off, const char *sentence)
{
	struct shifted *s = arg;

	expr_error(s->to, off + s->by, "%s", sentence);
}

/* Length of the expression before its format and the closing brace. */
static size_t
format_of(struct span inner, char *format)
{
	size_t n = inner.n;

	*format = 0;
	if (n > 2 && inner.p[n - 2] == ':' && strchr("%sd", inner.p[n - 1])) {
		*format = inner.p[n - 1];
		n -= 2;
	}
	return n;
}

static void
value(struct text *t, struct span inner, size_t at, struct scope *scope, struct expr_errors *errors)
{
	struct text_part  *part = part_new(t);
	struct shifted     s = { errors, at };
	struct expr_errors mine = { shift, &s, 0 };

	inner.n = format_of(inner, &part->format);
	if (span_is(inner, "each")) {
		part->each = true;
		return;
	}
	if (expr_parse(inner, &part->value, &mine) == 0)
		expr_check(&part->value, scope, K_UNKNOWN, &mine);
}

int
text_parse(struct span source, struct scope *scope, struct text *ret, struct expr_errors *errors)
{
	struct text t = { .source = xstrndup(source.p ? source.p : "", source.n) };
	unsigned    before = errors->n;
	size_t      from = 0, i = 0;

	while (i < source.n && t.n < TEXT_PARTS) {
		const char *end;

		if (source.p[i] != '{') {
			i++;
			continue;
		}
		plain(&t, source.p + from, i - from);
		if (i + 1 < source.n && source.p[i + 1] == '{') {
			from = i + 1;
			i += 2;
			continue;
		}
		end = memchr(source.p + i, '}', source.n - i);
		if (!end) {
			expr_error(errors, i, "this { is not closed; a brace itself is written {{");
			break;
		}
		value(&t, (struct span){ source.p + i + 1, (size_t)(end - source.p) - i - 1 }, i + 1,
		    scope, errors);
		i = from = (size_t)(end - source.p) + 1;
	}
	if (from < source.n)
		plain(&t, source.p + from, source.n - from);
	if (errors->n > before) {
		text_fini(&t);
		return -1;
	}
	*ret = t;
	return 0;
}

void
text_fini(struct text *t)
{
	for (unsigned i = 0; i < t->n; i++) {
		free(t->part[i].plain);
		expr_fini(&t->part[i].value);
	}
	free(t->part);
	free(t->source);
	if (t->zh)
		text_fini(t->zh);
	free(t->zh);
	memset(t, 0, sizeof *t);
}

void
text_number(struct buf *b, double v, enum unit_of unit)
{
	char span[24];

	if (isnan(v))
		buf_str(b, "NaN");
	else if (isinf(v))
		buf_str(b, v > 0 ? "inf" : "-inf");
	else if (unit == U_TIME) {
		clock_span(v, span);
		buf_str(b, span);
	} else if (unit == U_BYTES)
		buf_printf(b, "%.3g GiB", v / 1073741824);
	else if (fabs(v) >= 1000 && fabs(v) < 1e15)
		buf_printf(b, "%.0f", v);
	else if (unit != U_NONE && v == floor(v))
		buf_printf(b, "%.0f", v);
	else
		buf_printf(b, "%.4g", v);
}

/* at_best is said with its word, and the position of a run by epoch where it has no step. */
static bool
position(const struct expr *e, struct value v, enum lang l, struct buf *b)
{
	const struct node *last = &e->node[e->n - 1];
	struct buf number;

	if (last->op != OP_CALL || strcmp(last->func->name, "at_best") != 0)
		return false;
	buf_init(&number, 64);
	text_number(&number, v.num, (enum unit_of)v.unit);
	buf_printf(b, lang_phrase(l, v.unit == U_STEPS ? PHRASE_STEP :
	    v.unit == U_EPOCHS ? PHRASE_EPOCH : PHRASE_POINT), buf_cstr(&number));
	buf_fini(&number);
	return true;
}

static void
render_value(const struct text_part *part, struct env *env, enum lang l, struct buf *b)
{
	struct value v = expr_eval(&part->value, env);
	char         span[24];

	if (v.kind == K_UNKNOWN)
		buf_char(b, '?');
	else if (v.kind == K_TEXT && part->value.node[part->value.n - 1].op == OP_FIELD)
		translate(l, v.text, b); /* a word of ours, as run.end is: "status 1" */
	else if (v.kind == K_TEXT)
		buf_harmless(b, span_of(v.text), 200);
	else if (v.kind == K_BOOL)
		buf_str(b, lang_phrase(l, v.num != 0 ? PHRASE_YES : PHRASE_NO));
	else if (part->format == '%')
		buf_printf(b, "%.3g%%", v.num * 100);
	else if (part->format == 's') {
		clock_span(v.num, span);
		buf_str(b, span);
	} else if (part->format == 'd')
		buf_printf(b, "%.0f", v.num);
	else if (!position(&part->value, v, l, b))
		text_number(b, v.num, (enum unit_of)v.unit);
}

/* A text with nothing but a group of the line shows it even when it reads as a number. */
void
text_render(const struct text *t, struct env *env, const char *each, enum lang l, struct buf *b)
{
	for (unsigned i = 0; i < t->n; i++) {
		const struct text_part *part = &t->part[i];

		if (part->plain)
			buf_str(b, part->plain);
		else if (part->each)
			buf_str(b, each ? each : "?");
		else
			render_value(part, env, l, b);
	}
}
