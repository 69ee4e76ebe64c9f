/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notice.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jsonw.h"
#include "number.h"
#include "xalloc.h"

/* How a field is kept. */
enum form {
	ONE_LINE,  /* text, made harmless */
	MANY_LINES,/* the same, line by line */
	VERBATIM,  /* our own text */
	NUMBER
};

#define AT(member) offsetof(struct notice, member)

static const struct {
	const char *name;
	size_t      at;
	enum form   form;
	size_t      cap;
} fields[] = {
	{ "id", AT(id), ONE_LINE, 120 },
	{ "episode", AT(episode), ONE_LINE, 80 },
	{ "rule", AT(rule), ONE_LINE, 80 },
	{ "run", AT(run), ONE_LINE, 160 },
	{ "source", AT(source), ONE_LINE, 300 },
	{ "host", AT(host), ONE_LINE, 100 },
	{ "metric", AT(metric), ONE_LINE, 120 },
	{ "labels", AT(labels), ONE_LINE, 120 },
	{ "summary", AT(summary), ONE_LINE, 500 },
	{ "text", AT(text), ONE_LINE, 400 },
	{ "because", AT(because), ONE_LINE, 300 },
	{ "evidence", AT(evidence), ONE_LINE, 300 },
	{ "advice", AT(advice), ONE_LINE, 500 },
	{ "values", AT(values), ONE_LINE, 400 },
	{ "link", AT(link), ONE_LINE, 500 },
	{ "verdict", AT(verdict), MANY_LINES, 3000 },
	{ "summary-zh", AT(summary_zh), ONE_LINE, 500 },
	{ "because-zh", AT(because_zh), ONE_LINE, 300 },
	{ "evidence-zh", AT(evidence_zh), ONE_LINE, 300 },
	{ "advice-zh", AT(advice_zh), ONE_LINE, 500 },
	{ "values-zh", AT(values_zh), ONE_LINE, 400 },
	{ "verdict-zh", AT(verdict_zh), MANY_LINES, 3000 },
	{ "json", AT(json), VERBATIM, 16384 },
	{ "step", AT(step), NUMBER, 0 },
	{ "epoch", AT(epoch), NUMBER, 0 },
	{ "time", AT(time), NUMBER, 0 },
	{ "value", AT(value), NUMBER, 0 },
	{ "first", AT(first_time), NUMBER, 0 },
	{ "left", AT(left), NUMBER, 0 },
	{ "lost", AT(lost), NUMBER, 0 },
	{ "line", AT(line), NUMBER, 0 },
	{ "status", AT(status), NUMBER, 0 },
	{ "again", AT(again), NUMBER, 0 },
	{ "told", AT(told), NUMBER, 0 },
};

#define NFIELDS (sizeof(fields) / sizeof(*fields))

/* ORDER NOTICES: as in notice.h. */
static const struct {
	const char *name, *sign;
	enum phrase phrase;
	unsigned    colour;
} kinds[NOTICE_KINDS] = {
	{ "firing", NULL, 0, 0 },
	{ "resolved", "\xe2\x9c\x85", PHRASE_RESOLVED, 0x2da44e },          /* check mark */
	{ "started", "\xe2\x96\xb6\xef\xb8\x8f", PHRASE_STARTED, 0x0969da },/* play */
	{ "progress", "\xe2\x8f\xb3", PHRASE_PROGRESS, 0x0969da },          /* hourglass */
	{ "finished", "\xf0\x9f\x8f\x81", PHRASE_FINISHED, 0x2da44e },      /* flag */
	{ "crashed", "\xf0\x9f\x92\xa5", PHRASE_CRASHED, 0xcf222e },        /* collision */
	{ "test", "\xf0\x9f\x90\xb6", PHRASE_TEST, 0x0969da },              /* dog */
};

static const struct { const char *sign; enum phrase phrase; unsigned colour; }
severities[] = {
	[SEV_INFO] = { "\xe2\x84\xb9\xef\xb8\x8f", PHRASE_INFO, 0x0969da },
	[SEV_NOTICE] = { "\xf0\x9f\x94\xb5", PHRASE_NOTICE, 0x0969da },     /* blue */
	[SEV_WARNING] = { "\xf0\x9f\x9f\xa0", PHRASE_WARNING, 0xd97706 },   /* orange */
	[SEV_CRITICAL] = { "\xf0\x9f\x94\xb4", PHRASE_CRITICAL, 0xcf222e }, /* red */
};

