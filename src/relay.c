/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "relay.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

/* Seconds after the analyser's end in which its last words must be there. */
#define LAST_WORDS 0.1
/* Seconds over which the pace of the analysis is measured. */
#define PACE_WINDOW 0.25

int
relay_open(struct relay *r, const struct keeper_opts *opts, bool all, analyse_fn *fn,
    void *arg, struct diag *d)
{
	struct analyser_spec spec = {
		.fn = fn,
		.arg = arg,
		.spool = opts->spool > 0 ? opts->spool : KEEPER_SPOOL,
		.keep_stdout = opts->analyser_stdout,
		.signals = &r->signals,
	};

	r->opts = opts;
	r->streams = 0;
	r->said_loss = r->said_death = r->asked = r->ending = r->shown = false;
	r->said_error[0] = r->said_error[1] = false;
	r->status[0] = '\0';
	r->ended = INFINITY;
	r->pace = (struct relay_pace){ 0 };
	r->now = clock_mono();
	r->wall = clock_wall();
	if (signals_open(&r->signals, all) != 0)
		return diag_set(d, "cannot read signals: %s", strerror(errno));
	if (analyser_start(&r->analyser, &spec, d) != 0) {
		signals_restore(&r->signals);
		signals_close(&r->signals);
		return -1;
	}
	outlet_open(&r->out[0], STDOUT_FILENO);
	outlet_open(&r->out[1], STDERR_FILENO);
	voice_init(&r->voice, opts->name, r->analyser.voice, &r->out[1],
	    outlet_same(&r->out[0], &r->out[1]) ? &r->out[0] : NULL);
	relay_tell_terminal(r);
	return 0;
}

void
relay_close(struct relay *r)
{
	analyser_fini(&r->analyser);
	signals_restore(&r->signals);
	signals_close(&r->signals);
}

struct relay_stream *
relay_add(struct relay *r, enum relay_kind kind, int in, struct outlet *out)
{
	struct relay_stream *s = &r->stream[r->streams];

	s->kind = kind;
	s->in = in;
	s->wake = -1;
	s->number = r->streams++;
	s->out = out;
	s->changed = false;
	s->error = 0;
	s->off = s->n = 0;
	return s;
}

void
relay_event(struct relay *r, enum feed_type type, int64_t a, int64_t b)
{
	struct feed_head h = { .type = type, .a = a, .b = b, .wall = r->wall,
		.mono = r->now };

	feed_out_event(&r->analyser.feed, &h);
	analyser_fed(&r->analyser, r->now);
}

void
relay_tell_terminal(struct relay *r)
{
	struct winsize w;

	for (int i = 1; i >= 0; i--)
		if (r->out[i].terminal && ioctl(r->out[i].fd, TIOCGWINSZ, &w) == 0 && w.ws_col > 0) {
			relay_event(r, FEED_TERM, w.ws_row, w.ws_col);
			return;
		}
}

void
relay_end_stream(struct relay *r, struct relay_stream *s)
{
	struct feed_head h = { .type = FEED_EOF, .stream = s->number, .wall = r->wall,
		.mono = r->now };

	if (s->in < 0)
		return;
	close(s->in);
	if (s->wake >= 0)
		close(s->wake);
	s->in = s->wake = -1;
	feed_out_event(&r->analyser.feed, &h);
	analyser_fed(&r->analyser, r->now);
}

bool
relay_blocked(const struct relay *r)
{
	for (unsigned i = 0; i < r->streams; i++)
		if (r->stream[i].off < r->stream[i].n)
			return true;
	return false;
}

/* --- the line below what is printed --- */

#define ERASE "\r\033[K"

void
relay_hide_status(struct relay *r)
{
	if (!r->shown)
		return;
	outlet_write(&r->out[1], ERASE, strlen(ERASE));
	r->shown = r->out[1].in_line = false;
}

