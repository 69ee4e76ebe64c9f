/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "learn_impl.h"
#include "pattern.h"
#include "pipeline.h"
#include "xalloc.h"

#define GROUPS_MAX  34 /* named groups of one pattern */
#define GROUP_NAME  30 /* bytes of a group's name */
#define COMMENT_MAX 150
#define SAMPLES_MAX 64 /* of one test */

/* What is being written. */
struct writing {
	struct learn *l;
	const char *name;
	struct buf  *out;
	struct buf   doubts; /* of the reader in hand */
	struct buf   body;   /* of the reader in hand */
	struct buf   map;    /* its map: */
	unsigned     odd;    /* groups in it */
	struct learn_template *reader[LEARN_READERS];
	unsigned     readers;
	struct learn_stat *stat;
};

/* --- texts in YAML --- */

/* Bytes of the character at s that may stand in YAML; 0: none. */
static size_t
yaml_char(struct span s)
{
	size_t n = span_utf8(s);
	unsigned char a = (unsigned char)s.p[0];

	if (n == 1)
		return a == '\t' || (a >= 0x20 && a < 0x7f);
	if (n == 2 && a == 0xc2 && (unsigned char)s.p[1] < 0xa0)
		return 0; /* C1 controls */
	if (n == 3 && (memcmp(s.p, "\xef\xbb\xbf", 3) == 0 || memcmp(s.p, "\xef\xbf\xbe", 3) == 0 ||
	    memcmp(s.p, "\xef\xbf\xbf", 3) == 0))
		return 0; /* a mark of byte order, and what is no character */
	return n;
}

static bool
yaml_text(struct span s)
{
	for (size_t i = 0, n; i < s.n; i += n)
		if ((n = yaml_char(span_from(s, i))) == 0)
			return false;
	return true;
}

static void
quote(struct buf *out, struct span s)
{
	buf_char(out, '\'');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\'')
			buf_char(out, '\'');
		buf_char(out, s.p[i]);
	}
	buf_char(out, '\'');
}

/* A line of remarks: what YAML cannot hold is a question mark. */
static void
comment(struct buf *out, const char *mark, struct span s)
{
	buf_printf(out, "# %s", mark);
	for (size_t i = 0, n; i < s.n; i += n ? n : 1) {
		if (i >= COMMENT_MAX) {
			buf_str(out, " ...");
			break;
		}
		n = yaml_char(span_from(s, i));
		if (n)
			buf_add(out, s.p + i, n);
		else
			buf_char(out, '?');
	}
	buf_char(out, '\n');
}

/* --- patterns --- */

static void
add_regex(struct buf *out, struct span s)
{
	for (size_t i = 0, n; i < s.n; i += n) {
		n = yaml_char(span_from(s, i));
		if (n == 0) {
			buf_char(out, '.');
			n = 1;
			continue;
		}
		if (n == 1 && strchr("\\.^$*+?()[]{}|", s.p[i]))
			buf_char(out, '\\');
		buf_add(out, s.p + i, n);
	}
}

static const char *
position_name(enum key_kind kind)
{
	static const char *const names[] = {
		[KEY_STEP] = "step", [KEY_STEPS] = "steps", [KEY_EPOCH] = "epoch", [KEY_EPOCHS] = "epochs",
		[KEY_ITER] = "iter", [KEY_ITERS] = "iters", [KEY_SAMPLES] = "samples", [KEY_TOKENS] = "tokens",
		[KEY_RANK] = "rank", [KEY_GPU] = "gpu",
	};

	return (size_t)kind < sizeof names / sizeof *names ? names[kind] : NULL;
}

/* "val/map50-95", without what a name in YAML cannot hold. */
static void
metric_name(const struct learn_field *f, char *ret, size_t size)
{
	static const char *const phase[] = { "", "train/", "val/", "test/" };

	snprintf(ret, size, "%s%s", f->phased ? phase[f->phase] : "", f->base);
	for (char *p = ret; *p; p++)
		if (isspace((unsigned char)*p) || (unsigned char)*p >= 0x7f || strchr("'\"#,{}", *p))
			*p = '_';
}

