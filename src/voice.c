/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "voice.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Kept free for the keeper's own words. */
#define OWN_WORDS 2048
/* How long a line of the command may keep us waiting. */
#define HOLD 0.2

void
voice_init(struct voice *v, const char *name, int in, struct outlet *out,
    struct outlet *beside)
{
	v->name = name;
	v->in = in;
	v->out = out;
	v->beside = beside;
	v->since = 0;
	v->n = 0;
	v->blocked = false;
}

void
voice_say(struct voice *v, double now, const char *fmt, ...)
{
	va_list ap;
	char    text[512];
	size_t  n;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	n = strlen(v->name) + strlen(text) + 3;
	if (n >= sizeof v->buf - v->n)
		return; /* nobody has listened for long */
	if (v->n == 0)
		v->since = now;
	v->n += (size_t)snprintf(v->buf + v->n, sizeof v->buf - v->n, "%s: %s\n",
	    v->name, text);
}

bool
voice_wants(const struct voice *v)
{
	return v->in >= 0 && v->n < sizeof v->buf - OWN_WORDS;
}

void
voice_read(struct voice *v, double now)
{
	ssize_t got = read(v->in, v->buf + v->n, sizeof v->buf - OWN_WORDS - v->n);

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0) {
		close(v->in);
		v->in = -1;
		return;
	}
	if (v->n == 0)
		v->since = now;
	v->n += (size_t)got;
}

/* The command is in the middle of a line where we would print. */
static bool
would_cut(const struct voice *v)
{
	return !v->blocked && (v->out->in_line || (v->beside != NULL && v->beside->in_line));
}

/* Bytes that may be printed: whole lines, or all when they will not be completed. */
static size_t
due(const struct voice *v, double now)
{
	const char *end = memrchr(v->buf, '\n', v->n);

	if (v->n == 0 || (would_cut(v) && now - v->since < HOLD))
		return 0;
	if (v->in < 0 || !voice_wants(v))
		return v->n;
	return end != NULL ? (size_t)(end - v->buf) + 1 : 0;
}

void
voice_flush(struct voice *v, double now)
{
	size_t n = due(v, now), did = 0;

	if (n == 0)
		return;
	if (!would_cut(v) || outlet_write(v->out, "\n", 1) == 1)
		did = outlet_write(v->out, v->buf, n);
	v->blocked = did < n;
	if (v->beside != NULL && did > 0)
		v->beside->in_line = false;
	memmove(v->buf, v->buf + did, v->n - did);
	v->n -= did;
	v->since = now;
}

double
voice_deadline(const struct voice *v)
{
	return v->n == 0 || v->blocked || !would_cut(v) ? INFINITY : v->since + HOLD;
}