/* Only where the cursor is at the start of a line, and nothing else is to be written. */
static void
draw_status(struct relay *r)
{
	char   text[FEED_TEXT + 8];
	size_t n;

	if (r->shown || r->status[0] == '\0' || r->ending || !r->out[1].terminal ||
	    r->out[0].in_line || r->out[1].in_line || r->voice.n > 0 || relay_blocked(r))
		return;
	n = (size_t)snprintf(text, sizeof text, "%s\r", r->status);
	r->shown = outlet_write(&r->out[1], text, n) == n;
	r->out[1].in_line = false;
}

static void
copy_out(struct relay *r, struct relay_stream *s)
{
	if (r->shown && s->out != NULL && s->out->terminal)
		relay_hide_status(r);
	if (s->out != NULL)
		s->off += outlet_write(s->out, s->buf + s->off, s->n - s->off);
	else
		s->off = s->n;
}

static void
reading_failed(struct relay *r, struct relay_stream *s, ssize_t got)
{
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got == 0 && s->kind == RELAY_FILE)
		return;
	/* a terminal whose last user has gone says EIO */
	if (got < 0 && !(s->kind == RELAY_TERMINAL && errno == EIO))
		s->error = errno;
	relay_end_stream(r, s);
}

/* Reads once.  False: there was nothing. */
static bool
read_stream(struct relay *r, struct relay_stream *s)
{
	ssize_t     got = read(s->in, s->buf, sizeof s->buf);
	struct span bytes;

	if (got <= 0) {
		reading_failed(r, s, got);
		return false;
	}
	s->off = 0;
	s->n = (size_t)got;
	if (s->kind == RELAY_TERMINAL) {
		/* a packet: what it is, then the bytes */
		s->off = 1;
		if (s->buf[0] != TIOCPKT_DATA) {
			s->changed |= (s->buf[0] & TIOCPKT_IOCTL) != 0;
			s->off = s->n = 0;
			return true;
		}
	}
	bytes = (struct span){ s->buf + s->off, s->n - s->off };
	copy_out(r, s); /* first: somebody may wait for them */
	feed_out_data(&r->analyser.feed, s->number, bytes, r->wall, r->now);
	analyser_fed(&r->analyser, r->now);
	return true;
}

/* A disk that is full costs the copy, not the run. */
static void
mind_outlets(struct relay *r)
{
	static const char *const name[] = { "output", "error" };

	for (int i = 0; i < 2; i++) {
		if (r->said_error[i] || r->out[i].error == 0)
			continue;
		r->said_error[i] = true;
		voice_say(&r->voice, r->now, "cannot write to standard %s: %s; the analysis goes on, "
		    "what is not written is lost", name[i], strerror(r->out[i].error));
	}
}

void
relay_close_output(struct relay *r)
{
	struct outlet *out = &r->out[0];

	if (!outlet_same(out, &r->out[1]))
		outlet_close(out);
	mind_outlets(r);
	if (out->lost > 0 && out->error != 0)
		voice_say(&r->voice, r->now, "%llu bytes were not written to standard output",
		    (unsigned long long)out->lost);
}

static void
say_loss(struct relay *r)
{
	if (r->said_loss || r->said_death || r->analyser.feed.nlate == 0)
		return;
	r->said_loss = true;
	voice_say(&r->voice, r->now, "the analysis cannot keep up and there is no more "
	    "room for what waits: a part of the output is not checked");
}

/* It gives no sign of life: it is ended, or left where that would take time that is our caller's. */
static void
lose_patience(struct relay *r, double limit)
{
	struct analyser *a = &r->analyser;

	if (!r->ending && !a->killed) {
		analyser_kill(a, r->now);
		return;
	}
	analyser_leave(a);
	r->ended = r->now;
	if (!r->said_death)
		voice_say(&r->voice, r->now, "the analysis gave no sign of life for %.0f s: it is left to itself, "
		    "without a verdict", limit);
	r->said_death = true;
}