/* The name of its group; what cannot be said in one goes to the map. */
static void
group_name(struct writing *w, const struct learn_field *f, char ret[GROUP_NAME + 2])
{
	char metric[VOCAB_NAME_MAX + 8];
	struct key_meaning m;
	size_t n = 0;
	const char *position = position_name(f->kind);

	if (position) {
		snprintf(ret, GROUP_NAME + 2, "%s", position);
		return;
	}
	metric_name(f, metric, sizeof metric);
	bool plain = isalpha((unsigned char)metric[0]) && !strstr(metric, "__") && strlen(metric) + 2 < GROUP_NAME;
	for (const char *p = metric; *p && n < GROUP_NAME; p++) {
		plain = plain && (isalnum((unsigned char)*p) || *p == '_' || *p == '/');
		ret[n++] = isalnum((unsigned char)*p) ? *p : '_';
		if (*p == '/')
			ret[n++] = '_';
	}
	ret[n] = '\0';
	vocab_key(w->l->k->vocab, span_of(metric), &m);
	/* It must mean the same when the profile is read. */
	const char *base = metric + (strlen(metric) - strlen(f->base));
	if (plain && (m.kind == KEY_METRIC || m.kind == KEY_UNKNOWN) && m.phase == f->phase && span_is(m.base, base))
		return;
	snprintf(ret, GROUP_NAME + 2, "n%u", ++w->odd);
	buf_printf(&w->map, "%s%s: ", w->map.n ? ", " : "", ret);
	quote(&w->map, span_of(metric));
}

static void
add_field(struct writing *w, const struct learn_field *f, unsigned *groups)
{
	char name[GROUP_NAME + 2];
	bool named = f->kind != KEY_UNKNOWN && *groups < GROUPS_MAX;
	bool position = named && f->kind != KEY_METRIC && f->whole && f->min >= 0;
	size_t n = w->body.n;

	if (n < 3 || memcmp(w->body.p + n - 3, "\\s*", 3) != 0)
		buf_str(&w->body, "\\s*");
	if (named) {
		group_name(w, f, name);
		buf_printf(&w->body, "(?<%s>", name);
		++*groups;
	}
	buf_str(&w->body, f->wrapped ? "[\\w.]+\\([^()]*\\)" : position ? "%{int}" : "%{num}");
	if (f->unit.q != Q_NONE)
		buf_str(&w->body, "(?: ?[^\\s\\d,;|)\\]]+)?");
	if (named)
		buf_char(&w->body, ')');
}

static void
add_pattern(struct writing *w, const struct learn_template *t)
{
	struct span s = { t->shape, t->shape_n };
	unsigned n = 0, groups = 0;

	buf_str(&w->body, "^\\s*");
	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case MARK_NUMBER:
			add_field(w, &t->field[n++], &groups);
			break;
		case MARK_WORD:
			buf_str(&w->body, "[^\\s,;|<>()\\[\\]]+");
			break;
		case MARK_BAR:
			buf_str(&w->body, "[^|\\]]*");
			break;
		case ' ':
			buf_str(&w->body, "\\s+");
			break;
		default: {
			size_t end = i + 1;
			while (end < s.n && s.p[end] != ' ' && (unsigned char)s.p[end] > MARK_NUMBER)
				end++;
			add_regex(&w->body, (struct span){ s.p + i, end - i });
			i = end - 1;
		}
		}
	buf_str(&w->body, "\\s*$");
}

/* --- readers --- */

static bool
takes(const struct learn_template *t, enum key_kind kind)
{
	for (unsigned i = 0; i < t->fields; i++)
		if (t->field[i].kind == kind)
			return true;
	return false;
}

/* A line that came once is worth a reader when it says how good the model is, or how far it will go. */
static bool
worth_once(const struct learn *l, const struct learn_template *t)
{
	for (unsigned i = 0; i < t->fields; i++) {
		const struct learn_field *f = &t->field[i];
		if (f->kind != KEY_METRIC || !f->phased || !f->joined)
			continue;
		int id = vocab_metric(l->k->vocab, PHASE_VAL, true, span_of(f->base));
		enum metric_class cls = id < 0 ? CLASS_OTHER : vocab_metric_info(l->k->vocab, id)->cls;
		if (cls == CLASS_LOSS || cls == CLASS_SCORE || cls == CLASS_ERROR || cls == CLASS_REWARD)
			return true;
	}
	return false;
}

