/* SPDX-License-Identifier: MIT */
/*
 * Every way to notify builds its message from hostile texts: no crash, within
 * the limits, valid UTF-8, no control character where none may be, no header
 * injected; and a packed notice, whatever bytes it is.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "delivery.h"
#include "notifiers.h"
#include "xalloc.h"

/* The next text of the input: up to a 0xff byte. */
static char *
text(const uint8_t **data, size_t *size)
{
	size_t n = 0;
	char *ret;

	while (n < *size && n < 6000 && (*data)[n] != 0xff)
		n++;
	ret = xstrndup((const char *)*data, n);
	*data += n < *size ? n + 1 : n;
	*size -= n < *size ? n + 1 : n;
	return ret;
}

/* Nobody is mentioned in what is shown; 20000 bytes. */
static void
check_dingtalk(const struct request *r)
{
	const char *from = strstr(r->body.p, "\"text\":"), *to = strstr(r->body.p, "},\"at\":");

	if (!from || !to || r->body.n > 20000 || memchr(from, '@', (size_t)(to - from)))
		abort();
}

/* In no JSON string behind this key (and what stands before it) stands what calls somebody. */
static void
must_not(const char *body, const char *key, const char *what)
{
	for (const char *p = body; (p = strstr(p, key)) != NULL;)
		for (p += strlen(key); *p != '"' && *p != '\0'; p++) {
			p += *p == '\\' && p[1] != '\0';
			if (strncmp(p, what, strlen(what)) == 0)
				abort();
		}
}

/* Text in a dialect: nothing of it is markup, or calls anybody. */
static void
check_dialect(enum dialect d, struct span s)
{
	static const char *const never[] = {
		[DIALECT_PLAIN] = "", [DIALECT_HTML] = "<>\"'", [DIALECT_TAGS] = "<>\"'",
		[DIALECT_PANGO] = "<>\"'", [DIALECT_MARKDOWN] = "", [DIALECT_DISCORD] = "",
		[DIALECT_MRKDWN] = "<>", [DIALECT_CHAT] = "<>[]*`#@~&", [DIALECT_ANY] = "<>[]@",
	};
	bool backslashes = d == DIALECT_MARKDOWN || d == DIALECT_DISCORD;
	struct buf b;

	buf_init(&b, 65536);
	markup_text(&b, d, s);
	for (size_t i = 0; i < b.n; i++) {
		bool special = b.p[i] != '\0' && strchr("`*_{}[]()#+-!<>|~:", b.p[i]);

		if (b.p[i] != '\0' && strchr(never[d], b.p[i]))
			abort();
		if (backslashes && b.p[i] == '\\' && i + 1 < b.n)
			i++; /* it and what it is for */
		else if (backslashes && special)
			abort();
		else if ((backslashes || d == DIALECT_MRKDWN || d == DIALECT_TAGS) && b.p[i] == '@' && (i + 3 >= b.n || memcmp(b.p + i + 1, "\xe2\x80\x8b", 3) != 0))
			abort();
	}
	buf_reset(&b);
	markup_code(&b, d, s);
	if (d == DIALECT_MRKDWN || backslashes)
		for (size_t i = 1; b.n > 0 && i + 1 < b.n; i++)
			if (b.p[i] == '`')
				abort();
	buf_fini(&b);
}

/* Only <b> and <code>, each closed. */
static void
check_tags(const char *text)
{
	int open = 0;

	for (const char *p = text; (p = strchr(p, '<')) != NULL; p++) {
		if (strncmp(p, "<b>", 3) == 0 || strncmp(p, "<code>", 6) == 0)
			open++;
		else if (strncmp(p, "</b>", 4) == 0 || strncmp(p, "</code>", 7) == 0)
			open--;
		else
			abort();
		if (open < 0 || open > 1)
			abort();
	}
}

/* Marks by which services know that somebody is called, in what is shown. */
static void
check_calls(const char *service, const char *body)
{
	static const char *const slack[] = { "<!", "<@", "<#" };

	/* plain_text is not read for mentions */
	for (size_t i = 0; strcmp(service, "slack") == 0 && i < 3; i++) {
		must_not(body, "{\"text\":\"", slack[i]);
		must_not(body, "\"mrkdwn\",\"text\":\"", slack[i]);
	}
	if (strcmp(service, "wecom") == 0)
		must_not(body, "\"content\":\"", "<@");
	if (strcmp(service, "discord") == 0 && !strstr(body, "\"allowed_mentions\":{\"parse\":[]}"))
		abort();
	if (strcmp(service, "discord") == 0)
		must_not(body, "\"description\":\"", "@everyone");
	if (strcmp(service, "telegram") == 0)
		check_tags(body);
	/* Labels and the rest hold no text of a log. */
	if (strcmp(service, "alertmanager") == 0)
		for (size_t i = 0; i < 3; i++) {
			must_not(body, "\"description\":\"", slack[i]);
			must_not(body, "\"summary\":\"", slack[i]);
		}
}

