/* SPDX-License-Identifier: MIT */
/* lossdog profiles test: line by line what is read of a log, by which reader, and why not. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "know.h"
#include "map.h"
#include "pairs.h"
#include "profile_check.h"

#define LINE_SHOWN 400 /* bytes of a line */
#define TOLD_MAX   10000

struct test_opts {
	bool coverage, unread;
	int  color;
	struct opts_knowledge knowledge;
};
#define AT(member) offsetof(struct test_opts, member)

static const char *const colors[] = { "auto", "always", "never", NULL };

static const struct opt opts[] = {
	OPT(FLAG, "coverage", 0, NULL, AT(coverage), "end with the readers that no line hit, of the profiles that read one"),
	OPT(FLAG, "unread", 'u', NULL, AT(unread), "show only lines with numbers that nobody reads"),
	OPT(CHOICE, "color", 0, "WHEN", AT(color), "use colours", .initial = "auto", .choices = colors),
	OPT_GROUP(knowledge_opts, AT(knowledge)),
	OPT_END
};

static const char READ[] = "\033[32m", TAKEN[] = "\033[1;32m", LEFT[] = "\033[33m", DIM[] = "\033[2m",
    REACHED[] = "\033[4m", PLAIN[] = "\033[0m";

/* A log that is told line by line. */
struct telling {
	const struct test_opts *opts;
	struct knowledge *k;
	struct pipeline *p;
	bool colour;
	struct buf buf;
	struct map *told; /* unread lines with their digits folded -> the first one's number */
	unsigned long read, unread, numbers; /* lines; numbers: of the unread, with some */
};

static void
paint(struct telling *t, const char *colour, struct span s)
{
	if (s.n == 0)
		return;
	if (t->colour && colour)
		buf_str(&t->buf, colour);
	buf_harmless(&t->buf, s, LINE_SHOWN);
	if (t->colour && colour)
		buf_str(&t->buf, PLAIN);
}

/* The number at p was taken by the reader. */
static bool
is_taken(const struct match *m, const char *p)
{
	for (unsigned i = 0; i < m->n; i++)
		if (p >= m->field[i].text.p && p < m->field[i].text.p + m->field[i].text.n)
			return true;
	return false;
}

static struct span
shown(const struct line *line)
{
	return (struct span){ line->text.p, line->text.n < LINE_SHOWN ? line->text.n : LINE_SHOWN };
}

/* The line with its numbers coloured: those taken, and those left. */
static void
tell_numbers(struct telling *t, const struct line *line, const struct match *m)
{
	struct span s = shown(line);
	struct pairs ps;
	struct pair p;
	size_t at = 0;

	pairs_init(&ps, s, 0);
	while (pairs_next(&ps, &p)) {
		struct span each[] = { p.text, p.total };
		for (size_t i = 0; i < 2; i++) {
			if (each[i].n == 0)
				continue;
			size_t from = (size_t)(each[i].p - s.p);
			if (from < at)
				continue;
			paint(t, NULL, (struct span){ s.p + at, from - at });
			paint(t, is_taken(m, each[i].p) ? TAKEN : LEFT, each[i]);
			at = from + each[i].n;
		}
	}
	paint(t, NULL, span_from(s, at));
	buf_char(&t->buf, '\n');
}

static const char *
position_name(enum key_kind kind)
{
	static const char *const names[] = {
		[KEY_STEP] = "step", [KEY_STEPS] = "steps", [KEY_EPOCH] = "epoch", [KEY_EPOCHS] = "epochs",
		[KEY_ITER] = "iter", [KEY_ITERS] = "iters", [KEY_SAMPLES] = "samples", [KEY_TOKENS] = "tokens",
		[KEY_LEFT] = "left",
	};

	return (size_t)kind < sizeof names / sizeof *names && names[kind] ? names[kind] : "?";
}

/* "       nanogpt/iter: iter=3 train/loss=2.5; not taken: 0.1 0.2" */
static void
tell_taken(struct telling *t, const struct line *line, const struct match *m)
{
	const struct vocab *v = pipeline_vocab(t->p);
	struct pairs ps;
	struct pair p;
	unsigned left = 0;

	buf_printf(&t->buf, "       %s/%s:", profile_name(m->profile), m->reader ? m->reader : "?");
	for (unsigned i = 0; i < m->n; i++) {
		const struct field *f = &m->field[i];
		if (f->kind == KEY_METRIC)
			buf_printf(&t->buf, " %s%s%s=%.6g", vocab_metric_name(v, f->metric), f->labels ? "," : "",
			    vocab_labels_text(v, f->labels), f->value);
		else
			buf_printf(&t->buf, " %s=%.10g", position_name(f->kind), f->value);
	}
	if (m->n == 0)
		buf_str(&t->buf, " no number");
	pairs_init(&ps, shown(line), 0);
	while (pairs_next(&ps, &p))
		if (!is_taken(m, p.text.p)) {
			buf_str(&t->buf, left++ ? " " : "; not taken: ");
			buf_harmless(&t->buf, p.text, 32);
			if (p.range)
				buf_str(&t->buf, " (too large for a number)");
		}
	buf_char(&t->buf, '\n');
}

/* What somebody got through is underlined. */
static void
tell_reach(struct telling *t, const struct line *line, const struct nearest *n)
{
	struct span s = shown(line), rest = span_from(s, n->from);

	paint(t, NULL, (struct span){ s.p, s.n - rest.n });
	paint(t, REACHED, (struct span){ rest.p, n->bytes < rest.n ? n->bytes : rest.n });
	paint(t, NULL, span_from(rest, n->bytes));
	buf_char(&t->buf, '\n');
}

