/* SPDX-License-Identifier: MIT */
/* The feed with both ends in one process: nobody reads until we do. */
#include "feed.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

struct pair {
	struct feed_out out;
	struct feed    *in;
	int             back; /* the keeper's side */
};

static void
open_pair(struct pair *p, uint64_t limit)
{
	int fd[2], back[2];

	if (pipe2(fd, O_CLOEXEC) != 0 || fcntl(fd[1], F_SETFL, O_NONBLOCK) != 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, back) != 0)
		exit(1);
	(void)fcntl(fd[1], F_SETPIPE_SZ, 4096);
	feed_out_init(&p->out, fd[1], limit);
	p->in = feed_new(fd[0], back[0]);
	p->back = back[1];
}

static void
close_pair(struct pair *p)
{
	feed_out_fini(&p->out);
	feed_free(p->in);
	close(p->back);
}

static void
event(struct pair *p, enum feed_type type, int64_t a)
{
	struct feed_head h = { .type = type, .a = a };

	feed_out_event(&p->out, &h);
}

static void
data(struct pair *p, unsigned stream, const char *text)
{
	feed_out_data(&p->out, stream, span_of(text), 1, 2);
}

/* The next record as text: "0:bytes", "1:gap 5", "end 0"; "-" nothing now, "." the end. */
static const char *
next(struct pair *p, double timeout)
{
	static char        buf[300];
	struct feed_record r;
	int                got = feed_next(p->in, timeout, &r);

	if (got != 1)
		return got == 0 ? "-" : ".";
	if (r.type == FEED_DATA)
		snprintf(buf, sizeof buf, "%u:%.*s", r.stream,
		    (int)(r.bytes.n < 200 ? r.bytes.n : 200), r.bytes.p);
	else if (r.type == FEED_GAP)
		snprintf(buf, sizeof buf, "%u:gap %lld", r.stream, (long long)r.a);
	else
		snprintf(buf, sizeof buf, "%d %lld", r.type, (long long)r.a);
	return buf;
}

/* Reads all, giving the writer its turn; the sum of bytes and of gaps. */
static void
drain(struct pair *p, uint64_t *bytes, uint64_t *gaps, unsigned *unordered)
{
	struct feed_record r;
	char               want = 'a';

	*bytes = *gaps = *unordered = 0;
	for (;;) {
		(void)feed_out_flush(&p->out);
		if (feed_next(p->in, 0, &r) != 1) {
			if (!feed_out_pending(&p->out))
				return;
			continue;
		}
		if (r.type == FEED_GAP)
			*gaps += (uint64_t)r.a;
		for (size_t i = 0; r.type == FEED_DATA && i < r.bytes.n; i++) {
			*unordered += r.bytes.p[i] != want;
			want = r.bytes.p[i] == 'z' ? 'a' : (char)(r.bytes.p[i] + 1);
		}
		*bytes += r.bytes.n;
	}
}

static char *
alphabet(size_t n)
{
	char *p = malloc(n + 1);

	for (size_t i = 0; i < n; i++)
		p[i] = (char)('a' + i % 26);
	p[n] = '\0';
	return p;
}

static void
test_records(void)
{
	struct pair p;

	open_pair(&p, 1 << 20);
	IS_STR(next(&p, 0), "-", "nothing yet");
	IS_STR(next(&p, 0.02), "-", "nothing after a while");
	event(&p, FEED_STARTED, 77);
	data(&p, 0, "out\n");
	data(&p, 1, "err\n");
	event(&p, FEED_END, FEED_END_INPUT);
	IS_STR(next(&p, 1), "3 77", "an event");
	IS_STR(next(&p, 1), "0:out\n", "bytes of the first stream");
	IS_STR(next(&p, 1), "1:err\n", "bytes of the second");
	IS_STR(next(&p, 1), "7 0", "the end");
	IS_STR(next(&p, INFINITY), ".", "nothing follows the end");
	close_pair(&p);

	open_pair(&p, 1 << 20);
	data(&p, 0, "half");
	feed_out_fini(&p.out);
	IS_STR(next(&p, 1), "0:half", "what was sent before the keeper went");
	IS_STR(next(&p, INFINITY), ".", "a keeper that is gone is an end");
	close_pair(&p);
}

static void
test_backlog(void)
{
	struct pair p;
	uint64_t    bytes, gaps;
	unsigned    unordered;
	char       *text = alphabet(26 * 100000);

	open_pair(&p, 8 << 20);
	for (int i = 0; i < 10; i++)
		feed_out_data(&p.out, 0, (struct span){ text + i * 260000, 260000 }, 1, 2);
	OK(feed_out_pending(&p.out), "what the pipe does not take waits");
	IS_NUM(p.out.lost, 0, "nothing is lost");
	drain(&p, &bytes, &gaps, &unordered);
	IS_NUM(bytes, 2600000, "all of it comes");
	IS_NUM(unordered, 0, "in order");
	close_pair(&p);
	free(text);
}

static void
test_gap(void)
{
	struct pair p;
	uint64_t    bytes, gaps, given = 0;
	unsigned    unordered;
	char       *text = alphabet(26 * 1000);

	/* a spool that is too small: 1 MB into less than 300 kB */
	open_pair(&p, 300000);
	for (int i = 0; i < 40; i++) {
		data(&p, 0, text);
		given += strlen(text);
	}
	OK(feed_out_full(&p.out), "it is full");
	OK(p.out.lost > 0, "and loses what comes");
	event(&p, FEED_EOF, 0);
	event(&p, FEED_END, 0);
	drain(&p, &bytes, &gaps, &unordered);
	IS_NUM(bytes + gaps, given, "what did not come was told");
	IS_NUM(gaps, p.out.lost, "by its number");
	IS_STR(next(&p, 0), ".", "and the end came all the same");
	close_pair(&p);

	/* after a gap the next line is whole */
	open_pair(&p, 0);
	for (int i = 0; i < 40; i++)
		data(&p, 0, text);
	drain(&p, &bytes, &gaps, &unordered);
	data(&p, 0, "rest of a line");
	data(&p, 0, " that was cut\nwhole\n");
	IS_STR(next(&p, 1), "0:gap 14", "the rest of a cut line is a gap");
	IS_STR(next(&p, 1), "0:gap 14", "up to its end");
	IS_STR(next(&p, 1), "0:whole\n", "then lines are whole");
	close_pair(&p);
	free(text);
}

static void
test_words(void)
{
	struct pair      p;
	struct feed_word w = { .what = FEED_WORD_END };

	open_pair(&p, 1 << 20);
	feed_request_stop(p.in, "loss is NaN");
	feed_request_stop(p.in, "again");
	OK(recv(p.back, &w, sizeof w, MSG_DONTWAIT) == (ssize_t)sizeof w, "a request comes");
	IS_STR(w.text, "loss is NaN", "with its reason");
	OK(recv(p.back, &w, sizeof w, MSG_DONTWAIT) < 0, "the first one counts");
	w.what = FEED_WORD_END;
	OK(send(p.back, &w, sizeof w, 0) == (ssize_t)sizeof w, "the word to end");
	data(&p, 0, "never read\n");
	IS_STR(next(&p, 1), "7 1", "overtakes what waits");
	IS_STR(next(&p, 1), ".", "and is the end");
	close_pair(&p);

	open_pair(&p, 1 << 20);
	close(p.back);
	p.back = -1;
	data(&p, 0, "x");
	IS_STR(next(&p, 1), "0:x", "a closed way back does not matter");
	close_pair(&p);
}

int
main(void)
{
	test_records();
	test_backlog();
	test_gap();
	test_words();
	return DONE();
}
