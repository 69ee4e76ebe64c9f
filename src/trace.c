/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "trace.h"

#include <stdio.h>
#include <string.h>

#define THREAD_LINES 3 /* several that end at once mix their lines */

/* Boxes of rich and the like stand before the text. */
static struct span
bare(struct span s)
{
	while (s.n > 0 && (s.p[0] == '|' || s.p[0] == '+'))
		s = span_from(s, 1);
	return s;
}

static struct trace_state *
state_of(struct trace *t, int rank, bool make)
{
	for (unsigned i = 0; i < t->n; i++)
		if (t->state[i].rank == rank)
			return &t->state[i];
	if (!make || t->n == TRACE_RANKS)
		return NULL;
	memset(&t->state[t->n], 0, sizeof t->state[0]);
	t->state[t->n].rank = rank;
	return &t->state[t->n++];
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '_' || c == '.';
}

/* Length of the exception's type at the start of s; 0: it is none. */
static size_t
type_length(struct span s)
{
	static const char *const ends[] = { "Error", "Exception", "Interrupt", "Exit", "Warning",
		"Iteration", "Timeout", "Killed", "Failed", "NotFound", "OutOfMemory", "Failure" };
	size_t n = 0;

	while (n < s.n && is_word(s.p[n]))
		n++;
	if (n < 3 || n > 90 || (n < s.n && s.p[n] != ':'))
		return 0;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (n >= strlen(ends[i]) &&
		    strncmp(s.p + n - strlen(ends[i]), ends[i], strlen(ends[i])) == 0)
			return n;
	/* A type of the user's own, dotted or in capitals, with its message behind it. */
	return n + 1 < s.n && s.p[n + 1] == ' ' && (memchr(s.p, '.', n) || (s.p[0] >= 'A' && s.p[0] <= 'Z')) ? n : 0;
}

static bool
is_installed(struct span path)
{
	return span_find(path, "site-packages") != (size_t)-1 ||
	    span_find(path, "dist-packages") != (size_t)-1 ||
	    span_find(path, "lib/python") != (size_t)-1 || span_starts(path, "<frozen");
}

/* File "PATH", line N, in NAME */
static void
frame(struct trace_state *t, struct span s)
{
	struct span path, rest, number, name = SPAN_LIT("?");
	const char *slash;
	size_t      end;
	bool        user;

	path = span_from(s, strlen("File \""));
	end = span_find(path, "\"");
	if (end == (size_t)-1)
		return;
	rest = span_from(path, end);
	path.n = end;
	user = !is_installed(path);
	if (t->frame[0] && t->user && !user)
		return;
	end = span_find(rest, "line ");
	number = span_from(rest, end == (size_t)-1 ? rest.n : end + 5);
	for (end = 0; end < number.n && number.p[end] >= '0' && number.p[end] <= '9';)
		end++;
	rest = span_from(number, end);
	number.n = end;
	end = span_find(rest, " in ");
	if (end != (size_t)-1)
		name = span_trim(span_from(rest, end + 4));
	slash = memrchr(path.p, '/', path.n);
	if (slash)
		path = span_from(path, (size_t)(slash - path.p) + 1);
	t->user = user;
	snprintf(t->frame, sizeof t->frame, "%.*s:%.*s in %.*s", (int)(path.n > 60 ? 60 : path.n),
	    path.p, (int)(number.n > 9 ? 9 : number.n), number.p,
	    (int)(name.n > 60 ? 60 : name.n), name.p);
}

static void
put(char *ret, size_t size, struct span s)
{
	size_t n = s.n < size - 1 ? s.n : size - 1;

	if (n > 0)
		memcpy(ret, s.p, n);
	ret[n] = '\0';
}

/* --- last words of native code --- */

/* How they begin, and what they are called; the text after it is the message. */
static const struct { const char *start, *type; } last_words[] = {
	{ "terminate called without an active exception", "terminate" },
	{ "Fatal Python error: ", "Fatal Python error" },
	{ "Check failed: ", "Check failed" },              /* glog, absl: Caffe, TensorFlow, Paddle, JAX */
	{ "Aborted (core dumped)", "Aborted" },
	{ "Illegal instruction (core dumped)", "Illegal instruction" },
	{ "Floating point exception (core dumped)", "Floating point exception" },
	{ "thread 'main' panicked at ", "panic" },
	{ "panic: ", "panic" },
	{ "Exception in thread \"main\" ", "Exception in thread main" },
	{ "ERROR: LoadError: ", "LoadError" },
	{ "libc++abi: terminating", "terminate" },
};

#define THROWING "terminate called after throwing an instance of '"

