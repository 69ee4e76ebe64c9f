/* SPDX-License-Identifier: MIT */
/* Mail: by SMTP, or through the machine's own sendmail when no server is given. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "encode.h"
#include "png.h"
#include "xalloc.h"

enum { TO, FROM, SERVER, USER, PASSWORD, SENDMAIL, CA };

static const struct notify_field fields[] = {
	[TO] = { "to", "addresses", FIELD_NEEDED | FIELD_MAIN | FIELD_LIST,
	    "LOSSDOG_MAIL_TO", NULL },
	[FROM] = { "from", "the sender's address", 0, "LOSSDOG_MAIL_FROM", NULL },
	[SERVER] = { "server", "smtps://HOST[:465], or smtp://HOST[:587] with STARTTLS, "
	    "or smtp+plain://HOST[:25] without; absent: the local sendmail",
	    0, "LOSSDOG_SMTP_URL", NULL },
	[USER] = { "user", "for authentication", 0, "LOSSDOG_SMTP_USER", NULL },
	[PASSWORD] = { "password", "for authentication", FIELD_SECRET,
	    "LOSSDOG_SMTP_PASSWORD", NULL },
	[SENDMAIL] = { "sendmail", "the local program", 0, NULL, "/usr/sbin/sendmail" },
	[CA] = { "ca", "a file of certificates to trust", 0, NULL, NULL },
	{ 0 }
};

#define BOUNDARY "=_lossdog_"

/* One address of a list: printable, no blank, no header in disguise. */
static bool
is_address(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= 0x20 || s.p[i] == 0x7f || strchr("<>,;\"\\", s.p[i]))
			return false;
	return s.n > 0 && s.n < 255 && s.p[0] != '-';
}

static int
take_people(const struct message *m, struct request *r, struct diag *d)
{
	const char *list = m->channel->value[TO];
	struct span s, one;

	while (notify_item(&list, &s))
		while ((s = span_trim(s)).n > 0) {
			const char *comma = memchr(s.p, ',', s.n);

			one = comma ? (struct span){ s.p, (size_t)(comma - s.p) } : s;
			s = span_from(s, one.n + 1);
			one = span_trim(one);
			if (!is_address(one))
				return diag_set(d, "\"%.*s\" is no mail address",
				    (int)(one.n < 60 ? one.n : 60), one.p);
			request_to(r, one);
		}
	return r->people > 0 ? 0 : diag_set(d, "no address to send mail to");
}

static char *
sender(const struct message *m)
{
	const char *from = m->channel->value[FROM];
	const char *user = getenv("USER");

	if (from && is_address(span_trim(span_of(from))))
		return xstrdup(from);
	return xasprintf("%s@%s", user && is_address(span_of(user)) ? user : "lossdog",
	    m->host && is_address(span_of(m->host)) ? m->host : "localhost");
}

