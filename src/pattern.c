/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>
#include <stdlib.h>

#include "buf.h"
#include "literal.h"
#include "xalloc.h"

/*
 * An unanchored search starts anew at every byte, and the match limit counts
 * from each start alone; so the subject is capped (LINE_MAX_TEXT, by the line
 * stage) and the limit is low.  A real log line needs some hundred steps.
 */
#define MATCH_LIMIT      20000
#define QUARANTINE_AFTER 16

struct pattern {
	char             *text;
	char             *expanded; /* %{num} and its like replaced */
	unsigned          flags;
	bool              tried, out;
	uint64_t          errors;
	pcre2_code       *code;
	pcre2_match_data *data;
	pcre2_match_context *limit;
	bool              jit;
	const unsigned char *names;
	uint32_t          nnames, name_size;
};

static const struct { const char *name, *text; } shorthand[] = {
	{ "num",  "[-+]?(?:\\d[\\d,_]*(?:\\.\\d*)?|\\.\\d+)(?:[eE][-+]?\\d+)?|[-+]?(?i:nan(?:\\(ind\\))?|inf(?:inity)?)" },
	{ "int",  "\\d[\\d,]*" },
	{ "word", "[^\\s,;|]+" },
	{ "time", "(?:\\d+ days?, *)?\\d+:\\d\\d(?::\\d\\d)?(?:\\.\\d+)?" },
};

/* One piece of a pattern's text: its length; *spelt is what a shorthand stands for, NULL for others. */
static size_t
piece(const char *p, const char **spelt)
{
	*spelt = NULL;
	if (p[0] == '\\' && p[1])
		return 2;
	if (p[0] != '%' || p[1] != '{')
		return 1;
	const char *end = strchr(p, '}');
	struct span name = { p + 2, end ? (size_t)(end - p - 2) : 0 };
	for (size_t i = 0; i < sizeof shorthand / sizeof *shorthand; i++)
		if (span_is(name, shorthand[i].name)) {
			*spelt = shorthand[i].text;
			return name.n + 3;
		}
	return 0; /* none of that name */
}

/* Writes text with its shorthands spelt out; a shorthand is a group of its own without a capture. */
static int
expand(const char *text, struct buf *out, struct diag *d)
{
	const char *spelt;

	for (size_t i = 0, n; text[i]; i += n) {
		n = piece(text + i, &spelt);
		if (n == 0)
			return diag_at(d, NULL, 0, (unsigned)i + 1,
			    "%%{%.*s} is no shorthand: there are num, int, word and time",
			    (int)strcspn(text + i + 2, "}"), text + i + 2);
		if (spelt)
			buf_printf(out, "(?:%s)", spelt);
		else
			buf_add(out, text + i, n);
	}
	return 0;
}

/* The place in the text that a place in the expanded pattern comes from. */
static size_t
place_of(const struct pattern *p, size_t expanded)
{
	const char *spelt;
	size_t at = 0;

	if (p->flags & PATTERN_LITERAL)
		return expanded;
	for (size_t i = 0, n; p->text[i]; i += n) {
		n = piece(p->text + i, &spelt);
		at += spelt ? strlen(spelt) + 4 : n;
		if (at > expanded)
			return i;
	}
	return strlen(p->text);
}

int
pattern_new(const char *text, unsigned flags, struct pattern **ret, struct diag *d)
{
	struct buf out;

	buf_init(&out, 1 << 16);
	if (flags & PATTERN_LITERAL)
		buf_str(&out, text);
	else if (expand(text, &out, d) == -1) {
		buf_fini(&out);
		return -1;
	}
	if (out.over) {
		buf_fini(&out);
		return diag_set(d, "the pattern is longer than 64 KiB");
	}
	struct pattern *p = xcalloc(1, sizeof *p);
	p->text = xstrdup(text);
	p->expanded = buf_take(&out);
	p->flags = flags;
	*ret = p;
	return 0;
}

static int
compile(struct pattern *p, struct diag *d)
{
	uint32_t options = PCRE2_NEVER_UTF | PCRE2_DUPNAMES;
	int error;
	size_t offset;

	p->tried = true;
	if (p->flags & PATTERN_NOCASE)
		options |= PCRE2_CASELESS;
	if (p->flags & PATTERN_ANCHORED)
		options |= PCRE2_ANCHORED;
	if (p->flags & PATTERN_LITERAL)
		options = (options & PCRE2_CASELESS) | PCRE2_LITERAL;
	p->code = pcre2_compile((PCRE2_SPTR)p->expanded, PCRE2_ZERO_TERMINATED,
	    options, &error, &offset, NULL);
	if (!p->code) {
		unsigned char why[120];
		pcre2_get_error_message(error, why, sizeof why);
		p->out = true;
		return diag_at(d, NULL, 0, (unsigned)place_of(p, offset) + 1, "the pattern is wrong: %s",
		    (const char *)why);
	}
	uint32_t groups = 0;
	pcre2_pattern_info(p->code, PCRE2_INFO_CAPTURECOUNT, &groups);
	if (groups >= PATTERN_GROUPS) {
		p->out = true;
		return diag_set(d, "the pattern has %u groups; at most %d are allowed",
		    groups, PATTERN_GROUPS - 1);
	}
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMECOUNT, &p->nnames);
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMEENTRYSIZE, &p->name_size);
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMETABLE, &p->names);
	p->jit = pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE) == 0;
	p->data = pcre2_match_data_create_from_pattern(p->code, NULL);
	p->limit = pcre2_match_context_create(NULL);
	if (!p->data || !p->limit)
		abort();
	pcre2_set_match_limit(p->limit, MATCH_LIMIT);
	return 0;
}

