/* SPDX-License-Identifier: MIT */
/* WeCom group robots. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notify.h"

#include "jsonw.h"

enum { URL };

static const struct notify_field fields[] = {
	[URL] = { "url", "the robot's address, with its key",
	    FIELD_SECRET | FIELD_NEEDED | FIELD_MAIN | FIELD_URL,
	    "WECOM_WEBHOOK_URL", NULL },
	{ 0 }
};

#define CONTENT_MAX 4000 /* of 4096 bytes */

static int
build(const struct message *m, struct request *r, struct diag *d)
{
	struct buf text, title;
	struct jsonw w;

	(void)d;
	buf_init(&title, 4096);
	notify_title(m->page, &title);
	buf_init(&text, CONTENT_MAX);
	buf_str(&text, "### ");
	markup_text(&text, DIALECT_CHAT, markup_cut_bytes(buf_get(&title), 600));
	buf_char(&text, '\n');
	page_write(m->page, DIALECT_CHAT, CONTENT_MAX, &text);
	notify_json(r, m->channel->value[URL]);
	jsonw_init(&w, &r->body);
	jsonw_object(&w);
	jsonw_put(&w, "msgtype", "markdown");
	jsonw_key(&w, "markdown");
	jsonw_object(&w);
	jsonw_put_span(&w, "content", buf_get(&text));
	jsonw_object_end(&w);
	jsonw_object_end(&w);
	buf_fini(&title);
	buf_fini(&text);
	return 0;
}

static enum outcome
answer(struct answer *a, struct diag *d)
{
	return notify_errcode(a, 45009, 60, d);
}

const struct notify_ops notify_wecom = {
	.name = "wecom",
	.help = "a WeCom (WeChat Work) group robot",
	.fields = fields,
	.kinds = NOTIFY_USUAL,
	.most = PAGE_NOTICES,
	.rate_count = 18, .rate_seconds = 60,
	.build = build,
	.answer = answer,
};