/* English names whatever the locale. */
static void
write_date(struct buf *b, double now)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t t = (time_t)now;
	struct tm tm;

	gmtime_r(&t, &tm);
	buf_printf(b, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000\r\n",
	    days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon,
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void
write_id(struct buf *b, const char *header, const char *text, const char *host)
{
	char id[33];

	notify_digest(text, id);
	buf_printf(b, "%s: <%s@%s>\r\n", header, id,
	    host && is_address(span_of(host)) ? host : "localhost");
}

/* A finding's messages are one thread: all point to an id made of the episode. */
static void
write_head(const struct message *m, const struct request *r, struct buf *b)
{
	const struct notice *n = m->notice[0];

	write_date(b, m->now);
	buf_printf(b, "From: lossdog <%s>\r\nTo: ", r->from);
	for (unsigned i = 0; i < r->people; i++)
		buf_printf(b, "%s%s", i > 0 ? ",\r\n " : "", r->to[i]);
	buf_str(b, "\r\nSubject: ");
	encode_header(b, markup_cut(span_of(m->page->title), 200));
	buf_str(b, "\r\n");
	write_id(b, "Message-ID", n->id, m->host);
	if (n->episode)
		write_id(b, "References", n->episode, m->host);
	buf_str(b, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n");
	if (m->page->severity == SEV_CRITICAL)
		buf_str(b, "Importance: high\r\n");
}

static void
write_text_part(const struct message *m, struct buf *b)
{
	struct buf text;

	buf_init(&text, 65536);
	buf_printf(&text, "%s\n\n", m->page->title);
	page_write(m->page, DIALECT_PLAIN, 60000, &text);
	buf_str(b, "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	encode_quoted(b, buf_get(&text));
	buf_str(b, "\r\n");
	buf_fini(&text);
}

static void
write_html_part(const struct message *m, bool picture, struct buf *b)
{
	struct buf text;

	buf_init(&text, 65536);
	buf_printf(&text, "<!DOCTYPE html>\n<html><body style=\"font-family:sans-serif\">\n"
	    "<h3 style=\"color:#%06x\">", m->page->colour);
	markup_text(&text, DIALECT_HTML, span_of(m->page->title));
	buf_str(&text, "</h3>\n<p>\n");
	page_write(m->page, DIALECT_HTML, 60000, &text);
	buf_str(&text, "</p>\n");
	if (picture) {
		buf_str(&text, "<p><img src=\"cid:curve@lossdog\" width=\"480\" height=\"120\" alt=\"");
		markup_text(&text, DIALECT_HTML, span_of(m->page->main->metric ? m->page->main->metric : "-"));
		buf_str(&text, "\"></p>\n");
	}
	buf_str(&text, "</body></html>\n");
	buf_str(b, "Content-Type: text/html; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	encode_quoted(b, buf_get(&text));
	buf_str(b, "\r\n");
	buf_fini(&text);
}

/* alternative [ text, related [ HTML, picture ] ] */
static void
write_mail(const struct message *m, const struct request *r, struct buf *b)
{
	const struct notice *n = m->page->main;
	double curve[NOTICE_SPARK];
	struct buf png;
	bool picture;

	buf_init(&png, 65536);
	notice_curve(n, curve);
	picture = png_curve(&png, curve, n->sparks, m->page->colour);
	write_head(m, r, b);
	buf_str(b, "Content-Type: multipart/alternative; boundary=\"" BOUNDARY "a\"\r\n\r\n"
	    "--" BOUNDARY "a\r\n");
	write_text_part(m, b);
	buf_str(b, "--" BOUNDARY "a\r\n");
	if (picture)
		buf_str(b, "Content-Type: multipart/related; boundary=\"" BOUNDARY "r\"\r\n\r\n"
		    "--" BOUNDARY "r\r\n");
	write_html_part(m, picture, b);
	if (picture) {
		buf_str(b, "--" BOUNDARY "r\r\nContent-Type: image/png\r\n"
		    "Content-Transfer-Encoding: base64\r\nContent-ID: <curve@lossdog>\r\n"
		    "Content-Disposition: inline; filename=\"curve.png\"\r\n\r\n");
		encode_base64(b, buf_get(&png), 76);
		buf_str(b, "\r\n--" BOUNDARY "r--\r\n");
	}
	buf_str(b, "--" BOUNDARY "a--\r\n");
	buf_fini(&png);
}

static int
build_smtp(const struct message *m, struct request *r, struct diag *d)
{
	const struct channel *c = m->channel;
	const char *url = c->value[SERVER], *host;
	bool tls = strncmp(url, "smtps://", 8) == 0;
	bool plain = strncmp(url, "smtp+plain://", 13) == 0;

	if (!tls && !plain && strncmp(url, "smtp://", 7) != 0)
		return diag_set(d, "server must begin with smtps://, smtp:// or smtp+plain://");
	host = strstr(url, "://") + 3;
	/* The path is what we call ourselves in HELO. */
	buf_printf(&r->url, "%s://%s", tls ? "smtps" : "smtp", host);
	if (!strchr(host, ':') && !tls)
		buf_str(&r->url, plain ? ":25" : ":587");
	if (!strchr(host, '/'))
		buf_printf(&r->url, "/%s", m->host && is_address(span_of(m->host)) ?
		    m->host : "localhost");
	r->starttls = !tls && !plain;
	r->user = c->value[USER];
	r->password = c->value[PASSWORD];
	r->ca = c->value[CA];
	if (plain && r->password)
		return diag_set(d, "a password is not sent without encryption: use smtp:// or smtps://");
	r->limit = 30;
	return 0;
}

/* sendmail wants the lines' ends of this system. */
static void
strip_returns(struct buf *b)
{
	size_t to = 0;

	for (size_t i = 0; i < b->n; i++)
		if (b->p[i] != '\r')
			b->p[to++] = b->p[i];
	b->n = to;
	if (b->p)
		b->p[to] = '\0';
}

static int
build(const struct message *m, struct request *r, struct diag *d)
{
	const struct channel *c = m->channel;
	struct buf command;
	int ret = 0;

	request_init(r, c->value[SERVER] ? REQUEST_MAIL : REQUEST_COMMAND);
	if (take_people(m, r, d) == -1)
		return -1;
	r->from = sender(m);
	write_mail(m, r, &r->body);
	if (c->value[SERVER])
		return build_smtp(m, r, d);
	strip_returns(&r->body);
	buf_init(&command, 4096);
	buf_printf(&command, "%s -oi -t", c->value[SENDMAIL]);
	ret = words_split(buf_cstr(&command), &r->words, d);
	buf_fini(&command);
	r->limit = 30;
	return ret;
}

/* The line of the dialogue that begins with the status. */
static struct span
reply_line(struct span said, long status)
{
	char code[16];

	snprintf(code, sizeof(code), "%ld", status);
	while (said.n > 0) {
		const char *end = memchr(said.p, '\n', said.n);
		size_t n = end ? (size_t)(end - said.p) : said.n;

		if (span_starts(said, code))
			return span_trim((struct span){ said.p, n });
		said = span_from(said, n + 1);
	}
	return SPAN_LIT("no");
}

/* 4xx may pass, 5xx will not. */
static enum outcome
answer_smtp(struct answer *a, struct diag *d)
{
	struct buf b;

	if (a->failure == HTTP_LOGIN || a->failure == HTTP_TLS ||
	    a->failure == HTTP_BAD || a->status < 400)
		return answer_usual(a, d);
	buf_init(&b, 256);
	buf_harmless(&b, reply_line(a->body, a->status), 160);
	diag_set(d, "the mail server says %s", buf_cstr(&b));
	buf_fini(&b);
	return a->status < 500 ? OUTCOME_RETRY : OUTCOME_FINAL;
}

static enum outcome
answer(struct answer *a, struct diag *d)
{
	if (a->failure == HTTP_OK && (a->status == 0 || (a->status >= 200 && a->status < 300)))
		return OUTCOME_SENT;
	if (a->failure == HTTP_OK && a->status < 200) /* sendmail: EX_TEMPFAIL may pass */
		return a->status == 75 ? OUTCOME_RETRY : OUTCOME_FINAL;
	return answer_smtp(a, d);
}

const struct notify_ops notify_mail = {
	.name = "mail",
	.help = "mail, by SMTP or the local sendmail",
	.fields = fields,
	.kinds = NOTIFY_USUAL,
	.most = PAGE_NOTICES,
	.rate_count = 20, .rate_seconds = 60,
	.build = build,
	.answer = answer,
};
