/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "sha256.h"

#include <string.h>

static const uint32_t round_key[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t
rotate(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

void
sha256_init(struct sha256 *s)
{
	static const uint32_t h[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	};

	memcpy(s->h, h, sizeof(h));
	s->n = 0;
}

static void
schedule(const unsigned char *p, uint32_t w[static 64])
{
	for (unsigned i = 0; i < 16; i++, p += 4)
		w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		    (uint32_t)p[2] << 8 | p[3];
	for (unsigned i = 16; i < 64; i++) {
		uint32_t a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + w[i - 7] +
		    (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
		    (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
}

static void
compress(uint32_t h[static 8], const unsigned char *block)
{
	uint32_t w[64], v[8];

	schedule(block, w);
	memcpy(v, h, sizeof(v));
	for (unsigned i = 0; i < 64; i++) {
		uint32_t a = v[0], e = v[4];
		uint32_t one = v[7] + round_key[i] + w[i] +
		    (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
		    ((e & v[5]) ^ (~e & v[6]));
		uint32_t two = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
		    ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, 7 * sizeof(*v));
		v[4] += one;
		v[0] = one + two;
	}
	for (unsigned i = 0; i < 8; i++)
		h[i] += v[i];
}

void
sha256_add(struct sha256 *s, struct span text)
{
	while (text.n > 0) {
		size_t at = s->n % 64, n = 64 - at;

		if (n > text.n)
			n = text.n;
		memcpy(s->block + at, text.p, n);
		s->n += n;
		text = span_from(text, n);
		if (s->n % 64 == 0)
			compress(s->h, s->block);
	}
}

void
sha256_end(struct sha256 *s, unsigned char ret[static SHA256_SIZE])
{
	uint64_t bits = s->n * 8;
	char size[8];

	sha256_add(s, SPAN_LIT("\x80"));
	while (s->n % 64 != 56)
		sha256_add(s, (struct span){ "", 1 });
	for (unsigned i = 0; i < 8; i++)
		size[i] = (char)(unsigned char)(bits >> (56 - 8 * i));
	sha256_add(s, (struct span){ size, sizeof(size) });
	for (unsigned i = 0; i < SHA256_SIZE; i++)
		ret[i] = (unsigned char)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

void
sha256_hmac(struct span key, struct span message,
    unsigned char ret[static SHA256_SIZE])
{
	unsigned char k[64] = { 0 };
	char inner[64], outer[64];
	struct sha256 s;

	if (key.n > sizeof(k)) {
		sha256_init(&s);
		sha256_add(&s, key);
		sha256_end(&s, k);
	} else if (key.n > 0)
		memcpy(k, key.p, key.n);
	for (size_t i = 0; i < sizeof(k); i++) {
		inner[i] = (char)(k[i] ^ 0x36);
		outer[i] = (char)(k[i] ^ 0x5c);
	}
	sha256_init(&s);
	sha256_add(&s, (struct span){ inner, sizeof(inner) });
	sha256_add(&s, message);
	sha256_end(&s, ret);
	sha256_init(&s);
	sha256_add(&s, (struct span){ outer, sizeof(outer) });
	sha256_add(&s, (struct span){ (char *)ret, SHA256_SIZE });
	sha256_end(&s, ret);
}

void
sha256_hex(const unsigned char sum[static SHA256_SIZE], char ret[static 65])
{
	static const char digit[] = "0123456789abcdef";

	for (unsigned i = 0; i < SHA256_SIZE; i++) {
		ret[2 * i] = digit[sum[i] >> 4];
		ret[2 * i + 1] = digit[sum[i] & 15];
	}
	ret[64] = '\0';
}
