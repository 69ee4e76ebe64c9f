/* SPDX-License-Identifier: MIT */
/* Pushover. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notify.h"

#include "jsonw.h"

enum { TOKEN, USER, URL };

static const struct notify_field fields[] = {
	[TOKEN] = { "token", "the application's token", FIELD_SECRET | FIELD_NEEDED,
	    "PUSHOVER_TOKEN", NULL },
	[USER] = { "user", "the user's or group's key", FIELD_SECRET | FIELD_NEEDED,
	    "PUSHOVER_USER", NULL },
	[URL] = { "url", "the service", FIELD_URL, NULL,
	    "https://api.pushover.net/1/messages.json" },
	{ 0 }
};

static int
build(const struct message *m, struct request *r, struct diag *d)
{
	static const int priority[] = {
		[SEV_INFO] = 0, [SEV_NOTICE] = -1, [SEV_WARNING] = 0, [SEV_CRITICAL] = 1,
	}; /* never 2, which rings until somebody answers */
	const struct channel *c = m->channel;
	struct buf text;
	struct jsonw w;

	(void)d;
	buf_init(&text, 8192);
	page_write(m->page, DIALECT_PLAIN, 1000, &text);
	notify_json(r, c->value[URL]);
	jsonw_init(&w, &r->body);
	jsonw_object(&w);
	jsonw_put(&w, "token", c->value[TOKEN]);
	jsonw_put(&w, "user", c->value[USER]);
	jsonw_put_span(&w, "title", markup_cut(span_of(m->page->title), 240));
	jsonw_put_span(&w, "message", buf_get(&text));
	jsonw_key(&w, "priority");
	jsonw_num(&w, priority[m->page->severity]);
	jsonw_opt_str(&w, "url", m->notice[0]->link);
	jsonw_object_end(&w);
	buf_fini(&text);
	return 0;
}

static enum outcome
answer(struct answer *a, struct diag *d)
{
	enum outcome o = answer_usual(a, d);
	double status;

	if (o == OUTCOME_SENT &&
	    !(answer_number(a->body, "status", &status) && status == 1)) {
		diag_set(d, "the answer's status is not 1");
		return OUTCOME_FINAL;
	}
	return o;
}

const struct notify_ops notify_pushover = {
	.name = "pushover",
	.help = "Pushover, for telephones",
	.fields = fields,
	.kinds = NOTIFY_USUAL,
	.most = PAGE_NOTICES,
	.rate_count = 30, .rate_seconds = 60,
	.build = build,
	.answer = answer,
};
