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
	for (size_t i = 0; i < 10; i++)
		texts[i] = text(&data, &size);
	n.id = *texts[0] ? texts[0] : "id";
	n.run = texts[1];
	n.rule = *texts[2] ? texts[2] : NULL;
	n.summary = texts[3];
	n.text = texts[4];
	n.because = texts[5];
	n.advice = texts[6];
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
