/* SPDX-License-Identifier: MIT */
/*
 * Random histories of a log against an oracle of what was written.
 *
 * A history is a row of operations (write, rotate by renaming, by copying, keep
 * the old descriptor, compress, replace, rewrite, look, save, die) drawn from a
 * seed.  At its end each line that was written must have come out exactly once;
 * one that its writer destroyed before anybody could look, at most once.  In some
 * looks reads fail, in some the clock is seconds ahead; in one history of four it
 * is another one than that of the file system.
 *
 *	test_follow_model [FIRST [COUNT]]	(default: 1 200; -v as first word tells all)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif

#include "buf.h"
#include "clock.h"
#include "follow.h"
#include "input.h"
#include "xalloc.h"

#include "../tap.h"

#define LINES 4000
#define ROTATIONS 9
#define LOG "log"

enum { EXACTLY_ONCE, AT_MOST_ONCE };

struct model {
	uint64_t       rng;
	struct follow *f;
	struct buf     state;      /* the last save */
	size_t         state_out;  /* lines that had come out by then */
	int            writer;     /* the training's descriptor */
	bool           held;       /* it is not the file under the name any more */
	char           half[64];   /* the second half of a line that was begun */
	unsigned       written;
	unsigned char  fate[LINES];
	uint16_t      *out;        /* lines in the order of coming out */
	size_t         n, cap;
	struct buf     rest;       /* of the bytes that came out, behind the last newline */
	char          *buf;
	unsigned       garbage;    /* bytes that were never written */
	double         skew;       /* of our clock against that of the file system */
	bool           talk;
};

/* Each so manieth read fails; 0: none. */
static unsigned failing, reads;

static bool
read_fails(void)
{
	if (failing == 0 || ++reads % failing != 0)
		return false;
	errno = EIO;
	return true;
}

/* Ours come before those of libc. */
ssize_t
pread(int fd, void *p, size_t n, off_t at)
{
	return read_fails() ? -1 : syscall(SYS_pread64, fd, p, n, at);
}

ssize_t
read(int fd, void *p, size_t n)
{
	return read_fails() ? -1 : syscall(SYS_read, fd, p, n);
}

static unsigned
draw(struct model *m, unsigned n)
{
	m->rng = m->rng * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(m->rng >> 33) % n;
}

static void
rotation(char ret[32], int i, const char *suffix)
{
	if (i == 0)
		snprintf(ret, 32, LOG);
	else
		snprintf(ret, 32, LOG ".%d%s", i, suffix);
}

/* --- the training --- */

static void
put(struct model *m, const char *s, size_t n)
{
	if (write(m->writer, s, n) != (ssize_t)n)
		perror("write");
}

static unsigned
make_line(struct model *m, char ret[64])
{
	return (unsigned)snprintf(ret, 64, "step %u loss 0.%u%.*s\n", m->written++,
	    draw(m, 1000), (int)draw(m, 12), "xxxxxxxxxxxxxxx");
}

static void
op_write(struct model *m)
{
	char     line[64];
	unsigned n = 1 + draw(m, 20);

	put(m, m->half, strlen(m->half));
	m->half[0] = '\0';
	while (n-- > 0 && m->written < LINES)
		put(m, line, make_line(m, line));
}

static void
op_half(struct model *m)
{
	char     line[64];
	unsigned n, cut;

	op_write(m);
	if (m->written == LINES)
		return;
	n = make_line(m, line);
	cut = 1 + draw(m, n - 1);
	put(m, line, cut);
	snprintf(m->half, sizeof m->half, "%s", line + cut);
}

