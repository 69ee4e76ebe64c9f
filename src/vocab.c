/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vocab.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>

#include "vocab_impl.h"
#include "xalloc.h"

#define NAME_WORDS  4 /* more, before a number, are a sentence and no name */
#define METRICS_MAX 20000
#define LABELS_MAX  20000

const char *const vocab_phase_name[4] = { "", "train", "val", "test" };

static const struct { const char *name; enum metric_class cls; } classes[] = {
	{ "other", CLASS_OTHER }, { "loss", CLASS_LOSS }, { "part", CLASS_PART },
	{ "adversarial", CLASS_ADVERSARIAL }, { "score", CLASS_SCORE }, { "error", CLASS_ERROR },
	{ "lr", CLASS_LR }, { "grad", CLASS_GRAD }, { "scale", CLASS_SCALE }, { "time", CLASS_TIME },
	{ "rate", CLASS_RATE }, { "reward", CLASS_REWARD }, { "resource", CLASS_RESOURCE },
	{ "data", CLASS_DATA }, { "counter", CLASS_COUNTER },
};

static const struct { const char *name; enum key_kind kind; } positions[] = {
	{ "step", KEY_STEP }, { "steps", KEY_STEPS }, { "epoch", KEY_EPOCH }, { "epochs", KEY_EPOCHS },
	{ "iter", KEY_ITER }, { "iters", KEY_ITERS }, { "samples", KEY_SAMPLES }, { "tokens", KEY_TOKENS },
	{ "rank", KEY_RANK }, { "gpu", KEY_GPU }, { "time", KEY_TIME }, { "left", KEY_LEFT },
	{ "ignore", KEY_IGNORE },
};

bool
vocab_class(const char *name, enum metric_class *ret)
{
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (strcmp(classes[i].name, name) == 0) {
			*ret = classes[i].cls;
			return true;
		}
	return false;
}

bool
vocab_position(struct span name, enum key_kind *ret)
{
	for (size_t i = 0; i < sizeof positions / sizeof *positions; i++)
		if (span_is(name, positions[i].name)) {
			*ret = positions[i].kind;
			return true;
		}
	return false;
}

size_t
vocab_bases(const struct vocab *v, const char **ret, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < v->entries && n < max; i++)
		if (v->entry[i]->kind != KEY_IGNORE)
			ret[n++] = v->entry[i]->base;
	return n;
}

bool
vocab_phase(const struct vocab *v, struct span word, enum phase *ret)
{
	char fold[24];

	if (word.n == 0 || word.n >= sizeof fold)
		return false;
	for (size_t i = 0; i < word.n; i++)
		fold[i] = (char)tolower((unsigned char)word.p[i]);
	void *p = map_get(v->phases, (struct span){ fold, word.n });
	if (!p)
		return false;
	*ret = (enum phase)((size_t)p - 1);
	return true;
}

struct vocab *
vocab_new(void)
{
	struct vocab *v = xcalloc(1, sizeof *v);

	v->words = map_new();
	v->phases = map_new();
	v->fillers = map_new();
	v->metric_ids = map_new();
	v->label_ids = map_new();
	(void)vocab_labels(v, SPAN_LIT(""));
	return v;
}

void
vocab_free(struct vocab *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->entries; i++) {
		free(v->entry[i]->base);
		free(v->entry[i]);
	}
	for (size_t i = 0; i < v->likes; i++)
		free(v->like[i].glob);
	for (size_t i = 0; i < v->metrics; i++) {
		free(v->metric[i]->text);
		free(v->metric[i]);
	}
	for (size_t i = 0; i < v->labels; i++)
		free(v->label[i]);
	free(v->entry);
	free(v->like);
	free(v->metric);
	free(v->label);
	map_free(v->words);
	map_free(v->phases);
	map_free(v->fillers);
	map_free(v->metric_ids);
	map_free(v->label_ids);
	free(v);
}

/* --- the keys of a log --- */

struct span
vocab_fold(struct span key, char *buf, size_t size)
{
	size_t n = 0;
	bool gap = false;

	for (size_t i = 0; i < key.n && n + 2 < size; i++) {
		unsigned char c = (unsigned char)key.p[i];
		if (c == ' ' || c == '\t' || c == '_' || c == '-') {
			gap = n > 0;
			continue;
		}
		if (c == '"' || c == '\'' || c == '`' || c == '*' || (c == '.' && i + 1 < key.n && key.p[i + 1] == ' '))
			continue;
		if (gap)
			buf[n++] = '_';
		gap = false;
		buf[n++] = (char)tolower(c);
	}
	return (struct span){ buf, n };
}