/* A line like this one has been explained: its number, else 0. */
static size_t
told_before(struct telling *t, const struct line *line)
{
	char like[LINE_SHOWN];
	struct span s = shown(line);

	for (size_t i = 0; i < s.n; i++)
		like[i] = s.p[i] >= '0' && s.p[i] <= '9' ? '0' : s.p[i];
	size_t before = (size_t)map_get(t->told, (struct span){ like, s.n });
	if (before == 0 && map_count(t->told) < TOLD_MAX)
		map_set(t->told, (struct span){ like, s.n }, (void *)(size_t)line->number);
	return before;
}

/* Who came nearest: how far in the line, and at what of the pattern it stopped. */
static void
tell_nearest(struct telling *t, const struct line *line)
{
	const char *name = know_profile(&t->opts->knowledge);
	const struct profile *only = name ? profiles_find(t->k->profiles, name) : NULL;
	struct nearest n = { .reader = NULL };
	size_t before = told_before(t, line);

	if (before == 0)
		profile_nearest(t->k->profiles, only, line->text, &n);
	tell_reach(t, line, &n);
	if (before)
		buf_printf(&t->buf, "       nobody: as line %zu\n", before);
	if (!n.reader)
		return;
	if (n.whole && n.block)
		buf_printf(&t->buf, "       nobody: %s reads it only in the block '%s'\n", n.reader, n.block);
	else if (n.whole)
		buf_printf(&t->buf, "       nobody: %s matches, but finds no number that it knows\n", n.reader);
	else {
		buf_printf(&t->buf, "       nobody: %s got to column %zu and wanted: ", n.reader, n.from + n.bytes + 1);
		buf_harmless(&t->buf, span_of(n.pattern + n.at), 60);
		buf_char(&t->buf, '\n');
	}
}

static void
tell_line(void *arg, const struct line *line, const struct match *m)
{
	struct telling *t = arg;
	bool numbers = !m->profile && pairs_any(line->text);

	if (line->text.n == 0 || line->redraw)
		return;
	t->read += m->profile != NULL;
	t->unread += m->profile == NULL;
	t->numbers += numbers;
	if (t->opts->unread && !numbers)
		return;
	buf_reset(&t->buf);
	buf_printf(&t->buf, "%s%6llu%s ", t->colour ? (m->profile ? READ : DIM) : "",
	    (unsigned long long)line->number, t->colour ? PLAIN : "");
	if (m->profile) {
		tell_numbers(t, line, m);
		tell_taken(t, line, m);
	} else if (numbers)
		tell_nearest(t, line);
	else {
		paint(t, DIM, shown(line));
		buf_char(&t->buf, '\n');
	}
	fwrite(t->buf.p, 1, t->buf.n, stdout);
}

/* The readers that took lines, and with --coverage those of their profiles that took none. */
static void
tell_readers(const struct telling *t)
{
	const struct matcher *m = pipeline_matcher(t->p);
	const char *only = know_profile(&t->opts->knowledge);
	unsigned n = profiles_reader_count(t->k->profiles);

	for (unsigned i = 0; i < n; i++)
		if (matcher_hits(m, i))
			printf("%7llu %s\n", (unsigned long long)matcher_hits(m, i), profiles_reader_name(t->k->profiles, i));
	for (unsigned i = 0; t->opts->coverage && i < n; i++) {
		const char *name = profiles_reader_name(t->k->profiles, i), *slash = strchr(name, '/');
		size_t len = slash ? (size_t)(slash - name) : strlen(name);
		bool meant = only && strlen(only) == len && strncmp(name, only, len) == 0;
		for (unsigned k = 0; !only && !meant && k < n; k++)
			meant = matcher_hits(m, k) && strncmp(profiles_reader_name(t->k->profiles, k), name, len + 1) == 0;
		if (meant && matcher_hits(m, i) == 0)
			printf("no line %s\n", name);
	}
}

static int
test_one(const char *path, const struct test_opts *o, struct knowledge *k)
{
	struct telling t = { .opts = o, .k = k, .colour = cmd_color(o->color, stdout) };
	struct pipeline_opts po = { .knowledge = k, .arg = &t, .line = tell_line,
	    .profile = know_profile(&o->knowledge) };

	buf_init(&t.buf, 64 << 10);
	t.told = map_new();
	int status = know_read(path, NULL, &po, &t.p);
	if (t.p) {
		tell_readers(&t);
		printf("%s: %lu lines read, %lu not (%lu of them with numbers); it is %s\n", path, t.read, t.unread,
		    t.numbers, pipeline_run(t.p)->title ? pipeline_run(t.p)->title : "unknown");
	}
	buf_fini(&t.buf);
	map_free(t.told);
	pipeline_free(t.p);
	return status;
}

static int
run_test(void *arg, int argc, char **argv)
{
	struct test_opts *o = arg;
	struct knowledge k;
	int status = STATUS_OK;

	if (know_open(&k, &o->knowledge, KNOW_WHOLE) == -1)
		return STATUS_UNKNOWN;
	for (int i = 0; i < argc; i++) {
		int s = test_one(argv[i], o, &k);
		if (s > status)
			status = s;
	}
	knowledge_fini(&k);
	return status;
}

const struct cmd cmd_profiles_test = {
	.name = "test",
	.args = "LOG...",
	.summary = "line by line what is read of a log, and by which reader",
	.about = "Each line is followed by the reader that has it, with what it took and which numbers it left; of a line "
	    "that nobody reads it is said which reader came nearest, how far it got and what it wanted there.  On a "
	    "terminal the numbers taken are green, those left yellow.",
	.opts = opts,
	.size = sizeof(struct test_opts),
	.words = WORDS_FILE,
	.least = 1,
	.run = run_test,
};
