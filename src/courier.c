/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "courier.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "delivery.h"
#include "outbox.h"
#include "secret.h"
#include "xalloc.h"

#define ATTENTION 5.0   /* seconds after a wake in which news may still be uncommitted */
#define LOOK      0.25  /* how often it looks then */
#define ORPHAN    10.0  /* seconds it goes on when the other side is gone */
#define GRACE     20.0  /* and at the end for the answers to what is on its way: else it would be told twice */
#define REFRESH   120.0
#define OTHERS    1.0   /* how often it looks whether another who holds claims still lives */

/* What it knows of a channel. */
struct way {
	struct channel     *channel;
	struct outbox_batch batch;     /* on its way */
	struct outbox_batch standing;  /* said again, on its way */
	double              next;      /* wall time to ask the outbox again */
	double              refresh;   /* wall time to say again */
	double              remind;    /* wall time to look for what is to be told again */
	bool                unlocked, busy, refreshing;
	bool                said;      /* that it does not work */
};

struct courier {
	struct store    *store;
	struct delivery *delivery;
	struct way      *way;
	unsigned         n;
	const char      *session;
	char             owner[96], host[65];
	int              fd;
	double           attention, end; /* wall times; end NaN: not yet */
	double           release; /* wall time to look after the claims of others */
	unsigned         looks;   /* how often that was done */
};

