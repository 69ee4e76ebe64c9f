/* SPDX-License-Identifier: MIT */
/*
 * notify: what a way to reach people is.
 *
 * Each is one file with one row in the table of notifiers.c: which settings it
 * has, what it takes, how a message becomes a request, how an answer is read.
 * Building is pure (no clock, no network, no environment), so it is tested and
 * fuzzed without any of them; what carries requests is delivery.h.
 */
#ifndef NOTIFY_H
#define NOTIFY_H

#include "diag.h"
#include "lang.h"
#include "notice.h"
#include "page.h"
#include "request.h"

#define NOTIFY_FIELDS 12

enum notify_flag {
	FIELD_SECRET = 1, /* never shown; not taken from the command line */
	FIELD_NEEDED = 2,
	FIELD_MAIN = 4,   /* what stands behind '=' in --notify TYPE=... */
	FIELD_URL = 8,
	FIELD_LIST = 16,  /* items with \n between them */
	FIELD_FLAG = 32   /* true or false */
};

struct notify_field {
	const char *name, *help;
	unsigned    flags;   /* of enum notify_flag */
	const char *env;     /* variable that holds it when nothing else does; or NULL */
	const char *initial; /* or NULL */
};

struct notify_ops;

/* A way to reach people, as configured. */
struct channel {
	const struct notify_ops *ops;
	char       *name;
	char       *value[NOTIFY_FIELDS]; /* by the number of the field; NULL: not set */
	enum severity severity;  /* at least */
	char       *runs, *rules;/* patterns with \n between them; NULL: all */
	int         quiet_from, quiet_to; /* minutes of the local day; -1: no quiet hours */
	unsigned    rate_count;  /* at most so many messages ... */
	double      rate_seconds;/* ... in so many seconds */
	double      digest;      /* collect for so long; 0: no */
	double      remind;      /* tell again what still fires after so long; 0: no */
	bool        ends;        /* also the end of a run */
	bool        resolved;    /* also the end of a finding */
	enum lang   lang;
	char       *link;        /* NULL: none */
	char       *secret[NOTIFY_FIELDS]; /* what is redacted, once they have been read */
	unsigned    secrets;
};

struct message {
	const struct channel       *channel;
	const struct notice *const *notice; /* oldest first */
	unsigned                    n;      /* at least 1 */
	const struct page          *page;   /* made of them */
	double                      now;    /* wall time */
	const char                 *host;
};

struct notify_ops {
	const char *name; /* as in --notify NAME */
	const char *help; /* one line */
	const struct notify_field *fields; /* .name NULL at the end */
	unsigned    kinds;  /* NOTICE_BIT of each kind it takes */
	unsigned    most;   /* notices in one message; 1: each alone */
	unsigned    rate_count; /* what the service allows */
	double      rate_seconds;
	bool        refresh;/* firing is to be said again until it ends */
	bool        restarts;/* a crash is over when the run starts again; else starts are not told */
	int          (*build)(const struct message *, struct request *, struct diag *d);
	/* NULL: answer_usual.  May set retry_after. */
	enum outcome (*answer)(struct answer *, struct diag *d);
};

/* What most take. */
#define NOTIFY_USUAL (NOTICE_BIT(NOTICE_FIRING) | NOTICE_BIT(NOTICE_RESOLVED) | \
	NOTICE_BIT(NOTICE_FINISHED) | NOTICE_BIT(NOTICE_CRASHED) | NOTICE_BIT(NOTICE_TEST))

/* Messages that are HTTP posts of JSON. */
void notify_json(struct request *, const char *url);
/* The value of a flag. */
bool notify_flag(const struct channel *, unsigned field);
/* The next item of a list into *ret, *list moved on; false at the end. */
bool notify_item(const char **list, struct span *ret);
/* A notice's texts in the channel's language; NULL: it has none. */
const char *notify_what(const struct message *, const struct notice *); /* summary, else verdict */
const char *notify_because(const struct message *, const struct notice *);
const char *notify_advice(const struct message *, const struct notice *);
/*
 * An answer of a service that says 200 whatever happens: the truth is errcode,
 * 0 for sent, -1 for "busy".  fast: what it says when messages come too fast,
 * then it is to be left alone for so many seconds.
 */
enum outcome notify_errcode(struct answer *, double fast, double seconds, struct diag *d);
/* Appends title with the sign in front. */
void notify_title(const struct page *, struct buf *);
/* An id of letters and digits, the same for the same text. */
void notify_digest(const char *text, char ret[static 33]);
/* "2026-11-24T03:12:09.250Z" of a time, or of now when it is not known. */
void notify_time(double time, double now, char ret[static 32]);

extern const struct notify_ops notify_desktop, notify_slack, notify_dingtalk,
    notify_feishu, notify_wecom, notify_discord, notify_telegram, notify_teams,
    notify_ntfy, notify_gotify, notify_pushover, notify_pagerduty, notify_mail,
    notify_webhook, notify_alertmanager, notify_healthchecks, notify_exec,
    notify_journald, notify_syslog;

#endif
