/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "jsonw.h"
#include "xalloc.h"

static const char *
keep(struct page *p, char *text)
{
	if (p->memories == sizeof(p->memory) / sizeof(*p->memory)) {
		free(text);
		return "";
	}
	return p->memory[p->memories++] = text;
}

static void
add(struct page *p, enum item_kind kind, const char *label, const char *text)
{
	if (!text || *text == '\0' || p->n == PAGE_ITEMS)
		return;
	p->item[p->n++] = (struct page_item){ kind, label, text };
}

static const char *
number_text(struct page *p, double v)
{
	char text[32];

	if (isnan(v))
		return NULL;
	if (isfinite(v) && v != rint(v) && fabs(v) >= 1e-4 && fabs(v) < 1e15)
		snprintf(text, sizeof(text), "%.6g", v);
	else
		jsonw_shortest(v, text);
	return keep(p, xstrdup(text));
}

static const char *
span_text(struct page *p, double seconds)
{
	char text[24];

	if (!(seconds >= 1) || !isfinite(seconds))
		return NULL;
	clock_span(seconds, text);
	return keep(p, xstrdup(text));
}

/* "step 1200, epoch 0.4"; NULL: nowhere. */
static const char *
position_text(struct page *p, const struct notice *n, enum lang l)
{
	const char *step = number_text(p, n->step), *epoch = number_text(p, n->epoch);
	struct buf b;

	buf_init(&b, 128);
	if (step)
		buf_printf(&b, lang_phrase(l, PHRASE_STEP), step);
	if (step && epoch)
		buf_str(&b, l == LANG_ZH ? "，" : ", ");
	if (epoch)
		buf_printf(&b, lang_phrase(l, PHRASE_EPOCH), epoch);
	return b.n > 0 ? keep(p, buf_take(&b)) : NULL;
}

/* "train/loss (rank=3)" */
static const char *
metric_text(struct page *p, const struct notice *n)
{
	if (!n->metric || !n->labels)
		return n->metric;
	return keep(p, xasprintf("%s (%s)", n->metric, n->labels));
}

/* "CRITICAL: nonfinite (llama-7b)" */
static const char *
headline(struct page *p, const struct notice *n, enum lang l)
{
	const char *word = notice_word(n, l), *run = n->run ? n->run : "-";

	if (n->again > 0)
		word = keep(p, xasprintf(lang_phrase(l, PHRASE_STILL), word));
	if (!n->rule)
		return keep(p, xasprintf(lang_phrase(l, PHRASE_HEAD_RUN), word, run));
	return keep(p, xasprintf(lang_phrase(l, PHRASE_HEAD), word, n->rule, run));
}

static const char *
spark_text(struct page *p, const struct notice *n)
{
	struct buf b;

	if (n->sparks < 3)
		return NULL;
	buf_init(&b, 256);
	notice_spark(n, &b);
	return keep(p, buf_take(&b));
}

static void
add_cause(struct page *p, const struct notice *n, enum lang l)
{
	const char *because = lang_pick(l, n->because, n->because_zh);

	if (because && n->evidence)
		because = keep(p, xasprintf(l == LANG_ZH ? "%s（%s）" : "%s (%s)", because,
		    lang_pick(l, n->evidence, n->evidence_zh)));
	add(p, ITEM_TEXT, lang_phrase(l, PHRASE_CAUSE), because);
	add(p, ITEM_TEXT, lang_phrase(l, PHRASE_ADVICE), lang_pick(l, n->advice, n->advice_zh));
}

/* The line of the log, with its number. */
static void
add_line(struct page *p, const struct notice *n, enum lang l)
{
	const char *label = lang_phrase(l, PHRASE_LINE);

	if (!isnan(n->line))
		label = keep(p, xasprintf("%s %.0f", label, n->line));
	add(p, ITEM_CODE, label, n->text);
}

static void
make_one(struct page *p, const struct notice *n, enum lang l)
{
	if (n->kind == NOTICE_TEST)
		add(p, ITEM_TEXT, NULL, lang_phrase(l, PHRASE_TEST_TEXT));
	add(p, ITEM_TEXT, NULL, lang_pick(l, n->summary, n->summary_zh));
	add(p, ITEM_TEXT, NULL, lang_pick(l, n->verdict, n->verdict_zh));
	add(p, ITEM_FIELD, lang_phrase(l, PHRASE_RUN), n->run);
	add(p, ITEM_FIELD, lang_phrase(l, PHRASE_POSITION), position_text(p, n, l));
	add(p, ITEM_FIELD, lang_phrase(l, PHRASE_METRIC), metric_text(p, n));
	add(p, ITEM_FIELD, lang_phrase(l, PHRASE_VALUE), number_text(p, n->value));
	add_cause(p, n, l);
	add_line(p, n, l);
	add(p, ITEM_FIELD, lang_phrase(l, PHRASE_EVIDENCE),
	    lang_pick(l, n->values, n->values_zh));
	add(p, ITEM_FIELD, lang_phrase(l, PHRASE_TREND), spark_text(p, n));
	add(p, ITEM_FIELD, lang_phrase(l, PHRASE_LEFT), span_text(p, n->left));
	add(p, ITEM_FIELD, lang_phrase(l, PHRASE_LOST), span_text(p, n->lost));
	add(p, ITEM_LINK, lang_phrase(l, PHRASE_LINK), n->link);
	add(p, ITEM_FIELD, lang_phrase(l, PHRASE_HOST), n->host);
}

