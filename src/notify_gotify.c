/* SPDX-License-Identifier: MIT */
/* Gotify servers. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notify.h"

#include "jsonw.h"

enum { URL, TOKEN };

static const struct notify_field fields[] = {
	[URL] = { "url", "the server", FIELD_NEEDED | FIELD_MAIN | FIELD_URL,
	    "GOTIFY_URL", NULL },
	[TOKEN] = { "token", "the application's token", FIELD_SECRET | FIELD_NEEDED,
	    "GOTIFY_TOKEN", NULL },
	{ 0 }
};

static void
write_extras(struct jsonw *w)
{
	jsonw_key(w, "extras");
	jsonw_object(w);
	jsonw_key(w, "client::display");
	jsonw_object(w);
	jsonw_put(w, "contentType", "text/markdown");
	jsonw_object_end(w);
	jsonw_object_end(w);
}

static int
build(const struct message *m, struct request *r, struct diag *d)
{
	static const unsigned priority[] = {
		[SEV_INFO] = 3, [SEV_NOTICE] = 2, [SEV_WARNING] = 6, [SEV_CRITICAL] = 9,
	};
	struct buf text;
	struct jsonw w;

	(void)d;
	buf_init(&text, 32768);
	page_write(m->page, DIALECT_MARKDOWN, 16000, &text);
	notify_json(r, m->channel->value[URL]);
	buf_str(&r->url, "/message");
	request_header(r, "X-Gotify-Key: %s", m->channel->value[TOKEN]);
	jsonw_init(&w, &r->body);
	jsonw_object(&w);
	jsonw_put(&w, "title", m->page->title);
	jsonw_put_span(&w, "message", buf_get(&text));
	jsonw_key(&w, "priority");
	jsonw_uint(&w, priority[m->page->severity]);
	write_extras(&w);
	jsonw_object_end(&w);
	buf_fini(&text);
	return 0;
}

const struct notify_ops notify_gotify = {
	.name = "gotify",
	.help = "a Gotify server",
	.fields = fields,
	.kinds = NOTIFY_USUAL,
	.most = PAGE_NOTICES,
	.rate_count = 60, .rate_seconds = 60,
	.build = build,
};
