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
	diags_print(diags, stdout, false, NULL);
	diags_free(diags);
}

static int
add_as(struct store *s, const struct channels *cs, enum notice_kind kind,
    enum severity severity, const char *id, const char *episode, double now)
{
	struct notice n;
	struct diag d;
	int r;

	notice_init(&n, kind);
	n.severity = severity;
	n.id = id;
	n.episode = episode;
	n.rule = "nonfinite";
	n.run = "gan-1";
	r = outbox_add(s, cs, &n, "me", now, &d);
	if (r == -1)
		printf("# %s\n", d.text);
	return r;
}

static int
add(struct store *s, const struct channels *cs, enum notice_kind kind,
    enum severity severity, const char *id, double now)
{
	return add_as(s, cs, kind, severity, id, id, now);
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

/* A finding of a rank at a time of its run. */
static int
note(struct store *s, const char *id, const char *labels, enum finding_state state,
    double now, char episode[static OUTBOX_EPISODE])
{
	struct finding f = { .rule = "nonfinite", .run = "gan-1", .metric = "train/loss",
	    .labels = labels, .severity = SEV_CRITICAL, .state = state,
	    .first_time = now, .last_time = now };

	snprintf(f.id, sizeof(f.id), "%s", id);
	return outbox_finding(s, &f, t0, "{}", now, episode, NULL);
}

static void
test_ranks(struct store *s)
{
	char e[OUTBOX_EPISODE];

	IS_NUM(note(s, "n0", "rank=0", FINDING_FIRING, t0, e), 1, "a rank speaks");
	IS_STR(e, "n0", "for itself");
	IS_NUM(note(s, "n1", "rank=1", FINDING_FIRING, t0 + 1, e), 0, "another does not");
	IS_NUM(note(s, "n0", "rank=0", FINDING_RESOLVED, t0 + 2, e), 0, "one is well again");
	IS_NUM(note(s, "n1", "rank=1", FINDING_RESOLVED, t0 + 3, e), 1, "all are");
	IS_STR(e, "n0", "the end is of the same episode as the beginning");
	IS_NUM(note(s, "n2", "rank=1", FINDING_FIRING, t0 + 4, e), 1, "and again");
	IS_STR(e, "n2", "is a new one");
	note(s, "n2", "rank=1", FINDING_RESOLVED, t0 + 5, e);
}

static void
test_ends(struct store *s)
{
	struct channels cs;
	struct outbox_batch b;
	double next;

	channels(&cs, (const char *const[]){ "pd", "type", "pagerduty", "pd", "key", "k", NULL });
	IS_NUM(add(s, &cs, NOTICE_STARTED, SEV_INFO, "run", t0), 0, "a start ends nothing");
	add(s, &cs, NOTICE_CRASHED, SEV_CRITICAL, "run", t0 + 1);
	take(s, cs.channel[0], t0 + 3, &b, &next);
	done(s, &b, OUTCOME_SENT, NAN, t0 + 3);
	IS_NUM(add_as(s, &cs, NOTICE_STARTED, SEV_INFO, "start-2", "run", t0 + 4), 1, "it ends a crash");
	IS_NUM(add_as(s, &cs, NOTICE_STARTED, SEV_INFO, "start-3", "run", t0 + 5), 0, "once");
	add_as(s, &cs, NOTICE_FIRING, SEV_WARNING, "w", "e", t0 + 6);
	add_as(s, &cs, NOTICE_FIRING, SEV_CRITICAL, "c", "e", t0 + 7);
	add_as(s, &cs, NOTICE_RESOLVED, SEV_CRITICAL, "r", "e", t0 + 8);
	for (unsigned i = 0; i < 4; i++) {
		take(s, cs.channel[0], t0 + 9, &b, &next);
		if (i == 3)
			IS_NUM(b.notice[0].told, 12, "an end knows what was told: a warning, then critical");
		done(s, &b, OUTCOME_SENT, NAN, t0 + 9);
	}
	channels_fini(&cs);
}

static void
test_remind(struct store *s)
{
	struct channels cs;
	struct outbox_batch b;
	char e[OUTBOX_EPISODE];
	double next;

	channels(&cs, (const char *const[]){ "re", "type", "desktop", "re", "remind", "1h", NULL });
	note(s, "m0", "rank=7", FINDING_FIRING, t0, e);
	add_as(s, &cs, NOTICE_FIRING, SEV_CRITICAL, "m", e, t0);
	take(s, cs.channel[0], t0 + 2, &b, &next);
	done(s, &b, OUTCOME_SENT, NAN, t0 + 2);
	IS_NUM(outbox_remind(s, cs.channel[0], "me", t0 + 60, &next, NULL), 0, "not yet");
	NEAR(next, t0 + 3600, 1e-3, "in an hour");
	IS_NUM(outbox_remind(s, cs.channel[0], "you", t0 + 3600, &next, NULL), 0, "another session does not");
	IS_NUM(outbox_remind(s, cs.channel[0], "me", t0 + 3600, &next, NULL), 1, "told again");
	NEAR(next, t0 + 7200, 1e-3, "and in an hour again");
	take(s, cs.channel[0], t0 + 3602, &b, &next);
	IS_NUM(b.notice[0].again, 1, "as a reminder");
	IS_STR(b.notice[0].id, "m~1", "with an id of its own");
	done(s, &b, OUTCOME_SENT, NAN, t0 + 3602);
	IS_NUM(outbox_remind(s, cs.channel[0], "me", t0 + 7300, &next, NULL), 1, "the second");
	take(s, cs.channel[0], t0 + 7302, &b, &next);
	IS_STR(b.notice[0].id, "m~2", "with its id");
	done(s, &b, OUTCOME_SENT, NAN, t0 + 7302);
	note(s, "m0", "rank=7", FINDING_RESOLVED, t0 + 7400, e);
	IS_NUM(outbox_remind(s, cs.channel[0], "me", t0 + 19000, &next, NULL), 0, "what is over is not told again");
	OK(isinf(next), "nothing is to be told");
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
	test_ranks(s);
	test_ends(s);
	test_remind(s);
	test_claims(s);
	store_close(s);
	conf_free(conf);
	return DONE();
}
