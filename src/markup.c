/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "markup.h"

/* A byte that stands for something, and what is written instead. */
struct swap {
	char        from;
	const char *to;
};

static const struct swap entities[] = {
	{ '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" },
	{ '"', "&quot;" }, { '\'', "&#39;" }, { '\0', NULL },
};

#define NO_MENTION { '@', "@\xe2\x80\x8b" } /* a blank of no width behind it */

/* Telegram knows @name without any mark. */
static const struct swap tags[] = {
	{ '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" },
	{ '"', "&quot;" }, { '\'', "&#39;" }, NO_MENTION, { '\0', NULL },
};

/* Mattermost and Rocket.Chat, which take Slack's messages, know @all without any mark. */
static const struct swap slack[] = {
	{ '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, NO_MENTION, { '\0', NULL },
};

/* A backtick cannot be written inside code: U+02CB looks like it. */
static const struct swap slack_code[] = {
	{ '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" },
	{ '`', "\xcb\x8b" }, { '\0', NULL },
};

static const struct swap backslashes[] = {
	{ '\\', "\\\\" }, { '`', "\\`" }, { '*', "\\*" }, { '_', "\\_" },
	{ '{', "\\{" }, { '}', "\\}" }, { '[', "\\[" }, { ']', "\\]" },
	{ '(', "\\(" }, { ')', "\\)" }, { '#', "\\#" }, { '+', "\\+" },
	{ '-', "\\-" }, { '!', "\\!" }, { '<', "\\<" }, { '>', "\\>" },
	{ '|', "\\|" }, { '~', "\\~" }, { ':', "\\:" }, NO_MENTION, { '\0', NULL },
};

static const struct swap code_span[] = {
	{ '`', "\xcb\x8b" }, NO_MENTION, { '\0', NULL },
};

/* The full-width twins of what these services read as markup or a mention. */
static const struct swap twins[] = {
	{ '<', "\xef\xbc\x9c" }, { '>', "\xef\xbc\x9e" }, { '[', "\xef\xbc\xbb" },
	{ ']', "\xef\xbc\xbd" }, { '*', "\xef\xbc\x8a" }, { '`', "\xcb\x8b" },
	{ '#', "\xef\xbc\x83" }, { '@', "\xef\xbc\xa0" }, { '~', "\xef\xbd\x9e" },
	{ '&', "\xef\xbc\x86" }, { '\0', NULL },
};

static const struct swap any[] = {
	{ '<', "\xef\xbc\x9c" }, { '>', "\xef\xbc\x9e" }, { '[', "\xef\xbc\xbb" },
	{ ']', "\xef\xbc\xbd" }, { '@', "\xef\xbc\xa0" }, { '\0', NULL },
};

static const struct swap none[] = { { '\0', NULL } };

/* ORDER DIALECTS: as in markup.h. */
static const struct {
	const struct swap *text, *code;
	const char *bold, *bold_end, *open, *close, *end;
} dialects[] = {
	{ none, none, "", "", "", "", "\n" },
	{ entities, entities, "<b>", "</b>", "<code>", "</code>", "<br>\n" },
	{ tags, entities, "<b>", "</b>", "<code>", "</code>", "\n" },
	{ entities, entities, "<b>", "</b>", "", "", "\n" },
	{ backslashes, code_span, "**", "**", "`", "`", "  \n" },
	{ backslashes, code_span, "**", "**", "`", "`", "\n" },
	{ slack, slack_code, "*", "*", "`", "`", "\n" },
	{ twins, twins, "**", "**", "", "", "\n\n" },
	{ any, any, "", "", "", "", "\n" },
};

static void
swap_all(struct buf *b, const struct swap *table, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		const struct swap *w = table;

		while (w->to && w->from != s.p[i])
			w++;
		if (w->to)
			buf_str(b, w->to);
		else
			buf_char(b, s.p[i]);
	}
}

void
markup_text(struct buf *b, enum dialect d, struct span s)
{
	swap_all(b, dialects[d].text, s);
}

void
markup_bold(struct buf *b, enum dialect d, struct span s)
{
	buf_str(b, dialects[d].bold);
	markup_text(b, d, s);
	buf_str(b, dialects[d].bold_end);
}

void
markup_code(struct buf *b, enum dialect d, struct span s)
{
	s = span_trim(s); /* a blank beside the mark would undo it */
	if (s.n == 0)
		return;
	buf_str(b, dialects[d].open);
	swap_all(b, dialects[d].code, s);
	buf_str(b, dialects[d].close);
}

void
markup_link(struct buf *b, enum dialect d, struct span url)
{
	bool angles = d == DIALECT_MARKDOWN || d == DIALECT_MRKDWN;

	if (d == DIALECT_HTML) {
		buf_str(b, "<a href=\"");
		swap_all(b, entities, url);
		buf_str(b, "\">");
	}
	if (angles)
		buf_char(b, '<');
	if (d == DIALECT_MRKDWN)
		swap_all(b, slack_code, url);
	else
		swap_all(b, dialects[d].code == entities ? entities : none, url);
	if (angles)
		buf_char(b, '>');
	if (d == DIALECT_HTML)
		buf_str(b, "</a>");
}

void
markup_break(struct buf *b, enum dialect d)
{
	buf_str(b, dialects[d].end);
}

static bool
is_inside(struct span s, size_t i)
{
	return i < s.n && ((unsigned char)s.p[i] & 0xc0) == 0x80;
}

struct span
markup_cut(struct span s, size_t max)
{
	size_t i = 0;

	for (; i < s.n && max > 0; max--)
		for (i++; is_inside(s, i); i++)
			;
	return (struct span){ s.p, i };
}

struct span
markup_cut_bytes(struct span s, size_t max)
{
	size_t n = s.n < max ? s.n : max;

	while (n > 0 && is_inside(s, n))
		n--;
	return (struct span){ s.p, n };
}
