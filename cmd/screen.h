/* SPDX-License-Identifier: MIT */
/*
 * screen: the live table of `lossdog watch` on a terminal, and its keys.
 *
 * The only file that knows curses.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include <stdbool.h>

#include "board.h"
#include "roster.h"

struct screen;

/* NULL: this binary or this terminal cannot; d says why. */
struct screen *screen_open(bool colour, struct diag *d);
/* Puts the terminal back as it was. */
void           screen_close(struct screen *);

/* Takes the keys that were pressed; false: the user wants to leave. */
bool screen_keys(struct screen *, struct roster *, struct diag *d);
void screen_resize(struct screen *);
/* What the terminal can show of the user's language. */
enum lang screen_lang(const struct screen *);
/* A line for the bottom in that language: the newest finding or remark. */
void screen_say(struct screen *, const char *text);
void screen_draw(struct screen *, struct roster *, double now);

#endif