static void
check_request(const struct channel *c, const struct request *r)
{
	if (r->body.n > REQUEST_BODY || r->headers > REQUEST_HEADERS)
		abort();
	if (r->kind == REQUEST_COMMAND)
		return;
	for (unsigned i = 0; i < r->headers; i++)
		if (strpbrk(r->header[i], "\r\n"))
			abort();
	for (size_t i = 0; i < r->url.n; i++)
		if ((unsigned char)r->url.p[i] < 0x20)
			abort();
	/* JSON writers escape what is below a blank. */
	if (r->kind == REQUEST_HTTP && r->body.n > 0 && (r->body.p[0] == '{' || r->body.p[0] == '['))
		for (size_t i = 0; i < r->body.n; i++)
			if ((unsigned char)r->body.p[i] < 0x20)
				abort();
	if (strcmp(c->ops->name, "feishu") == 0 && strstr(r->body.p, "<at"))
		abort();
	check_calls(c->ops->name, buf_cstr((struct buf *)(size_t)&r->body));
	if ((strcmp(c->ops->name, "teams") == 0 && r->body.n > 28 * 1024) ||
	    (strcmp(c->ops->name, "feishu") == 0 && r->body.n > 20 * 1024))
		abort();
	if (strcmp(c->ops->name, "dingtalk") == 0)
		check_dingtalk(r);
}

static struct channel
make_channel(const struct notify_ops *ops)
{
	struct channel c = { .ops = ops, .name = (char *)(size_t)ops->name, .lang = LANG_ZH };

	for (unsigned i = 0; ops->fields[i].name; i++)
		c.value[i] = (char *)(size_t)(ops->fields[i].flags & FIELD_LIST ? "a@b.c" :
		    strcmp(ops->fields[i].name, "server") == 0 ? "smtps://h" :
		    strcmp(ops->fields[i].name, "mobiles") == 0 ? NULL : "https://h/x");
	if (strcmp(ops->name, "dingtalk") == 0)
		c.value[3] = NULL;
	return c;
}

static void
build_all(const struct notice *const *list, unsigned n)
{
	for (size_t i = 0; notifiers[i]; i++) {
		struct channel c = make_channel(notifiers[i]);
		struct page p;
		struct request r = { 0 };
		struct message m = { .channel = &c, .notice = list, .page = &p,
		    .n = n < c.ops->most ? n : c.ops->most, .now = 1795500000, .host = "host" };
		struct diag d;

		page_make(&p, list, m.n, LANG_EN);
		if (c.ops->build(&m, &r, &d) == 0)
			check_request(&c, &r);
		request_fini(&r);
		page_fini(&p);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct notice n, packed, other;
	const struct notice *list[3];
	char *texts[10];
	struct buf b;

	if (notice_unpack((struct span){ (const char *)data, size }, &other) == 0) {
		list[0] = &other;
		notice_fini(&other);
	}
	if (size < 2)
		return 0;
	notice_init(&n, (enum notice_kind)(data[0] % NOTICE_KINDS));
	n.severity = (enum severity)(data[1] % 4);
	data += 2;
	size -= 2;
	for (size_t i = 0; i < 10; i++) {
		texts[i] = text(&data, &size);
		for (int d = DIALECT_PLAIN; d <= DIALECT_ANY; d++)
			check_dialect((enum dialect)d, span_of(texts[i]));
	}
	n.id = *texts[0] ? texts[0] : "id";
	n.run = texts[1];
	n.rule = *texts[2] ? texts[2] : NULL;
	n.summary = texts[3];
	n.text = texts[4];
	n.because = texts[5];
	n.advice = texts[6];
	n.summary_zh = texts[4];
	n.advice_zh = texts[3];
	n.metric = texts[7];
	n.labels = texts[8];
	n.verdict = texts[9];
	n.value = NAN;
	n.step = (double)size;
	for (n.sparks = 0; n.sparks < size && n.sparks < NOTICE_SPARK; n.sparks++)
		n.spark[n.sparks] = data[n.sparks] == 7 ? NAN : data[n.sparks];
	buf_init(&b, NOTICE_PACKED);
	notice_pack(&n, &b);
	if (!b.over) {
		if (notice_unpack(buf_get(&b), &packed) == -1)
			abort();
		list[0] = list[1] = list[2] = &packed;
		build_all(list, 1);
		build_all(list, 3);
		notice_fini(&packed);
	}
	buf_fini(&b);
	for (size_t i = 0; i < 10; i++)
		free(texts[i]);
	return 0;
}
