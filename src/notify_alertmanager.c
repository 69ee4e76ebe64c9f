/* SPDX-License-Identifier: MIT */
/* Prometheus Alertmanager, API v2: routing, grouping and silences are its business. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notify.h"

#include "clock.h"
#include "conf.h"
#include "jsonw.h"
#include "markup.h"

enum { URL, USER, PASSWORD, LABELS, HOLD };

static const struct notify_field fields[] = {
	[URL] = { "url", "the server, as http://host:9093",
	    FIELD_NEEDED | FIELD_MAIN | FIELD_URL, "ALERTMANAGER_URL", NULL },
	[USER] = { "user", "for basic authentication", 0, NULL, NULL },
	[PASSWORD] = { "password", "for basic authentication", FIELD_SECRET, NULL, NULL },
	[LABELS] = { "labels", "more labels, \"name=value\" each", FIELD_LIST, NULL, NULL },
	[HOLD] = { "hold", "an alert without news is over after so long: with check from "
	    "cron, longer than the time between two passes", 0, NULL, "10m" },
	{ 0 }
};

#define HOLD_CRASH 86400.0 /* nobody is left to say it again */

/* The names of labels are letters, digits and _. */
static bool
is_label(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
		    (i > 0 && c >= '0' && c <= '9')))
			return false;
	}
	return s.n > 0;
}

static void
write_more(struct jsonw *w, const char *list)
{
	struct buf name;
	struct span s;

	buf_init(&name, 256);
	while (notify_item(&list, &s)) {
		size_t eq = span_find(s, "=");

		if (eq == (size_t)-1 || !is_label((struct span){ s.p, eq }))
			continue;
		buf_reset(&name);
		buf_add(&name, s.p, eq);
		jsonw_put_span(w, buf_cstr(&name), span_from(s, eq + 1));
	}
	buf_fini(&name);
}

static bool
is_crash(const struct notice *n)
{
	return n->kind == NOTICE_CRASHED || n->kind == NOTICE_STARTED;
}

/*
 * They are the alert's identity, so nothing that changes may stand here: not the
 * rank, since one alert speaks for all ranks.  What gets worse is a second alert
 * of the higher severity beside the first, as with Prometheus' own rules.
 */
static void
write_labels(struct jsonw *w, const struct notice *n, enum severity as, const char *more)
{
	static const char *const severity[] = { "info", "notice", "warning", "critical" };

	jsonw_key(w, "labels");
	jsonw_object(w);
	jsonw_put(w, "alertname", is_crash(n) ? "run-crashed" : n->rule ? n->rule : "lossdog-test");
	jsonw_opt_str(w, "run", n->run);
	jsonw_put(w, "severity", severity[as]);
	jsonw_opt_str(w, "metric", n->metric);
	jsonw_opt_str(w, "host", n->host);
	write_more(w, more);
	jsonw_object_end(w);
}

/* Templates put these into messages to chats, as they are. */
static void
annotate(struct jsonw *w, const char *name, const char *text)
{
	struct buf b;

	if (!text)
		return;
	buf_init(&b, 32768);
	markup_text(&b, DIALECT_ANY, span_of(text));
	jsonw_put_span(w, name, buf_get(&b));
	buf_fini(&b);
}

static void
write_annotations(struct jsonw *w, const struct message *m, const struct notice *n)
{
	jsonw_key(w, "annotations");
	jsonw_object(w);
	annotate(w, "summary", notify_what(m, n));
	annotate(w, "description", n->text);
	annotate(w, "labels", n->labels); /* of the rank that was first */
	annotate(w, "cause", notify_because(m, n));
	annotate(w, "advice", notify_advice(m, n));
	annotate(w, "evidence", lang_pick(m->channel->lang, n->values, n->values_zh));
	jsonw_object_end(w);
}

static double
end_of(const struct message *m, const struct notice *n)
{
	const char *text = m->channel->value[HOLD];
	double hold;

	if (n->kind == NOTICE_RESOLVED || n->kind == NOTICE_STARTED)
		return m->now;
	if (n->kind == NOTICE_CRASHED)
		return m->now + HOLD_CRASH;
	return m->now + (text && conf_seconds(text, &hold) && hold >= 300 ? hold : 600);
}

static void
write_alert(struct jsonw *w, const struct message *m, const struct notice *n, enum severity as)
{
	double start = is_crash(n) ? n->time : n->first_time, end = end_of(m, n);
	char time[32];

	if (!(start > 0) || start > m->now)
		start = n->time > 0 && n->time < m->now ? n->time : m->now - 1;
	if (start >= end)
		start = end - 1;
	jsonw_object(w);
	write_labels(w, n, as, m->channel->value[LABELS]);
	write_annotations(w, m, n);
	clock_iso(start, time);
	jsonw_put(w, "startsAt", time);
	clock_iso(end, time);
	jsonw_put(w, "endsAt", time);
	jsonw_opt_str(w, "generatorURL", n->link);
	jsonw_object_end(w);
}

/* All that was told of what ends, is over. */
static void
write_alerts(struct jsonw *w, const struct message *m, const struct notice *n)
{
	unsigned told = n->told > 0 ? (unsigned)n->told : 1u << n->severity;

	for (int i = SEV_INFO; i <= SEV_CRITICAL; i++)
		if (told & 1u << i)
			write_alert(w, m, n, (enum severity)i);
}

static int
build(const struct message *m, struct request *r, struct diag *d)
{
	struct jsonw w;

	(void)d;
	notify_json(r, m->channel->value[URL]);
	while (r->url.n > 0 && r->url.p[r->url.n - 1] == '/')
		r->url.p[--r->url.n] = '\0';
	buf_str(&r->url, "/api/v2/alerts");
	r->user = m->channel->value[USER];
	r->password = m->channel->value[PASSWORD];
	jsonw_init(&w, &r->body);
	jsonw_array(&w);
	for (unsigned i = 0; i < m->n; i++)
		write_alerts(&w, m, m->notice[i]);
	jsonw_array_end(&w);
	return 0;
}

const struct notify_ops notify_alertmanager = {
	.name = "alertmanager",
	.help = "Prometheus Alertmanager",
	.fields = fields,
	.kinds = NOTICE_BIT(NOTICE_FIRING) | NOTICE_BIT(NOTICE_RESOLVED) |
	    NOTICE_BIT(NOTICE_STARTED) | NOTICE_BIT(NOTICE_CRASHED) | NOTICE_BIT(NOTICE_TEST),
	.most = 100,
	.rate_count = 60, .rate_seconds = 60,
	.refresh = true,
	.restarts = true,
	.build = build,
};
