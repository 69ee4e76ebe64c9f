/* SPDX-License-Identifier: MIT */
/* Slack incoming webhooks, and Mattermost and Rocket.Chat, which take the same. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notify.h"

#include <string.h>

#include "jsonw.h"

enum { URL };

static const struct notify_field fields[] = {
	[URL] = { "url", "the incoming webhook's address",
	    FIELD_SECRET | FIELD_NEEDED | FIELD_MAIN | FIELD_URL,
	    "SLACK_WEBHOOK_URL", NULL },
	{ 0 }
};

/* { "type": "plain_text", "text": ... }: neither markup nor mentions are read in it. */
static void
write_plain(struct jsonw *w, struct span text)
{
	jsonw_object(w);
	jsonw_put(w, "type", "plain_text");
	jsonw_put_span(w, "text", text);
	jsonw_key(w, "emoji");
	jsonw_bool(w, true);
	jsonw_object_end(w);
}

/* Markup is ours here, and the log's text stands in code. */
static void
write_marked(struct jsonw *w, const struct page_item *item)
{
	struct buf b;

	buf_init(&b, 8192);
	markup_bold(&b, DIALECT_MRKDWN, span_of(item->label));
	buf_char(&b, '\n');
	if (item->kind == ITEM_LINK)
		markup_link(&b, DIALECT_MRKDWN, span_of(item->text));
	else
		markup_code(&b, DIALECT_MRKDWN, markup_cut(span_of(item->text), 400));
	jsonw_object(w);
	jsonw_put(w, "type", "mrkdwn");
	jsonw_put_span(w, "text", buf_get(&b));
	jsonw_key(w, "verbatim");
	jsonw_bool(w, true);
	jsonw_object_end(w);
	buf_fini(&b);
}

static void
block_begin(struct jsonw *w, const char *type, const char *key)
{
	jsonw_object(w);
	jsonw_put(w, "type", type);
	jsonw_key(w, key);
}

static void
write_paragraph(struct jsonw *w, const struct page_item *item)
{
	struct buf b;

	buf_init(&b, 16384);
	if (item->label)
		buf_printf(&b, "%s: ", item->label);
	buf_str(&b, item->text);
	block_begin(w, "section", "text");
	write_plain(w, markup_cut(buf_get(&b), 2900));
	jsonw_object_end(w);
	buf_fini(&b);
}

/* Up to ten fields that follow each other are one block.  Returns how many. */
static unsigned
write_fields(struct jsonw *w, const struct page *p, unsigned i)
{
	unsigned n = 0;

	block_begin(w, "section", "fields");
	jsonw_array(w);
	for (; i + n < p->n && n < 10 && p->item[i + n].kind == ITEM_FIELD; n++)
		write_marked(w, &p->item[i + n]);
	jsonw_array_end(w);
	jsonw_object_end(w);
	return n;
}

static void
write_blocks(struct jsonw *w, const struct page *p, struct span title)
{
	jsonw_array(w);
	block_begin(w, "header", "text");
	write_plain(w, markup_cut(title, 150));
	jsonw_object_end(w);
	for (unsigned i = 0; i < p->n;) {
		const struct page_item *item = &p->item[i];

		if (item->kind == ITEM_FIELD) {
			i += write_fields(w, p, i);
			continue;
		}
		if (item->kind == ITEM_TEXT)
			write_paragraph(w, item);
		else {
			block_begin(w, "section", "text");
			write_marked(w, item);
			jsonw_object_end(w);
		}
		i++;
	}
	jsonw_array_end(w);
}

static int
build(const struct message *m, struct request *r, struct diag *d)
{
	struct buf title, text;
	struct jsonw w;

	(void)d;
	buf_init(&title, 4096);
	notify_title(m->page, &title);
	buf_init(&text, 8192);
	markup_text(&text, DIALECT_MRKDWN, buf_get(&title));
	if (notify_what(m, m->notice[0])) { /* all that Mattermost and a telephone's notification show */
		buf_char(&text, '\n');
		markup_text(&text, DIALECT_MRKDWN, markup_cut(span_of(notify_what(m, m->notice[0])), 500));
	}
	notify_json(r, m->channel->value[URL]);
	jsonw_init(&w, &r->body);
	jsonw_object(&w);
	jsonw_put_span(&w, "text", buf_get(&text));
	jsonw_key(&w, "blocks");
	write_blocks(&w, m->page, buf_get(&title));
	jsonw_object_end(&w);
	buf_fini(&text);
	buf_fini(&title);
	return 0;
}

/* Slack calls a passing trouble of its own "rollup_error" and means it for good. */
static enum outcome
answer(struct answer *a, struct diag *d)
{
	enum outcome o = answer_usual(a, d);

	if (o == OUTCOME_RETRY && span_is(span_trim(a->body), "rollup_error"))
		return OUTCOME_FINAL;
	return o;
}

const struct notify_ops notify_slack = {
	.name = "slack",
	.help = "a Slack channel (also Mattermost and Rocket.Chat)",
	.fields = fields,
	.kinds = NOTIFY_USUAL,
	.most = PAGE_NOTICES,
	.rate_count = 1, .rate_seconds = 1,
	.build = build,
	.answer = answer,
};
