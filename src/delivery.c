/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "delivery.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "child.h"
#include "clock.h"
#include "secret.h"
#include "xalloc.h"

#define JOBS_MAX 64

/* One message on its way. */
struct job {
	const struct channel *channel;
	struct request        request;
	struct page           page; /* for a call, which reads it in the child */
	struct child         *child;
	void                 *arg;
};

struct delivery {
	struct http *http; /* made with the first request that needs it */
	struct job  *job[JOBS_MAX];
	unsigned     n;
};

struct delivery *
delivery_new(void)
{
	return xcalloc(1, sizeof(struct delivery));
}

static void
job_free(struct job *j)
{
	child_free(j->child);
	request_fini(&j->request);
	page_fini(&j->page);
	free(j);
}

void
delivery_free(struct delivery *dl)
{
	if (!dl)
		return;
	for (unsigned i = 0; i < dl->n; i++)
		job_free(dl->job[i]);
	http_free(dl->http);
	free(dl);
}

unsigned
delivery_pending(const struct delivery *dl)
{
	return dl->n;
}

/* --- starting --- */

static int
start_http(struct delivery *dl, struct job *j, struct diag *d)
{
	struct request *r = &j->request;
	struct http_request h = {
		.url = buf_cstr(&r->url), .method = r->method,
		.body = buf_get(&r->body),
		.header = (const char *const *)r->header, .limit = r->limit,
		.user = r->user, .password = r->password, .ca = r->ca,
	};

	if (r->kind == REQUEST_MAIL) {
		h.header = NULL;
		h.from = r->from;
		h.to = (const char *const *)r->to;
		h.starttls = r->starttls;
	}
	if (!dl->http && http_new(&dl->http, d) == -1)
		return -1;
	return http_start(dl->http, &h, j, d);
}

static int
start_child(struct job *j, struct diag *d)
{
	struct request *r = &j->request;
	struct child_spec spec = {
		.argv = (const char *const *)r->words.argv,
		.call = r->call, .arg = r,
		.env = (const char *const *)r->header,
		.input = buf_get(&r->body),
		.limit = r->limit > 0 ? r->limit : 15,
	};

	if (r->kind == REQUEST_CALL) {
		r->arg = &j->page;
		spec.env = NULL;
	}
	j->child = child_start(&spec, clock_mono(), d);
	return j->child ? 0 : -1;
}

static int
job_build(struct job *j, const struct notice *const *notice, unsigned n,
    const char *host, double wall, struct diag *d)
{
	struct message m = {
		.channel = j->channel, .notice = notice, .n = n, .page = &j->page,
		.now = wall, .host = host,
	};

	page_make(&j->page, notice, n, j->channel->lang);
	if (j->channel->ops->build(&m, &j->request, d) == -1)
		return -1;
	if (j->request.body.over || j->request.url.over)
		return diag_set(d, "the message is too large");
	return 0;
}

enum outcome
delivery_start(struct delivery *dl, const struct channel *c,
    const struct notice *const *notice, unsigned n, const char *host,
    double wall, void *arg, struct diag *d)
{
	struct job *j;
	int r;

	if (dl->n == JOBS_MAX) {
		diag_set(d, "too many messages are on their way");
		return OUTCOME_RETRY;
	}
	j = xcalloc(1, sizeof(*j));
	j->channel = c;
	j->arg = arg;
	r = job_build(j, notice, n, host, wall, d);
	if (r == 0)
		r = j->request.kind == REQUEST_HTTP || j->request.kind == REQUEST_MAIL ?
		    start_http(dl, j, d) : start_child(j, d);
	if (r == -1) {
		job_free(j);
		return OUTCOME_FINAL;
	}
	dl->job[dl->n++] = j;
	return OUTCOME_SENT;
}

/* --- ending --- */

static void
redact(const struct channel *c, char *text, size_t size)
{
	struct buf b;

	buf_init(&b, 4096);
	secret_redact(&b, span_of(text), (const char *const *)c->secret, c->secrets);
	snprintf(text, size, "%s", buf_cstr(&b));
	buf_fini(&b);
}

/* What the answer means, in the channel's own reading. */
static void
conclude(struct job *j, struct answer *a, struct delivered *ret)
{
	const struct notify_ops *ops = j->channel->ops;
	struct buf said;

	ret->arg = j->arg;
	ret->status = a->status;
	ret->outcome = ops->answer ? ops->answer(a, &ret->diag) :
	    answer_usual(a, &ret->diag);
	ret->retry_after = a->retry_after;
	buf_init(&said, 256);
	buf_harmless(&said, span_trim(a->body), sizeof(ret->said) - 4);
	snprintf(ret->said, sizeof(ret->said), "%s", buf_cstr(&said));
	buf_fini(&said);
	redact(j->channel, ret->said, sizeof(ret->said));
	redact(j->channel, ret->diag.text, sizeof(ret->diag.text));
}

