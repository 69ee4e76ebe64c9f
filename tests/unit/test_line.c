/* SPDX-License-Identifier: MIT */
#include "line.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "buf.h"
#include "prefix.h"
#include "tap.h"
#include "xalloc.h"
#include "ydoc.h"

#define BAR "\xe2\x96\x88"

/* The lines are written as number:text and a | behind each; ~ is a redraw, ! a cut one. */
static const struct { const char *name, *in, *out; } rows[] = {
	{ "newlines", "a\nb\n", "1:a|2:b|" },
	{ "no newline at the end", "a\nb", "1:a|2:b|" },
	{ "empty lines are lines", "a\n\n\nb\n", "1:a|2:|3:|4:b|" },
	{ "CRLF", "a\r\nb\r\n", "1:a|2:b|" },
	{ "CRCRLF", "a\r\r\nb\r\r\n", "1:a|2:b|" },
	{ "empty CRLF", "\r\n\r\n", "1:|2:|" },
	{ "a lone carriage return is a redraw", "10%\r20%\rdone\n", "1~10%|1~20%|1:done|" },
	{ "what clings to a bar", "\r 5%|#| 1/20 [00:01<00:10, 1.5it/s, a=[1]]loss: 2\nx\n", "1: 5%|#| 1/20 [00:01<00:10, 1.5it/s, a=[1]]|1:loss: 2|2:x|" },
	{ "bars that cling to bars", "5%|#| 1/20 [1it/s]6%|#| 2/20 [1it/s]Traceback\n", "1:5%|#| 1/20 [1it/s]|1:6%|#| 2/20 [1it/s]|1:Traceback|" },
	{ "no bar and nothing behind one", "a 5% | b | [1]c\n5%|#| 1/2 [1it/s] c\n5%|#| 1/2 [1it/s]\n5%|#| 1/2 [1it/s\n5%|#\n|a\n",
	    "1:a 5% | b | [1]c|2:5%|#| 1/2 [1it/s] c|3:5%|#| 1/2 [1it/s]|4:5%|#| 1/2 [1it/s|5:5%|#|6:|a|" },
	{ "a bar that is wiped", "\r 5%| | 1/20\r            \r{'loss': 2.5}\n",
	    "1~ 5%| | 1/20|1:{'loss': 2.5}|" },
	{ "the state a newline ends is plain", "\r50%\r100%\nx\n", "1~50%|1:100%|2:x|" },
	{ "a carriage return at the end", "a\r", "1~a|" },
	{ "tabs are text", "a\tb\n", "1:a\tb|" },
	{ "colours", "\x1b[95mtrain \x1b[0m\x1b[92mloss: 2.1\x1b[0m\n", "1:train loss: 2.1|" },
	{ "colours glued around", "loss:\x1b[1;32m2.1\x1b[0mx\n", "1:loss:2.1x|" },
	{ "titles and links", "\x1b]0;title\aa\x1b]8;;http://x\x1b\\b\x1b]8;;\x1b\\c\n", "1:abc|" },
	{ "a title that does not end", "\x1b]0;loss 5\n", "1:0;loss 5|" },
	{ "short escapes", "\x1b(Ba\x1b=b\x1b""7c\n", "1:abc|" },
	{ "an escape at the end", "a\x1b", "1:a|" },
	{ "a broken escape", "a\x1b[3\x01""b\n", "1:ab|" },
	{ "Keras 1", "1/3 loss: 2.5\b\b\b\b\b\b\b\b\b\b\b\b\b\r2/3 loss: 2.4\b\b\b\b\b\b\b\b\b\b\b\b\b\r"
	    "3/3 loss: 2.3\n", "1~1/3 loss: 2.5|1~2/3 loss: 2.4|1:3/3 loss: 2.3|" },
	{ "all erased without a return", "10%\b\b\b20%\n", "1~10%|1:20%|" },
	{ "a part erased", "test 10%\b\b\b20%\b\b\b30%\n", "1:test 30%|" },
	{ "erased letter by letter", "abc\b \b\b \bx\n", "1:ax|" },
	{ "a character of three bytes erased", "a" BAR "\bb\n", "1:ab|" },
	{ "backs and a colour", "50%\b\b\x1b[32m1%\n", "1:51%|" },
	{ "cursor left", "10%\x1b[3D20%\n", "1~10%|1:20%|" },
	{ "nested bars", "\router\n\rinner 1\x1b[A\n\rinner 2\x1b[A\nafter\n",
	    "1:outer|2~inner 1|3~inner 2|4:after|" },
	{ "text behind a cursor-up", "Validation: 0/?\x1b[AINFO Epoch 0: loss 5\n",
	    "1~Validation: 0/?|1:INFO Epoch 0: loss 5|" },
	{ "a wiped nested bar", "5%| |\n\r        \r\x1b[A{'eval_loss': 0.9}\n",
	    "1:5%| ||2:{'eval_loss': 0.9}|" },
	{ "a line erased", "old\x1b[2Knew\n", "1~old|1:new|" },
	{ "erased to the right is nothing", "text\x1b[K\n", "1:text|" },
	{ "NULs are a hole in the file", "\r9%| |\0\0\0\0" "07/15/2023 next\n", NULL },
	{ "a byte order mark", "\xef\xbb\xbfloss 1\n\xef\xbb\xbfloss 2\n", "1:loss 1|2:\xef\xbb\xbfloss 2|" },
	{ "bytes of a code page", "\xb2\xe2\xca\xd4 loss\n", "1:\xb2\xe2\xca\xd4 loss|" },
	{ "form feeds", "a\fb\vc\n", "1:a b c|" },
};

