/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "hush.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>


/* The name's last word, letters only and in lower case, decides. */
static const char *const secret[] = { "token", "key", "apikey", "secret", "password",
	"passwd", "passphrase", "credential", "credentials", "auth", "webhook", NULL };
/* Words before it that make it harmless: what a tokenizer calls its tokens, what a dictionary has. */
static const char *const harmless[] = { "eos", "bos", "pad", "unk", "sep", "cls", "mask",
	"image", "special", "text", "label", "sort", "foreign", "primary", "stop", "audio", "video",
	"query", "input", "target", "column", "metric", "per", NULL };

static bool
is_one_of(const char *const *list, struct span word)
{
	for (; *list != NULL; list++)
		if (span_is_nocase(word, *list))
			return true;
	return false;
}

/* Takes the last word off. */
static struct span
last_word(struct span *name)
{
	size_t end, from;

	while (name->n > 0 && !isalpha((unsigned char)name->p[name->n - 1]))
		name->n--;
	end = from = name->n;
	while (from > 0 && isalpha((unsigned char)name->p[from - 1]))
		from--;
	name->n = from;
	return (struct span){ name->p + from, end - from };
}

bool
hush_name(struct span name)
{
	struct span word;

	/* a digit behind means something else: key2value, token_2 is one of several */
	if (name.n > 128)
		return false;
	word = last_word(&name);
	if (!is_one_of(secret, word))
		return false;
	return !is_one_of(harmless, last_word(&name));
}

/* The user and password of an address, "//user:password@": their length without the signs around them. */
static size_t
login_length(struct span s)
{
	size_t n = 0;

	if (s.n < 3 || s.p[0] != '/' || s.p[1] != '/')
		return 0;
	while (n + 2 < s.n && strchr("/@ \t\"',", s.p[n + 2]) == NULL)
		n++;
	return n + 2 < s.n && s.p[n + 2] == '@' ? n : 0;
}

static struct span
safe_address(const char *word, char buf[static 256])
{
	const char *at = strstr(word, "://");
	size_t      login = at != NULL ? login_length(span_of(at + 1)) : 0;

	if (login == 0)
		return span_of(word);
	if (snprintf(buf, 256, "%.*s" HUSH_MARK "%s", (int)(at + 3 - word), word, at + 3 + login) >= 256)
		return SPAN_LIT(HUSH_MARK);
	return span_of(buf);
}

/* The word as it may be written down.  hide: the word before it names a secret. */
static struct span
safe_word(const char *word, bool *hide, char buf[static 256])
{
	const char *eq = strchr(word, '=');
	struct span name = eq != NULL ? (struct span){ word, (size_t)(eq - word) } : span_of(word);
	bool        hidden = *hide && *word != '-';

	*hide = eq == NULL && *word == '-' && hush_name(name);
	if (hidden)
		return SPAN_LIT(HUSH_MARK);
	if (eq == NULL || !hush_name(name))
		return safe_address(word, buf);
	snprintf(buf, 256, "%.*s=" HUSH_MARK, (int)name.n, name.p);
	return span_of(buf);
}

void
hush_args(char *const *argv, struct jsonw *w)
{
	char buf[256];
	bool hide = false;

	jsonw_array(w);
	for (; *argv != NULL; argv++)
		jsonw_str(w, safe_word(*argv, &hide, buf));
	jsonw_array_end(w);
}

static bool
needs_quotes(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!isalnum((unsigned char)s.p[i]) && strchr("_-./=:,+@%*", s.p[i]) == NULL)
			return true;
	return s.n == 0;
}

void
hush_line(char *const *argv, struct buf *out)
{
	char buf[256];
	bool hide = false;

	for (char *const *a = argv; *a != NULL; a++) {
		struct span word = safe_word(*a, &hide, buf);
		bool        quotes = needs_quotes(word);

		if (a > argv)
			buf_char(out, ' ');
		if (quotes)
			buf_char(out, '\'');
		for (size_t i = 0; i < word.n; i++)
			if (quotes && word.p[i] == '\'')
				buf_str(out, "'\\''");
			else
				buf_char(out, word.p[i]);
		if (quotes)
			buf_char(out, '\'');
	}
}

static size_t
up_to_end(struct span s, size_t n)
{
	while (n < s.n && strchr(",}])", s.p[n]) == NULL)
		n++;
	return n;
}

/* A value up to the comma or bracket behind it. */
static size_t
value_length(struct span s)
{
	size_t n = 0;
	char   quote;

	while (n < s.n && (s.p[n] == ' ' || s.p[n] == '\t'))
		n++;
	if (n == s.n || (s.p[n] != '"' && s.p[n] != '\''))
		return up_to_end(s, n);
	quote = s.p[n++];
	while (n < s.n && s.p[n] != quote)
		n += s.p[n] == '\\' ? 2 : 1;
	return n < s.n ? n + 1 : s.n;
}

/* One line, without its end. */
static void
hush_one(struct span line, struct buf *out)
{
	size_t name = 0, login, i = 0;

	while (i < line.n) {
		char c = line.p[i];

		buf_char(out, c);
		i++;
		if (strchr("{,[(", c) != NULL)
			name = i;
		if (c != ':' && c != '=')
			continue;
		if (hush_name(span_trim((struct span){ line.p + name, i - 1 - name }))) {
			buf_str(out, " " HUSH_MARK);
			i += name == 0 ? line.n - i : value_length(span_from(line, i));
		} else if ((login = login_length(span_from(line, i))) > 0) {
			buf_str(out, "//" HUSH_MARK);
			i += 2 + login;
		}
		name = i;
	}
}

void
hush_text(struct span text, struct buf *out)
{
	while (text.n > 0) {
		const char *nl = memchr(text.p, '\n', text.n);
		struct span line = { text.p, nl != NULL ? (size_t)(nl - text.p) : text.n };

		hush_one(line, out);
		if (nl != NULL)
			buf_char(out, '\n');
		text = span_from(text, line.n + (nl != NULL));
	}
}