static void
job_end(struct delivery *dl, struct job *j)
{
	for (unsigned i = 0; i < dl->n; i++)
		if (dl->job[i] == j)
			dl->job[i] = dl->job[--dl->n];
	job_free(j);
}

static bool
next_http(struct delivery *dl, struct delivered *ret)
{
	struct http_answer h;
	struct answer a;
	struct job *j;

	if (!dl->http || !http_next(dl->http, &h))
		return false;
	j = h.arg;
	a = (struct answer){ .failure = h.failure, .status = h.status,
	    .retry_after = h.retry_after, .body = buf_get(&h.body), .text = h.text };
	conclude(j, &a, ret);
	http_answer_fini(&h);
	job_end(dl, j);
	return true;
}

static void
conclude_child(struct job *j, struct delivered *ret)
{
	int status = child_status(j->child);
	struct answer a = {
		.failure = child_timed_out(j->child) ? HTTP_TIMEOUT : HTTP_OK,
		.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
		.retry_after = NAN, .body = child_output(j->child), .text = "time limit",
	};
	struct span said = span_trim(a.body);

	if (j->request.words.n > 0)
		child_check(j->child, j->request.words.argv[0], &ret->diag);
	else if (said.n > 0) /* a call of ours says what is wrong in a sentence */
		diag_set(&ret->diag, "%.*s", (int)said.n, said.p);
	else
		diag_set(&ret->diag, "it failed without a word");
	conclude(j, &a, ret);
}

bool
delivery_next(struct delivery *dl, struct delivered *ret)
{
	*ret = (struct delivered){ .retry_after = NAN };
	for (unsigned i = 0; i < dl->n; i++) {
		struct job *j = dl->job[i];

		if (j->child && child_step(j->child, clock_mono())) {
			conclude_child(j, ret);
			job_end(dl, j);
			return true;
		}
	}
	return next_http(dl, ret);
}

void
delivery_wait(struct delivery *dl, int fd, double seconds)
{
	struct pollfd p[JOBS_MAX + 1];
	int fds[JOBS_MAX + 1];
	unsigned n = 0;

	fds[n++] = fd;
	for (unsigned i = 0; i < dl->n; i++) {
		struct child *c = dl->job[i]->child;

		if (!c)
			continue;
		/* Its end is not always seen on its output. */
		seconds = fmin(seconds, child_fd(c) == -1 ? 0.005 : 0.1);
		fds[n++] = child_fd(c);
	}
	if (dl->http) {
		http_wait(dl->http, fds, n, seconds);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		p[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	poll(p, n, seconds < 3600 ? (int)ceil(seconds * 1e3) : 3600000);
}

/* --- showing --- */

static void
show_request(const struct request *r, struct buf *b)
{
	static const char *const kind[] = {
		[REQUEST_HTTP] = "POST", [REQUEST_MAIL] = "MAIL",
		[REQUEST_COMMAND] = "RUN", [REQUEST_CALL] = "CALL",
	};

	buf_printf(b, "%s %s", r->method ? r->method : kind[r->kind],
	    buf_cstr((struct buf *)(size_t)&r->url));
	for (unsigned i = 0; i < r->words.n; i++)
		buf_printf(b, "%s%s", i > 0 ? " " : "", r->words.argv[i]);
	buf_char(b, '\n');
	for (unsigned i = 0; i < r->headers; i++)
		buf_printf(b, "%s\n", r->header[i]);
	for (unsigned i = 0; i < r->people; i++)
		buf_printf(b, "to: %s\n", r->to[i]);
	buf_char(b, '\n');
	buf_span(b, buf_get(&r->body));
	buf_char(b, '\n');
}

enum outcome
delivery_show(const struct channel *c, const struct notice *const *notice,
    unsigned n, const char *host, double wall, struct buf *b, struct diag *d)
{
	struct job *j = xcalloc(1, sizeof(*j));
	struct buf text;
	int r;

	j->channel = c;
	r = job_build(j, notice, n, host, wall, d);
	if (r == 0) {
		buf_init(&text, 2 * REQUEST_BODY);
		show_request(&j->request, &text);
		secret_redact(b, buf_get(&text), (const char *const *)c->secret, c->secrets);
		buf_fini(&text);
	}
	job_free(j);
	return r == 0 ? OUTCOME_SENT : OUTCOME_FINAL;
}