static void
add_line(struct buf *out, const struct line *line)
{
	buf_printf(out, "%lu%c", (unsigned long)line->number,
	    line->cut ? '!' : line->redraw ? '~' : ':');
	buf_span(out, line->text);
	buf_char(out, '|');
}

static void
take(struct lines *l, struct buf *out)
{
	struct line line;

	while (lines_next(l, &line))
		add_line(out, &line);
}

/* All lines of s given in pieces of n bytes; 0: of any size, by the seed. */
static char *
lines_of(struct span s, size_t n, unsigned seed, const struct prefixes *prefixes)
{
	struct lines *l = lines_new(prefixes);
	struct buf    out;
	size_t        len;

	buf_init(&out, SIZE_MAX);
	while (s.n > 0) {
		seed = seed * 1103515245 + 12345;
		len = n > 0 ? n : 1 + (seed >> 16) % (seed & 0x10000000 ? 40 : 5000);
		if (len > s.n)
			len = s.n;
		/* a copy of its own, so that a read past its end shows */
		char *piece = xmalloc(len);
		memcpy(piece, s.p, len);
		lines_push(l, (struct span){ piece, len }, NAN);
		take(l, &out);
		free(piece);
		s = span_from(s, len);
	}
	lines_end(l);
	take(l, &out);
	lines_free(l);
	return buf_take(&out);
}

static void
test_rows(void)
{
	static const char hole[] = "\r9%| |\0\0\0\0" "07/15/2023 next\n";

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool        is_hole = rows[i].out == NULL;
		struct span in = is_hole ? (struct span){ hole, sizeof hole - 1 } : span_of(rows[i].in);
		const char *want = is_hole ? "1~9%| ||1:07/15/2023 next|" : rows[i].out;
		char       *whole = lines_of(in, in.n, 0, NULL);
		char       *single = lines_of(in, 1, 0, NULL);

		IS_STR(whole, want, "%s", rows[i].name);
		IS_STR(single, want, "%s, byte by byte", rows[i].name);
		free(whole);
		free(single);
	}
}

static void
test_long(void)
{
	enum { SIZE = 64 << 20, PIECE = 1 << 16 };
	struct lines     *l = lines_new(NULL);
	struct lines_stat stat;
	struct line       line = { 0 };
	struct rusage     before, after;
	char             *piece = xmalloc(PIECE);

	memset(piece, 'x', PIECE);
	getrusage(RUSAGE_SELF, &before);
	for (size_t i = 0; i < SIZE / PIECE; i++) {
		lines_push(l, (struct span){ piece, PIECE }, NAN);
		if (lines_next(l, &line))
			break;
	}
	lines_push(l, SPAN_LIT("\nafter\n"), NAN);
	OK(lines_next(l, &line) && line.cut && line.text.n == LINE_MAX_TEXT,
	    "a line of 64 MiB is cut");
	OK(lines_next(l, &line) && !line.cut && span_is(line.text, "after") && line.number == 2,
	    "and the next one is whole");
	lines_stat(l, &stat);
	OK(stat.cut_lines == 1 && stat.cut_bytes == SIZE - LINE_MAX_TEXT, "the cut is counted");
	for (size_t i = 0; i < SIZE / PIECE; i++) {
		memset(piece, 0, PIECE);
		lines_push(l, (struct span){ piece, PIECE }, NAN);
		if (lines_next(l, &line))
			break;
	}
	lines_stat(l, &stat);
	OK(stat.nul_bytes == SIZE && stat.lines == 2, "64 MiB of NULs are no line, but counted");
	getrusage(RUSAGE_SELF, &after);
	OK(after.ru_maxrss - before.ru_maxrss < 1024, "both in less than 1 MiB of memory");
	free(piece);
	lines_free(l);
}