/* What became of the analyser, said once; the bytes do not mind. */
static void
mind_analyser(struct relay *r)
{
	struct analyser *a = &r->analyser;
	double hang = r->opts->hang > 0 ? r->opts->hang : KEEPER_HANG;
	double limit = r->ending ? fmin(hang, KEEPER_LEAVE) : hang;
	char   how[80];

	if (analyser_hangs(a, r->now, limit))
		lose_patience(r, limit);
	if (!analyser_reap(a))
		return;
	r->ended = r->now;
	feed_out_fini(&a->feed);
	a->feed = (struct feed_out){ .fd = -1 };
	if (r->ending && WIFEXITED(a->status))
		return;
	r->said_death = true;
	if (a->killed)
		snprintf(how, sizeof how, "made no progress for %.0f s and was ended", hang);
	else if (WIFSIGNALED(a->status))
		snprintf(how, sizeof how, "died (signal %d)", WTERMSIG(a->status));
	else
		snprintf(how, sizeof how, "ended (status %d)", WEXITSTATUS(a->status));
	voice_say(&r->voice, r->now, r->ending ? "the analysis %s before its verdict"
	    : "the analysis %s: output passes through, nothing is checked from here on", how);
}

static int
milliseconds(double seconds)
{
	if (seconds <= 0)
		return 0;
	return seconds < 1e6 ? (int)ceil(seconds * 1000) : -1;
}

/* The input may wait a moment for the analysis. */
static bool
paces(struct relay *r)
{
	struct relay_pace *p = &r->pace;
	struct feed_out   *f = &r->analyser.feed;
	double             dt = r->now - p->since;

	if (p->least <= 0 || f->n == 0 || spool_used(&f->spool) < p->ahead)
		return false;
	if (dt >= PACE_WINDOW) {
		/* after a pause without looks it has the benefit of the doubt */
		p->keeps = dt > 2 * PACE_WINDOW ||
		    (double)(f->taken - p->taken) >= p->least * dt;
		p->since = r->now;
		p->taken = f->taken;
	}
	return p->keeps;
}

enum { P_SIGNAL, P_FEED, P_BACK, P_VOICE, P_ERR, P_STREAM };

static void
prepare(struct relay *r, struct pollfd p[static P_STREAM + 2], bool waits)
{
	struct analyser *a = &r->analyser;

	for (int i = 0; i < P_STREAM + 2; i++)
		p[i] = (struct pollfd){ .fd = -1 };
	p[P_SIGNAL] = (struct pollfd){ r->signals.fd, POLLIN, 0 };
	if (feed_out_pending(&a->feed))
		p[P_FEED] = (struct pollfd){ a->feed.fd, POLLOUT, 0 };
	p[P_BACK] = (struct pollfd){ a->back, POLLIN, 0 };
	if (voice_wants(&r->voice))
		p[P_VOICE] = (struct pollfd){ r->voice.in, POLLIN, 0 };
	if (r->voice.blocked)
		p[P_ERR] = (struct pollfd){ r->out[1].own, POLLOUT, 0 };
	for (unsigned i = 0; i < r->streams; i++) {
		struct relay_stream *s = &r->stream[i];

		if (s->off < s->n)
			p[P_STREAM + i] = (struct pollfd){ s->out->own, POLLOUT, 0 };
		else if (!waits)
			p[P_STREAM + i] = (struct pollfd){
			    s->kind == RELAY_FILE ? s->wake : s->in, POLLIN, 0 };
	}
}

/* What grew is read to its end; what woke us is only a hint. */
static void
read_file(struct relay *r, struct relay_stream *s)
{
	char    events[4096];
	ssize_t got = 1;

	while (s->wake >= 0 && got > 0)
		got = read(s->wake, events, sizeof events);
	while (s->off == s->n && read_stream(r, s))
		;
}

static void
do_streams(struct relay *r, const struct pollfd *p)
{
	for (unsigned i = 0; i < r->streams; i++) {
		struct relay_stream *s = &r->stream[i];

		if (p[i].revents != 0 && s->off < s->n)
			copy_out(r, s);
		if (s->in < 0 || s->off < s->n)
			continue;
		if (s->kind == RELAY_FILE)
			read_file(r, s);
		else if (p[i].revents != 0)
			read_stream(r, s);
	}
}

