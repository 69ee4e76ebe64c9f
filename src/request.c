/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "request.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "object.h"
#include "xalloc.h"

void
request_init(struct request *r, enum request_kind kind)
{
	memset(r, 0, sizeof(*r));
	r->kind = kind;
	buf_init(&r->url, 8192);
	buf_init(&r->body, REQUEST_BODY);
}

static void
wipe(struct buf *b)
{
	if (b->p)
		explicit_bzero(b->p, b->size);
	buf_fini(b);
}

void
request_fini(struct request *r)
{
	for (unsigned i = 0; i < r->headers; i++) {
		explicit_bzero(r->header[i], strlen(r->header[i]));
		free(r->header[i]);
	}
	for (unsigned i = 0; i < r->people; i++)
		free(r->to[i]);
	free(r->from);
	words_fini(&r->words);
	wipe(&r->url);
	wipe(&r->body);
	request_init(r, r->kind);
}

void
request_header(struct request *r, const char *fmt, ...)
{
	struct buf b;
	va_list ap;

	if (r->headers == REQUEST_HEADERS)
		return;
	buf_init(&b, 65536);
	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	/* A variable of the environment may have lines, a header must not. */
	for (size_t i = 0; r->kind != REQUEST_COMMAND && i < b.n; i++)
		if ((unsigned char)b.p[i] < 0x20 || b.p[i] == 0x7f)
			b.p[i] = ' ';
	r->header[r->headers++] = buf_take(&b);
}

void
request_to(struct request *r, struct span address)
{
	address = span_trim(address);
	if (address.n > 0 && r->people < REQUEST_PEOPLE)
		r->to[r->people++] = xstrndup(address.p, address.n);
}

/* --- answers --- */

static const struct {
	enum http_failure failure;
	enum outcome      outcome;
	const char       *what;
} failures[] = {
	{ HTTP_REFUSED, OUTCOME_RETRY, "no connection" },
	{ HTTP_TIMEOUT, OUTCOME_RETRY, "no answer in time" },
	{ HTTP_LOST, OUTCOME_RETRY, "the connection broke" },
	{ HTTP_TLS, OUTCOME_FINAL, "the certificate or the encryption is not right" },
	{ HTTP_LOGIN, OUTCOME_FINAL, "user or password were refused" },
	{ HTTP_BAD, OUTCOME_FINAL, "the address cannot be used" },
};

static bool
may_pass(long status)
{
	return status == 408 || status == 429 || status == 500 || status == 502 ||
	    status == 503 || status == 504;
}

enum outcome
answer_usual(const struct answer *a, struct diag *d)
{
	struct buf said;

	for (size_t i = 0; i < sizeof(failures) / sizeof(*failures); i++)
		if (failures[i].failure == a->failure) {
			diag_set(d, "%s (%s)", failures[i].what, a->text);
			return failures[i].outcome;
		}
	if (a->status >= 200 && a->status < 300)
		return OUTCOME_SENT;
	buf_init(&said, 256);
	buf_harmless(&said, span_trim(a->body), 140);
	if (a->status >= 300 && a->status < 400)
		diag_set(d, "HTTP %ld: it has moved; redirects are not followed, "
		    "write the new address", a->status);
	else
		diag_set(d, "HTTP %ld%s%s", a->status, said.n > 0 ? ": " : "",
		    buf_cstr(&said));
	buf_fini(&said);
	return may_pass(a->status) ? OUTCOME_RETRY : OUTCOME_FINAL;
}

/* The scalar called key, anywhere by its dotted path. */
static bool
find(struct span body, const char *key, struct object_item *ret)
{
	struct object o;

	body = span_trim(body);
	if (body.n == 0 || *body.p != '{')
		return false;
	object_init(&o, body);
	while (object_next(&o, ret))
		if (span_is(ret->path, key))
			return true;
	return false;
}

bool
answer_number(struct span body, const char *key, double *ret)
{
	struct object_item item;
	size_t used;

	if (!find(body, key, &item))
		return false;
	if (item.kind == OBJ_BOOL) {
		*ret = span_is_nocase(item.text, "true");
		return true;
	}
	return number_read(item.text, ret, &used) == NUMBER_OK;
}

bool
answer_text(struct span body, const char *key, struct buf *ret)
{
	struct object_item item;

	if (!find(body, key, &item))
		return false;
	buf_harmless(ret, item.text, 140);
	return true;
}
