/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notify.h"

#include <math.h>
#include <string.h>

#include "clock.h"
#include "sha256.h"

void
notify_json(struct request *r, const char *url)
{
	request_init(r, REQUEST_HTTP);
	buf_str(&r->url, url);
	request_header(r, "Content-Type: application/json");
}

bool
notify_flag(const struct channel *c, unsigned field)
{
	return c->value[field] && strcmp(c->value[field], "true") == 0;
}

bool
notify_item(const char **list, struct span *ret)
{
	size_t n;

	if (!*list || **list == '\0')
		return false;
	n = strcspn(*list, "\n");
	*ret = (struct span){ *list, n };
	*list += n + ((*list)[n] == '\n');
	return true;
}

const char *
notify_what(const struct message *m, const struct notice *n)
{
	enum lang l = m->channel->lang;

	return n->summary ? lang_pick(l, n->summary, n->summary_zh) :
	    lang_pick(l, n->verdict, n->verdict_zh);
}

const char *
notify_because(const struct message *m, const struct notice *n)
{
	return lang_pick(m->channel->lang, n->because, n->because_zh);
}

const char *
notify_advice(const struct message *m, const struct notice *n)
{
	return lang_pick(m->channel->lang, n->advice, n->advice_zh);
}

void
notify_title(const struct page *p, struct buf *b)
{
	buf_str(b, p->sign);
	buf_char(b, ' ');
	buf_str(b, p->title);
}

void
notify_time(double time, double now, char ret[static 32])
{
	clock_iso(isfinite(time) && time > 0 ? time : now, ret);
}

void
notify_digest(const char *text, char ret[static 33])
{
	unsigned char sum[SHA256_SIZE];
	struct sha256 s;
	char hex[65];

	sha256_init(&s);
	sha256_add(&s, span_of(text));
	sha256_end(&s, sum);
	sha256_hex(sum, hex);
	memcpy(ret, hex, 32);
	ret[32] = '\0';
}

enum outcome
notify_errcode(struct answer *a, double fast, double seconds, struct diag *d)
{
	enum outcome o = answer_usual(a, d);
	double code;
	struct buf b;

	if (o != OUTCOME_SENT)
		return o;
	if (!answer_number(a->body, "errcode", &code)) {
		diag_set(d, "the answer has no errcode");
		return OUTCOME_FINAL;
	}
	if (code == 0)
		return OUTCOME_SENT;
	buf_init(&b, 512);
	answer_text(a->body, "errmsg", &b);
	diag_set(d, "errcode %.0f: %s", code, buf_cstr(&b));
	buf_fini(&b);
	if (code == fast)
		a->retry_after = seconds;
	return code == fast || code == -1 ? OUTCOME_RETRY : OUTCOME_FINAL;
}
