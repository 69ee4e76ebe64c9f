/* SPDX-License-Identifier: MIT */
/* ntfy, on ntfy.sh or one's own server. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notify.h"

#include "jsonw.h"

enum { TOPIC, URL, TOKEN, USER, PASSWORD };

static const struct notify_field fields[] = {
	[TOPIC] = { "topic", "the topic; whoever knows its name can read it",
	    FIELD_NEEDED | FIELD_MAIN, "NTFY_TOPIC", NULL },
	[URL] = { "url", "the server", FIELD_URL, "NTFY_URL", "https://ntfy.sh" },
	[TOKEN] = { "token", "an access token (tk_...)", FIELD_SECRET, "NTFY_TOKEN", NULL },
	[USER] = { "user", "for basic authentication", 0, NULL, NULL },
	[PASSWORD] = { "password", "for basic authentication", FIELD_SECRET, NULL, NULL },
	{ 0 }
};

static const struct { unsigned priority; const char *tag; } by_severity[] = {
	[SEV_INFO] = { 3, "white_check_mark" },
	[SEV_NOTICE] = { 2, "large_blue_circle" },
	[SEV_WARNING] = { 4, "warning" },
	[SEV_CRITICAL] = { 5, "rotating_light" },
};

static int
build(const struct message *m, struct request *r, struct diag *d)
{
	const struct channel *c = m->channel;
	const struct page *p = m->page;
	struct buf text;
	struct jsonw w;
	char id[33];

	(void)d;
	buf_init(&text, 8192);
	page_write(p, DIALECT_PLAIN, 3800, &text); /* of 4096 bytes; more becomes a file */
	notify_json(r, c->value[URL]);
	if (c->value[TOKEN])
		request_header(r, "Authorization: Bearer %s", c->value[TOKEN]);
	r->user = c->value[USER];
	r->password = c->value[PASSWORD];
	jsonw_init(&w, &r->body);
	jsonw_object(&w);
	jsonw_put(&w, "topic", c->value[TOPIC]);
	jsonw_put_span(&w, "title", markup_cut_bytes(span_of(p->title), 250));
	jsonw_put_span(&w, "message", buf_get(&text));
	jsonw_key(&w, "priority");
	jsonw_uint(&w, by_severity[p->severity].priority);
	jsonw_key(&w, "tags");
	jsonw_array(&w);
	jsonw_cstr(&w, by_severity[p->severity].tag);
	jsonw_array_end(&w);
	notify_digest(m->notice[0]->id, id);
	/* repeated by a retry: it replaces the first (ntfy 2.16) */
	jsonw_put(&w, "sequence_id", id);
	jsonw_opt_str(&w, "click", m->notice[0]->link);
	jsonw_object_end(&w);
	buf_fini(&text);
	return 0;
}

const struct notify_ops notify_ntfy = {
	.name = "ntfy",
	.help = "an ntfy topic, for telephones and desktops",
	.fields = fields,
	.kinds = NOTIFY_USUAL,
	.most = PAGE_NOTICES,
	.rate_count = 12, .rate_seconds = 60,
	.build = build,
};
