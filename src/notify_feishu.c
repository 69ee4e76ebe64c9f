/* SPDX-License-Identifier: MIT */
/* Feishu and Lark bots. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notify.h"

#include <inttypes.h>

#include "encode.h"
#include "jsonw.h"
#include "sha256.h"

enum { URL, SECRET, KEYWORD };

static const struct notify_field fields[] = {
	[URL] = { "url", "the bot's address",
	    FIELD_SECRET | FIELD_NEEDED | FIELD_MAIN | FIELD_URL,
	    "FEISHU_WEBHOOK_URL", NULL },
	[SECRET] = { "secret", "the secret of a signed bot", FIELD_SECRET,
	    "FEISHU_SECRET", NULL },
	[KEYWORD] = { "keyword", "a word that the bot demands", 0, NULL, NULL },
	{ 0 }
};

/* Not as DingTalk: the key is "seconds\nsecret", the message is empty. */
static void
sign(struct jsonw *w, const char *secret, double now)
{
	unsigned char sum[SHA256_SIZE];
	struct buf key, code;
	char time[32];

	snprintf(time, sizeof(time), "%" PRId64, (int64_t)now);
	buf_init(&key, 8192);
	buf_init(&code, 128);
	buf_printf(&key, "%s\n%s", time, secret);
	sha256_hmac(buf_get(&key), SPAN_NONE, sum);
	encode_base64(&code, (struct span){ (char *)sum, sizeof(sum) }, 0);
	jsonw_put(w, "timestamp", time);
	jsonw_put_span(w, "sign", buf_get(&code));
	buf_fini(&key);
	buf_fini(&code);
}

static const char *
template_of(const struct page *p)
{
	static const char *const by_severity[] = {
		[SEV_INFO] = "green", [SEV_NOTICE] = "blue",
		[SEV_WARNING] = "orange", [SEV_CRITICAL] = "red",
	};

	return by_severity[p->severity];
}

static void
write_card(struct jsonw *w, const struct message *m)
{
	struct buf title, text;

	buf_init(&title, 8192);
	buf_printf(&title, "%s ", m->page->sign);
	markup_text(&title, DIALECT_CHAT, span_of(m->page->title));
	buf_init(&text, 20000);
	if (m->channel->value[KEYWORD]) {
		markup_text(&text, DIALECT_CHAT, span_of(m->channel->value[KEYWORD]));
		buf_char(&text, '\n');
	}
	page_write(m->page, DIALECT_CHAT, 9000, &text); /* JSON may double it */
	jsonw_object(w);
	jsonw_key(w, "header");
	jsonw_object(w);
	jsonw_put(w, "template", template_of(m->page));
	jsonw_key(w, "title");
	jsonw_object(w);
	jsonw_put(w, "tag", "plain_text");
	jsonw_put_span(w, "content", markup_cut(buf_get(&title), 200));
	jsonw_object_end(w);
	jsonw_object_end(w);
	jsonw_key(w, "elements");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_put(w, "tag", "markdown");
	jsonw_put_span(w, "content", buf_get(&text));
	jsonw_object_end(w);
	jsonw_array_end(w);
	jsonw_object_end(w);
	buf_fini(&title);
	buf_fini(&text);
}

static int
build(const struct message *m, struct request *r, struct diag *d)
{
	struct jsonw w;

	(void)d;
	notify_json(r, m->channel->value[URL]);
	jsonw_init(&w, &r->body);
	jsonw_object(&w);
	if (m->channel->value[SECRET])
		sign(&w, m->channel->value[SECRET], m->now);
	jsonw_put(&w, "msg_type", "interactive");
	jsonw_key(&w, "card");
	write_card(&w, m);
	jsonw_object_end(&w);
	return 0;
}

static enum outcome
answer(struct answer *a, struct diag *d)
{
	enum outcome o = answer_usual(a, d);
	double code;
	struct buf b;

	if (!answer_number(a->body, "code", &code) &&
	    !answer_number(a->body, "StatusCode", &code)) {
		if (o == OUTCOME_SENT)
			diag_set(d, "the answer has no code");
		return o == OUTCOME_SENT ? OUTCOME_FINAL : o;
	}
	if (code == 0 && o == OUTCOME_SENT)
		return OUTCOME_SENT;
	buf_init(&b, 512);
	answer_text(a->body, "msg", &b);
	diag_set(d, "code %.0f: %s", code, buf_cstr(&b));
	buf_fini(&b);
	if (code == 11232) /* too fast */
		a->retry_after = 60;
	return code == 11232 || o == OUTCOME_RETRY ? OUTCOME_RETRY : OUTCOME_FINAL;
}

const struct notify_ops notify_feishu = {
	.name = "feishu",
	.help = "a Feishu or Lark group bot, signed or by keyword",
	.fields = fields,
	.kinds = NOTIFY_USUAL,
	.most = PAGE_NOTICES,
	.rate_count = 60, .rate_seconds = 60,
	.build = build,
	.answer = answer,
};
