/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "words.h"
#include "xalloc.h"

#define COMMAND_LIMIT 20.0 /* seconds: a password manager may ask its agent */

static int read_env(const char *, char **, struct diag *);
static int read_file(const char *, char **, struct diag *);
static int read_command(const char *, char **, struct diag *);

static const struct {
	const char *prefix;
	int (*read)(const char *arg, char **ret, struct diag *d);
} kinds[] = {
	{ "env:", read_env },
	{ "file:", read_file },
	{ "cmd:", read_command },
};

#define NKINDS (sizeof(kinds) / sizeof(*kinds))

/* The first line of text, without blanks around it. */
static int
first_line(struct span text, const char *what, char **ret, struct diag *d)
{
	const char *end = text.n > 0 ? memchr(text.p, '\n', text.n) : NULL;

	if (end)
		text.n = (size_t)(end - text.p);
	text = span_trim(text);
	if (text.n == 0)
		return diag_set(d, "%s gives an empty first line", what);
	if (text.n > SECRET_MAX || memchr(text.p, '\0', text.n))
		return diag_set(d, "%s gives more than %d bytes, or a NUL", what, SECRET_MAX);
	*ret = xstrndup(text.p, text.n);
	return 0;
}

static int
read_env(const char *name, char **ret, struct diag *d)
{
	const char *value = getenv(name);

	if (!value || *value == '\0')
		return diag_set(d, "the environment variable %s is not set", name);
	*ret = xstrdup(value);
	return 0;
}

static char *
expand_home(const char *path)
{
	const char *home = getenv("HOME");

	if (strncmp(path, "~/", 2) == 0 && home)
		return xasprintf("%s%s", home, path + 1);
	return xstrdup(path);
}

static int
read_file(const char *arg, char **ret, struct diag *d)
{
	char *path = expand_home(arg), *text = xmalloc(2 * SECRET_MAX);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), r = -1;
	struct stat st;
	ssize_t n;

	if (fd == -1 || fstat(fd, &st) == -1 ||
	    (n = read(fd, text, 2 * SECRET_MAX)) == -1)
		diag_set(d, "cannot read %s: %s", path, strerror(errno));
	else
		r = first_line((struct span){ text, (size_t)n }, path, ret, d);
	if (r == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) != 0) {
		diag_set(d, "%s can be read by others: chmod 600 %s", path, path);
		r = 1;
	}
	if (fd != -1)
		close(fd);
	explicit_bzero(text, 2 * SECRET_MAX);
	free(text);
	free(path);
	return r;
}

static int
read_command(const char *arg, char **ret, struct diag *d)
{
	struct child_spec spec = { .limit = COMMAND_LIMIT, .quiet = true };
	struct child *c = NULL;
	struct words w;
	struct diag why;
	int r = -1;

	if (words_split(arg, &w, d) == -1)
		return -1;
	spec.argv = (const char *const *)w.argv;
	c = child_run(&spec, d);
	if (c && child_check(c, w.argv[0], &why) == -1)
		/* Not its output: that may be the secret. */
		diag_set(d, "the command %s for a secret failed (it did not end well in time)",
		    w.argv[0]);
	else if (c)
		r = first_line(child_output(c), w.argv[0], ret, d);
	child_free(c);
	words_fini(&w);
	return r;
}

bool
secret_is_reference(const char *spec)
{
	for (size_t i = 0; i < NKINDS; i++)
		if (strncmp(spec, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
			return true;
	return false;
}

int
secret_read(const char *spec, char **ret, struct diag *d)
{
	for (size_t i = 0; i < NKINDS; i++) {
		size_t n = strlen(kinds[i].prefix);

		if (strncmp(spec, kinds[i].prefix, n) == 0)
			return kinds[i].read(spec + n, ret, d);
	}
	if (*spec == '\0' || strlen(spec) > SECRET_MAX)
		return diag_set(d, "a secret is empty or longer than %d bytes", SECRET_MAX);
	*ret = xstrdup(spec);
	return 0;
}

void
secret_guard(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

void
secret_free(char *s)
{
	if (s)
		explicit_bzero(s, strlen(s));
	free(s);
}

/* Bytes of "scheme://host" at the start of a URL; 0: it is none. */
static size_t
origin_length(const char *url)
{
	const char *p = strstr(url, "://"), *user;
	size_t n;

	if (!p)
		return 0;
	n = strcspn(p + 3, "/?#");
	user = memchr(p + 3, '@', n);
	return user ? 0 : (size_t)(p + 3 - url) + n;
}

void
secret_show(struct buf *b, const char *secret)
{
	size_t n = strlen(secret), origin = origin_length(secret);

	buf_add(b, secret, origin);
	if (origin > 0)
		buf_char(b, '/');
	buf_str(b, "...");
	if (n - origin >= 12)
		buf_harmless(b, (struct span){ secret + n - 4, 4 }, 16);
}

/* The part of a secret that gives it away: all of it, or a URL's path. */
static struct span
core_of(const char *secret)
{
	size_t origin = origin_length(secret);

	return span_from(span_of(secret), origin > 0 ? origin + 1 : 0);
}

void
secret_redact(struct buf *b, struct span text, const char *const *secrets, unsigned n)
{
	while (text.n > 0) {
		size_t skip = 0;

		for (unsigned i = 0; i < n && skip == 0; i++) {
			struct span core = core_of(secrets[i]);

			if (core.n >= 4 && core.n <= text.n &&
			    memcmp(core.p, text.p, core.n) == 0) {
				skip = core.n;
				secret_show(b, core.p);
			}
		}
		if (skip == 0) {
			buf_char(b, *text.p);
			skip = 1;
		}
		text = span_from(text, skip);
	}
}