/* The other side prints it; when it is gone nobody does. */
static void
say(struct courier *c, struct way *w, const char *what)
{
	char text[400];
	int n;

	if (w && w->said)
		return;
	if (w)
		w->said = true;
	n = snprintf(text, sizeof(text), "notify %s: %s", w ? w->channel->name : "-", what);
	if (n > 0)
		send(c->fd, text, strnlen(text, sizeof(text)), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void
note(struct courier *c, struct way *w, enum outcome o, double wait, const char *why)
{
	struct diag d;
	char text[400];

	if (outbox_done(c->store, &w->batch, o, wait, why, clock_wall(), &d) == -1)
		say(c, NULL, d.text);
	if (o == OUTCOME_SENT)
		w->said = false;
	else {
		snprintf(text, sizeof(text), "%s%s", why, o == OUTCOME_RETRY ?
		    " (it will be tried again)" : " (given up)");
		say(c, w, text);
	}
	outbox_batch_fini(&w->batch);
	w->busy = false;
	w->next = 0;
}

static void
start_batch(struct courier *c, struct way *w, struct outbox_batch *b, bool *flag)
{
	const struct notice *list[OUTBOX_BATCH];
	enum outcome o;
	struct diag d = { 0 };

	for (unsigned i = 0; i < b->n; i++)
		list[i] = &b->notice[i];
	*flag = true;
	o = delivery_start(c->delivery, w->channel, list, b->n, c->host,
	    clock_wall(), w, &d);
	if (o == OUTCOME_SENT)
		return;
	*flag = false;
	if (b == &w->batch)
		note(c, w, o, NAN, d.text);
	else
		outbox_batch_fini(b);
}

/* The secrets are read with the first message; what cannot be read may be there later. */
static bool
unlock(struct courier *c, struct way *w)
{
	struct diag d;
	int r;

	if (w->unlocked)
		return true;
	r = channel_unlock(w->channel, &d);
	if (r == -1) {
		note(c, w, OUTCOME_RETRY, NAN, d.text);
		return false;
	}
	if (r == 1) {
		say(c, w, d.text);
		w->said = false;
	}
	w->unlocked = true;
	return true;
}

/* What another has claimed and will not deliver, since it is dead, is ours. */
static void
look_after(struct courier *c, double now)
{
	if (now < c->release)
		return;
	c->looks++;
	c->release = outbox_release(c->store, NULL) > 0 ? now + OTHERS : INFINITY;
	for (unsigned i = 0; i < c->n; i++)
		c->way[i].next = 0;
}

static void
look(struct courier *c, struct way *w, double now)
{
	struct diag d;

	if (w->busy || w->refreshing || (w->next > now && now > c->attention))
		return;
	if (outbox_take(c->store, w->channel, c->owner, now, &w->batch, &w->next, &d) == -1) {
		say(c, NULL, d.text);
		w->next = now + 5;
		return;
	}
	if (w->batch.n > 0 && unlock(c, w))
		start_batch(c, w, &w->batch, &w->busy);
}

/* Alerts that end by themselves are said again while they stand. */
static void
refresh(struct courier *c, struct way *w, double now)
{
	if (!w->channel->ops->refresh || w->busy || w->refreshing || now < w->refresh)
		return;
	w->refresh = now + REFRESH;
	if (outbox_standing(c->store, w->channel, c->session, &w->standing, NULL) == -1)
		return;
	if (w->standing.n == 0)
		w->refresh = INFINITY; /* until something is delivered */
	else if (unlock(c, w))
		start_batch(c, w, &w->standing, &w->refreshing);
	else
		outbox_batch_fini(&w->standing);
}

/* And people are told again, if they want to be, as long as somebody watches the run. */
static void
remind(struct courier *c, struct way *w, double now)
{
	struct diag d;
	int added;

	if (w->channel->remind <= 0 || now < w->remind)
		return;
	added = outbox_remind(c->store, w->channel, c->session, now, &w->remind, &d);
	if (added == -1) {
		say(c, NULL, d.text);
		w->remind = now + w->channel->remind;
	} else if (added > 0)
		w->next = 0;
}

static void
collect(struct courier *c)
{
	struct delivered got;

	while (delivery_next(c->delivery, &got)) {
		struct way *w = got.arg;

		if (w->refreshing) {
			outbox_batch_fini(&w->standing);
			w->refreshing = false;
			continue;
		}
		w->refresh = clock_wall() + REFRESH;
		w->remind = fmin(w->remind, clock_wall() + w->channel->remind);
		note(c, w, got.outcome, got.retry_after, got.diag.text);
	}
}

/* What the other side says. */
static void
hear(struct courier *c, double now)
{
	char text[64];
	ssize_t n;

	while ((n = recv(c->fd, text, sizeof(text) - 1, MSG_DONTWAIT)) > 0) {
		text[n] = '\0';
		if (strncmp(text, "close ", 6) == 0)
			c->end = now + atof(text + 6);
		else
			c->attention = now + ATTENTION;
	}
	if (n == 0 && isnan(c->end))
		c->end = now + ORPHAN;
}

/* Sleeps until there is something to do at all; false: there never was. */
static bool
await_news(struct courier *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };

	while (poll(&p, 1, -1) == -1 && errno == EINTR)
		;
	hear(c, clock_wall());
	return c->attention > 0;
}

/* Nothing is on its way, and nothing is due before the end. */
static bool
is_done(const struct courier *c, double now)
{
	if (isnan(c->end))
		return false;
	if (now >= c->end)
		return delivery_pending(c->delivery) == 0 || now >= c->end + GRACE;
	if (c->release <= c->end && c->looks < 2) /* it may have been dying just now */
		return false;
	for (unsigned i = 0; i < c->n; i++)
		if (c->way[i].busy || c->way[i].refreshing || c->way[i].next <= c->end)
			return false;
	return true;
}

static double
wake_time(const struct courier *c, double now)
{
	double t = fmin(isnan(c->end) ? INFINITY : c->end, c->release);

	if (now >= c->end)
		return c->end + GRACE;
	if (now <= c->attention)
		t = fmin(t, now + LOOK);
	for (unsigned i = 0; i < c->n; i++) {
		const struct way *w = &c->way[i];

		if (!w->busy && !w->refreshing)
			t = fmin(t, w->next);
		if (w->channel->ops->refresh)
			t = fmin(t, w->refresh);
		if (w->channel->remind > 0)
			t = fmin(t, w->remind);
	}
	return t;
}

static void
work(struct courier *c)
{
	for (;;) {
		double now = clock_wall();

		hear(c, now);
		collect(c);
		look_after(c, now);
		for (unsigned i = 0; i < c->n && !(now >= c->end); i++) {
			remind(c, &c->way[i], now);
			look(c, &c->way[i], now);
			refresh(c, &c->way[i], now);
		}
		now = clock_wall();
		if (is_done(c, now))
			return;
		delivery_wait(c->delivery, isnan(c->end) ? c->fd : -1,
		    fmin(fmax(wake_time(c, now) - now, 0.001), 3600));
	}
}

void
courier_run(struct channels *channels, const char *state_dir, const char *session,
    int fd)
{
	const struct store_schema *schemas[] = { &outbox_schema, NULL };
	struct courier c = { .session = session, .fd = fd, .end = NAN, .n = channels->n };
	struct diag d;

	secret_guard();
	outbox_owner(c.owner);
	if (!await_news(&c))
		return;
	gethostname(c.host, sizeof(c.host) - 1);
	if (store_open(state_dir, schemas, &c.store, &d) == -1) {
		say(&c, NULL, d.text);
		return;
	}
	c.delivery = delivery_new();
	c.way = xcalloc(c.n, sizeof(*c.way));
	for (unsigned i = 0; i < c.n; i++)
		c.way[i].channel = channels->channel[i];
	work(&c);
	delivery_free(c.delivery);
	for (unsigned i = 0; i < c.n; i++) {
		outbox_batch_fini(&c.way[i].batch);
		outbox_batch_fini(&c.way[i].standing);
	}
	free(c.way);
	store_close(c.store);
}
