/* SPDX-License-Identifier: MIT */
/* Microsoft Teams, through a Workflows webhook. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notify.h"

#include <string.h>

#include "jsonw.h"

enum { URL };

static const struct notify_field fields[] = {
	[URL] = { "url", "the workflow's address, unchanged",
	    FIELD_SECRET | FIELD_NEEDED | FIELD_MAIN | FIELD_URL,
	    "TEAMS_WEBHOOK_URL", NULL },
	{ 0 }
};

/* Characters; each may become four bytes of JSON, and 28 KB is the limit of all. */
#define TEXT_MAX    500
#define VERDICT_MAX 1500

static void
write_block(struct jsonw *w, struct span text, const char *key, const char *value)
{
	jsonw_object(w);
	jsonw_put(w, "type", "TextBlock");
	jsonw_put_span(w, "text", text);
	jsonw_key(w, "wrap");
	jsonw_bool(w, true);
	jsonw_opt_str(w, key, value);
}

static void
write_item(struct jsonw *w, const struct page_item *item)
{
	struct buf b;

	buf_init(&b, 16384);
	if (item->label)
		buf_printf(&b, "**%s**: ", item->label);
	if (item->kind == ITEM_LINK)
		buf_str(&b, item->text);
	else
		markup_text(&b, DIALECT_MARKDOWN, markup_cut(span_of(item->text),
		    item->label ? TEXT_MAX : VERDICT_MAX));
	write_block(w, buf_get(&b), NULL, NULL);
	jsonw_object_end(w);
	buf_fini(&b);
}

/* Facts that follow each other are one set.  Returns how many. */
static unsigned
write_facts(struct jsonw *w, const struct page *p, unsigned i)
{
	struct buf b;
	unsigned n = 0;

	buf_init(&b, 16384);
	jsonw_object(w);
	jsonw_put(w, "type", "FactSet");
	jsonw_key(w, "facts");
	jsonw_array(w);
	for (; i + n < p->n && p->item[i + n].kind == ITEM_FIELD; n++) {
		buf_reset(&b);
		markup_text(&b, DIALECT_MARKDOWN, markup_cut(span_of(p->item[i + n].text), TEXT_MAX));
		jsonw_object(w);
		jsonw_put(w, "title", p->item[i + n].label);
		jsonw_put_span(w, "value", buf_get(&b));
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
	jsonw_object_end(w);
	buf_fini(&b);
	return n;
}

static void
write_body(struct jsonw *w, const struct page *p)
{
	static const char *const colour[] = {
		[SEV_INFO] = "Good", [SEV_NOTICE] = "Accent",
		[SEV_WARNING] = "Warning", [SEV_CRITICAL] = "Attention",
	};
	struct buf title;

	buf_init(&title, 4096);
	buf_printf(&title, "%s ", p->sign);
	markup_text(&title, DIALECT_MARKDOWN, span_of(p->title));
	jsonw_array(w);
	write_block(w, buf_get(&title), "color", colour[p->severity]);
	jsonw_put(w, "weight", "Bolder");
	jsonw_put(w, "size", "Large");
	jsonw_object_end(w);
	for (unsigned i = 0; i < p->n;)
		if (p->item[i].kind == ITEM_FIELD)
			i += write_facts(w, p, i);
		else
			write_item(w, &p->item[i++]);
	jsonw_array_end(w);
	buf_fini(&title);
}

static void
write_card(struct jsonw *w, const struct page *p)
{
	jsonw_object(w);
	jsonw_put(w, "contentType", "application/vnd.microsoft.card.adaptive");
	jsonw_key(w, "content");
	jsonw_object(w);
	jsonw_put(w, "$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
	jsonw_put(w, "type", "AdaptiveCard");
	jsonw_put(w, "version", "1.4");
	jsonw_key(w, "msteams");
	jsonw_object(w);
	jsonw_put(w, "width", "full");
	jsonw_object_end(w);
	jsonw_key(w, "body");
	write_body(w, p);
	jsonw_object_end(w);
	jsonw_object_end(w);
}

static int
build(const struct message *m, struct request *r, struct diag *d)
{
	const char *url = m->channel->value[URL];
	struct jsonw w;

	notify_json(r, url);
	if (strstr(url, ".webhook.office.com/"))
		return diag_set(d, "Office 365 connectors were retired; "
		    "make a webhook with the Workflows app and write its address");
	jsonw_init(&w, &r->body);
	jsonw_object(&w);
	jsonw_put(&w, "type", "message");
	jsonw_key(&w, "attachments");
	jsonw_array(&w);
	write_card(&w, m->page);
	jsonw_array_end(&w);
	jsonw_object_end(&w);
	return 0;
}

const struct notify_ops notify_teams = {
	.name = "teams",
	.help = "a Microsoft Teams channel, through a Workflows webhook",
	.fields = fields,
	.kinds = NOTIFY_USUAL,
	.most = PAGE_NOTICES,
	.rate_count = 30, .rate_seconds = 60,
	.build = build,
};
