/* SPDX-License-Identifier: MIT */
/* DingTalk robots. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notify.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "encode.h"
#include "jsonw.h"
#include "sha256.h"

enum { URL, SECRET, KEYWORD, MOBILES };

static const struct notify_field fields[] = {
	[URL] = { "url", "the robot's address, with its access_token",
	    FIELD_SECRET | FIELD_NEEDED | FIELD_MAIN | FIELD_URL,
	    "DINGTALK_WEBHOOK_URL", NULL },
	[SECRET] = { "secret", "the secret of a signed robot (SEC...)",
	    FIELD_SECRET, "DINGTALK_SECRET", NULL },
	[KEYWORD] = { "keyword", "a word that the robot demands", 0, NULL, NULL },
	[MOBILES] = { "mobiles", "telephone numbers of people to mention",
	    FIELD_LIST, NULL, NULL },
	{ 0 }
};

/* &timestamp=...&sign=...: HMAC of "timestamp\nsecret" with the secret as the key. */
static void
sign(struct request *r, const char *secret, double now)
{
	unsigned char sum[SHA256_SIZE];
	struct buf text, code;
	int64_t ms = (int64_t)llround(now * 1e3);

	buf_init(&text, 8192);
	buf_init(&code, 128);
	buf_printf(&text, "%" PRId64 "\n%s", ms, secret);
	sha256_hmac(span_of(secret), buf_get(&text), sum);
	encode_base64(&code, (struct span){ (char *)sum, sizeof(sum) }, 0);
	buf_printf(&r->url, "%ctimestamp=%" PRId64 "&sign=",
	    strchr(buf_cstr(&r->url), '?') ? '&' : '?', ms);
	encode_url(&r->url, buf_get(&code));
	buf_fini(&text);
	buf_fini(&code);
}

static void
write_text(const struct message *m, struct buf *b)
{
	const struct channel *c = m->channel;
	const char *mobiles = c->value[MOBILES];
	struct buf title;
	struct span s;

	buf_init(&title, 4096);
	notify_title(m->page, &title);
	buf_str(b, "### ");
	markup_text(b, DIALECT_CHAT, buf_get(&title));
	buf_str(b, "\n\n");
	if (c->value[KEYWORD]) {
		markup_text(b, DIALECT_CHAT, span_of(c->value[KEYWORD]));
		buf_str(b, "\n\n");
	}
	page_write(m->page, DIALECT_CHAT, 9000, b); /* JSON may double it */
	/* A mention must stand in the text too. */
	while (notify_item(&mobiles, &s)) {
		buf_char(b, '@');
		buf_span(b, s);
		buf_char(b, ' ');
	}
	buf_fini(&title);
}

static void
write_at(struct jsonw *w, const char *mobiles)
{
	struct span s;

	jsonw_key(w, "at");
	jsonw_object(w);
	jsonw_key(w, "atMobiles");
	jsonw_array(w);
	while (notify_item(&mobiles, &s))
		jsonw_str(w, s);
	jsonw_array_end(w);
	jsonw_key(w, "isAtAll");
	jsonw_bool(w, false);
	jsonw_object_end(w);
}

static int
build(const struct message *m, struct request *r, struct diag *d)
{
	const struct channel *c = m->channel;
	struct jsonw w;
	struct buf text;

	(void)d;
	notify_json(r, c->value[URL]);
	if (c->value[SECRET])
		sign(r, c->value[SECRET], m->now);
	buf_init(&text, 20000);
	write_text(m, &text);
	jsonw_init(&w, &r->body);
	jsonw_object(&w);
	jsonw_put(&w, "msgtype", "markdown");
	jsonw_key(&w, "markdown");
	jsonw_object(&w);
	jsonw_put_span(&w, "title", markup_cut(span_of(m->page->title), 100)); /* in the list of conversations only */
	jsonw_put_span(&w, "text", buf_get(&text));
	jsonw_object_end(&w);
	write_at(&w, c->value[MOBILES]);
	/* repeated by a retry: shown once */
	jsonw_put(&w, "msgUuid", m->notice[0]->id);
	jsonw_object_end(&w);
	buf_fini(&text);
	return 0;
}

/* Too fast: the robot is closed for ten minutes. */
static enum outcome
answer(struct answer *a, struct diag *d)
{
	return notify_errcode(a, 130101, 600, d);
}

const struct notify_ops notify_dingtalk = {
	.name = "dingtalk",
	.help = "a DingTalk group robot, signed or by keyword",
	.fields = fields,
	.kinds = NOTIFY_USUAL,
	.most = PAGE_NOTICES,
	.rate_count = 18, .rate_seconds = 60,
	.build = build,
	.answer = answer,
};
