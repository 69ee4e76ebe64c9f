/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "hyper.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "hush.h"
#include "object.h"
#include "xalloc.h"

struct pair { char *name, *value; };

struct list {
	struct pair *v;
	size_t       n, cap;
};

struct hyper {
	struct list        parameters, versions;
	struct hyper_place place;
};

/* Where a dump is read, and whom its parameters are handed to. */
struct dump {
	struct hyper_place *at;
	void (*take)(void *arg, struct span name, struct span value);
	void  *arg;
};

struct hyper *
hyper_new(void)
{
	return xcalloc(1, sizeof(struct hyper));
}

static void
list_fini(struct list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].name);
		free(l->v[i].value);
	}
	free(l->v);
}

void
hyper_free(struct hyper *h)
{
	if (h == NULL)
		return;
	list_fini(&h->parameters);
	list_fini(&h->versions);
	free(h);
}

static struct pair *
find(const struct list *l, struct span name)
{
	for (size_t i = 0; i < l->n; i++)
		if (span_is(name, l->v[i].name))
			return &l->v[i];
	return NULL;
}

static struct span
unquote(struct span s)
{
	s = span_trim(s);
	if (s.n >= 2 && (*s.p == '"' || *s.p == '\'') && s.p[s.n - 1] == *s.p)
		s = (struct span){ s.p + 1, s.n - 2 };
	return s;
}

/* The first one counts: a later dump of another tool does not replace it. */
static void
add(struct list *l, struct span name, struct span value)
{
	struct buf safe;

	if (name.n == 0 || name.n > 80 || value.n == 0 || l->n >= HYPER_MAX || find(l, name))
		return;
	if (hush_name(name))
		value = SPAN_LIT(HUSH_MARK);
	if (value.n > HYPER_VALUE)
		value.n = HYPER_VALUE;
	buf_init(&safe, HYPER_VALUE + 64);
	hush_text(value, &safe); /* it may be a dictionary, or an address */
	XGROW(l->v, l->n, l->cap);
	l->v[l->n].name = xstrndup(name.p, name.n);
	l->v[l->n++].value = xstrdup(safe.over ? HUSH_MARK : buf_cstr(&safe));
	buf_fini(&safe);
}

static void
hand_out(const struct dump *d, struct span name, struct span value)
{
	d->take(d->arg, unquote(name), unquote(value));
}

/* --- sections: what a nested dump calls optimizer.lr --- */

static void
enter_section(const struct dump *d, struct span name, size_t indent)
{
	unsigned i = d->at->sections < HYPER_SECTIONS ? d->at->sections++ : HYPER_SECTIONS - 1;

	snprintf(d->at->section[i].name, sizeof d->at->section[i].name, "%.*s", (int)name.n, name.p);
	d->at->section[i].indent = indent;
}

/* A line that is not further to the right than the name of a section is not in it. */
static void
leave_sections(const struct dump *d, size_t indent)
{
	while (d->at->sections > 0 && d->at->section[d->at->sections - 1].indent >= indent)
		d->at->sections--;
}

static void
add_parameter(const struct dump *d, struct span name, struct span value)
{
	struct buf full;

	buf_init(&full, 1024);
	for (unsigned i = 0; i < d->at->sections; i++)
		buf_printf(&full, "%s.", d->at->section[i].name);
	buf_span(&full, name);
	hand_out(d, buf_get(&full), value);
	buf_fini(&full);
}

static bool
is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-' || c == '/';
}

static bool
is_name(struct span s)
{
	if (s.n == 0 || s.n > 60 || !isalpha((unsigned char)*s.p))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_name_char(s.p[i]))
			return false;
	return true;
}

/* The length of a value up to a comma or closing bracket of its own level. */
static size_t
value_length(struct span s)
{
	int    depth = 0;
	char   quote = '\0';
	size_t i;

	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (quote != '\0') {
			i += c == '\\' && i + 1 < s.n;
			quote = c == quote ? '\0' : quote;
		} else if (c == '\'' || c == '"') {
			quote = c;
		} else if (strchr("([{<", c) != NULL && c != '\0') {
			depth++;
		} else if (strchr(")]}>", c) != NULL && c != '\0') {
			if (depth-- == 0)
				break;
		} else if (c == ',' && depth == 0) {
			break;
		}
	}
	return i;
}

/* "name=value, name=value)" */
static void
read_arguments(const struct dump *d, struct span s)
{
	while (s.n > 0) {
		const char *eq = memchr(s.p, '=', s.n);
		struct span name, value;

		if (eq == NULL)
			return;
		name = span_trim((struct span){ s.p, (size_t)(eq - s.p) });
		if (!is_name(name))
			return;
		value = span_from(s, (size_t)(eq - s.p) + 1);
		value.n = value_length(value);
		hand_out(d, name, value);
		s = span_from(s, (size_t)(value.p + value.n - s.p));
		if (s.n == 0 || *s.p != ',')
			return;
		s = span_trim(span_from(s, 1));
	}
}