/* "time (ms)", "speed [it/s]": takes the unit off the end of the key. */
static struct span
take_unit(struct span key, struct unit *unit, bool *has)
{
	key = span_trim(key);
	char close = key.n ? key.p[key.n - 1] : 0;
	if (close != ')' && close != ']')
		return key;
	char open = close == ')' ? '(' : '[';
	size_t i = key.n - 1;
	while (i > 0 && key.p[i] != open)
		i--;
	if (i == 0)
		return key;
	struct span name = span_trim((struct span){ key.p + i + 1, key.n - i - 2 });
	if (!unit_find(name, unit))
		return key;
	*has = true;
	return span_trim((struct span){ key.p, i });
}

/* A phase word at the start or the end of a folded key, with its separator: takes it off. */
static bool
take_phase(const struct vocab *v, struct span *key, enum phase *ret)
{
	size_t i = 0, j = key->n;

	while (i < key->n && isalpha((unsigned char)key->p[i]))
		i++;
	if (i + 1 < key->n && strchr("_/.:|", key->p[i]) &&
	    vocab_phase(v, (struct span){ key->p, i }, ret)) {
		*key = span_from(*key, i + 1);
		return true;
	}
	while (j > 0 && isalpha((unsigned char)key->p[j - 1]))
		j--;
	if (j > 1 && strchr("_/.:|", key->p[j - 1]) && key->n - j > 1 &&
	    vocab_phase(v, span_from(*key, j), ret)) {
		key->n = j - 1;
		return true;
	}
	return false;
}

/* A phase word within a folded key, "average_val_loss": what the key means without it; NULL: nothing. */
static const struct entry *
find_around_phase(const struct vocab *v, struct span key, enum phase *ret)
{
	char rest[VOCAB_NAME_MAX];

	for (size_t i = 1, end; i < key.n; i = end + 1) {
		for (end = i; end < key.n && isalpha((unsigned char)key.p[end]); end++)
			;
		if (key.p[i - 1] != '_' || end - i < 3 || end + 1 >= key.n || key.p[end] != '_' ||
		    !vocab_phase(v, (struct span){ key.p + i, end - i }, ret))
			continue;
		memcpy(rest, key.p, i);
		memcpy(rest + i, key.p + end + 1, key.n - end - 1);
		const struct entry *e = map_get(v->words, (struct span){ rest, key.n - (end + 1 - i) });
		return e && e->kind == KEY_METRIC ? e : NULL;
	}
	return NULL;
}

/* A folded key, or what is left of it without the phase at one of its ends; NULL: unknown, and key is what is left. */
static const struct entry *
find_phased(const struct vocab *v, struct span *key, enum phase *phase)
{
	const struct entry *e = map_get(v->words, *key);

	if (!e && take_phase(v, key, phase))
		e = map_get(v->words, *key);
	return e;
}

/* TrainLoss as "Train_Loss"; nothing where no word begins within it. */
static struct span
split_camel(struct span key, char *buf, size_t size)
{
	size_t n = 0;
	bool any = false;

	for (size_t i = 0; i < key.n && n + 2 < size; i++) {
		if (i > 0 && isupper((unsigned char)key.p[i]) && islower((unsigned char)key.p[i - 1])) {
			buf[n++] = '_';
			any = true;
		}
		buf[n++] = key.p[i];
	}
	return (struct span){ buf, any ? n : 0 };
}

static void
mean(struct key_meaning *ret, const struct entry *e)
{
	ret->kind = e->kind;
	ret->phased = e->phased;
	if (e->phase)
		ret->phase = e->phase;
	ret->base = span_of(e->base);
	if (e->has_unit) {
		ret->unit = e->unit;
		ret->has_unit = true;
	}
}

static const struct like *
find_like(const struct vocab *v, const char *base)
{
	for (size_t i = 0; i < v->likes; i++)
		if (fnmatch(v->like[i].glob, base, 0) == 0)
			return &v->like[i];
	return NULL;
}

/* What a log puts before a key: the end of a bracket, a bullet, a bar. */
static struct span
bare_key(struct span key)
{
	key = span_trim(key);
	while (key.n > 1 && strchr("])}>|:;,.*#=~-", key.p[0]) && key.p[0])
		key = span_trim(span_from(key, 1));
	return key;
}

static bool
is_filler(const struct vocab *v, struct span word)
{
	char fold[24];

	if (word.n == 0 || word.n >= sizeof fold)
		return false;
	for (size_t i = 0; i < word.n; i++)
		fold[i] = (char)tolower((unsigned char)word.p[i]);
	return map_get(v->fillers, (struct span){ fold, word.n }) != NULL;
}

