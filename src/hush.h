/* SPDX-License-Identifier: MIT */
/*
 * hush: what must not be written down: passwords, keys, tokens.
 */
#ifndef HUSH_H
#define HUSH_H

#include <stdbool.h>

#include "buf.h"
#include "jsonw.h"
#include "span.h"

#define HUSH_MARK "***"

/* A name whose value is a secret: "HF_TOKEN", "--api-key", "db.password"; not "eos_token". */
bool hush_name(struct span name);
/* Writes the words of a command line as a JSON array, secrets hidden. */
void hush_args(char *const *argv, struct jsonw *);
/* Appends them as one line, quoted for a shell where needed. */
void hush_line(char *const *argv, struct buf *);
/* Appends a text of "name: value" and "name = value" lines, secrets hidden. */
void hush_text(struct span text, struct buf *);

#endif