static void
read_object(const struct dump *d, struct span s)
{
	struct object      o;
	struct object_item item;

	object_init(&o, s);
	while (object_next(&o, &item))
		hand_out(d, item.path, item.text);
}

/* Names of several words count when they speak of what a run is made of. */
static bool
is_label(struct span s)
{
	static const char *const words[] = { "param", "dataset", "seed", "vocab", "example", "batch size",
		"model size", "device", NULL };
	char text[41];

	if (s.n == 0 || s.n >= sizeof text || !isalpha((unsigned char)*s.p))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!isalpha((unsigned char)s.p[i]) && strchr(" _-()", s.p[i]) == NULL)
			return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	for (const char *const *w = words; *w != NULL; w++)
		if (strcasestr(text, *w) != NULL)
			return true;
	return false;
}

/* "Number of parameters: 25,557,032", "Num examples = 64" */
static bool
split_label(struct span s, struct span *name, struct span *value)
{
	size_t i = 0;

	while (i < s.n && s.p[i] != ':' && s.p[i] != '=')
		i++;
	if (i == s.n)
		return false;
	*name = span_trim((struct span){ s.p, i });
	*value = span_trim(span_from(s, i + 1));
	return value->n > 0 && is_label(*name);
}

/* "name: value", "name = value", "name ..... value", '"name": value,'; value is empty after "name:" */
static bool
split(struct span s, struct span *name, struct span *value)
{
	size_t i = 0, from;

	while (i < s.n && (is_name_char(s.p[i]) || s.p[i] == '"' || s.p[i] == '\''))
		i++;
	/* the dots of Megatron's table are not part of the name */
	*name = unquote((struct span){ s.p, i });
	while (name->n > 0 && name->p[name->n - 1] == '.')
		name->n--;
	if (!is_name(*name))
		return false;
	from = i;
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t'))
		i++;
	if (i < s.n && (s.p[i] == ':' || s.p[i] == '='))
		i++;
	else if (i < s.n && s.p[i] == '.' && i > from)
		while (i < s.n && s.p[i] == '.')
			i++;
	else
		return false;
	if (i < s.n && s.p[i] == '=')
		return false; /* a comparison, a pinned version */
	*value = span_trim(span_from(s, i));
	if (value->n > 0 && value->p[value->n - 1] == ',')
		value->n--;
	return true;
}

/* --- versions --- */

static const char *const packages[] = { "torch", "pytorch", "tensorflow", "keras", "jax",
	"jaxlib", "flax", "transformers", "accelerate", "deepspeed", "datasets", "tokenizers",
	"lightning", "pytorch_lightning", "pytorch-lightning", "torchvision", "numpy", "python",
	"cuda", "cudnn", "nccl", "xgboost", "lightgbm", "catboost", "ultralytics", "mmengine",
	"mmcv", "mmdet", "fairseq", "timm", "peft", "trl", "vllm", "flash-attn", "flash_attn",
	"apex", "megatron-core", "nemo", "paddle", "paddlepaddle", "detectron2", "opencv",
	"stable-baselines3", "gymnasium", "ray", "triton", "bitsandbytes", "xformers", "gcc", NULL };

static size_t
version_length(struct span s)
{
	size_t i = 0, dots = 0;

	if (s.n == 0 || !isdigit((unsigned char)*s.p))
		return 0;
	while (i < s.n && (isalnum((unsigned char)s.p[i]) || s.p[i] == '.' || s.p[i] == '+'))
		dots += s.p[i++] == '.';
	while (i > 0 && s.p[i - 1] == '.')
		i--;
	return dots > 0 && i <= 40 ? i : 0;
}

/* What stands between a package and its version: " version: ", "==", "-", " ". */
static struct span
skip_to_version(struct span s)
{
	static const char word[] = "version";

	while (s.n > 0 && strchr(" :=-_v\t\"'", *s.p) != NULL) {
		if (s.n >= 7 && strncasecmp(s.p, word, 7) == 0)
			s = span_from(s, 7);
		else
			s = span_from(s, 1);
	}
	if (s.n >= 7 && strncasecmp(s.p, word, 7) == 0)
		return skip_to_version(span_from(s, 7));
	return s;
}