static bool
worth_reading(const struct learn *l, const struct learn_template *t)
{
	bool place = takes(t, KEY_STEP) || takes(t, KEY_EPOCH) || takes(t, KEY_ITER);

	if (t->count < 2)
		return worth_once(l, t);
	return takes(t, KEY_METRIC) || place;
}

static int
by_count(const void *a, const void *b)
{
	const struct learn_template *x = *(struct learn_template *const *)a, *y = *(struct learn_template *const *)b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->line < y->line ? -1 : 1;
}

/* The key of an object that its reader is found by: a metric's, else its first; NULL: YAML cannot hold it. */
static const char *
needed_key(const struct learn_template *t)
{
	const char *key = t->field[0].key;

	for (unsigned i = t->fields; i-- > 0;)
		if (t->field[i].kind == KEY_METRIC && t->field[i].n == t->count)
			key = t->field[i].key;
	return yaml_text(span_of(key)) ? key : NULL;
}

/* Keys that mean what they do not say. */
static void
add_map(struct writing *w, const struct learn_template *t)
{
	unsigned n = 0;

	for (unsigned i = 0; i < t->fields; i++)
		if (t->field[i].guessed && yaml_text(span_of(t->field[i].key))) {
			buf_str(w->out, n++ ? ", " : "  map: {");
			quote(w->out, span_of(t->field[i].key));
			buf_printf(w->out, ": %s", position_name(t->field[i].kind));
		}
	if (n)
		buf_str(w->out, "}\n");
}

/* Keys that are no metrics after all. */
static void
add_drop(struct writing *w, const struct learn_template *t)
{
	unsigned n = 0;

	for (unsigned i = 0; i < t->fields; i++)
		if (t->field[i].kind == KEY_UNKNOWN && yaml_text(span_of(t->field[i].key))) {
			buf_str(w->out, n++ ? ", " : "  drop: [");
			quote(w->out, span_of(t->field[i].key));
		}
	if (n)
		buf_str(w->out, "]\n");
}

static void
write_object(struct writing *w, const struct learn_template *t)
{
	static const char *const phase[] = { NULL, "train", "val", "test" };
	const char *brace = memchr(t->shape, '{', t->shape_n);
	struct span before = span_trim((struct span){ t->shape, (size_t)(brace - t->shape) });

	if (before.n) {
		buf_str(&w->body, "^\\s*");
		add_regex(&w->body, before);
		buf_str(&w->body, "\\s*(?=\\{)");
		buf_str(w->out, "  pattern: ");
		quote(w->out, buf_get(&w->body));
		buf_char(w->out, '\n');
	}
	buf_str(w->out, "  object: {needs: [");
	quote(w->out, span_of(needed_key(t)));
	buf_str(w->out, "]}\n");
	if (t->phase)
		buf_printf(w->out, "  phase: %s\n", phase[t->phase]);
	add_map(w, t);
	add_drop(w, t);
}

static void
write_table(struct writing *w, const struct learn_template *t)
{
	struct span rest = span_of(t->header);
	char sep[] = { t->sep, '\0' };

	buf_str(&w->body, "^\\s*");
	for (size_t i = 0, end; i < rest.n; i = end) {
		for (end = i; end < rest.n && rest.p[end] != ' ' && rest.p[end] != '\t'; end++)
			;
		add_regex(&w->body, (struct span){ rest.p + i, end - i });
		if (end < rest.n)
			buf_str(&w->body, "\\s+");
		while (end < rest.n && (rest.p[end] == ' ' || rest.p[end] == '\t'))
			end++;
	}
	buf_str(&w->body, "\\s*$");
	buf_str(w->out, "  pattern: ");
	quote(w->out, buf_get(&w->body));
	buf_str(w->out, "\n  columns: {sep: ");
	quote(w->out, span_of(t->sep == '\t' ? "tab" : t->sep ? sep : "blank"));
	buf_str(w->out, "}\n  stay: true\n");
	add_map(w, t);
	add_drop(w, t);
}

