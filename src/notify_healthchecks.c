/* SPDX-License-Identifier: MIT */
/* Dead-man pings: healthchecks.io and what is compatible with it. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notify.h"


enum { URL };

static const struct notify_field fields[] = {
	[URL] = { "url", "the ping address, https://hc-ping.com/UUID",
	    FIELD_SECRET | FIELD_NEEDED | FIELD_MAIN | FIELD_URL,
	    "HEALTHCHECKS_URL", NULL },
	{ 0 }
};

/* What stands behind the address. */
static void
write_path(struct buf *b, const struct notice *n)
{
	switch (n->kind) {
	case NOTICE_STARTED:
		buf_str(b, "/start");
		break;
	case NOTICE_FIRING:
		buf_str(b, n->severity == SEV_CRITICAL ? "/fail" : "/log");
		break;
	case NOTICE_CRASHED:
		buf_str(b, "/fail");
		break;
	case NOTICE_TEST:
		buf_str(b, "/log");
		break;
	case NOTICE_RESOLVED:
	case NOTICE_PROGRESS:
	case NOTICE_FINISHED:
	case NOTICE_KINDS:
		break; /* success */
	}
}

static int
build(const struct message *m, struct request *r, struct diag *d)
{
	(void)d;
	request_init(r, REQUEST_HTTP);
	buf_str(&r->url, m->channel->value[URL]);
	while (r->url.n > 0 && r->url.p[r->url.n - 1] == '/')
		r->url.p[--r->url.n] = '\0';
	write_path(&r->url, m->notice[0]);
	request_header(r, "Content-Type: text/plain; charset=utf-8");
	buf_printf(&r->body, "%s\n", m->page->title);
	page_write(m->page, DIALECT_PLAIN, 9000, &r->body);
	return 0;
}

const struct notify_ops notify_healthchecks = {
	.name = "healthchecks",
	.help = "dead-man pings on the training's progress (healthchecks.io)",
	.fields = fields,
	.kinds = NOTIFY_USUAL | NOTICE_BIT(NOTICE_STARTED) | NOTICE_BIT(NOTICE_PROGRESS),
	.most = 1,
	.rate_count = 5, .rate_seconds = 60,
	.build = build,
};