/* "and the validation loss is" without the words that say nothing. */
static struct span
take_fillers(const struct vocab *v, struct span key)
{
	const char *blank;
	size_t n;

	while ((blank = memchr(key.p, ' ', key.n)) && is_filler(v, (struct span){ key.p, (size_t)(blank - key.p) }))
		key = span_trim(span_from(key, (size_t)(blank - key.p)));
	for (;;) {
		for (n = key.n; n > 0 && key.p[n - 1] != ' '; n--)
			;
		if (n == 0 || !is_filler(v, span_from(key, n)))
			return key;
		key = span_trim((struct span){ key.p, n });
	}
}

/* The name of a metric has a few words; more are prose. */
static bool
is_prose(struct span key)
{
	unsigned blanks = 0;

	for (size_t i = 1; i < key.n; i++)
		blanks += key.p[i] == ' ' && key.p[i - 1] != ' ';
	return blanks >= NAME_WORDS;
}

/*
 * A piece of a program's source or the place of one: logs hold tracebacks, assertions and
 * whole scripts.
 */
static bool
is_code(struct span key)
{
	static const char *const sources[] = { ".py", ".cu", ".cc", ".cpp", ".c", ".h", ".hpp" };
	int open = 0;

	for (size_t i = 0; i < key.n; i++)
		open += (key.p[i] == '(') - (key.p[i] == ')');
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		size_t n = strlen(sources[i]);
		if (key.n > n && span_is(span_from(key, key.n - n), sources[i]))
			return true;
	}
	return open != 0 || span_starts(key, "/") || span_find(key, "self.") != (size_t)-1 ||
	    span_find(key, "args.") != (size_t)-1;
}

void
vocab_key(const struct vocab *v, struct span key, struct key_meaning *ret)
{
	char folded[VOCAB_NAME_MAX];
	const struct entry *e;

	*ret = (struct key_meaning){ .kind = KEY_UNKNOWN, .phased = true };
	key = bare_key(key);
	struct span whole = vocab_fold(key, folded, sizeof folded);
	if ((e = map_get(v->words, whole))) {
		mean(ret, e);
		return;
	}
	key = take_fillers(v, take_unit(key, &ret->unit, &ret->has_unit));
	struct span f = vocab_fold(key, folded, sizeof folded);
	if (!(e = find_phased(v, &f, &ret->phase)) && !ret->phase) {
		enum phase phase = PHASE_NONE;
		char split[VOCAB_NAME_MAX];
		struct span words = vocab_fold(split_camel(key, split, sizeof split), split, sizeof split);
		if ((e = find_around_phase(v, f, &phase)) || (words.n && (e = find_phased(v, &words, &phase))))
			ret->phase = phase;
	}
	if (e) {
		struct unit unit = ret->unit;
		bool has = ret->has_unit;
		mean(ret, e);
		if (has)
			ret->unit = unit, ret->has_unit = true;
		return;
	}
	/* Unknown: its own lower-case text, as printed but for the phase. */
	struct span own = key;
	size_t drop = 0;
	if (ret->phase && f.p > folded)
		drop = (size_t)(f.p - folded);
	own = span_from(own, drop);
	if (ret->phase && drop == 0)
		own.n -= own.n > f.n ? own.n - f.n : 0;
	size_t n = 0;
	for (size_t i = 0; i < own.n && n + 1 < sizeof ret->buf; i++)
		if (own.p[i] != '"' && own.p[i] != '\'' && own.p[i] != '`')
			ret->buf[n++] = (char)tolower((unsigned char)own.p[i]);
	ret->buf[n] = '\0';
	ret->base = (struct span){ ret->buf, n };
	const struct like *like = is_prose(own) || is_code(own) ? NULL : find_like(v, ret->buf);
	if (like)
		ret->phased = like->phased;
	ret->setting = like && like->setting;
	ret->likely = like && !like->setting;
}

/* --- interned names --- */

static const struct metric_info no_info = { .may_be_negative = true, .may_be_zero = true };

static struct metric_info
info_of(const struct vocab *v, struct span base)
{
	char folded[VOCAB_NAME_MAX], text[VOCAB_NAME_MAX];
	const struct entry *e = map_get(v->words, vocab_fold(base, folded, sizeof folded));

	if (e && e->kind == KEY_METRIC)
		return e->info;
	size_t n = base.n < sizeof text ? base.n : sizeof text - 1;
	memcpy(text, base.p, n);
	text[n] = '\0';
	const struct like *like = find_like(v, text);
	return like ? like->info : no_info;
}

