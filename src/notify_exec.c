/* SPDX-License-Identifier: MIT */
/* A command of the user: no shell, JSON on its stdin, the rest in its environment. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notify.h"

#include "jsonw.h"

enum { COMMAND };

static const struct notify_field fields[] = {
	[COMMAND] = { "command", "the command and its words; no shell reads it",
	    FIELD_NEEDED | FIELD_MAIN, NULL, NULL },
	{ 0 }
};

static void
write_body(struct buf *b, const struct notice *n)
{
	struct jsonw w;

	if (n->json && *n->json == '{') {
		buf_printf(b, "%s\n", n->json);
		return;
	}
	jsonw_init(&w, b);
	jsonw_object(&w);
	jsonw_put(&w, "event", notice_kind_name(n->kind));
	jsonw_opt_str(&w, "run", n->run);
	jsonw_opt_str(&w, "source", n->source);
	jsonw_opt_str(&w, "verdict", n->verdict);
	jsonw_opt_num(&w, "status", n->status);
	jsonw_object_end(&w);
	buf_char(b, '\n');
}

static const char *
or_empty(const char *s)
{
	return s ? s : "";
}

static int
build(const struct message *m, struct request *r, struct diag *d)
{
	static const char *const severity[] = { "info", "notice", "warning", "critical" };
	const struct notice *n = m->notice[0];

	request_init(r, REQUEST_COMMAND);
	if (words_split(m->channel->value[COMMAND], &r->words, d) == -1)
		return -1;
	request_header(r, "LOSSDOG_EVENT=%s", notice_kind_name(n->kind));
	request_header(r, "LOSSDOG_SEVERITY=%s", severity[n->severity]);
	request_header(r, "LOSSDOG_ID=%s", or_empty(n->id));
	request_header(r, "LOSSDOG_RULE=%s", or_empty(n->rule));
	request_header(r, "LOSSDOG_RUN=%s", or_empty(n->run));
	request_header(r, "LOSSDOG_SOURCE=%s", or_empty(n->source));
	request_header(r, "LOSSDOG_TITLE=%s", m->page->title);
	request_header(r, "LOSSDOG_SUMMARY=%s", or_empty(n->summary ? notify_what(m, n) : NULL));
	write_body(&r->body, n);
	r->limit = 30;
	return 0;
}

static enum outcome
answer(struct answer *a, struct diag *d)
{
	(void)d; /* said by the child's own words */
	if (a->status == 0 && a->failure == HTTP_OK)
		return OUTCOME_SENT;
	return a->status == 75 || a->failure == HTTP_TIMEOUT ? /* EX_TEMPFAIL */
	    OUTCOME_RETRY : OUTCOME_FINAL;
}

const struct notify_ops notify_exec = {
	.name = "exec",
	.help = "a command: JSON on its stdin, LOSSDOG_* in its environment",
	.fields = fields,
	.kinds = NOTIFY_USUAL | NOTICE_BIT(NOTICE_STARTED),
	.most = 1,
	.rate_count = 60, .rate_seconds = 60,
	.build = build,
	.answer = answer,
};
