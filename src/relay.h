/* SPDX-License-Identifier: MIT */
/*
 * relay: what filter and wrapper have in common: streams that are copied on,
 * the analyser that gets a copy, the voice; one poll for all of it.
 */
#ifndef RELAY_H
#define RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "analyser.h"
#include "keeper.h"
#include "outlet.h"
#include "signals.h"
#include "voice.h"

#define RELAY_BUFFER (128 << 10)

enum relay_kind {
	RELAY_PIPE,     /* read until its end */
	RELAY_TERMINAL, /* our end of a pseudo terminal in packet mode */
	RELAY_FILE      /* a file that grows: its end is no end until told */
};

struct relay_stream {
	int            in;       /* -1: it has ended */
	unsigned       number;   /* in the feed */
	struct outlet *out;      /* NULL: swallowed */
	enum relay_kind kind;
	int            wake;     /* RELAY_FILE: readable when there may be more; -1: look now and then */
	bool           changed;  /* RELAY_TERMINAL: the command has changed its modes */
	int            error;    /* why reading ended, 0: its end */
	size_t         off, n;   /* read and not yet written */
	char           buf[RELAY_BUFFER];
};

/* Whether, and at which speed, the input may wait for the analysis. */
struct relay_pace {
	double   least;  /* bytes a second; 0: it never waits */
	uint64_t ahead;  /* bytes that may lie in the spool before it does */
	double   since;  /* of the measurement */
	uint64_t taken;  /* by then */
	bool     keeps;  /* the analysis took the least at the last look */
};

struct relay {
	const struct keeper_opts *opts;
	struct signals      signals;
	struct analyser     analyser;
	struct outlet       out[2]; /* standard output and error */
	struct voice        voice;
	struct relay_stream stream[2];
	unsigned            streams;
	double              now, wall;
	struct relay_pace   pace;
	bool                said_loss, said_death;
	bool                asked;   /* the analyser wants the command to be ended ... */
	char                why[FEED_TEXT]; /* ... because */
	char                status[FEED_TEXT]; /* the line below; "": none */
	bool                shown;   /* it stands on the terminal now */
	bool                said_error[2]; /* that an output cannot be written */
	bool                ending;  /* the analyser is expected to end */
	double              ended;   /* when it did; infinity: not yet */
};

/* Opens all but the streams.  all: see signals_open. */
int  relay_open(struct relay *, const struct keeper_opts *, bool all, analyse_fn *,
    void *arg, struct diag *d);
void relay_close(struct relay *);
struct relay_stream *relay_add(struct relay *, enum relay_kind, int in, struct outlet *out);

/*
 * Waits until something happens or the monotonic time until, and does what is
 * to be done but for signals, which wait for relay_signal.
 */
void relay_round(struct relay *, double until);
/* The next signal that came; those that are relay's own business are done. */
bool relay_signal(struct relay *, struct signal_seen *ret);

/* Some stream has not ended, or its bytes are not written. */
bool relay_flowing(const struct relay *);
/* Bytes wait to be written. */
bool relay_blocked(const struct relay *);
/* The line below is taken away: somebody else will write. */
void relay_hide_status(struct relay *);
/* Nothing more goes to standard output; says what could not be written. */
void relay_close_output(struct relay *);
/* The size of the terminal that we write to, if there is one, goes to the analyser. */
void relay_tell_terminal(struct relay *);

void relay_event(struct relay *, enum feed_type, int64_t a, int64_t b);
/* Ends a stream that is not worth waiting for. */
void relay_end_stream(struct relay *, struct relay_stream *);
/* Says to the analyser that nothing follows, and why. */
void relay_finish(struct relay *, enum feed_end);
/* The analyser has ended and its words are out. */
bool relay_done(const struct relay *);
/* Its exit status; -1: it did not end by itself. */
int  relay_verdict(const struct relay *);

#endif
