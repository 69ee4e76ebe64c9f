/* SPDX-License-Identifier: MIT */
/*
 * jsonw: JSON writer into a buf; the one place that quotes.
 *
 * Output is valid UTF-8 whatever came in (invalid bytes become U+FFFD).  NaN
 * and infinities are the strings "NaN", "Infinity", "-Infinity".  Absent is
 * absent: the *_opt forms write nothing for NULL and NaN.
 * Commas are its own business: begin, key, value, end in their natural order.
 */
#ifndef JSONW_H
#define JSONW_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

struct jsonw {
	struct buf *buf;
	unsigned    depth;
	bool        comma[32]; /* a value was written at this depth */
	bool        after_key;
};

void jsonw_init(struct jsonw *, struct buf *); /* the buf is borrowed */
void jsonw_object(struct jsonw *);
void jsonw_object_end(struct jsonw *);
void jsonw_array(struct jsonw *);
void jsonw_array_end(struct jsonw *);
void jsonw_key(struct jsonw *, const char *);
void jsonw_str(struct jsonw *, struct span);
void jsonw_cstr(struct jsonw *, const char *);
/* Shortest text that reads back as the same double; integers without a point. */
void jsonw_num(struct jsonw *, double);
void jsonw_uint(struct jsonw *, uint64_t);
void jsonw_bool(struct jsonw *, bool);
/* A value that is JSON already. */
void jsonw_raw(struct jsonw *, struct span);

/* Key and value in one. */
void jsonw_put(struct jsonw *, const char *key, const char *value);
void jsonw_put_span(struct jsonw *, const char *key, struct span value);
/* The same; both are left out when the value is NULL, empty or NaN. */
void jsonw_opt_str(struct jsonw *, const char *key, const char *value);
void jsonw_opt_num(struct jsonw *, const char *key, double value);
/* "rank=3,gpu=0" as the object {"rank":"3","gpu":"0"}; nothing when it is NULL or empty. */
void jsonw_opt_pairs(struct jsonw *, const char *key, const char *pairs);

/* The shortest decimal text of v into ret, at least 32 bytes; locale plays no part. */
void jsonw_shortest(double v, char ret[static 32]);

#endif
