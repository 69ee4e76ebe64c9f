/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "http.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

#ifdef HAVE_LIBCURL

#define CURL_DISABLE_TYPECHECK /* its macros would take the functions' addresses */
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>

#define WAITFDS 32

/* What is used of libcurl, found by name when it is first needed. */
#define CURL_FUNCTIONS(F) \
	F(easy_init) F(easy_cleanup) F(easy_setopt) F(easy_getinfo) \
	F(easy_strerror) F(slist_append) F(slist_free_all) F(global_init) \
	F(multi_init) F(multi_cleanup) F(multi_add_handle) \
	F(multi_remove_handle) F(multi_perform) F(multi_poll) \
	F(multi_info_read) F(version_info)

/* The macros of the same names, which check types, are in the way here. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

struct library {
	void *handle;
#define F(name) __typeof__(curl_##name) *name;
	CURL_FUNCTIONS(F)
#undef F
};

struct http {
	struct library lib;
	CURLM   *multi;
	struct transfer *first; /* under way */
	unsigned pending;
};

/* One request on its way; libcurl's handle points to it. */
struct transfer {
	struct http *http;
	struct transfer *next;
	CURL   *easy;
	void   *arg;
	struct curl_slist *headers, *rcpt;
	char   *body;
	size_t  body_n, body_at;
	struct buf answer;
	char    error[CURL_ERROR_SIZE];
};

static int
library_load(struct library *l, struct diag *d)
{
	static const char *const names[] = {
		"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.so"
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !l->handle; i++)
		l->handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	if (!l->handle)
		return diag_set(d, "libcurl, which sends to services and mail servers, "
		    "is not installed here (libcurl4)");
#define F(name) \
	*(void **)(void *)&l->name = dlsym(l->handle, "curl_" #name); \
	if (!l->name) \
		return diag_set(d, "this libcurl is too old: it has no curl_" #name);
	CURL_FUNCTIONS(F)
#undef F
	return 0;
}

int
http_new(struct http **ret, struct diag *d)
{
	struct http *h = xcalloc(1, sizeof(*h));

	if (library_load(&h->lib, d) == -1) {
		http_free(h);
		return -1;
	}
	if (h->lib.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (h->multi = h->lib.multi_init()) == NULL) {
		http_free(h);
		return diag_set(d, "libcurl cannot be started");
	}
	*ret = h;
	return 0;
}

static void
transfer_free(struct transfer *t)
{
	struct library *l = &t->http->lib;

	if (t->easy)
		l->easy_cleanup(t->easy);
	l->slist_free_all(t->headers);
	l->slist_free_all(t->rcpt);
	if (t->body)
		explicit_bzero(t->body, t->body_n);
	free(t->body);
	buf_fini(&t->answer);
	free(t);
}

/* Out of the list and out of libcurl's hands. */
static void
transfer_remove(struct transfer *t)
{
	struct http *h = t->http;
	struct transfer **p = &h->first;

	while (*p != t)
		p = &(*p)->next;
	*p = t->next;
	h->lib.multi_remove_handle(h->multi, t->easy);
	h->pending--;
}

void
http_free(struct http *h)
{
	if (!h)
		return;
	while (h->first) {
		struct transfer *t = h->first;

		transfer_remove(t);
		transfer_free(t);
	}
	if (h->multi)
		h->lib.multi_cleanup(h->multi);
	/* The library stays loaded: others' exit handlers may live in it. */
	free(h);
}

static size_t
take_answer(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	size_t room = HTTP_ANSWER - t->answer.n;

	buf_add(&t->answer, p, size * n < room ? size * n : room);
	return size * n;
}

/* Headers are nobody's business but SMTP's, whose answers they are. */
static size_t
take_header(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;

	return t->rcpt ? take_answer(p, size, n, arg) : size * n;
}

static size_t
give_body(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	size_t left = t->body_n - t->body_at;

	if (left > size * n)
		left = size * n;
	if (left > 0)
		memcpy(p, t->body + t->body_at, left);
	t->body_at += left;
	return left;
}

static struct curl_slist *
list_make(struct library *l, const char *const *item)
{
	struct curl_slist *ret = NULL;

	for (; item && *item; item++)
		ret = l->slist_append(ret, *item);
	return ret;
}

#define SET(option, value) t->http->lib.easy_setopt(t->easy, option, value)

static void
setup_common(struct transfer *t, const struct http_request *r)
{
	const char *ca = r->ca ? r->ca : getenv("SSL_CERT_FILE");
	double limit = r->limit > 0 ? r->limit : 15;

	SET(CURLOPT_URL, r->url);
	SET(CURLOPT_PRIVATE, t);
	SET(CURLOPT_ERRORBUFFER, t->error);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, limit < 5 ? lround(limit * 1e3) : 5000L);
	SET(CURLOPT_TIMEOUT_MS, lround(limit * 1e3));
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_USERAGENT, "lossdog");
	SET(CURLOPT_WRITEFUNCTION, take_answer);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_HEADERFUNCTION, take_header);
	SET(CURLOPT_HEADERDATA, t);
	if (ca && *ca)
		SET(CURLOPT_CAINFO, ca);
	if (r->user)
		SET(CURLOPT_USERNAME, r->user);
	if (r->password)
		SET(CURLOPT_PASSWORD, r->password);