static bool
is_last_words(const struct line *line, struct span s, struct trace_report *ret)
{
	for (size_t i = 0; i < sizeof last_words / sizeof *last_words; i++) {
		if (!span_starts(s, last_words[i].start))
			continue;
		put(ret->type, sizeof ret->type, span_of(last_words[i].type));
		put(ret->message, sizeof ret->message, span_from(s, strlen(last_words[i].start)));
		ret->frame[0] = '\0';
		ret->began = ret->line = line->number;
		ret->native = true;
		ret->thread = false;
		return true;
	}
	return false;
}

/* A C++ exception that nobody caught: its type; its message is on the next line, if it has one. */
static void
thrown(struct trace *t, const struct line *line, struct span s)
{
	struct trace_state *state = state_of(t, line->rank, true);
	struct span         type = span_from(s, strlen(THROWING));

	if (!state)
		return;
	type.n = type.n > 0 && type.p[type.n - 1] == '\'' ? type.n - 1 : type.n;
	put(state->type, sizeof state->type, type);
	state->lines = 1;
	state->began = line->number;
	state->frame[0] = '\0';
}

static bool
what(struct trace_state *state, const struct line *line, struct span s, struct trace_report *ret)
{
	bool has = span_starts(s, "what():");

	put(ret->type, sizeof ret->type, span_of(state->type));
	put(ret->message, sizeof ret->message, has ? span_trim(span_from(s, strlen("what():"))) : SPAN_LIT(""));
	ret->frame[0] = '\0';
	ret->began = state->began;
	ret->line = line->number;
	ret->native = true;
	ret->thread = false;
	state->type[0] = '\0';
	state->lines = 0;
	return true;
}

/* --- a line --- */

static void
begin(struct trace *t, const struct line *line, bool head)
{
	struct trace_state *state = state_of(t, line->rank, true);

	if (!state)
		return;
	/* Without a head it is a piece of the one before, when the lines of several are mixed. */
	if (head || line->number - state->began > THREAD_LINES * 10)
		state->thread = t->thread > 0 && line->number - t->thread <= THREAD_LINES;
	state->lines = 1;
	state->began = line->number;
	state->frame[0] = state->type[0] = '\0';
	state->user = false;
}

/* File "PATH", line N, in NAME: the head of the traceback stood behind a bar, or is not in the log. */
static bool
is_frame(struct span s)
{
	return span_starts(s, "  File \"") && span_find(s, "\", line ") != (size_t)-1 &&
	    span_find(s, ", in ") != (size_t)-1;
}

/* Most lines, at a glance: nothing begins and nothing is open. */
static bool
is_plain(const struct trace *t, struct span s)
{
	return t->n == 0 && s.n > 0 && !memchr("T tFCAIpEl", s.p[0], 10);
}

bool
trace_line(struct trace *t, const struct line *line, struct trace_report *ret)
{
	struct span         s = bare(line->text), trimmed = span_trim(s);
	struct trace_state *state;
	size_t              n;

	if (is_plain(t, s))
		return false;
	if (span_starts(s, "Exception ignored in"))
		t->ignored = line->number + 1;
	if (span_starts(s, "Exception in thread ") && !span_starts(s, "Exception in thread \""))
		t->thread = line->number;
	if (span_starts(trimmed, "Traceback (most recent call last)")) {
		if (t->ignored != line->number)
			begin(t, line, true);
		else
			t->ignored++; /* and so does all of its block */
		return false;
	}
	if (t->ignored == line->number && s.n > 0 && s.p[0] == ' ') {
		t->ignored++;
		return false;
	}
	if (span_starts(trimmed, THROWING)) {
		thrown(t, line, trimmed);
		return false;
	}
	state = t->n ? state_of(t, line->rank, false) : NULL;
	if ((!state || state->lines == 0) && is_frame(s)) {
		begin(t, line, false);
		state = state_of(t, line->rank, false);
	}
	if (state && state->lines > 0 && state->type[0])
		return what(state, line, trimmed, ret);
	if (!state || state->lines == 0)
		return is_last_words(line, s, ret);
	if (++state->lines > TRACE_LINES) {
		state->lines = 0;
		return false;
	}
	if (span_starts(trimmed, "File \"")) {
		frame(state, trimmed);
		return false;
	}
	if (s.n == 0 || s.p[0] == ' ' || s.p[0] == '\t' || !(n = type_length(trimmed)))
		return false;
	state->lines = 0;
	put(ret->type, sizeof ret->type, (struct span){ trimmed.p, n });
	put(ret->message, sizeof ret->message, span_trim(span_from(trimmed, n + 1)));
	put(ret->frame, sizeof ret->frame, span_of(state->frame));
	ret->began = state->began;
	ret->line = line->number;
	ret->native = false;
	ret->thread = state->thread;
	return true;
}
