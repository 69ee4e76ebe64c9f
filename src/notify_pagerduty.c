/* SPDX-License-Identifier: MIT */
/* PagerDuty, Events API v2. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notify.h"

#include "jsonw.h"

enum { KEY, URL };

static const struct notify_field fields[] = {
	[KEY] = { "key", "the integration's routing key", FIELD_SECRET | FIELD_NEEDED,
	    "PAGERDUTY_ROUTING_KEY", NULL },
	[URL] = { "url", "the service; in Europe https://events.eu.pagerduty.com/v2/enqueue",
	    FIELD_URL, NULL, "https://events.pagerduty.com/v2/enqueue" },
	{ 0 }
};

static void
write_details(struct jsonw *w, const struct message *m, const struct notice *n)
{
	jsonw_key(w, "custom_details");
	jsonw_object(w);
	jsonw_opt_str(w, "metric", n->metric);
	jsonw_opt_str(w, "labels", n->labels);
	jsonw_opt_num(w, "value", n->value);
	jsonw_opt_num(w, "step", n->step);
	jsonw_opt_num(w, "epoch", n->epoch);
	jsonw_opt_num(w, "line", n->line);
	jsonw_opt_str(w, "text", n->text);
	jsonw_opt_str(w, "cause", notify_because(m, n));
	jsonw_opt_str(w, "do", notify_advice(m, n));
	jsonw_opt_str(w, "verdict", lang_pick(m->channel->lang, n->verdict, n->verdict_zh));
	jsonw_object_end(w);
}

static void
write_payload(struct jsonw *w, const struct message *m)
{
	static const char *const severity[] = { "info", "info", "warning", "critical" };
	const struct notice *n = m->notice[0];
	struct buf summary;
	char time[32];

	buf_init(&summary, 4096);
	buf_printf(&summary, "%s%s%s", m->page->title, n->summary ? ": " : "",
	    n->summary ? notify_what(m, n) : "");
	notify_time(n->time, m->now, time);
	jsonw_key(w, "payload");
	jsonw_object(w);
	jsonw_put_span(w, "summary", markup_cut(buf_get(&summary), 1000));
	jsonw_put(w, "source", n->host ? n->host : "unknown");
	jsonw_put(w, "severity", severity[m->page->severity]);
	jsonw_put(w, "timestamp", time);
	jsonw_opt_str(w, "component", n->run);
	jsonw_opt_str(w, "class", n->rule);
	write_details(w, m, n);
	jsonw_object_end(w);
	buf_fini(&summary);
}

static void
write_link(struct jsonw *w, const char *link)
{
	if (!link)
		return;
	jsonw_key(w, "links");
	jsonw_array(w);
	jsonw_object(w);
	jsonw_put(w, "href", link);
	jsonw_put(w, "text", "run");
	jsonw_object_end(w);
	jsonw_array_end(w);
}

static int
build(const struct message *m, struct request *r, struct diag *d)
{
	const struct notice *n = m->notice[0];
	bool over = n->kind == NOTICE_RESOLVED || n->kind == NOTICE_STARTED;
	struct jsonw w;
	struct buf key;

	(void)d;
	/*
	 * One incident for a finding and one for the crashes of a run: the end, or
	 * the next start, closes what was opened.
	 */
	buf_init(&key, 1024);
	buf_printf(&key, "lossdog/%s/%s", n->run ? n->run : "-",
	    n->episode ? n->episode : n->id);
	notify_json(r, m->channel->value[URL]);
	jsonw_init(&w, &r->body);
	jsonw_object(&w);
	jsonw_put(&w, "routing_key", m->channel->value[KEY]);
	jsonw_put(&w, "event_action", over ? "resolve" : "trigger");
	jsonw_put_span(&w, "dedup_key", markup_cut_bytes(buf_get(&key), 255));
	if (!over) {
		write_payload(&w, m);
		write_link(&w, n->link);
		jsonw_put(&w, "client", "lossdog");
	}
	jsonw_object_end(&w);
	buf_fini(&key);
	return 0;
}

const struct notify_ops notify_pagerduty = {
	.name = "pagerduty",
	.help = "PagerDuty incidents: opened by a finding, closed by its end",
	.fields = fields,
	.kinds = NOTICE_BIT(NOTICE_FIRING) | NOTICE_BIT(NOTICE_RESOLVED) |
	    NOTICE_BIT(NOTICE_STARTED) | NOTICE_BIT(NOTICE_CRASHED) | NOTICE_BIT(NOTICE_TEST),
	.restarts = true,
	.most = 1,
	.rate_count = 50, .rate_seconds = 60,
	.build = build,
};