static void
write_text(struct writing *w, const struct learn_template *t)
{
	buf_str(w->out, "  pattern: ");
	quote(w->out, buf_get(&w->body));
	buf_char(w->out, '\n');
	if (w->map.n)
		buf_printf(w->out, "  map: {%s}\n", buf_cstr(&w->map));
	if (t->redraw && takes(t, KEY_ITER) && takes(t, KEY_ITERS))
		buf_str(w->out, "  bar: true\n");
	if (!takes(t, KEY_METRIC))
		buf_str(w->out, "  context: true\n");
}

static void
write_doubts(struct writing *w)
{
	struct span rest = buf_get(&w->doubts);

	while (rest.n) {
		const char *end = memchr(rest.p, '\n', rest.n);
		size_t n = end ? (size_t)(end - rest.p) : rest.n;
		comment(w->out, "unsure: ", (struct span){ rest.p, n });
		rest = span_from(rest, n + 1);
		w->stat->unsure++;
	}
}

/* "train-loss": the first metric of a reader, else its first position. */
static void
write_name(struct writing *w, const struct learn_template *t)
{
	const struct learn_field *f = NULL;
	char name[VOCAB_NAME_MAX + 8];

	for (unsigned i = 0; i < t->fields && (!f || f->kind != KEY_METRIC); i++)
		if (t->field[i].kind == KEY_METRIC || (!f && position_name(t->field[i].kind)))
			f = &t->field[i];
	if (f->kind == KEY_METRIC)
		metric_name(f, name, sizeof name);
	else
		snprintf(name, sizeof name, "%s", position_name(f->kind));
	for (char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p))
			*p = '-';
	buf_printf(w->out, "- name: %s-%u\n", name, w->readers + 1);
}

/* A text that is always there, by which the pattern is found among all. */
static bool
has_literal(struct writing *w)
{
	char lit[16][PATTERN_LITERAL_MAX];
	struct pattern *p;
	struct diag d;

	if (pattern_new(buf_cstr(&w->body), 0, &p, &d) == -1)
		return false;
	unsigned n = pattern_literals(p, lit, 16);
	bool good = n > 0 && pattern_check(p, &d) == 0;
	pattern_free(p);
	return good;
}

static void
write_reader(struct writing *w, struct learn_template *t)
{
	buf_reset(&w->doubts);
	buf_reset(&w->body);
	buf_reset(&w->map);
	w->odd = 0;
	learn_name(w->l, t, &w->doubts);
	if (!worth_reading(w->l, t) || w->readers == LEARN_READERS || (t->kind == LEARN_OBJECT && !needed_key(t)))
		return;
	if (t->kind == LEARN_TEXT) {
		add_pattern(w, t);
		if (!has_literal(w)) {
			comment(w->out, "left out, for it has no words: ", span_of(t->example[0]));
			return;
		}
	}
	char mark[40];
	snprintf(mark, sizeof mark, "%llu line%s: ", (unsigned long long)t->count, t->count == 1 ? "" : "s");
	comment(w->out, mark, span_trim(span_of(t->example[0])));
	if (t->count == 1)
		buf_str(&w->doubts, "such a line came only once\n");
	write_doubts(w);
	write_name(w, t);
	if (t->kind == LEARN_OBJECT)
		write_object(w, t);
	else if (t->kind == LEARN_TABLE)
		write_table(w, t);
	else
		write_text(w, t);
	w->reader[w->readers++] = t;
	w->stat->learnt += t->count;
}

/* --- tests --- */

struct taken {
	struct sample sample[SAMPLES_MAX];
	unsigned n;
};

static void
collect(void *arg, const struct run *run, const struct sample *s)
{
	struct taken *got = arg;

	(void)run;
	if (!s->live && got->n < SAMPLES_MAX)
		got->sample[got->n++] = *s;
}

static void
write_sample(struct writing *w, const struct sample *s)
{
	const struct vocab *v = w->l->k->vocab;

	buf_str(w->out, "  - {metric: ");
	quote(w->out, span_of(vocab_metric_name(v, s->metric)));
	buf_printf(w->out, ", value: %.12g", s->value);
	if (!isnan(s->step))
		buf_printf(w->out, ", step: %.12g", s->step);
	if (!isnan(s->epoch))
		buf_printf(w->out, ", epoch: %.12g", s->epoch);
	if (s->labels) {
		buf_str(w->out, ", labels: ");
		quote(w->out, span_of(vocab_labels_text(v, s->labels)));
	}
	buf_str(w->out, "}\n");
}

