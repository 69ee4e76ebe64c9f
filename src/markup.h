/* SPDX-License-Identifier: MIT */
/*
 * markup: text from logs inside the markup of a service, where it must stay text.
 *
 * A dialect is a row: how bold and code are written, how a line ends, and what
 * has to be done to a text so that it neither becomes markup nor mentions
 * anybody.  The texts come from a notice and hold no control characters.
 */
#ifndef MARKUP_H
#define MARKUP_H

#include "buf.h"
#include "span.h"

enum dialect {
	DIALECT_PLAIN,   /* nothing at all */
	DIALECT_HTML,    /* mail */
	DIALECT_TAGS,    /* <b> and <code>, lines by \n: Telegram */
	DIALECT_PANGO,   /* <b> only: desktop notifications */
	DIALECT_MARKDOWN,/* CommonMark with backslashes: Gotify, ntfy */
	DIALECT_DISCORD, /* the same; a line end is a line end */
	DIALECT_MRKDWN,  /* Slack */
	DIALECT_CHAT,    /* DingTalk, Feishu, WeCom: no way to escape, so look-alikes */
	DIALECT_ANY      /* handed on to who knows whom: neither tags, links nor mentions of any of them */
};

void markup_text(struct buf *, enum dialect, struct span);
void markup_bold(struct buf *, enum dialect, struct span);
void markup_code(struct buf *, enum dialect, struct span);
/* A URL of the user's own; the run's name in it is encoded. */
void markup_link(struct buf *, enum dialect, struct span url);
void markup_break(struct buf *, enum dialect); /* the end of a line */

/*
 * The longest beginning of s of at most max characters (bytes: of at most max
 * bytes) that ends at the end of a character.
 */
struct span markup_cut(struct span s, size_t max);
struct span markup_cut_bytes(struct span s, size_t max);

#endif
