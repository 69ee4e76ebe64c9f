/* SPDX-License-Identifier: MIT */
/*
 * sha256: SHA-256 and its HMAC (FIPS 180-4, RFC 2104), for signatures and
 * fingerprints.
 */
#ifndef SHA256_H
#define SHA256_H

#include <stdint.h>

#include "span.h"

#define SHA256_SIZE 32

struct sha256 {
	uint32_t      h[8];
	uint64_t      n; /* bytes so far */
	unsigned char block[64];
};

void sha256_init(struct sha256 *);
void sha256_add(struct sha256 *, struct span);
void sha256_end(struct sha256 *, unsigned char ret[static SHA256_SIZE]);

void sha256_hmac(struct span key, struct span message,
    unsigned char ret[static SHA256_SIZE]);

/* 64 lower-case hexadecimal digits and a NUL. */
void sha256_hex(const unsigned char sum[static SHA256_SIZE], char ret[static 65]);

#endif
