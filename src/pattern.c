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

/* Writes text with its shorthands spelt out; a shorthand is a group of its own without a capture. */
static int
expand(const char *text, struct buf *out, struct diag *d)
{
	for (const char *p = text; *p; p++) {
		if (p[0] == '\\' && p[1]) {
			buf_add(out, p++, 2);
			continue;
		}
		if (p[0] != '%' || p[1] != '{') {
			buf_char(out, *p);
			continue;
		}
		const char *end = strchr(p, '}');
		struct span name = { p + 2, end ? (size_t)(end - p - 2) : 0 };
		size_t i, n = sizeof shorthand / sizeof *shorthand;
		for (i = 0; i < n && !span_is(name, shorthand[i].name); i++)
			;
		if (i == n)
			return diag_at(d, NULL, 0, (unsigned)(p - text) + 1,
			    "%%{%.*s} is no shorthand: there are num, int, word and time",
			    (int)name.n, name.p ? name.p : "");
		buf_printf(out, "(?:%s)", shorthand[i].text);
		p = end;
	}
	return 0;
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
		/* With shorthands spelt out the place has moved; better none than a wrong one. */
		bool moved = strcmp(p->text, p->expanded) != 0;
		return diag_at(d, NULL, 0, moved ? 0 : (unsigned)offset + 1,
		    "the pattern is wrong: %s", (const char *)why);
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

/*
 * How far it gets: the longest start of the pattern, cut at a place where it still
 * compiles, that matches somewhere.  For people who write profiles; slow, and may be.
 */
size_t
pattern_reach(struct pattern *p, struct span s)
{
	size_t n = strlen(p->expanded), best = 0;
	char *start = xstrdup(p->expanded);

	for (size_t len = n; len > 0; len--) {
		struct pattern *part;
		struct span cap[1];
		start[len] = '\0';
		if (pattern_compile(start, p->flags, &part, NULL) == -1)
			continue;
		bool hit = pattern_match(part, s, 0, cap, 1);
		pattern_free(part);
		if (hit) {
			best = (size_t)(cap[0].p - s.p) + cap[0].n;
			break;
		}
	}
	free(start);
	return best;
}
