/* SPDX-License-Identifier: MIT */
/* What is stored, for whom, when it is due, and what becomes of it: on recorded time. */
#include "outbox.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "tap.h"

static const struct store_schema *const schemas[] = { &outbox_schema, NULL };
static struct conf *conf;
static const double t0 = 1795500000; /* a moment of November 2026 */

static void
channels(struct channels *cs, const char *const *settings)
{
	struct diags *diags = diags_new();

	conf_free(conf);
	conf = conf_new();
	for (; *settings; settings += 3) {
		char section[64];

		snprintf(section, sizeof(section), "notify.%s", settings[0]);
		conf_set(conf, section, settings[1], settings[2], "test");
	}
	OK(channels_make(conf, NULL, 0, cs, diags) == 0, "channels");
	diags_print(diags, stdout, false);
	diags_free(diags);
}

static int
add(struct store *s, const struct channels *cs, enum notice_kind kind,
    enum severity severity, const char *id, double now)
{
	struct notice n;
	struct diag d;
	int r;

	notice_init(&n, kind);
	n.severity = severity;
	n.id = id;
	n.episode = id;
	n.rule = "nonfinite";
	n.run = "gan-1";
	r = outbox_add(s, cs, &n, "me", now, &d);
	if (r == -1)
		printf("# %s\n", d.text);
	return r;
}

static unsigned
take(struct store *s, const struct channel *c, double now, struct outbox_batch *b, double *next)
{
	struct diag d;

	if (outbox_take(s, c, "here:1", now, b, next, &d) == -1)
		printf("# %s\n", d.text);
	return b->n;
}

static void
done(struct store *s, struct outbox_batch *b, enum outcome o, double wait, double now)
{
	outbox_done(s, b, o, wait, "why", now, NULL);
	outbox_batch_fini(b);
}

static void
test_choice(struct store *s)
{
	struct channels cs;

	channels(&cs, (const char *const[]){
	    "a", "type", "syslog", "a", "severity", "critical",
	    "b", "type", "syslog", "b", "runs", "llama-*\ngan-*",
	    "c", "type", "syslog", "c", "runs", "other", "d", "type", "syslog", "d", "ends", "false",
	    "e", "type", "syslog", "e", "enabled", "false", "f", "type", "syslog", "f", "rules", "lr-*", NULL });
	IS_NUM(cs.n, 5, "what is off is not there");
	IS_NUM(add(s, &cs, NOTICE_FIRING, SEV_WARNING, "1", t0), 2, "severity, run and rule choose");
	IS_NUM(add(s, &cs, NOTICE_FIRING, SEV_WARNING, "1", t0), 0, "the same again is nothing new");
	IS_NUM(add(s, &cs, NOTICE_FIRING, SEV_NOTICE, "2", t0), 0, "a notice is not told unasked");
	IS_NUM(add(s, &cs, NOTICE_RESOLVED, SEV_WARNING, "9", t0), 0, "the end of what was not told is not told");
	IS_NUM(add(s, &cs, NOTICE_FINISHED, SEV_INFO, "3", t0), 3, "ends of runs");
	channels_fini(&cs);
}

static void
test_group(struct store *s)
{
	struct channels cs;
	struct outbox_batch b;
	double next;
	char id[16];

	channels(&cs, (const char *const[]){ "g", "type", "desktop", NULL });
	for (int i = 0; i < 10; i++) {
		snprintf(id, sizeof(id), "g%d", i);
		add(s, &cs, NOTICE_FIRING, SEV_CRITICAL, id, t0 + i / 100.0);
	}
	IS_NUM(take(s, cs.channel[0], t0 + 0.5, &b, &next), 0, "it waits a moment for more");
	NEAR(next, t0 + 1, 0.01, "and says how long");
	IS_NUM(take(s, cs.channel[0], t0 + 1.2, &b, &next), 10, "ten at once are one message");
	add(s, &cs, NOTICE_FIRING, SEV_CRITICAL, "late", t0 + 1.3);
	done(s, &b, OUTCOME_RETRY, NAN, t0 + 1.4);
	IS_NUM(take(s, cs.channel[0], t0 + 20, &b, &next), 1, "what came meanwhile is another");
	IS_STR(b.notice[0].id, "late", "by itself");
	done(s, &b, OUTCOME_SENT, NAN, t0 + 20);
	IS_NUM(take(s, cs.channel[0], t0 + 20.1, &b, &next), 10, "a retry is the same message");
	IS_NUM(b.tries, 1, "its second try");
	done(s, &b, OUTCOME_RETRY, 100, t0 + 21);
	IS_NUM(take(s, cs.channel[0], t0 + 120, &b, &next), 0, "Retry-After is honoured");
	IS_NUM(take(s, cs.channel[0], t0 + 127, &b, &next), 10, "and not for longer");
	done(s, &b, OUTCOME_FINAL, NAN, t0 + 130);
	IS_NUM(take(s, cs.channel[0], t0 + 9000, &b, &next), 0, "what is given up is gone");
	OK(isinf(next), "nothing waits");
	channels_fini(&cs);
}