static const char **
text_at(const struct notice *n, size_t i)
{
	return (const char **)(void *)((char *)(uintptr_t)n + fields[i].at);
}

static double *
number_at(const struct notice *n, size_t i)
{
	return (double *)(void *)((char *)(uintptr_t)n + fields[i].at);
}

void
notice_init(struct notice *n, enum notice_kind kind)
{
	memset(n, 0, sizeof(*n));
	n->kind = kind;
	for (size_t i = 0; i < NFIELDS; i++)
		if (fields[i].form == NUMBER)
			*number_at(n, i) = NAN;
}

void
notice_fini(struct notice *n)
{
	free(n->memory);
	notice_init(n, n->kind);
}

/* --- filling --- */

#define PAUSE 60.0 /* seconds without progress that are no loss of time */

/* Seconds to go at the pace so far; NaN: cannot be told. */
static double
time_left(const struct run *r)
{
	double done = r->step, all = r->steps, took = r->last - r->start;

	if (!(done > 0 && all > 0)) {
		done = r->epoch;
		all = r->epochs;
	}
	if (!(done > 0) || !(all > done) || !(took > 0))
		return NAN;
	return took / done * (all - done);
}

static void
fill_finding(struct notice *n, const struct run *r, const struct finding *f)
{
	n->episode = f->id;
	n->severity = f->severity;
	n->rule = f->rule;
	n->run = f->run ? f->run : n->run;
	n->source = f->source ? f->source : n->source;
	n->metric = f->metric;
	n->labels = f->labels;
	n->summary = f->summary;
	n->text = f->text;
	n->values = f->evidence;
	n->advice = f->advice;
	n->summary_zh = f->zh.summary;
	n->values_zh = f->zh.evidence;
	n->advice_zh = f->zh.advice;
	if (f->causes > 0) {
		n->because = f->cause[0].because;
		n->evidence = f->cause[0].evidence;
		n->because_zh = f->zh.cause[0].because;
		n->evidence_zh = f->zh.cause[0].evidence;
		if (f->cause[0].advice) {
			n->advice = f->cause[0].advice;
			n->advice_zh = f->zh.cause[0].advice;
		}
	}
	n->sparks = f->points < NOTICE_SPARK ? f->points : NOTICE_SPARK;
	memcpy(n->spark, f->curve, n->sparks * sizeof(*n->spark));
	n->step = f->step;
	n->epoch = f->epoch;
	n->time = f->time;
	n->value = f->value;
	n->first_time = f->first_time;
	n->line = f->line > 0 ? (double)f->line : NAN;
	if (f->last_time - f->first_time > 0)
		n->lost = f->last_time - f->first_time;
	if (r && f->time - r->last_progress > fmax(PAUSE, isnan(n->lost) ? 0 : n->lost))
		n->lost = f->time - r->last_progress;
}

void
notice_fill(struct notice *n, const struct run *r, const struct finding *f)
{
	if (r) {
		n->run = r->name;
		n->source = r->source;
		n->step = r->step;
		n->epoch = r->epoch;
		n->time = r->last;
		n->left = time_left(r);
		n->first_time = r->start;
		if (r->has_status)
			n->status = r->status;
	}
	if (f)
		fill_finding(n, r, f);
	if (n->kind == NOTICE_FINISHED || n->kind == NOTICE_CRASHED ||
	    (r && r->ended))
		n->left = NAN;
}

/* --- packing --- */

static void
pack_lines(struct buf *b, const char *text, size_t cap)
{
	size_t start = b->n;

	while (*text != '\0' && b->n - start < cap) {
		size_t n = strcspn(text, "\n");

		buf_harmless(b, (struct span){ text, n }, cap - (b->n - start));
		if (text[n] == '\n')
			buf_char(b, '\n');
		text += n + (text[n] == '\n');
	}
}

static void
pack_field(struct buf *b, const struct notice *n, size_t i)
{
	const char *text = NULL;
	char number[32];

	if (fields[i].form != NUMBER)
		text = *text_at(n, i);
	else if (!isnan(*number_at(n, i))) {
		jsonw_shortest(*number_at(n, i), number);
		text = number;
	}
	if (!text || *text == '\0')
		return;
	buf_add(b, fields[i].name, strlen(fields[i].name) + 1);
	if (fields[i].form == ONE_LINE)
		buf_harmless(b, span_of(text), fields[i].cap);
	else if (fields[i].form == MANY_LINES)
		pack_lines(b, text, fields[i].cap);
	else if (fields[i].form == NUMBER || strlen(text) <= fields[i].cap)
		buf_str(b, text);
	buf_char(b, '\0');
}