int
vocab_metric(struct vocab *v, enum phase phase, bool phased, struct span base)
{
	char text[VOCAB_NAME_MAX + 8];
	size_t n = 0;

	if (phased && phase) {
		n = strlen(vocab_phase_name[phase]);
		memcpy(text, vocab_phase_name[phase], n);
		text[n++] = '/';
	}
	if (base.n > sizeof text - n)
		base.n = sizeof text - n;
	memcpy(text + n, base.p, base.n);
	n += base.n;
	void *p = map_get(v->metric_ids, (struct span){ text, n });
	if (p)
		return (int)((size_t)p - 1);
	if (v->metrics >= METRICS_MAX)
		return -1;
	XGROW(v->metric, v->metrics, v->metric_cap);
	struct name *m = v->metric[v->metrics] = xcalloc(1, sizeof *m);
	m->text = xstrndup(text, n);
	m->info = info_of(v, base);
	m->info.phase = phased ? phase : PHASE_NONE;
	map_set(v->metric_ids, (struct span){ text, n }, (void *)(v->metrics + 1));
	return (int)v->metrics++;
}

int
vocab_metric_named(struct vocab *v, const char *name)
{
	enum phase phase = PHASE_NONE;
	struct span base = span_of(name);

	for (unsigned i = PHASE_TRAIN; i <= PHASE_TEST; i++) {
		size_t n = strlen(vocab_phase_name[i]);
		if (span_starts(base, vocab_phase_name[i]) && base.n > n && base.p[n] == '/') {
			phase = (enum phase)i;
			base = span_from(base, n + 1);
			break;
		}
	}
	return vocab_metric(v, phase, phase != PHASE_NONE, base);
}

const char *
vocab_metric_name(const struct vocab *v, int metric)
{
	return v->metric[metric]->text;
}

unsigned
vocab_metric_count(const struct vocab *v)
{
	return (unsigned)v->metrics;
}

const struct metric_info *
vocab_metric_info(const struct vocab *v, int metric)
{
	return &v->metric[metric]->info;
}

int
vocab_labels(struct vocab *v, struct span text)
{
	void *p = map_get(v->label_ids, text);

	if (p)
		return (int)((size_t)p - 1);
	if (v->labels >= LABELS_MAX)
		return -1;
	XGROW(v->label, v->labels, v->label_cap);
	v->label[v->labels] = xstrndup(text.p ? text.p : "", text.n);
	map_set(v->label_ids, text, (void *)(v->labels + 1));
	return (int)v->labels++;
}

const char *
vocab_labels_text(const struct vocab *v, int labels)
{
	return v->label[labels];
}

/* The next "name=value" of a label text; false at its end. */
static bool
label_next(struct span *rest, struct span *name, struct span *value)
{
	if (rest->n == 0)
		return false;
	const char *end = memchr(rest->p, ',', rest->n);
	size_t n = end ? (size_t)(end - rest->p) : rest->n;
	const char *eq = memchr(rest->p, '=', n);
	size_t k = eq ? (size_t)(eq - rest->p) : n;
	*name = (struct span){ rest->p, k };
	*value = k < n ? (struct span){ rest->p + k + 1, n - k - 1 } : SPAN_NONE;
	*rest = span_from(*rest, n + 1);
	return true;
}

struct span
vocab_label(const struct vocab *v, int labels, const char *name)
{
	struct span rest = span_of(v->label[labels]), n, value;

	while (label_next(&rest, &n, &value))
		if (span_is(n, name))
			return value;
	return SPAN_NONE;
}

int
vocab_labels_with(struct vocab *v, int labels, const char *name, struct span value)
{
	char text[160];
	size_t n = 0;
	struct span rest = span_of(v->label[labels]), k, old;
	bool placed = false;

#define PUT(s) do { struct span s_ = (s); \
	if (n + s_.n < sizeof text) { memcpy(text + n, s_.p, s_.n); n += s_.n; } } while (0)
	for (;;) {
		bool more = label_next(&rest, &k, &old);
		int order = more ? strncmp(k.p, name, k.n) : 1;
		if (more && order == 0 && name[k.n] != '\0')
			order = -1;
		/* Sorted by name, so that one set has one text. */
		if (!placed && order >= 0) {
			if (n)
				PUT(SPAN_LIT(","));
			PUT(span_of(name));
			PUT(SPAN_LIT("="));
			for (size_t i = 0; i < value.n && n + 1 < sizeof text; i++)
				text[n++] = value.p[i] == ',' || value.p[i] == '=' ? '_' : value.p[i];
			placed = true;
		}
		if (!more)
			break;
		if (order == 0)
			continue;
		if (n)
			PUT(SPAN_LIT(","));
		PUT(k);
		PUT(SPAN_LIT("="));
		PUT(old);
	}
#undef PUT
	return vocab_labels(v, (struct span){ text, n });
}