int
pattern_check(struct pattern *p, struct diag *d)
{
	if (p->code)
		return 0;
	return compile(p, d);
}

int
pattern_compile(const char *text, unsigned flags, struct pattern **ret, struct diag *d)
{
	struct pattern *p;

	if (pattern_new(text, flags, &p, d) == -1)
		return -1;
	if (compile(p, d) == -1) {
		pattern_free(p);
		return -1;
	}
	*ret = p;
	return 0;
}

void
pattern_free(struct pattern *p)
{
	if (!p)
		return;
	pcre2_match_context_free(p->limit);
	pcre2_match_data_free(p->data);
	pcre2_code_free(p->code);
	free(p->expanded);
	free(p->text);
	free(p);
}

const char *
pattern_group(struct pattern *p, unsigned i, unsigned *number)
{
	if (!p->tried)
		(void)compile(p, NULL);
	if (i >= p->nnames)
		return NULL;
	const unsigned char *entry = p->names + (size_t)i * p->name_size;
	*number = (unsigned)entry[0] << 8 | entry[1];
	return (const char *)entry + 2;
}

static void
failed(struct pattern *p)
{
	if (++p->errors >= QUARANTINE_AFTER)
		p->out = true;
}

bool
pattern_match(struct pattern *p, struct span s, size_t from, struct span *cap, unsigned ncap)
{
	int n;

	if (!p->tried)
		(void)compile(p, NULL);
	if (p->out || from > s.n)
		return false;
	PCRE2_SPTR subject = (PCRE2_SPTR)(s.p ? s.p : "");
	if (p->jit)
		n = pcre2_jit_match(p->code, subject, s.n, from, 0, p->data, p->limit);
	else
		n = pcre2_match(p->code, subject, s.n, from, 0, p->data, p->limit);
	if (n < 0) {
		if (n != PCRE2_ERROR_NOMATCH)
			failed(p);
		return false;
	}
	const size_t *v = pcre2_get_ovector_pointer(p->data);
	for (unsigned i = 0; i < ncap; i++) {
		if (i < (unsigned)n && v[2 * i] != PCRE2_UNSET && v[2 * i + 1] >= v[2 * i])
			cap[i] = (struct span){ s.p + v[2 * i], v[2 * i + 1] - v[2 * i] };
		else
			cap[i] = SPAN_NONE;
	}
	return true;
}

uint64_t
pattern_errors(const struct pattern *p)
{
	return p->errors;
}

bool
pattern_quarantined(const struct pattern *p)
{
	return p->out;
}

const char *
pattern_text(const struct pattern *p)
{
	return p->text;
}

unsigned
pattern_literals(const struct pattern *p, char (*ret)[PATTERN_LITERAL_MAX], unsigned max)
{
	if (p->flags & PATTERN_LITERAL) {
		size_t n = strlen(p->text);
		if (max == 0 || n < 2)
			return 0;
		if (n >= PATTERN_LITERAL_MAX)
			n = PATTERN_LITERAL_MAX - 1;
		memcpy(ret[0], p->text, n);
		ret[0][n] = '\0';
		return 1;
	}
	return literal_set(p->expanded, (p->flags & PATTERN_NOCASE) != 0, ret, max);
}

bool
pattern_digits(const struct pattern *p)
{
	for (const char *s = p->expanded; *s; s++) {
		if (strncmp(s, "0-9", 3) == 0)
			s += 2;
		else if (*s == '\\' && s[1] && !isdigit((unsigned char)s[1]))
			s++;
		else if (*s == '{' && isdigit((unsigned char)s[1]))
			s += strcspn(s, "}") - 1;
		else if (strncmp(s, "(?<", 3) == 0)
			s += strcspn(s, ">=!") - 1;
		else if (isdigit((unsigned char)*s))
			return true;
	}
	return false;
}

/* Called before each item of a pattern is tried: remembers the one that most bytes led to. */
static int
reached(pcre2_callout_block *at, void *arg)
{
	struct pattern_reach *r = arg;
	size_t n = at->current_position - at->start_match;

	if (n < r->bytes || (n == r->bytes && at->pattern_position <= r->at))
		return 0;
	r->bytes = n;
	r->from = at->start_match;
	r->at = at->pattern_position;
	return 0;
}

bool
pattern_reach(struct pattern *p, struct span s, struct pattern_reach *ret)
{
	uint32_t options = PCRE2_NEVER_UTF | PCRE2_DUPNAMES | PCRE2_AUTO_CALLOUT;
	int error;
	size_t offset;

	*ret = (struct pattern_reach){ .bytes = 0 };
	if (p->flags & PATTERN_NOCASE)
		options |= PCRE2_CASELESS;
	if (p->flags & PATTERN_ANCHORED)
		options |= PCRE2_ANCHORED;
	if (p->flags & PATTERN_LITERAL)
		return false;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)p->expanded, PCRE2_ZERO_TERMINATED, options, &error, &offset, NULL);
	pcre2_match_data *data = code ? pcre2_match_data_create_from_pattern(code, NULL) : NULL;
	pcre2_match_context *context = pcre2_match_context_create(NULL);
	if (data && context) {
		pcre2_set_match_limit(context, MATCH_LIMIT);
		pcre2_set_callout(context, reached, ret);
		ret->whole = pcre2_match(code, (PCRE2_SPTR)(s.p ? s.p : ""), s.n, 0, 0, data, context) > 0;
	}
	pcre2_match_context_free(context);
	pcre2_match_data_free(data);
	pcre2_code_free(code);
	ret->at = ret->whole ? strlen(p->text) : place_of(p, ret->at);
	return ret->bytes > 0 || ret->whole;
}
