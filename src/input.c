/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inflate.h"
#include "xalloc.h"

#define INPUT_BUF (64 * 1024)

struct input {
	int             fd;
	char           *name;
	struct inflate *inflate; /* NULL: plain */
	bool            eof;
	struct span     rest;    /* read and not yet handed out or decompressed, in buf */
	char            buf[INPUT_BUF];
};

static ssize_t
read_retry(int fd, char *buf, size_t n)
{
	ssize_t got;

	do
		got = read(fd, buf, n);
	while (got < 0 && errno == EINTR);
	return got;
}

static int
read_failed(const struct input *in, struct diag *d)
{
	return diag_at(d, in->name, 0, 0, "cannot be read: %s", strerror(errno));
}

/* Reads until the first bytes tell what kind of file it is; a pipe may give them singly. */
static int
sniff(struct input *in, enum inflate_kind *ret, struct diag *d)
{
	ssize_t got;
	size_t  n = 0;

	do {
		got = read_retry(in->fd, in->buf + n, sizeof in->buf - n);
		if (got < 0)
			return read_failed(in, d);
		n += (size_t)got;
		in->rest = (struct span){ in->buf, n };
		*ret = inflate_magic(in->rest);
	} while (got > 0 && *ret == INFLATE_SHORT);
	in->eof = got == 0;
	return 0;
}

/* The place belongs to the error, the sentence to the one who found it. */
static int
with_name(const struct input *in, struct diag *d)
{
	if (d != NULL)
		d->file = in->name;
	return -1;
}

static int
begin(struct input *in, struct diag *d)
{
	enum inflate_kind kind;
	struct stat       sb;

	if (fstat(in->fd, &sb) == 0 && S_ISDIR(sb.st_mode))
		return diag_at(d, in->name, 0, 0, "is a directory: name a file in it");
	if (sniff(in, &kind, d) != 0)
		return -1;
	if (kind == INFLATE_NONE || kind == INFLATE_SHORT)
		return 0;
	in->inflate = inflate_new(kind, d);
	return in->inflate != NULL ? 0 : with_name(in, d);
}

struct input *
input_fdopen(int fd, const char *name, struct diag *d)
{
	struct input *in = xmalloc(sizeof *in);

	in->fd = fd;
	in->name = xstrdup(name);
	in->inflate = NULL;
	in->eof = false;
	in->rest = SPAN_NONE;
	if (begin(in, d) == 0)
		return in;
	if (d != NULL)
		d->file = name; /* ours is about to go */
	input_close(in);
	return NULL;
}

struct input *
input_open(const char *path, struct diag *d)
{
	int fd;

	if (strcmp(path, "-") == 0) {
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
		path = "<stdin>";
	} else {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	}
	if (fd < 0) {
		diag_at(d, path, 0, 0, "cannot be opened: %s", strerror(errno));
		return NULL;
	}
	return input_fdopen(fd, path, d);
}

void
input_close(struct input *in)
{
	if (in == NULL)
		return;
	close(in->fd);
	inflate_free(in->inflate);
	free(in->name);
	free(in);
}

static ssize_t
read_plain(struct input *in, char *buf, size_t n, struct diag *d)
{
	ssize_t got;

	if (in->rest.n > 0) {
		if (n > in->rest.n)
			n = in->rest.n;
		memcpy(buf, in->rest.p, n);
		in->rest = span_from(in->rest, n);
		return (ssize_t)n;
	}
	if (in->eof)
		return 0;
	got = read_retry(in->fd, buf, n);
	if (got < 0)
		return read_failed(in, d);
	in->eof = got == 0;
	return got;
}

/* Refills the empty buffer. */
static int
refill(struct input *in, struct diag *d)
{
	ssize_t got = read_retry(in->fd, in->buf, sizeof in->buf);

	if (got < 0)
		return read_failed(in, d);
	in->eof = got == 0;
	in->rest = (struct span){ in->buf, (size_t)got };
	return 0;
}

static ssize_t
read_inflated(struct input *in, char *buf, size_t n, struct diag *d)
{
	ssize_t got;

	for (;;) {
		got = inflate_next(in->inflate, &in->rest, buf, n, d);
		if (got > 0)
			return got;
		if (got < 0)
			return with_name(in, d);
		if (in->eof)
			break;
		if (in->rest.n == 0 && refill(in, d) != 0)
			return -1;
	}
	if (inflate_complete(in->inflate))
		return 0;
	return diag_at(d, in->name, 0, 0,
	    "the compressed data end too early: the file is cut off");
}

ssize_t
input_read(struct input *in, char *buf, size_t n, struct diag *d)
{
	return in->inflate != NULL ? read_inflated(in, buf, n, d)
	                           : read_plain(in, buf, n, d);
}

const char *
input_name(const struct input *in)
{
	return in->name;
}

bool
input_compressed(const struct input *in)
{
	return in->inflate != NULL;
}
