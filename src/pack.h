/* SPDX-License-Identifier: MIT */
/*
 * pack: plain data into bytes and back, for state that outlives the program.
 *
 * The bytes are for this machine and this build: whoever packs structs says
 * their sizes first and refuses what does not fit.  Reading never goes past the end:
 * it fails once and gives zeros from then on, asked for at the end.
 */
#ifndef PACK_H
#define PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "span.h"

void pack_raw(struct buf *, const void *, size_t);
void pack_u64(struct buf *, uint64_t);
void pack_num(struct buf *, double);
/* NULL and "" are told apart. */
void pack_str(struct buf *, const char *);

struct unpack { struct span rest; bool bad; };

void     unpack_raw(struct unpack *, void *, size_t);
uint64_t unpack_u64(struct unpack *);
double   unpack_num(struct unpack *);
/* A new string, or NULL. */
char    *unpack_str(struct unpack *);
/* Of a struct that was read raw: whatever byte stands there becomes true or false. */
void     unpack_flag(bool *);

/* A part of its own: pack_end of what pack_begin returned closes it; read by itself, it cannot spoil what follows. */
size_t        pack_begin(struct buf *);
void          pack_end(struct buf *, size_t begun);
struct unpack unpack_part(struct unpack *);

#endif