static void
test_kinds(void)
{
	static const struct { const char *name; struct span in; bool utf16, binary; } kinds[] = {
		{ "text", SPAN_LIT("loss 1\n"), false, false },
		{ "UTF-16, little", SPAN_LIT("\xff\xfel\0o\0s\0s\0\n\0"), true, false },
		{ "UTF-16, big", SPAN_LIT("\xfe\xff\0l\0o\0s\0s\0\n"), true, false },
		{ "an executable", SPAN_LIT("\x7f""ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0>\0\1\0\0\0"), false, true },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		for (size_t n = 1; n <= kinds[i].in.n; n += kinds[i].in.n - 1) {
			struct lines     *l = lines_new(NULL);
			struct lines_stat stat;
			struct line       line;
			unsigned          count = 0;

			for (size_t at = 0; at < kinds[i].in.n; at += n) {
				struct span s = span_from(kinds[i].in, at);

				if (s.n > n)
					s.n = n;
				lines_push(l, s, NAN);
				while (lines_next(l, &line))
					count++;
			}
			lines_end(l);
			while (lines_next(l, &line))
				count++;
			lines_stat(l, &stat);
			OK(stat.utf16 == kinds[i].utf16 &&
			    (stat.utf16 ? count == 0 : stat.binary == kinds[i].binary),
			    "%s in pieces of %zu", kinds[i].name, n);
			lines_free(l);
		}
}

static struct span
read_file(const char *path)
{
	struct stat st;
	FILE       *f = fopen(path, "r");
	struct span s = SPAN_NONE;

	if (f == NULL)
		return s;
	if (fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode)) {
		char *p = xmalloc((size_t)st.st_size + 1);

		s = (struct span){ p, fread(p, 1, (size_t)st.st_size, f) };
	}
	fclose(f);
	return s;
}

static struct prefixes *
load_prefixes(const char *src)
{
	char            *path = xasprintf("%s/rules/prefixes.yaml", src);
	struct span      yaml = read_file(path);
	struct diags    *diags = diags_new();
	struct prefixes *x = prefixes_new();

	OK(prefixes_load(x, ydoc_parse("prefixes.yaml", yaml, diags), diags) == 0, "the prefixes load");
	diags_free(diags);
	free((void *)(uintptr_t)yaml.p);
	free(path);
	return x;
}

/* What a prefix says holds for the states of a bar behind it. */
static void
test_facts(const struct prefixes *x)
{
	struct lines *l = lines_new(x);
	struct line   line;

	lines_push(l, SPAN_LIT("[rank3]: \r 5%\r10%\n20%\n"), NAN);
	OK(lines_next(l, &line) && span_is(line.text, " 5%") && line.rank == 3 && line.redraw,
	    "a prefix alone is no line, and its rank holds for what is drawn over it");
	OK(lines_next(l, &line) && span_is(line.text, "10%") && line.rank == 3 && !line.redraw,
	    "up to the newline");
	OK(lines_next(l, &line) && line.rank == -1, "and no farther");
	lines_push(l, SPAN_LIT("{\"log\":\"\\r 5%\\r\\u001b[32m10%\\u001b[0m\\n\",\"stream\":\"stderr\"}\nx\n"), NAN);
	OK(lines_next(l, &line) && span_is(line.text, " 5%") && line.redraw,
	    "a bar inside a JSON-wrapped line is drawn");
	OK(lines_next(l, &line) && span_is(line.text, "10%") && line.number == 3,
	    "state by state, and without its colours");
	OK(lines_next(l, &line) && span_is(line.text, "x") && line.number == 4, "and the next line follows");
	lines_free(l);
}

/* Any split of the input gives the same lines. */
static unsigned
check_folder(const char *path, const struct prefixes *x, unsigned *bad)
{
	DIR           *dir = opendir(path);
	struct dirent *e;
	unsigned       n = 0;

	while (dir != NULL && (e = readdir(dir)) != NULL) {
		char  *file = xasprintf("%s/%s", path, e->d_name);
		size_t len = strlen(e->d_name);

		if (e->d_name[0] != '.' && e->d_type == DT_DIR)
			n += check_folder(file, x, bad);
		if (len > 4 && strcmp(e->d_name + len - 4, ".log") == 0) {
			struct span s = read_file(file);
			char       *whole = lines_of(s, s.n, 0, x);
			char       *split = lines_of(s, 0, ++n, x);

			if (strcmp(whole, split) != 0) {
				printf("# differs: %s\n", file);
				(*bad)++;
			}
			free(whole);
			free(split);
			free((void *)(uintptr_t)s.p);
		}
		free(file);
	}
	if (dir != NULL)
		closedir(dir);
	return n;
}

int
main(void)
{
	const char      *src = getenv("SRCDIR") != NULL ? getenv("SRCDIR") : ".";
	char            *corpus = xasprintf("%s/../shared/corpus", src);
	struct prefixes *x = load_prefixes(src);
	unsigned         bad = 0, n;

	test_long(); /* first: it looks at the memory used at most so far */
	test_rows();
	test_kinds();
	test_facts(x);
	n = check_folder(corpus, x, &bad);
	if (n == 0)
		SKIP("no corpus", "any split of a real log gives the same lines");
	else
		OK(bad == 0, "any split of %u real logs gives the same lines", n);
	prefixes_free(x);
	free(corpus);
	return DONE();
}
