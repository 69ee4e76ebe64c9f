/* SPDX-License-Identifier: MIT */
/*
 * encode: bytes in the clothes of a protocol.
 */
#ifndef ENCODE_H
#define ENCODE_H

#include "buf.h"
#include "span.h"

/* RFC 4648 with padding; wrap: a CRLF after each so many characters (0: none). */
void encode_base64(struct buf *, struct span, unsigned wrap);
/* Everything but letters, digits and -._~ as %XX. */
void encode_url(struct buf *, struct span);
/* Text for a mail body, RFC 2045: lines of at most 76 characters, ends as CRLF. */
void encode_quoted(struct buf *, struct span);
/*
 * A mail header's value, RFC 2047: as it is when it is printable ASCII, else
 * in encoded words of at most 75 characters, folded.  CR and LF never survive.
 */
void encode_header(struct buf *, struct span);

#endif
