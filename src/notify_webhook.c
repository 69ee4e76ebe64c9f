/* SPDX-License-Identifier: MIT */
/* Any HTTP service: CloudEvents 1.0. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notify.h"

#include "encode.h"
#include "jsonw.h"
#include "sha256.h"

enum { URL, TOKEN, SECRET, HEADERS, CA };

static const struct notify_field fields[] = {
	[URL] = { "url", "where to post", FIELD_NEEDED | FIELD_MAIN | FIELD_URL,
	    "LOSSDOG_WEBHOOK_URL", NULL },
	[TOKEN] = { "token", "sent as Authorization: Bearer", FIELD_SECRET,
	    "LOSSDOG_WEBHOOK_TOKEN", NULL },
	[SECRET] = { "secret", "signs the body (X-Lossdog-Signature)", FIELD_SECRET,
	    "LOSSDOG_WEBHOOK_SECRET", NULL },
	[HEADERS] = { "headers", "more headers, \"Name: value\" each", FIELD_LIST, NULL, NULL },
	[CA] = { "ca", "a file of certificates to trust", 0, NULL, NULL },
	{ 0 }
};

static const char *
type_of(const struct notice *n)
{
	static const char *const type[NOTICE_KINDS] = {
		[NOTICE_FIRING] = "dev.lossdog.finding.raised",
		[NOTICE_RESOLVED] = "dev.lossdog.finding.resolved",
		[NOTICE_STARTED] = "dev.lossdog.run.started",
		[NOTICE_PROGRESS] = "dev.lossdog.run.progress",
		[NOTICE_FINISHED] = "dev.lossdog.run.finished",
		[NOTICE_CRASHED] = "dev.lossdog.run.crashed",
		[NOTICE_TEST] = "dev.lossdog.test",
	};

	return type[n->kind];
}

/* "/lossdog/HOST/RUN" */
static void
write_source(struct jsonw *w, const struct notice *n)
{
	struct buf b;

	buf_init(&b, 2048);
	buf_str(&b, "/lossdog/");
	encode_url(&b, span_of(n->host ? n->host : "-"));
	buf_char(&b, '/');
	encode_url(&b, span_of(n->run ? n->run : "-"));
	jsonw_put_span(w, "source", buf_get(&b));
	buf_fini(&b);
}

/* The finding as --json prints it; of a run's end what there is. */
static void
write_data(struct jsonw *w, struct buf *b, const struct notice *n)
{
	jsonw_key(w, "data");
	if (n->json && *n->json == '{') {
		w->after_key = false;
		buf_str(b, n->json);
		return;
	}
	jsonw_object(w);
	jsonw_opt_str(w, "run", n->run);
	jsonw_opt_str(w, "source", n->source);
	jsonw_opt_str(w, "rule", n->rule);
	jsonw_opt_str(w, "summary", n->summary);
	jsonw_opt_str(w, "verdict", n->verdict);
	jsonw_opt_num(w, "step", n->step);
	jsonw_opt_num(w, "epoch", n->epoch);
	jsonw_opt_num(w, "status", n->status);
	jsonw_object_end(w);
}

static void
write_event(struct buf *b, const struct notice *n, double now)
{
	struct jsonw w;
	char time[32];

	notify_time(n->time, now, time);
	jsonw_init(&w, b);
	jsonw_object(&w);
	jsonw_put(&w, "specversion", "1.0");
	/* a retry keeps it */
	jsonw_put(&w, "id", n->id);
	write_source(&w, n);
	jsonw_put(&w, "type", type_of(n));
	jsonw_opt_str(&w, "subject", n->metric);
	jsonw_put(&w, "time", time);
	jsonw_put(&w, "datacontenttype", "application/json");
	write_data(&w, b, n);
	jsonw_object_end(&w);
}

static int
build(const struct message *m, struct request *r, struct diag *d)
{
	const struct channel *c = m->channel;
	const char *more = c->value[HEADERS];
	unsigned char sum[SHA256_SIZE];
	struct span s;
	char hex[65];

	(void)d;
	request_init(r, REQUEST_HTTP);
	buf_str(&r->url, c->value[URL]);
	request_header(r, "Content-Type: application/cloudevents+json");
	request_header(r, "Idempotency-Key: %s", m->notice[0]->id);
	write_event(&r->body, m->notice[0], m->now);
	r->ca = c->value[CA];
	if (c->value[TOKEN])
		request_header(r, "Authorization: Bearer %s", c->value[TOKEN]);
	if (c->value[SECRET]) {
		sha256_hmac(span_of(c->value[SECRET]), buf_get(&r->body), sum);
		sha256_hex(sum, hex);
		request_header(r, "X-Lossdog-Signature: sha256=%s", hex);
	}
	while (notify_item(&more, &s))
		request_header(r, "%.*s", (int)s.n, s.p);
	return 0;
}

const struct notify_ops notify_webhook = {
	.name = "webhook",
	.help = "any HTTP service, as CloudEvents",
	.fields = fields,
	.kinds = NOTIFY_USUAL | NOTICE_BIT(NOTICE_STARTED),
	.most = 1,
	.rate_count = 60, .rate_seconds = 60,
	.build = build,
};
