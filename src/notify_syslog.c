/* SPDX-License-Identifier: MIT */
/* The journal and syslog: one datagram to a socket of this machine. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notify.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { SOCKET };

static const struct notify_field journald_fields[] = {
	[SOCKET] = { "socket", "the journal's socket", FIELD_MAIN, NULL,
	    "/run/systemd/journal/socket" },
	{ 0 }
};

static const struct notify_field syslog_fields[] = {
	[SOCKET] = { "socket", "syslog's socket", FIELD_MAIN, NULL, "/dev/log" },
	{ 0 }
};

/* Of syslog(3): info, notice, warning, critical. */
static const int priority[] = { 6, 5, 4, 2 };

/* The path is in url, the datagram in body. */
static int
call(void *arg)
{
	const struct request *r = arg;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (r->url.n >= sizeof(at.sun_path)) {
		puts("the socket's path is too long");
		return 1;
	}
	memcpy(at.sun_path, r->url.p, r->url.n);
	if (fd == -1 || sendto(fd, r->body.p, r->body.n, MSG_NOSIGNAL,
	    (struct sockaddr *)&at, sizeof(at)) == -1) {
		printf("%s: %s\n", at.sun_path, strerror(errno));
		return 1;
	}
	close(fd);
	return 0;
}

static void
begin(const struct message *m, struct request *r)
{
	request_init(r, REQUEST_CALL);
	buf_str(&r->url, m->channel->value[SOCKET]);
	r->call = call;
	r->limit = 2;
}

/* NAME=value, or for any bytes NAME, their number in 8 bytes, the bytes. */
static void
field(struct buf *b, const char *name, const char *value)
{
	size_t n = value ? strlen(value) : 0;

	if (n == 0)
		return;
	buf_str(b, name);
	buf_char(b, '\n');
	for (unsigned i = 0; i < 8; i++)
		buf_char(b, (char)((uint64_t)n >> 8 * i));
	buf_add(b, value, n);
	buf_char(b, '\n');
}

/* "TITLE: what happened" */
static void
write_line(const struct message *m, struct buf *b)
{
	const char *what = notify_what(m, m->notice[0]);

	buf_printf(b, "%s%s%s", m->page->title, what ? ": " : "", what ? what : "");
}

static int
build_journald(const struct message *m, struct request *r, struct diag *d)
{
	const struct notice *n = m->notice[0];
	char digit[8];
	struct buf text;

	(void)d;
	begin(m, r);
	buf_init(&text, 8192);
	write_line(m, &text);
	snprintf(digit, sizeof(digit), "%d", priority[m->page->severity]);
	field(&r->body, "MESSAGE", buf_cstr(&text));
	field(&r->body, "PRIORITY", digit);
	field(&r->body, "SYSLOG_IDENTIFIER", "lossdog");
	field(&r->body, "LOSSDOG_ID", n->id);
	field(&r->body, "LOSSDOG_EVENT", notice_kind_name(n->kind));
	field(&r->body, "LOSSDOG_RULE", n->rule);
	field(&r->body, "LOSSDOG_RUN", n->run);
	field(&r->body, "LOSSDOG_METRIC", n->metric);
	field(&r->body, "LOSSDOG_TEXT", n->text);
	field(&r->body, "LOSSDOG_JSON", n->json);
	buf_fini(&text);
	return 0;
}

static int
build_syslog(const struct message *m, struct request *r, struct diag *d)
{
	struct buf text;

	(void)d;
	begin(m, r);
	buf_init(&text, 8192);
	write_line(m, &text);
	/* Facility user (1); a line of syslog is one line of at most 1024 bytes. */
	buf_printf(&r->body, "<%d>lossdog: ", 8 + priority[m->page->severity]);
	buf_harmless(&r->body, buf_get(&text), 950);
	buf_fini(&text);
	return 0;
}

static enum outcome
answer(struct answer *a, struct diag *d)
{
	(void)d; /* said by the child */
	return a->status == 0 && a->failure == HTTP_OK ? OUTCOME_SENT : OUTCOME_FINAL;
}

const struct notify_ops notify_journald = {
	.name = "journald",
	.help = "this machine's journal, with the finding's fields",
	.fields = journald_fields,
	.kinds = NOTIFY_USUAL | NOTICE_BIT(NOTICE_STARTED),
	.most = 1,
	.rate_count = 300, .rate_seconds = 60,
	.build = build_journald,
	.answer = answer,
};

const struct notify_ops notify_syslog = {
	.name = "syslog",
	.help = "this machine's syslog",
	.fields = syslog_fields,
	.kinds = NOTIFY_USUAL | NOTICE_BIT(NOTICE_STARTED),
	.most = 1,
	.rate_count = 300, .rate_seconds = 60,
	.build = build_syslog,
	.answer = answer,
};