static void
test_rate(struct store *s)
{
	struct channels cs;
	struct outbox_batch b;
	double next;

	channels(&cs, (const char *const[]){ "r", "type", "syslog", "r", "rate", "2/min", NULL });
	add(s, &cs, NOTICE_FIRING, SEV_CRITICAL, "r1", t0);
	add(s, &cs, NOTICE_FIRING, SEV_CRITICAL, "r2", t0);
	add(s, &cs, NOTICE_FIRING, SEV_CRITICAL, "r3", t0);
	IS_NUM(take(s, cs.channel[0], t0, &b, &next), 1, "one by one");
	done(s, &b, OUTCOME_SENT, NAN, t0);
	IS_NUM(take(s, cs.channel[0], t0 + 1, &b, &next), 1, "the second");
	done(s, &b, OUTCOME_SENT, NAN, t0 + 1);
	IS_NUM(take(s, cs.channel[0], t0 + 2, &b, &next), 0, "two a minute");
	NEAR(next, t0 + 60, 1e-3, "the third when the first is a minute ago");
	IS_NUM(take(s, cs.channel[0], t0 + 60.5, &b, &next), 1, "then");
	done(s, &b, OUTCOME_SENT, NAN, t0 + 60.5);
	add(s, &cs, NOTICE_FIRING, SEV_CRITICAL, "r4", t0 + 61);
	IS_NUM(take(s, cs.channel[0], t0 + 61 + 90000, &b, &next), 0, "news of yesterday is no news");
	channels_fini(&cs);
}

static void
test_quiet(struct store *s)
{
	struct channels cs;
	struct outbox_batch b;
	struct tm tm = { .tm_year = 126, .tm_mon = 10, .tm_mday = 24, .tm_hour = 23 };
	double next, night = (double)timegm(&tm);

	setenv("TZ", "UTC", 1);
	tzset();
	channels(&cs, (const char *const[]){ "q", "type", "desktop", "q", "quiet", "22:00-07:30",
	    "d", "type", "desktop", "d", "digest", "10m", NULL });
	add(s, &cs, NOTICE_FIRING, SEV_WARNING, "q1", night);
	IS_NUM(take(s, cs.channel[0], night + 60, &b, &next), 0, "a warning does not wake anybody");
	NEAR(next, night + 8.5 * 3600, 1e-3, "it comes in the morning");
	add(s, &cs, NOTICE_FIRING, SEV_CRITICAL, "q2", night + 60);
	IS_NUM(take(s, cs.channel[0], night + 62, &b, &next), 1, "what is critical does");
	done(s, &b, OUTCOME_SENT, NAN, night + 62);
	IS_NUM(take(s, cs.channel[0], night + 8.5 * 3600, &b, &next), 1, "in the morning");
	done(s, &b, OUTCOME_SENT, NAN, night + 8.5 * 3600);
	add(s, &cs, NOTICE_FIRING, SEV_WARNING, "q3", night + 9 * 3600);
	IS_NUM(take(s, cs.channel[0], night + 9 * 3600 + 2, &b, &next), 1, "and by day at once");
	done(s, &b, OUTCOME_SENT, NAN, night + 9 * 3600 + 2);
	done(s, &b, OUTCOME_SENT, NAN, night + 9 * 3600 + 3);
	channels_fini(&cs);
}

static void
test_claims(struct store *s)
{
	struct channels cs;
	struct outbox_batch b, other;
	double next;
	char owner[96];

	channels(&cs, (const char *const[]){ "k", "type", "syslog", NULL });
	add(s, &cs, NOTICE_FIRING, SEV_CRITICAL, "k1", t0);
	outbox_owner(owner);
	strrchr(owner, ':')[1] = '\0';
	strcat(owner, "999999999"); /* no process has it */
	outbox_take(s, cs.channel[0], owner, t0, &b, &next, NULL);
	IS_NUM(b.n, 1, "claimed");
	IS_NUM(take(s, cs.channel[0], t0 + 1, &other, &next), 0, "nobody else takes it");
	outbox_release(s, NULL);
	IS_NUM(take(s, cs.channel[0], t0 + 1, &other, &next), 1, "when its owner is dead it is free");
	outbox_batch_fini(&b);
	outbox_batch_fini(&other);
	IS_NUM(take(s, cs.channel[0], t0 + 600, &other, &next), 1, "and after a while in any case");
	outbox_batch_fini(&other);
	channels_fini(&cs);
}

int
main(void)
{
	struct store *s;
	struct diag d = { .text = "" };

	OK(store_open(NULL, schemas, &s, &d) == 0, "a database in memory: %s", d.text);
	test_choice(s);
	test_group(s);
	test_rate(s);
	test_quiet(s);
	test_claims(s);
	store_close(s);
	conf_free(conf);
	return DONE();
}
