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

/* "CRITICAL: nonfinite (llama-7b)"; without the run where all is about one. */
static const char *
headline(struct page *p, const struct notice *n, bool one_run, enum lang l)
{
	const char *word = notice_word(n, l), *run = n->run ? n->run : "-";

	if (n->again > 0)
		word = keep(p, xasprintf(lang_phrase(l, PHRASE_STILL), word));
	if (one_run)
		return n->rule ? keep(p, xasprintf(lang_phrase(l, PHRASE_HEAD_RUN), word, n->rule)) : word;
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
add_cause(struct page *p, const struct notice *n, const char *label, enum lang l)
{
	const char *because = lang_pick(l, n->because, n->because_zh);

	if (because && n->evidence)
		because = keep(p, xasprintf(l == LANG_ZH ? "%s（%s）" : "%s (%s)", because,
		    lang_pick(l, n->evidence, n->evidence_zh)));
	add(p, ITEM_TEXT, label, because);
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
	add_cause(p, n, lang_phrase(l, PHRASE_CAUSE), l);
	add_line(p, n, l);
	add(p, ITEM_FIELD, lang_phrase(l, PHRASE_EVIDENCE),
	    lang_pick(l, n->values, n->values_zh));
	add(p, ITEM_FIELD, lang_phrase(l, PHRASE_TREND), spark_text(p, n));
	add(p, ITEM_FIELD, lang_phrase(l, PHRASE_LEFT), span_text(p, n->left));
	add(p, ITEM_FIELD, lang_phrase(l, PHRASE_LOST), span_text(p, n->lost));
	add(p, ITEM_LINK, lang_phrase(l, PHRASE_LINK), n->link);
	add(p, ITEM_FIELD, lang_phrase(l, PHRASE_HOST), n->host);
}

/* One line of a group; of a verdict its first. */
static const char *
line_text(struct page *p, const struct notice *n, enum lang l)
{
	const char *position = position_text(p, n, l);
	const char *what = lang_pick(l, n->summary, n->summary_zh);

	if (!n->summary) {
		what = lang_pick(l, n->verdict, n->verdict_zh);
		return what ? keep(p, xstrndup(what, strcspn(what, "\n"))) : "";
	}
	return position && n->kind == NOTICE_FIRING ?
	    keep(p, xasprintf("%s [%s]", what, position)) : what;
}

/* How bad a notice is, to choose the one that gives the group its colour. */
static int
weight(const struct notice *n)
{
	if (n->kind == NOTICE_FIRING)
		return 10 + (int)n->severity;
	return n->kind == NOTICE_CRASHED ? 20 : 0;
}

static const struct notice *
worst_of(const struct notice *const *notice, unsigned n)
{
	const struct notice *worst = notice[0];

	for (unsigned i = 1; i < n; i++)
		if (weight(notice[i]) > weight(worst))
			worst = notice[i];
	return worst;
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

/* A line for each, and what to do about the worst finding. */
static void
make_group(struct page *p, const struct notice *const *notice, unsigned n, enum lang l)
{
	unsigned told = n < PAGE_NOTICES ? n : PAGE_NOTICES;
	const struct notice *finding = NULL;
	bool one_run = common_run(notice, n) != NULL;

	for (unsigned i = 0; i < told; i++) {
		const char *text = line_text(p, notice[i], l);

		add(p, ITEM_TEXT, headline(p, notice[i], one_run, l), *text ? text : "-");
	}
	if (n > told)
		add(p, ITEM_TEXT, NULL, keep(p,
		    xasprintf(lang_phrase(l, PHRASE_MORE), n - told)));
	for (unsigned i = 0; i < n; i++)
		if (notice[i]->kind == NOTICE_FIRING && (!finding || weight(notice[i]) > weight(finding)))
			finding = notice[i];
	if (finding) {
		add_cause(p, finding, keep(p, xasprintf(l == LANG_ZH ? "%s（%s）" : "%s (%s)",
		    lang_phrase(l, PHRASE_CAUSE), finding->rule ? finding->rule : "-")), l);
		add_line(p, finding, l);
		add(p, ITEM_FIELD, lang_phrase(l, PHRASE_TREND), spark_text(p, finding));
		p->main = finding;
	}
	add(p, ITEM_LINK, lang_phrase(l, PHRASE_LINK), notice[0]->link);
	add(p, ITEM_FIELD, lang_phrase(l, PHRASE_HOST), notice[0]->host);
}

#define GROUP_NAMES 3

/* "nonfinite, loss-spike": the worst first, each once, and not what the title begins with. */
static const char *
group_names(struct page *p, const struct notice *const *notice, unsigned n, const char *word, enum lang l)
{
	const char *name[GROUP_NAMES];
	unsigned names = 0;
	struct buf b;

	for (int w = 20; w >= 0 && names < GROUP_NAMES; w--)
		for (unsigned i = 0; i < n && names < GROUP_NAMES; i++) {
			const char *text = notice[i]->rule ? notice[i]->rule : notice_word(notice[i], l);
			bool known = weight(notice[i]) != w || strcmp(text, word) == 0;

			for (unsigned k = 0; k < names; k++)
				known |= strcmp(name[k], text) == 0;
			if (!known)
				name[names++] = text;
		}
	if (names == 0)
		name[names++] = word;
	buf_init(&b, 512);
	for (unsigned k = 0; k < names; k++)
		buf_printf(&b, "%s%s", k > 0 ? (l == LANG_ZH ? "、" : ", ") : "", name[k]);
	return keep(p, buf_take(&b));
}

static const char *
group_title(struct page *p, const struct notice *const *notice, unsigned n, const char *word, enum lang l)
{
	const char *run = common_run(notice, n), *names = group_names(p, notice, n, word, l);

	return keep(p, run ? xasprintf(lang_phrase(l, PHRASE_GROUP_RUN), word, names, n, run) :
	    xasprintf(lang_phrase(l, PHRASE_GROUP), word, names, n));
}

void
page_make(struct page *p, const struct notice *const *notice, unsigned n, enum lang l)
{
	const struct notice *worst = worst_of(notice, n);

	memset(p, 0, sizeof(*p));
	p->sign = notice_sign(worst);
	p->colour = notice_colour(worst);
	p->severity = worst->kind == NOTICE_CRASHED ? SEV_CRITICAL :
	    worst->kind == NOTICE_FIRING ? worst->severity : SEV_INFO;
	p->main = worst;
	if (n == 1) {
		p->title = headline(p, worst, false, l);
		make_one(p, worst, l);
		return;
	}
	p->title = group_title(p, notice, n, notice_word(worst, l), l);
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
		markup_link(b, d, span_of(item->text));
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
