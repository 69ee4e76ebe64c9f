/* SPDX-License-Identifier: MIT */
/*
 * outbox: findings and the messages about them, kept until they are delivered.
 *
 * A notice is stored for every channel that takes it before anything is sent,
 * and leaves when the service has said yes.  So it is delivered at least once:
 * a death between the yes and the note of it repeats the message, with the
 * same id, which services that know ids drop.  One message for an episode and
 * state, and one for the ranks of a run that fire the same rule together.
 */
#ifndef OUTBOX_H
#define OUTBOX_H

#include "finding.h"
#include "notifiers.h"
#include "store.h"

extern const struct store_schema outbox_schema;

#define OUTBOX_EXPIRE (24 * 3600.0) /* older news is no news */

#define OUTBOX_EPISODE 40

/*
 * Notes the newest state of a finding.  Returns 1 when it is to be told, 0 when
 * it was told already, or a sibling (another rank of the same run, rule and metric) speaks for it; -1 failed.
 * began: when the run began, which tells it from an earlier one of its name; NaN: not known.
 * episode: what all messages about it and its siblings share, the id of the first that was told.
 */
int outbox_finding(struct store *, const struct finding *, double began, const char *json,
    double now, char episode[static OUTBOX_EPISODE], struct diag *d);

/*
 * Stores the notice for each channel that takes it; session is who stores it.
 * An end is stored only where the beginning was told.
 * Returns the number of messages to send, -1 failed.
 */
int outbox_add(struct store *, const struct channels *, const struct notice *,
    const char *session, double now, struct diag *d);

#define OUTBOX_BATCH 100

struct outbox_batch {
	int64_t       seq[OUTBOX_BATCH];
	struct notice notice[OUTBOX_BATCH];
	unsigned      n;
	unsigned      tries;
};

/*
 * Takes what is due on a channel into *ret (outbox_batch_fini), claimed for
 * owner.  0 and ret->n 0: nothing now; *next is the wall time to ask again (infinity: not before news).
 */
int  outbox_take(struct store *, const struct channel *, const char *owner,
    double now, struct outbox_batch *ret, double *next, struct diag *d);
void outbox_batch_fini(struct outbox_batch *);

/* What became of a batch.  wait: seconds the service asks for, NaN: the usual back-off. */
int outbox_done(struct store *, const struct outbox_batch *, enum outcome,
    double wait, const char *why, double now, struct diag *d);

/*
 * Claims of processes of this host that are no more are given back.  Returns
 * how many others hold claims; -1 failed.
 */
int outbox_release(struct store *, struct diag *d);
/* "HOST:PID" of this process. */
void outbox_owner(char ret[static 96]);

/* What fires, was sent, and is not over, of a session: to be said again. */
int outbox_standing(struct store *, const struct channel *, const char *session,
    struct outbox_batch *ret, struct diag *d);
/* There is such a thing, and the channel says things again. */
bool outbox_stands(struct store *, const struct channel *, const char *session);
/*
 * Stores a reminder of each for which the channel's time has come.  Returns how many;
 * *next is the wall time to ask again (infinity: nothing stands).  -1 failed.
 */
int outbox_remind(struct store *, const struct channel *, const char *session,
    double now, double *next, struct diag *d);

/* Messages that wait, of all channels, or of one (channel NULL: all). */
int outbox_waiting(struct store *, const char *channel, int64_t *ret, struct diag *d);

/* `notify --outbox`: a line for each of the newest messages. */
int outbox_list(struct store *, struct buf *, struct diag *d);

#endif