static void
read_versions(struct hyper *h, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		struct span word = { s.p + i, 0 }, rest;

		if (!isalpha((unsigned char)s.p[i]))
			continue;
		while (i < s.n && (isalnum((unsigned char)s.p[i]) || s.p[i] == '_' ||
		    (s.p[i] == '-' && i + 1 < s.n && isalpha((unsigned char)s.p[i + 1]))))
			i++;
		word.n = (size_t)(s.p + i - word.p);
		if (word.n > 8 && strncmp(word.p + word.n - 8, "_version", 8) == 0)
			word.n -= 8;
		for (const char *const *p = packages; *p != NULL; p++) {
			if (!span_is_nocase(word, *p))
				continue;
			rest = skip_to_version(span_from(s, i));
			rest.n = version_length(rest);
			if (rest.n > 0)
				add(&h->versions, span_of(*p), rest);
		}
	}
}

/* --- lines --- */

/* The arguments of the call whose name ends with one of these. */
static bool
begins_arguments(struct span s, struct span *rest)
{
	static const char *const calls[] = { "Namespace(", "Arguments(", "Config(", "Args(", NULL };

	for (const char *const *c = calls; *c != NULL; c++) {
		size_t at = span_find(s, *c);

		if (at == (size_t)-1)
			continue;
		*rest = span_from(s, at + strlen(*c));
		return true;
	}
	return false;
}

static size_t
indent_of(struct span s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] == ' ')
		i++;
	return i;
}

/* A line of a dump with brackets: TrainingArguments( or Config { and the object inside of it. */
static void
block_line(const struct dump *d, struct span s)
{
	struct span name, value;

	if (*s.p == ')' || *s.p == '}') {
		d->at->block = d->at->sections > 0;
		d->at->sections -= d->at->sections > 0;
	} else if (split(s, &name, &value) && value.n > 0) {
		if (span_is(value, "{"))
			enter_section(d, name, 0);
		else if (!span_is(value, "["))
			add_parameter(d, name, value);
	}
}

/* "name: value", nested by indentation in YAML. */
static void
pair_line(const struct dump *d, struct span s, size_t indent)
{
	struct span name, value;

	leave_sections(d, indent);
	if (!split(s, &name, &value)) {
		if (*s.p != '-')
			d->at->sections = 0;
		if (split_label(s, &name, &value))
			hand_out(d, name, value);
	} else if (value.n == 0) {
		enter_section(d, name, indent);
	} else if (*value.p == '{' && value.n > 2) {
		read_object(d, value);
	} else if (value.n <= HYPER_VALUE) {
		add_parameter(d, name, value);
	}
}

bool
hyper_measures(const struct vocab *v, const struct match *m)
{
	for (unsigned i = 0; i < m->n; i++) {
		const struct metric_info *info = m->field[i].kind == KEY_METRIC ? vocab_metric_info(v, m->field[i].metric) : NULL;

		if (info != NULL && info->cls != CLASS_OTHER && info->cls != CLASS_LR && info->cls != CLASS_COUNTER)
			return true;
	}
	return false;
}

bool
hyper_read(struct hyper_place *at, const struct line *line, bool measures, bool trains,
    void (*take)(void *, struct span, struct span), void *arg)
{
	struct dump d = { at, take, arg };
	struct span s = span_trim(line->text), rest;

	if (at->lines >= HYPER_LINES || s.n == 0 || line->redraw)
		return false;
	at->lines++;
	if (begins_arguments(s, &rest)) {
		at->block = rest.n == 0;
		at->sections = 0;
		read_arguments(&d, rest);
		return false;
	}
	/* Megatron-LM's table says what it is */
	trains = trains && span_find(s, " ...") == (size_t)-1;
	if (at->block) {
		block_line(&d, s);
	} else if (trains || measures) {
		at->sections = 0;
		return !trains;
	} else if (*s.p == '{' && s.n > 2) {
		read_object(&d, s);
	} else if (s.p[s.n - 1] == '{') {
		at->block = true; /* the dump of an object begins */
		at->sections = 0;
	} else {
		pair_line(&d, s, indent_of(line->text));
	}
	return true;
}

static void
parameter(void *arg, struct span name, struct span value)
{
	struct hyper *h = arg;

	add(&h->parameters, name, value);
}

void
hyper_line(struct hyper *h, const struct line *line, bool measures, bool trains)
{
	if (hyper_read(&h->place, line, measures, trains, parameter, h))
		read_versions(h, span_trim(line->text));
}

const char *
hyper_find(const struct hyper *h, const char *name)
{
	const struct pair *p = find(&h->parameters, span_of(name));

	return p != NULL ? p->value : NULL;
}

static void
write_list(const struct list *l, const char *key, struct jsonw *w)
{
	jsonw_key(w, key);
	jsonw_object(w);
	for (size_t i = 0; i < l->n; i++) {
		jsonw_key(w, l->v[i].name);
		jsonw_cstr(w, l->v[i].value);
	}
	jsonw_object_end(w);
}

void
hyper_json(const struct hyper *h, struct jsonw *w)
{
	write_list(&h->parameters, "parameters", w);
	write_list(&h->versions, "versions", w);
}
