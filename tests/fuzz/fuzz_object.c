/* SPDX-License-Identifier: MIT */
/* Any bytes as an object: what is handed out lies inside, and it comes to an end. */
#include "object.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
within(const char *p, size_t n, struct span s)
{
	if (s.n > n || (s.n > 0 && (s.p < p || s.p + s.n > p + n)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char              *text = malloc(size > 0 ? size : 1);
	struct object      o;
	struct object_item item;
	size_t             n = 0;

	if (text == NULL)
		abort();
	memcpy(text, data, size);
	object_init(&o, (struct span){ text, size });
	while (object_next(&o, &item)) {
		within(text, size, item.text);
		within(text, size, item.key);
		within(o.path, sizeof o.path, item.path);
		if (++n > size || item.depth == 0 || item.depth > OBJECT_DEPTH)
			abort();
	}
	within(text, size, object_rest(&o));
	if (object_next(&o, &item))
		abort();
	free(text);
	return 0;
}