/* One line of a group. */
static const char *
line_text(struct page *p, const struct notice *n, enum lang l)
{
	const char *position = position_text(p, n, l);
	const char *what = n->summary ? lang_pick(l, n->summary, n->summary_zh) :
	    lang_pick(l, n->verdict, n->verdict_zh);

	if (!what)
		what = "";
	return position && n->kind == NOTICE_FIRING ?
	    keep(p, xasprintf("%s [%s]", what, position)) : what;
}

static void
make_group(struct page *p, const struct notice *const *notice, unsigned n, enum lang l)
{
	unsigned told = n < PAGE_NOTICES ? n : PAGE_NOTICES;

	for (unsigned i = 0; i < told; i++) {
		const char *text = line_text(p, notice[i], l);

		add(p, ITEM_TEXT, headline(p, notice[i], l), *text ? text : "-");
	}
	if (n > told)
		add(p, ITEM_TEXT, NULL, keep(p,
		    xasprintf(lang_phrase(l, PHRASE_MORE), n - told)));
	add(p, ITEM_LINK, lang_phrase(l, PHRASE_LINK), notice[0]->link);
	add(p, ITEM_FIELD, lang_phrase(l, PHRASE_HOST), notice[0]->host);
}

/* All of one run: its name; else NULL. */
static const char *
common_run(const struct notice *const *notice, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!notice[i]->run || strcmp(notice[i]->run, notice[0]->run) != 0)
			return NULL;
	return notice[0]->run;
}

/* How bad a notice is, to choose the one that gives the group its colour. */
static int
weight(const struct notice *n)
{
	if (n->kind == NOTICE_FIRING)
		return 10 + (int)n->severity;
	return n->kind == NOTICE_CRASHED ? 20 : 0;
}

void
page_make(struct page *p, const struct notice *const *notice, unsigned n, enum lang l)
{
	const struct notice *worst = notice[0];
	const char *run;

	memset(p, 0, sizeof(*p));
	for (unsigned i = 1; i < n; i++)
		if (weight(notice[i]) > weight(worst))
			worst = notice[i];
	p->sign = notice_sign(worst);
	p->colour = notice_colour(worst);
	p->severity = worst->kind == NOTICE_CRASHED ? SEV_CRITICAL :
	    worst->kind == NOTICE_FIRING ? worst->severity : SEV_INFO;
	if (n == 1) {
		p->title = headline(p, worst, l);
		make_one(p, worst, l);
		return;
	}
	run = common_run(notice, n);
	p->title = keep(p, run ?
	    xasprintf(lang_phrase(l, PHRASE_GROUP_RUN), notice_word(worst, l), n, run) :
	    xasprintf(lang_phrase(l, PHRASE_GROUP), notice_word(worst, l), n));
	make_group(p, notice, n, l);
}

void
page_fini(struct page *p)
{
	for (unsigned i = 0; i < p->memories; i++)
		free(p->memory[i]);
	p->memories = p->n = 0;
}

/* --- writing --- */

static void
write_lines(struct buf *b, enum dialect d, const char *text)
{
	for (;;) {
		size_t n = strcspn(text, "\n");

		markup_text(b, d, (struct span){ text, n });
		if (text[n] == '\0' || text[n + 1] == '\0')
			return;
		markup_break(b, d);
		text += n + 1;
	}
}

static void
write_item(struct buf *b, enum dialect d, const struct page_item *item)
{
	if (item->label) {
		markup_bold(b, d, span_of(item->label));
		buf_str(b, ": ");
	}
	if (item->kind == ITEM_CODE)
		markup_code(b, d, span_of(item->text));
	else if (item->kind == ITEM_LINK)
		buf_str(b, item->text); /* a URL of the user's own, checked when it was read */
	else
		write_lines(b, d, item->text);
	markup_break(b, d);
}

/* The item into one, its text shortened until it takes at most max bytes. */
static void
write_short(struct buf *one, enum dialect d, const struct page_item *item, size_t max)
{
	struct page_item cut = *item;
	size_t n = strlen(item->text);

	do {
		struct span part = markup_cut_bytes(span_of(item->text), n);
		char *text = xstrndup(part.p, part.n);

		cut.text = text;
		buf_reset(one);
		write_item(one, d, &cut);
		free(text);
		n = n / 4 * 3;
	} while (one->n > max && n > 0);
}

void
page_write(const struct page *p, enum dialect d, size_t max, struct buf *b)
{
	struct buf one;

	buf_init(&one, 65536);
	for (unsigned i = 0; i < p->n; i++) {
		buf_reset(&one);
		write_item(&one, d, &p->item[i]);
		if (i == 0 && b->n + one.n > max)
			write_short(&one, d, &p->item[i], max - b->n);
		if (b->n + one.n > max)
			break;
		buf_span(b, buf_get(&one));
	}
	buf_fini(&one);
}
