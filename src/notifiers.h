/* SPDX-License-Identifier: MIT */
/*
 * notifiers: the table of ways to reach people, and the channels that a user
 * has made of them, in the configuration or with --notify.
 *
 *	notify:
 *	  desktop:                      the name says which way it is
 *	  team: { type: slack, url: "env:SLACK_URL", severity: critical,
 *	          runs: ["llama-*"], quiet: "22:00-07:00", rate: 10/h, digest: 10m }
 *
 * --notify NAME takes the channel of that name, or the way itself with what
 * the environment knows (SLACK_WEBHOOK_URL); --notify TYPE=ARG gives its main setting.
 */
#ifndef NOTIFIERS_H
#define NOTIFIERS_H

#include "conf.h"
#include "notify.h"

#define CHANNELS_MAX 32

extern const struct notify_ops *const notifiers[]; /* NULL at the end */
const struct notify_ops *notifier_find(const char *name);

struct channels {
	struct channel *channel[CHANNELS_MAX];
	unsigned        n;
};

/*
 * Makes the channels of the configuration and of the n specs of --notify.
 * With specs only those are used, without any all that are configured and not
 * "enabled: false".  Mistakes go to diags; -1 when there was one.
 */
int  channels_make(const struct conf *, const char *const *spec, unsigned n,
    struct channels *ret, struct diags *diags);
void channels_fini(struct channels *);
const struct channel *channels_find(const struct channels *, const char *name);

/* A setting that is a secret: its value must not be shown. */
bool channel_is_secret(const char *type, const char *key);

/*
 * Reads the secrets (env:, file:, cmd:) that the settings name, once, where
 * they are needed.  -1: d says why.  1: done, but d says what to mend.
 */
int  channel_unlock(struct channel *, struct diag *d);

/* It wants this notice, now or later. */
bool channel_takes(const struct channel *, const struct notice *);
/* Wall time at which the quiet hours that hold now end; now when there are none. */
double channel_quiet_end(const struct channel *, const struct notice *, double now);

#endif