#if LIBCURL_VERSION_NUM >= 0x075500
	SET(CURLOPT_PROTOCOLS_STR, r->to ? "smtp,smtps" : "http,https");
#endif
}

static void
setup_mail(struct transfer *t, const struct http_request *r)
{
	t->rcpt = list_make(&t->http->lib, r->to);
	SET(CURLOPT_MAIL_FROM, r->from);
	SET(CURLOPT_MAIL_RCPT, t->rcpt);
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_READFUNCTION, give_body);
	SET(CURLOPT_READDATA, t);
	SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)t->body_n);
	if (r->starttls)
		SET(CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
}

static void
setup_http(struct transfer *t, const struct http_request *r)
{
	t->headers = list_make(&t->http->lib, r->header);
	/* Without it curl asks for leave before sending a large body, and waits a second. */
	t->headers = t->http->lib.slist_append(t->headers, "Expect:");
	SET(CURLOPT_HTTPHEADER, t->headers);
	if (t->body_n > 0 || !r->method || strcmp(r->method, "GET") != 0) {
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDS, t->body);
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body_n);
	}
	if (r->method)
		SET(CURLOPT_CUSTOMREQUEST, r->method);
}

int
http_start(struct http *h, const struct http_request *r, void *arg, struct diag *d)
{
	struct transfer *t = xcalloc(1, sizeof(*t));

	t->http = h;
	t->arg = arg;
	t->body = xstrndup(r->body.p ? r->body.p : "", r->body.n);
	t->body_n = r->body.n;
	buf_init(&t->answer, HTTP_ANSWER);
	if ((t->easy = h->lib.easy_init()) != NULL) {
		setup_common(t, r);
		if (r->to)
			setup_mail(t, r);
		else
			setup_http(t, r);
		if (h->lib.multi_add_handle(h->multi, t->easy) == CURLM_OK) {
			t->next = h->first;
			h->first = t;
			h->pending++;
			return 0;
		}
	}
	transfer_free(t);
	return diag_set(d, "libcurl does not take the request");
}

static const struct {
	CURLcode          code;
	enum http_failure failure;
} failures[] = {
	{ CURLE_OK, HTTP_OK },
	{ CURLE_COULDNT_RESOLVE_PROXY, HTTP_REFUSED },
	{ CURLE_COULDNT_RESOLVE_HOST, HTTP_REFUSED },
	{ CURLE_COULDNT_CONNECT, HTTP_REFUSED },
	{ CURLE_OPERATION_TIMEDOUT, HTTP_TIMEOUT },
	{ CURLE_PEER_FAILED_VERIFICATION, HTTP_TLS },
	{ CURLE_SSL_CACERT_BADFILE, HTTP_TLS },
	{ CURLE_SSL_ISSUER_ERROR, HTTP_TLS },
	{ CURLE_USE_SSL_FAILED, HTTP_TLS },
	{ CURLE_LOGIN_DENIED, HTTP_LOGIN },
	{ CURLE_URL_MALFORMAT, HTTP_BAD },
	{ CURLE_UNSUPPORTED_PROTOCOL, HTTP_BAD },
	{ CURLE_NOT_BUILT_IN, HTTP_BAD },
	{ CURLE_BAD_FUNCTION_ARGUMENT, HTTP_BAD },
};