static void
reopen(struct model *m)
{
	if (m->half[0] != '\0')
		op_write(m);
	close(m->writer);
	m->writer = open(LOG, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	m->held = false;
}

/* The lines of a file that its owner destroys: whoever has not read them by now never will. */
static void
give_up(struct model *m, const char *path)
{
	struct input *in = input_open(path, NULL);
	char          line[128] = "";
	unsigned      i, n = 0;

	while (in != NULL && input_read(in, line + n, 1, NULL) == 1) {
		n = line[n] == '\n' || n + 2 == sizeof line ? 0 : n + 1;
		if (n == 0 && sscanf(line, "step %u ", &i) == 1 && i < LINES)
			m->fate[i] = AT_MOST_ONCE;
	}
	input_close(in);
}

static void
shift(struct model *m)
{
	static const char *const suffix[] = { "", ".gz" };
	char from[32], to[32];

	for (int i = ROTATIONS; i >= 1; i--)
		for (int k = 0; k < 2; k++) {
			rotation(from, i, suffix[k]);
			rotation(to, i + 1, suffix[k]);
			if (i == ROTATIONS)
				give_up(m, from);
			if (i == ROTATIONS)
				unlink(from);
			else
				rename(from, to);
		}
}

static void
op_rotate(struct model *m)
{
	if (m->held)
		reopen(m);
	shift(m);
	rename(LOG, LOG ".1");
	reopen(m);
}

static void
op_rotate_held(struct model *m)
{
	if (m->held)
		reopen(m);
	shift(m);
	rename(LOG, LOG ".1");
	m->held = true;
}

static void
op_reopen(struct model *m)
{
	reopen(m);
}

static void
copy_file(const char *from, const char *to)
{
	char    buf[4096];
	ssize_t n;
	int     in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	while ((n = read(in, buf, sizeof buf)) > 0)
		if (write(out, buf, (size_t)n) != n)
			perror("copy");
	close(in);
	close(out);
}

static void
op_copytruncate(struct model *m)
{
	if (m->held)
		reopen(m);
	if (m->half[0] != '\0')
		op_write(m);
	shift(m);
	copy_file(LOG, LOG ".1");
	if (truncate(LOG, 0) != 0)
		perror("truncate");
}

/* As a tool that mirrors logs from another machine does: a new file with all of the old one. */
static void
op_mirror(struct model *m)
{
	if (m->held)
		reopen(m);
	if (m->half[0] != '\0')
		op_write(m);
	copy_file(LOG, ".tmp");
	close(m->writer);
	m->writer = open(".tmp", O_WRONLY | O_APPEND | O_CLOEXEC);
	op_write(m);
	rename(".tmp", LOG);
}

static void
op_rewrite(struct model *m)
{
	if (m->held)
		reopen(m);
	if (m->half[0] != '\0')
		op_write(m);
	give_up(m, LOG);
	if (truncate(LOG, 0) != 0)
		perror("truncate");
	op_write(m);
}

static void
op_recreate(struct model *m)
{
	if (m->held)
		reopen(m);
	if (m->half[0] != '\0')
		op_write(m);
	give_up(m, LOG);
	unlink(LOG);
	reopen(m);
	op_write(m);
}

static void
op_compress(struct model *m)
{
#ifdef HAVE_ZLIB
	char            from[32], to[32], buf[4096];
	struct stat     sb;
	struct timespec times[2];
	gzFile          gz;
	int             in, n;

	if (m->held && m->half[0] != '\0')
		return;
	for (int i = 2; i <= ROTATIONS; i++) {
		rotation(from, i, "");
		rotation(to, i, ".gz");
		if (stat(from, &sb) != 0)
			continue;
		in = open(from, O_RDONLY);
		gz = gzopen(to, "w");
		while ((n = (int)read(in, buf, sizeof buf)) > 0)
			gzwrite(gz, buf, (unsigned)n);
		gzclose(gz);
		close(in);
		times[0] = sb.st_atim;
		times[1] = sb.st_mtim;
		utimensat(AT_FDCWD, to, times, 0);
		unlink(from);
	}
#else
	(void)m;
#endif
}

/* --- the follower --- */

static void
come_out(struct model *m, struct span line)
{
	char     text[128];
	unsigned i;

	snprintf(text, sizeof text, "%.*s", (int)(line.n < 127 ? line.n : 127), line.p);
	if (sscanf(text, "step %u loss 0.", &i) != 1 || i >= m->written) {
		m->garbage++;
		if (m->talk)
			printf("#   garbage: %s\n", text);
		return;
	}
	XGROW(m->out, m->n, m->cap);
	m->out[m->n++] = (uint16_t)i;
}

static void
take(struct model *m, struct span bytes)
{
	buf_span(&m->rest, bytes);
	for (;;) {
		struct span s = buf_get(&m->rest);
		const char *nl = s.n > 0 ? memchr(s.p, '\n', s.n) : NULL;
		size_t      n;

		if (nl == NULL)
			return;
		n = (size_t)(nl - s.p);
		come_out(m, (struct span){ s.p, n });
		memmove(m->rest.p, m->rest.p + n + 1, s.n - n - 1);
		m->rest.n -= n + 1;
	}
}

static void
look_at(struct model *m, double now)
{
	struct follow_event ev;

	follow_look(m->f, now);
	while (follow_next(m->f, now, m->buf, &ev)) {
		if (m->talk && ev.kind != FOLLOW_DATA)
			printf("#   event %d %s: %s\n", ev.kind, ev.path, ev.text ? ev.text : "");
		if (m->talk && ev.kind == FOLLOW_DATA) {
			printf("#   %zu bytes of %s at %llu\n", ev.bytes.n, ev.path,
			    (unsigned long long)ev.offset);
			printf("#     up to line %u\n", m->written - 1);
		}
		if (ev.kind == FOLLOW_DATA)
			take(m, ev.bytes);
		if (ev.kind == FOLLOW_PROVISIONAL && memchr(ev.bytes.p, '\n', ev.bytes.n) != NULL)
			m->garbage++; /* a whole line is never unfinished */
	}
}

static void
op_look(struct model *m)
{
	look_at(m, clock_wall() + m->skew);
	if (draw(m, 4) == 0)
		follow_close(m->f);
}

static void
op_failing_look(struct model *m)
{
	failing = 1 + draw(m, 7);
	reads = draw(m, failing);
	op_look(m);
	failing = 0;
}

/* What is unfinished is shown. */
static void
op_late_look(struct model *m)
{
	look_at(m, clock_wall() + m->skew + 7);
}

static void
op_slow_look(struct model *m)
{
	nanosleep(&(struct timespec){ 0, 70 * 1000 * 1000 }, NULL);
	op_look(m);
}

static void
op_save(struct model *m)
{
	if (!follow_savable(m->f) || m->rest.n > 0)
		return;
	buf_reset(&m->state);
	follow_save(m->f, &m->state);
	m->state_out = m->n;
}

static void
op_die(struct model *m)
{
	struct diag d;

	follow_free(m->f);
	m->f = follow_new(LOG, NULL);
	m->n = m->state_out;
	buf_reset(&m->rest);
	if (m->state.n > 0 && follow_load(m->f, buf_get(&m->state), &d) != 0) {
		m->garbage++;
		printf("# %s\n", d.text);
	}
}

static const struct op {
	const char *name;
	unsigned    weight;
	void      (*run)(struct model *);
	bool        looks; /* the follower's turn */
} ops[] = {
	{ "write", 20, op_write, false },
	{ "half", 6, op_half, false },
	{ "rotate", 6, op_rotate, false },
	{ "rotate, descriptor held", 3, op_rotate_held, false },
	{ "reopen", 4, op_reopen, false },
	{ "copytruncate", 5, op_copytruncate, false },
	{ "mirror", 3, op_mirror, false },
	{ "rewrite", 2, op_rewrite, false },
	{ "recreate", 2, op_recreate, false },
	{ "compress", 3, op_compress, false },
	{ "look", 24, op_look, true },
	{ "slow look", 1, op_slow_look, true },
	{ "failing look", 4, op_failing_look, true },
	{ "late look", 4, op_late_look, true },
	{ "save", 10, op_save, true },
	{ "die", 4, op_die, true },
};
#define OPS (sizeof ops / sizeof ops[0])

static const struct op *
choose(struct model *m)
{
	unsigned all = 0, at;

	for (size_t i = 0; i < OPS; i++)
		all += ops[i].weight;
	at = draw(m, all);
	for (size_t i = 0;; i++) {
		if (at < ops[i].weight)
			return &ops[i];
		at -= ops[i].weight;
	}
}

static void
clean(void)
{
	char name[32];

	unlink(LOG);
	unlink(".tmp");
	for (int i = 1; i <= ROTATIONS + 1; i++) {
		rotation(name, i, "");
		unlink(name);
		rotation(name, i, ".gz");
		unlink(name);
	}
}

/* Lines that did not come out as often as they should. */
static unsigned
verdict(struct model *m)
{
	static unsigned times[LINES];
	unsigned        wrong = m->garbage;

	memset(times, 0, sizeof times);
	for (size_t i = 0; i < m->n; i++)
		times[m->out[i]]++;
	for (unsigned i = 0; i < m->written; i++) {
		if (times[i] == 1 || (times[i] == 0 && m->fate[i] == AT_MOST_ONCE))
			continue;
		if (wrong++ < 3 && m->talk)
			printf("#   line %u came out %u times\n", i, times[i]);
	}
	return wrong;
}

static unsigned
play(uint64_t seed, bool talk)
{
	struct model m = { .rng = seed * 2654435761u + 1, .talk = talk };
	unsigned     steps = 10 + draw(&m, 60), wrong;

	m.skew = draw(&m, 4) > 0 ? 0 : (double)draw(&m, 120) - 60;
	clean();
	m.buf = xmalloc(FOLLOW_BUF);
	buf_init(&m.state, 1 << 20);
	buf_init(&m.rest, 1 << 20);
	m.writer = -1;
	reopen(&m);
	m.f = follow_new(LOG, NULL);
	op_look(&m);
	op_save(&m);
	for (unsigned i = 0; i < steps; i++) {
		const struct op *op = choose(&m);

		if (talk)
			printf("# %s (line %u)\n", op->name, m.written);
		op->run(&m);
	}
	if (m.half[0] != '\0')
		op_write(&m);
	for (int i = 0; i < 3; i++)
		op_look(&m);
	wrong = verdict(&m);
	close(m.writer);
	follow_free(m.f);
	buf_fini(&m.state);
	buf_fini(&m.rest);
	free(m.out);
	free(m.buf);
	return wrong;
}

int
main(int argc, char **argv)
{
	bool     talk = argc > 1 && strcmp(argv[1], "-v") == 0;
	uint64_t first = argc > 1 + talk ? strtoull(argv[1 + talk], NULL, 10) : 1;
	uint64_t count = argc > 2 + talk ? strtoull(argv[2 + talk], NULL, 10) : 200;
	char     dir[] = "/tmp/lossdog-model.XXXXXX";
	uint64_t bad = 0;

	if (mkdtemp(dir) == NULL || chdir(dir) != 0) {
		perror(dir);
		return 1;
	}
	for (uint64_t seed = first; seed < first + count; seed++)
		if (play(seed, talk) > 0 && bad++ < 10)
			printf("# seed %llu fails: test_follow_model -v %llu 1\n",
			    (unsigned long long)seed, (unsigned long long)seed);
	OK(bad == 0, "%llu random histories: each line once", (unsigned long long)count);
	clean();
	if (chdir("/") == 0)
		rmdir(dir);
	return DONE();
}