static void
read_requests(struct relay *r)
{
	struct feed_word w;

	while (r->analyser.back >= 0 && analyser_request(&r->analyser, &w))
		if (w.what == FEED_WORD_STOP && !r->asked) {
			r->asked = true;
			memcpy(r->why, w.text, sizeof r->why);
		} else if (w.what == FEED_WORD_STATUS) {
			relay_hide_status(r);
			memcpy(r->status, w.text, sizeof r->status);
		} else if (w.what == FEED_WORD_BUSY) {
			analyser_excuse(&r->analyser, r->now + w.seconds);
		}
}

/* When the next thing is due that no descriptor tells of. */
static double
next_look(const struct relay *r, double until, bool waits)
{
	until = fmin(until, fmin(r->analyser.look, voice_deadline(&r->voice)));
	if (r->ending)
		until = fmin(until, r->ended + LAST_WORDS + 0.001);
	if (waits)
		until = fmin(until, r->now + PACE_WINDOW);
	for (unsigned i = 0; i < r->streams; i++)
		if (r->stream[i].kind == RELAY_FILE && r->stream[i].in >= 0)
			until = fmin(until, r->now + (r->stream[i].wake >= 0 ? 1 : 0.1));
	return until;
}

void
relay_round(struct relay *r, double until)
{
	struct pollfd p[P_STREAM + 2];
	bool          waits = paces(r);

	until = next_look(r, until, waits);
	prepare(r, p, waits);
	if (poll(p, P_STREAM + 2, milliseconds(until - r->now)) < 0)
		return;
	r->now = clock_mono();
	r->wall = clock_wall();
	do_streams(r, p + P_STREAM);
	if (p[P_FEED].revents != 0)
		(void)feed_out_flush(&r->analyser.feed);
	if (p[P_BACK].revents != 0)
		read_requests(r);
	if (p[P_VOICE].revents != 0)
		voice_read(&r->voice, r->now);
	/* an analyser that waits for a terminal that takes nothing does not hang */
	if (relay_blocked(r) || r->voice.blocked)
		analyser_excuse(&r->analyser, r->now);
	if (r->now >= r->analyser.look)
		mind_analyser(r);
	say_loss(r);
	mind_outlets(r);
	if (r->voice.n > 0 || r->ending)
		relay_hide_status(r);
	voice_flush(&r->voice, r->now);
	draw_status(r);
}

bool
relay_signal(struct relay *r, struct signal_seen *ret)
{
	if (!signals_next(&r->signals, ret))
		return false;
	if (ret->number == SIGCHLD)
		mind_analyser(r);
	else if (ret->number == SIGCONT)
		analyser_excuse(&r->analyser, clock_mono());
	else if (ret->number == SIGWINCH)
		relay_tell_terminal(r);
	return true;
}

bool
relay_flowing(const struct relay *r)
{
	for (unsigned i = 0; i < r->streams; i++)
		if (r->stream[i].in >= 0 || r->stream[i].off < r->stream[i].n)
			return true;
	return false;
}

void
relay_finish(struct relay *r, enum feed_end why)
{
	r->ending = r->analyser.ending = true;
	analyser_wake(&r->analyser);
	if (why == FEED_END_INTERRUPTED)
		analyser_hurry(&r->analyser);
	relay_event(r, FEED_END, why, 0);
}

bool
relay_done(const struct relay *r)
{
	if (r->analyser.pid > 0 || r->voice.n > 0)
		return false;
	/* what it has started may keep its voice open: not waited for */
	return r->voice.in < 0 || r->now > r->ended + LAST_WORDS;
}

int
relay_verdict(const struct relay *r)
{
	const struct analyser *a = &r->analyser;

	return a->pid == 0 && !a->left && WIFEXITED(a->status) ? WEXITSTATUS(a->status) : -1;
}
