/* SPDX-License-Identifier: MIT */
/*
 * secret: what must be known and never shown.
 *
 * A secret is named where it is needed and read as late as possible:
 *	env:NAME        the environment variable
 *	file:PATH       the first line of a file (~/ is the home directory)
 *	cmd:WORDS       the first line that a command prints; words as in a
 *	                shell ('…' and "…" keep blanks), but no shell runs
 *	anything else   the secret itself, for which the configuration file
 *	                must not be readable by others
 */
#ifndef SECRET_H
#define SECRET_H

#include <stdbool.h>

#include "buf.h"
#include "diag.h"

#define SECRET_MAX 4096 /* bytes of a secret */

/* spec is env:, file: or cmd:. */
bool secret_is_reference(const char *spec);

/*
 * Reads what spec names into *ret, which secret_free ends.  -1: d says why.  1: it was read, but
 * d says what the user should mend (a file that others can read).
 */
int  secret_read(const char *spec, char **ret, struct diag *d);
/* From now on no core of this process is written, and none but root can look into it: before secrets are read. */
void secret_guard(void);
/* Wipes and frees; NULL is fine. */
void secret_free(char *);

/*
 * How a secret is named to people: the scheme and host of a URL and the last
 * four characters, nothing of a short one: "https://hooks.slack.com/...x4Jq".
 */
void secret_show(struct buf *, const char *secret);

/* Appends text with each of the n secrets in it (whole or its path) shown as secret_show does. */
void secret_redact(struct buf *, struct span text, const char *const *secrets,
    unsigned n);

#endif
