/* SPDX-License-Identifier: MIT */
/*
 * delivery: carries requests, many at once, none in the way of another.
 *
 * HTTP and mail go through http.h, commands and what may hang through child.h.
 * Knows nothing of where messages are kept.
 */
#ifndef DELIVERY_H
#define DELIVERY_H

#include "notify.h"

struct delivery;

struct delivery *delivery_new(void);
void             delivery_free(struct delivery *);

/*
 * Makes the message of the n notices and starts it on its way.  The channel's
 * secrets have been read; it and arg must live until the end.  OUTCOME_SENT
 * here means only that it is on its way, else d says why it is not.
 */
enum outcome delivery_start(struct delivery *, const struct channel *,
    const struct notice *const *notice, unsigned n, const char *host,
    double wall, void *arg, struct diag *d);

struct delivered {
	void        *arg;
	enum outcome outcome;
	double       retry_after; /* seconds; NaN: not said */
	struct diag  diag;        /* of a failure, redacted */
	char         said[200];   /* the service's own words, redacted */
	long         status;
};

bool     delivery_next(struct delivery *, struct delivered *ret);
unsigned delivery_pending(const struct delivery *);
/* Waits until something happens there or on fd (-1: none), at most so long. */
void     delivery_wait(struct delivery *, int fd, double seconds);

/* What would be sent, secrets redacted, into buf: `notify --show`. */
enum outcome delivery_show(const struct channel *, const struct notice *const *notice,
    unsigned n, const char *host, double wall, struct buf *, struct diag *d);

#endif
