/* SPDX-License-Identifier: MIT */
/* Discord webhooks. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notify.h"

#include <math.h>
#include <string.h>

#include "jsonw.h"

enum { URL };

static const struct notify_field fields[] = {
	[URL] = { "url", "the webhook's address",
	    FIELD_SECRET | FIELD_NEEDED | FIELD_MAIN | FIELD_URL,
	    "DISCORD_WEBHOOK_URL", NULL },
	{ 0 }
};

static void
write_embed(struct jsonw *w, const struct message *m)
{
	struct buf text;
	char time[32];

	buf_init(&text, 16384);
	page_write(m->page, DIALECT_DISCORD, 3900, &text); /* bytes, of 4096 characters */
	notify_time(m->notice[0]->time, m->now, time);
	jsonw_object(w);
	jsonw_put_span(w, "title", markup_cut(span_of(m->page->title), 250));
	jsonw_put_span(w, "description", buf_get(&text));
	jsonw_key(w, "color");
	jsonw_uint(w, m->page->colour);
	jsonw_put(w, "timestamp", time);
	jsonw_object_end(w);
	buf_fini(&text);
}

static int
build(const struct message *m, struct request *r, struct diag *d)
{
	const char *url = m->channel->value[URL];
	struct jsonw w;

	(void)d;
	notify_json(r, url);
	/* Then the answer says whether it was posted. */
	buf_str(&r->url, strchr(url, '?') ? "&wait=true" : "?wait=true");
	jsonw_init(&w, &r->body);
	jsonw_object(&w);
	jsonw_put(&w, "username", "lossdog");
	jsonw_key(&w, "embeds");
	jsonw_array(&w);
	write_embed(&w, m);
	jsonw_array_end(&w);
	jsonw_key(&w, "allowed_mentions");
	jsonw_object(&w);
	jsonw_key(&w, "parse");
	jsonw_array(&w);
	jsonw_array_end(&w);
	jsonw_object_end(&w);
	jsonw_object_end(&w);
	return 0;
}

static enum outcome
answer(struct answer *a, struct diag *d)
{
	double after;

	if (a->status == 429 && isnan(a->retry_after) &&
	    answer_number(a->body, "retry_after", &after))
		a->retry_after = after;
	return answer_usual(a, d);
}

const struct notify_ops notify_discord = {
	.name = "discord",
	.help = "a Discord channel",
	.fields = fields,
	.kinds = NOTIFY_USUAL,
	.most = PAGE_NOTICES,
	.rate_count = 25, .rate_seconds = 60,
	.build = build,
	.answer = answer,
};
