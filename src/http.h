/* SPDX-License-Identifier: MIT */
/*
 * http: requests that nobody waits for, and mail, which libcurl sends too.
 *
 * The only file that knows libcurl.  It is loaded when the first request is
 * made, so that neither a start nor a machine without it pays for it.
 * Certificates are always checked; redirects are never followed (a request
 * carries a credential); the proxy variables of the environment hold.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>

#include "buf.h"
#include "diag.h"

#define HTTP_ANSWER 65536 /* bytes kept of an answer */

struct http;

struct http_request {
	const char *url;     /* http, https, smtp, smtps */
	const char *method;  /* NULL: POST with a body, GET without */
	struct span body;
	const char *const *header; /* "Name: value", NULL at the end; may be NULL */
	double      limit;   /* seconds for all of it; 0: 15 */
	const char *user, *password; /* may be NULL */
	const char *ca;      /* file of certificates to trust instead of the system's; may be NULL */

	/* smtp only: body is the whole message. */
	const char *from;
	const char *const *to; /* NULL at the end */
	bool        starttls; /* required */
};

enum http_failure {
	HTTP_OK,      /* an answer came; what it says is in status */
	HTTP_REFUSED, /* no connection: nothing was sent */
	HTTP_TIMEOUT, /* it may or may not have arrived */
	HTTP_LOST,    /* the connection broke: likewise */
	HTTP_TLS,     /* the other side is not who it should be */
	HTTP_LOGIN,   /* mail: user and password were refused */
	HTTP_BAD      /* the request cannot be made (its URL, a protocol that is not built in) */
};

struct http_answer {
	void       *arg;
	enum http_failure failure;
	long        status;      /* HTTP or SMTP; 0: none */
	double      retry_after; /* seconds that the service asks for; NaN: it does not */
	struct buf  body;        /* for smtp the server's lines; http_answer_fini ends it */
	char        text[256];   /* of a failure, in libcurl's words; may hold the URL's host */
};

/* -1: libcurl cannot be loaded. */
int  http_new(struct http **ret, struct diag *d);
/* Drops what is under way. */
void http_free(struct http *);

/* The request is copied.  arg comes back with the answer. */
int  http_start(struct http *, const struct http_request *, void *arg, struct diag *d);
/* The next answer; false: none yet. */
bool http_next(struct http *, struct http_answer *ret);
void http_answer_fini(struct http_answer *);
unsigned http_pending(const struct http *);

/*
 * Moves the requests on and waits until something happens on them or on one of
 * the n descriptors (readable; -1 is skipped), at most so many seconds.
 */
void http_wait(struct http *, const int *fd, unsigned n, double seconds);

/* "libcurl/7.88.1 OpenSSL/3.0.14" for --version, "" when it is not there. */
void http_version(char ret[static 64]);

#endif