void
notice_pack(const struct notice *n, struct buf *b)
{
	buf_printf(b, "kind%c%d%cseverity%c%d%c", 0, n->kind, 0, 0, n->severity, 0);
	for (size_t i = 0; i < NFIELDS; i++)
		pack_field(b, n, i);
	for (unsigned i = 0; i < n->sparks && i < NOTICE_SPARK; i++) {
		char number[32];

		jsonw_shortest(n->spark[i], number);
		buf_printf(b, "spark%c%s%c", 0, number, 0);
	}
}

/* Without the locale's idea of a decimal point. */
static double
number_of(const char *text)
{
	double v = NAN;
	size_t used;

	return number_read(span_of(text), &v, &used) == NUMBER_OK ? v : NAN;
}

static void
unpack_field(struct notice *n, const char *name, const char *value)
{
	if (strcmp(name, "spark") == 0) {
		if (n->sparks < NOTICE_SPARK)
			n->spark[n->sparks++] = number_of(value);
		return;
	}
	for (size_t i = 0; i < NFIELDS; i++) {
		if (strcmp(name, fields[i].name) != 0)
			continue;
		if (fields[i].form == NUMBER)
			*number_at(n, i) = number_of(value);
		else
			*text_at(n, i) = value;
	}
}

int
notice_unpack(struct span s, struct notice *ret)
{
	struct notice n;
	char *p, *end;
	int kind = -1, severity = -1;

	if (s.n == 0 || s.n > NOTICE_PACKED || s.p[s.n - 1] != '\0')
		return -1;
	notice_init(&n, NOTICE_TEST);
	n.memory = xmalloc(s.n);
	memcpy(n.memory, s.p, s.n);
	for (p = n.memory, end = p + s.n; p < end;) {
		char *name = p, *value = p + strlen(p) + 1;

		if (value >= end)
			break;
		p = value + strlen(value) + 1;
		if (strcmp(name, "kind") == 0)
			kind = atoi(value);
		else if (strcmp(name, "severity") == 0)
			severity = atoi(value);
		else
			unpack_field(&n, name, value);
	}
	if (kind < 0 || kind >= NOTICE_KINDS || severity < SEV_INFO ||
	    severity > SEV_CRITICAL || !n.id) {
		notice_fini(&n);
		return -1;
	}
	n.kind = (enum notice_kind)kind;
	n.severity = (enum severity)severity;
	*ret = n;
	return 0;
}

/* --- words --- */

const char *
notice_kind_name(enum notice_kind kind)
{
	return kinds[kind].name;
}

const char *
notice_word(const struct notice *n, enum lang l)
{
	return lang_phrase(l, n->kind == NOTICE_FIRING ?
	    severities[n->severity].phrase : kinds[n->kind].phrase);
}

const char *
notice_sign(const struct notice *n)
{
	return n->kind == NOTICE_FIRING ? severities[n->severity].sign :
	    kinds[n->kind].sign;
}

unsigned
notice_colour(const struct notice *n)
{
	return n->kind == NOTICE_FIRING ? severities[n->severity].colour :
	    kinds[n->kind].colour;
}

static void
range(const double *v, unsigned n, double *low, double *high)
{
	*low = INFINITY;
	*high = -INFINITY;
	for (unsigned i = 0; i < n; i++)
		if (isfinite(v[i])) {
			*low = fmin(*low, v[i]);
			*high = fmax(*high, v[i]);
		}
}

void
notice_curve(const struct notice *n, double ret[static NOTICE_SPARK])
{
	double low, high;

	range(n->spark, n->sparks, &low, &high);
	for (unsigned i = 0; i < n->sparks; i++)
		ret[i] = low > 0 && high > 100 * low ? log(n->spark[i]) : n->spark[i];
}

void
notice_spark(const struct notice *n, struct buf *b)
{
	double v[NOTICE_SPARK], low, high;

	notice_curve(n, v);
	range(v, n->sparks, &low, &high);
	for (unsigned i = 0; i < n->sparks; i++) {
		int height = 3;

		if (!isfinite(v[i])) {
			buf_char(b, '!');
			continue;
		}
		if (high > low)
			height = (int)((v[i] - low) / (high - low) * 7.999);
		buf_add(b, "\xe2\x96", 2); /* U+2581 to U+2588 */
		buf_char(b, (char)(0x81 + height));
	}
}
