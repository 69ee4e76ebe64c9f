/* SPDX-License-Identifier: MIT */
/*
 * request: a message on paper: what is to be sent, before anybody sends it.
 *
 * Pure data, so that `notify --show`, tests and the fuzzer see what a service
 * would get.  And what came back, whoever carried it.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>

#include "buf.h"
#include "http.h"
#include "words.h"

#define REQUEST_HEADERS 16
#define REQUEST_PEOPLE  32      /* recipients of a mail */
#define REQUEST_BODY    1048576 /* bytes */

enum request_kind {
	REQUEST_HTTP,
	REQUEST_MAIL,    /* SMTP */
	REQUEST_COMMAND, /* argv, body on stdin */
	REQUEST_CALL     /* call, in a child: it may hang */
};

struct request {
	enum request_kind kind;
	const char *method; /* a literal; NULL: POST */
	struct buf  url, body;
	char       *header[REQUEST_HEADERS + 1]; /* for a command: "NAME=value" */
	unsigned    headers;
	const char *user, *password, *ca; /* borrowed from the channel */
	char       *from, *to[REQUEST_PEOPLE + 1];
	unsigned    people;
	bool        starttls;
	struct words words;
	int       (*call)(void *request); /* exit status; says why on stdout */
	const void *arg;                  /* the message's page; only for call */
	double      limit; /* seconds; 0: the usual */
};

void request_init(struct request *, enum request_kind);
void request_fini(struct request *);
/* "Name: value" (or "NAME=value"); line ends and other control characters become blanks. */
void request_header(struct request *, const char *fmt, ...)
    __attribute__((__format__(__printf__, 2, 3)));
void request_to(struct request *, struct span address);

/* What came of it. */
enum outcome {
	OUTCOME_SENT,
	OUTCOME_RETRY, /* it may pass: try again */
	OUTCOME_FINAL  /* it will not */
};

struct answer {
	enum http_failure failure; /* HTTP_OK for a command that ran */
	long        status;        /* HTTP, SMTP, or exit status */
	double      retry_after;   /* seconds; NaN: not said.  An answer function may set it. */
	struct span body;          /* what was said */
	const char *text;          /* of a failure */
};

/* By transport and status alone: 2xx is sent; 408, 429, 500, 502 to 504 may pass. */
enum outcome answer_usual(const struct answer *, struct diag *d);

/*
 * The value of a key at the top of a JSON object, into *ret: a number, the
 * text of a string or a bool as 1 and 0; false: the body is no object or has no such key.
 */
bool answer_number(struct span body, const char *key, double *ret);
bool answer_text(struct span body, const char *key, struct buf *ret);

#endif