static enum http_failure
failure_of(CURLcode code)
{
	for (size_t i = 0; i < sizeof(failures) / sizeof(*failures); i++)
		if (failures[i].code == code)
			return failures[i].failure;
	return HTTP_LOST;
}

static void
answer_fill(struct transfer *t, CURLcode code, struct http_answer *ret)
{
	struct library *l = &t->http->lib;
	curl_off_t after = 0;

	*ret = (struct http_answer){ .arg = t->arg, .retry_after = NAN };
	ret->failure = failure_of(code);
	l->easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &ret->status);
	l->easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &after);
	if (after > 0)
		ret->retry_after = (double)after;
	if (code != CURLE_OK)
		snprintf(ret->text, sizeof(ret->text), "%s",
		    t->error[0] ? t->error : l->easy_strerror(code));
	ret->body = t->answer;
	buf_init(&t->answer, HTTP_ANSWER);
}

bool
http_next(struct http *h, struct http_answer *ret)
{
	CURLMsg *m;
	int running, left;
	struct transfer *t = NULL;
	CURLcode code;

	h->lib.multi_perform(h->multi, &running);
	while ((m = h->lib.multi_info_read(h->multi, &left)) != NULL)
		if (m->msg == CURLMSG_DONE)
			break;
	if (!m)
		return false;
	code = m->data.result;
	h->lib.easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
	transfer_remove(t);
	answer_fill(t, code, ret);
	transfer_free(t);
	return true;
}

void
http_answer_fini(struct http_answer *a)
{
	buf_fini(&a->body);
}

unsigned
http_pending(const struct http *h)
{
	return h->pending;
}

void
http_wait(struct http *h, const int *fd, unsigned n, double seconds)
{
	struct curl_waitfd w[WAITFDS];
	unsigned nw = 0;
	int running;

	for (unsigned i = 0; i < n && nw < WAITFDS; i++)
		if (fd[i] != -1)
			w[nw++] = (struct curl_waitfd){ .fd = fd[i],
			    .events = CURL_WAIT_POLLIN };
	h->lib.multi_perform(h->multi, &running);
	if ((unsigned)running < h->pending)
		return; /* one has ended already: refused at once */
	h->lib.multi_poll(h->multi, w, nw,
	    seconds < 3600 ? (int)ceil(seconds * 1e3) : 3600000, NULL);
	h->lib.multi_perform(h->multi, &running);
}

void
http_version(char ret[static 64])
{
	struct library l = { 0 };
	curl_version_info_data *v;

	ret[0] = '\0';
	if (library_load(&l, NULL) == -1)
		return;
	v = l.version_info(CURLVERSION_NOW);
	snprintf(ret, 64, "libcurl/%s %s", v->version,
	    v->ssl_version ? v->ssl_version : "without TLS");
}

#else

int
http_new(struct http **ret, struct diag *d)
{
	(void)ret;
	return diag_set(d, "this lossdog was built without libcurl: it cannot send "
	    "to services or mail servers (sendmail, exec, desktop and syslog work)");
}

void     http_free(struct http *h) { (void)h; }
bool     http_next(struct http *h, struct http_answer *a) { (void)h, (void)a; return false; }
void     http_answer_fini(struct http_answer *a) { buf_fini(&a->body); }
unsigned http_pending(const struct http *h) { (void)h; return 0; }
void     http_version(char ret[static 64]) { ret[0] = '\0'; }

int
http_start(struct http *h, const struct http_request *r, void *arg, struct diag *d)
{
	(void)h, (void)r, (void)arg;
	return diag_set(d, "this lossdog was built without libcurl");
}

void
http_wait(struct http *h, const int *fd, unsigned n, double seconds)
{
	(void)h, (void)fd, (void)n, (void)seconds;
}

#endif
