/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a stream of lines, in pieces of any size: the first byte seeds the
 * sizes.  Whole and in pieces it must give the same lines, within their bounds.
 */
#include "line.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long long
mix(unsigned long long sum, struct span s)
{
	return (sum ^ span_hash(s)) * 0x9e3779b97f4a7c15ULL + s.n;
}

static unsigned long long
take(struct lines *l, unsigned long long sum)
{
	struct line line;

	while (lines_next(l, &line)) {
		if (line.text.n > LINE_MAX_TEXT || line.raw.n > LINE_MAX_TEXT)
			abort();
		for (size_t i = 0; i < line.text.n; i++)
			if ((unsigned char)line.text.p[i] < 0x20 && line.text.p[i] != '\t')
				abort(); /* control is peeled */
		sum = mix(sum, line.text);
		sum = mix(sum, line.raw);
		sum += line.number * 4 + line.redraw * 2 + line.cut;
	}
	return sum;
}

static unsigned long long
lines_of(const uint8_t *data, size_t size, unsigned seed)
{
	struct lines      *l = lines_new(NULL);
	unsigned long long sum = 0;
	size_t             n;

	for (size_t at = 0; at < size; at += n) {
		seed = seed * 1103515245 + 12345;
		n = seed == 0 ? size : 1 + (seed >> 16) % 300;
		if (n > size - at)
			n = size - at;
		char *piece = malloc(n);
		if (piece == NULL)
			abort();
		memcpy(piece, data + at, n);
		lines_push(l, (struct span){ piece, n }, NAN);
		sum = take(l, sum);
		free(piece);
	}
	lines_end(l);
	sum = take(l, sum);
	lines_free(l);
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	if (lines_of(data + 1, size - 1, 7) != lines_of(data + 1, size - 1, data[0]))
		abort();
	return 0;
}
