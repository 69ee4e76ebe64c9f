/* SPDX-License-Identifier: MIT */
/* Telegram bots. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notify.h"

#include <math.h>

#include "jsonw.h"

enum { TOKEN, CHAT, URL };

static const struct notify_field fields[] = {
	[TOKEN] = { "token", "the bot's token", FIELD_SECRET | FIELD_NEEDED,
	    "TELEGRAM_BOT_TOKEN", NULL },
	[CHAT] = { "chat", "the chat's id or @channel", FIELD_NEEDED | FIELD_MAIN,
	    "TELEGRAM_CHAT_ID", NULL },
	[URL] = { "url", "the server", FIELD_URL, NULL, "https://api.telegram.org" },
	{ 0 }
};

static int
build(const struct message *m, struct request *r, struct diag *d)
{
	const struct channel *c = m->channel;
	struct buf text, title;
	struct jsonw w;

	(void)d;
	buf_init(&title, 4096);
	notify_title(m->page, &title);
	buf_init(&text, 16384);
	markup_bold(&text, DIALECT_TAGS, markup_cut(buf_get(&title), 300));
	buf_char(&text, '\n');
	page_write(m->page, DIALECT_TAGS, 3900, &text); /* bytes, of 4096 characters */
	notify_json(r, c->value[URL]);
	buf_printf(&r->url, "/bot%s/sendMessage", c->value[TOKEN]);
	jsonw_init(&w, &r->body);
	jsonw_object(&w);
	jsonw_put(&w, "chat_id", c->value[CHAT]);
	jsonw_put_span(&w, "text", buf_get(&text));
	jsonw_put(&w, "parse_mode", "HTML");
	jsonw_key(&w, "link_preview_options");
	jsonw_object(&w);
	jsonw_key(&w, "is_disabled");
	jsonw_bool(&w, true);
	jsonw_object_end(&w);
	jsonw_key(&w, "disable_notification");
	jsonw_bool(&w, m->page->severity < SEV_WARNING);
	jsonw_object_end(&w);
	buf_fini(&title);
	buf_fini(&text);
	return 0;
}

static enum outcome
answer(struct answer *a, struct diag *d)
{
	double after, ok;
	enum outcome o;

	if (answer_number(a->body, "parameters.retry_after", &after))
		a->retry_after = after;
	o = answer_usual(a, d);
	if (o == OUTCOME_SENT && !(answer_number(a->body, "ok", &ok) && ok == 1)) {
		diag_set(d, "the answer is not \"ok\": true");
		return OUTCOME_FINAL;
	}
	return o;
}

const struct notify_ops notify_telegram = {
	.name = "telegram",
	.help = "a Telegram chat, through a bot",
	.fields = fields,
	.kinds = NOTIFY_USUAL,
	.most = PAGE_NOTICES,
	.rate_count = 18, .rate_seconds = 60,
	.build = build,
	.answer = answer,
};
