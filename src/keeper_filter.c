/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "relay.h"
#include "xalloc.h"

/* Seconds after the first interrupt until we say what we are waiting for. */
#define HINT_AFTER 1.0

struct filter {
	struct relay relay;
	unsigned     interrupts;
	int          interrupt; /* the newest */
	double       hint;      /* when to say that we go on; infinity: no need */
};

static int
check_input(struct diag *d)
{
	struct stat st;
	int         flags = fcntl(STDIN_FILENO, F_GETFL);

	if (flags < 0 || (flags & O_ACCMODE) == O_WRONLY || fstat(STDIN_FILENO, &st) != 0)
		return diag_set(d, "cannot read standard input: it is closed");
	if (S_ISDIR(st.st_mode))
		return diag_set(d, "cannot read standard input: it is a directory");
	return 0;
}

/* A file does not mind to wait, and a pipe only when it brings more than a training does. */
static struct relay_pace
pace_of_input(void)
{
	struct stat st;

	if (fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode))
		return (struct relay_pace){ .least = 1 };
	return (struct relay_pace){ .least = KEEPER_PACE, .ahead = KEEPER_AHEAD };
}

static int
check_output(const struct relay *r, struct diag *d)
{
	if (!r->opts->quiet && r->out[0].gone)
		return diag_set(d, "cannot write to standard output: it is closed");
	return 0;
}

static void
mind_signals(struct filter *f)
{
	struct relay      *r = &f->relay;
	struct signal_seen s;

	while (relay_signal(r, &s)) {
		if (s.number != SIGINT && s.number != SIGTERM && s.number != SIGHUP)
			continue;
		f->interrupt = s.number;
		if (++f->interrupts == 1 && !r->ending)
			f->hint = r->now + HINT_AFTER;
	}
	if (r->now >= f->hint) {
		voice_say(&r->voice, r->now, "reading on until the input ends; interrupt "
		    "again to end now");
		f->hint = INFINITY;
	}
}

/* Until the input ends, nobody reads us any more, or we are to end. */
static enum feed_end
pass_on(struct filter *f)
{
	struct relay *r = &f->relay;

	while (relay_flowing(r)) {
		relay_round(r, f->hint);
		mind_signals(f);
		if (f->interrupts > 1)
			return FEED_END_INTERRUPTED;
		if (!r->opts->quiet && r->out[0].gone)
			return FEED_END_READER;
	}
	return FEED_END_INPUT;
}

/* The pipeline goes on without us; only the verdict is still to come. */
static void
let_go(struct filter *f)
{
	struct relay        *r = &f->relay;
	struct relay_stream *s = &r->stream[0];

	s->off = s->n = 0;
	relay_end_stream(r, s);
	if (!r->opts->quiet)
		relay_close_output(r);
	if (s->error != 0)
		voice_say(&r->voice, r->now, "cannot read standard input: %s",
		    strerror(s->error));
}

static void
await_verdict(struct filter *f, enum feed_end why)
{
	struct relay *r = &f->relay;
	unsigned      before = f->interrupts;

	f->hint = INFINITY;
	relay_finish(r, why);
	while (!relay_done(r)) {
		relay_round(r, INFINITY);
		mind_signals(f);
		if (f->interrupts == before)
			continue;
		before = f->interrupts;
		if (before == 2)
			analyser_hurry(&r->analyser);
		else if (before > 2)
			analyser_kill(&r->analyser, r->now);
	}
}

static int
result(const struct filter *f)
{
	const struct relay *r = &f->relay;

	if (f->interrupts > 1)
		return KEEPER_SIGNAL(f->interrupt);
	if (r->said_death || relay_verdict(r) < 0 || r->out[0].error != 0 ||
	    r->stream[0].error != 0)
		return 3;
	return relay_verdict(r);
}

int
keeper_filter(const struct keeper_opts *opts, analyse_fn *analyse, void *arg,
    struct diag *d)
{
	struct filter *f;
	int            status = KEEPER_FAILED;

	if (check_input(d) != 0)
		return KEEPER_FAILED;
	f = xcalloc(1, sizeof *f);
	f->hint = INFINITY;
	if (relay_open(&f->relay, opts, false, analyse, arg, d) != 0)
		goto out;
	if (check_output(&f->relay, d) == 0) {
		relay_add(&f->relay, RELAY_PIPE, STDIN_FILENO,
		    opts->quiet ? NULL : &f->relay.out[0]);
		f->relay.pace = pace_of_input();
		enum feed_end why = pass_on(f);
		let_go(f);
		await_verdict(f, why);
		status = result(f);
	}
	relay_close(&f->relay);
out:
	free(f);
	return status;
}