/* The examples of a template, and what the profile, which is loaded, makes of them. */
static void
write_test(struct writing *w, const struct learn_template *t)
{
	struct knowledge bare = knowledge_lines(w->l->k);
	struct taken got = { .n = 0 };
	struct diag d;

	struct pipeline_opts o = { .knowledge = &bare, .arg = &got, .sample = collect };
	struct pipeline *p = pipeline_new(&o, &d);
	if (!p) {
		knowledge_lines_fini(&bare);
		return;
	}
	buf_str(w->out, "- lines:\n");
	for (int i = t->header ? -1 : 0; i < LEARN_EXAMPLES; i++) {
		const char *text = i < 0 ? t->header : t->example[i];
		if (!text || !yaml_text(span_of(text)))
			continue;
		buf_str(w->out, "  - ");
		quote(w->out, span_of(text));
		buf_char(w->out, '\n');
		pipeline_feed(p, 0, span_of(text), NAN);
		pipeline_feed(p, 0, SPAN_LIT("\n"), NAN);
	}
	pipeline_end(p, NAN);
	buf_str(w->out, got.n ? "  samples:\n" : "  samples: []\n");
	for (unsigned i = 0; i < got.n; i++)
		write_sample(w, &got.sample[i]);
	pipeline_free(p);
	knowledge_lines_fini(&bare);
}

static bool
has_example(const struct learn_template *t)
{
	for (unsigned i = 0; i < LEARN_EXAMPLES; i++)
		if (t->example[i] && yaml_text(span_of(t->example[i])))
			return true;
	return false;
}

static int
write_tests(struct writing *w, struct diag *d)
{
	struct diags *diags = diags_new();
	int status = profiles_load(w->l->k->profiles, ydoc_parse(w->name, buf_get(w->out), diags), diags);

	diags_free(diags);
	if (status == -1)
		return diag_set(d, "what was learnt of the log is no profile: this is a mistake in lossdog");
	for (unsigned i = 0, n = 0; i < w->readers; i++) {
		if (!has_example(w->reader[i]))
			continue;
		if (n++ == 0)
			buf_str(w->out, "tests:\n");
		write_test(w, w->reader[i]);
	}
	return 0;
}

static void
write_head(struct writing *w, const char *source, struct buf *readers)
{
	struct buf head;

	buf_init(&head, 1 << 20);
	comment(&head, "Learnt from ", span_of(source));
	buf_printf(&head, "# It has %llu lines, %llu of them read by other profiles, %llu with\n"
	    "# numbers, %llu of which are read by the readers below.  What is a guess is marked \"unsure\":\n"
	    "# look at it, then run lossdog profiles check on this file.\n", (unsigned long long)w->stat->lines,
	    (unsigned long long)w->stat->known, (unsigned long long)w->stat->numbers,
	    (unsigned long long)w->stat->learnt);
	buf_printf(&head, "profile: %s\ntitle: %s\nreads:\n", w->name, w->name);
	buf_span(&head, buf_get(readers));
	buf_reset(readers);
	buf_span(readers, buf_get(&head));
	buf_fini(&head);
}

int
learn_write(struct learn *l, const char *name, const char *source, struct buf *out,
    struct learn_stat *ret, struct diag *d)
{
	struct writing w = { .l = l, .name = name, .out = out, .stat = ret };
	int status = 0;

	*ret = l->stat;
	ret->learnt = 0;
	buf_init(&w.doubts, 64 << 10);
	buf_init(&w.body, 64 << 10);
	buf_init(&w.map, 64 << 10);
	qsort(l->t, l->n, sizeof *l->t, by_count);
	for (unsigned i = 0; i < l->n; i++)
		write_reader(&w, l->t[i]);
	ret->readers = w.readers;
	if (w.readers == 0)
		status = diag_set(d, ret->known ? "there is nothing left to learn: other profiles read its lines" :
		    "no line has numbers that look like metrics");
	else {
		write_head(&w, source, out);
		status = write_tests(&w, d);
	}
	buf_fini(&w.doubts);
	buf_fini(&w.body);
	buf_fini(&w.map);
	return status;
}
