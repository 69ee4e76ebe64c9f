/* SPDX-License-Identifier: MIT */
#include "spool.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tap.h"

static bool
put(struct spool *s, const char *text)
{
	struct iovec v[2] = { { (char *)(uintptr_t)text, 1 },
		{ (char *)(uintptr_t)text + 1, strlen(text) - 1 } };

	return spool_put(s, v, 2);
}

static const char *
take(struct spool *s, size_t n)
{
	static char buf[64];
	ptrdiff_t   got = spool_take(s, buf, n);

	buf[got > 0 ? got : 0] = '\0';
	return got < 0 ? "error" : buf;
}

/* Random amounts in and out of a small ring: what comes out is what went in. */
static bool
ring_holds(void)
{
	struct spool  s;
	unsigned char next = 0, want = 0, in[97], out[97];
	bool          good = true;

	spool_init(&s, 1000);
	srand(1);
	for (int i = 0; i < 20000 && good; i++) {
		size_t       n = (size_t)rand() % sizeof in;
		struct iovec v = { in, n };

		for (size_t k = 0; k < n; k++)
			in[k] = (unsigned char)(next + k);
		if (spool_put(&s, &v, 1))
			next = (unsigned char)(next + n);
		n = (size_t)rand() % sizeof out;
		for (ptrdiff_t got = spool_take(&s, (char *)out, n), k = 0; k < got; k++)
			good &= out[k] == want++;
		good &= spool_used(&s) <= 1000;
	}
	spool_fini(&s);
	return good;
}

int
main(void)
{
	struct spool s;
	struct stat  st;

	spool_init(&s, 10);
	IS_STR(take(&s, 5), "", "nothing is in a new one");
	OK(s.fd == -1, "no file is made before it is needed");
	OK(put(&s, "abcdef"), "six of ten");
	OK(fstat(s.fd, &st) == 0 && st.st_nlink == 0, "the file has no name");
	OK(!put(&s, "12345"), "five more do not fit, and nothing of them is there");
	OK(put(&s, "1234"), "four do");
	IS_NUM(spool_used(&s), 10, "it is full");
	IS_STR(take(&s, 8), "abcdef12", "out as they went in");
	OK(put(&s, "ABCDEFG"), "round the end");
	IS_STR(take(&s, 63), "34", "up to the end of the ring");
	IS_STR(take(&s, 63), "ABCDEFG", "and from its start");
	IS_NUM(spool_used(&s), 0, "it is empty");
	spool_fini(&s);

	spool_init(&s, 0);
	OK(!put(&s, "ab"), "a limit of nothing takes nothing");
	spool_fini(&s);
	setenv("TMPDIR", "/nowhere", 1);
	spool_init(&s, 10);
	OK(put(&s, "ab"), "without the user's folder another is taken");
	spool_fini(&s);
	OK(ring_holds(), "twenty thousand random steps");
	return DONE();
}
