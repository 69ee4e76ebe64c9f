/* SPDX-License-Identifier: MIT */
/*
 * page: what a message says, before any service's markup.
 *
 * A title and a list of items in the order of their weight: when a service's
 * limit is reached the last are left out.  One notice gives its whole story,
 * several give a line each.
 */
#ifndef PAGE_H
#define PAGE_H

#include "lang.h"
#include "markup.h"
#include "notice.h"

#define PAGE_ITEMS   32
#define PAGE_NOTICES 10 /* of a group that are told; the rest is counted */

enum item_kind {
	ITEM_TEXT,  /* a paragraph; with a label: what it is */
	ITEM_FIELD, /* a short value */
	ITEM_CODE,  /* from the log, as it stands */
	ITEM_LINK
};

struct page_item {
	enum item_kind kind;
	const char    *label; /* NULL: none */
	const char    *text;
};

struct page {
	const char      *title;
	const char      *sign;   /* emoji */
	unsigned         colour; /* 0xRRGGBB */
	enum severity    severity;
	const struct notice *main; /* about which it says most: its curve is shown */
	struct page_item item[PAGE_ITEMS];
	unsigned         n;
	char            *memory[3 * PAGE_ITEMS]; /* texts made for it */
	unsigned         memories;
};

/* notice[0..n), n > 0, oldest first.  Texts are borrowed from the notices too. */
void page_make(struct page *, const struct notice *const *notice, unsigned n,
    enum lang);
void page_fini(struct page *);

/*
 * Appends the items in a dialect, as many as keep b's length within max bytes; an item is never
 * cut, except the first.  Without the title.
 */
void page_write(const struct page *, enum dialect, size_t max, struct buf *);

#endif
