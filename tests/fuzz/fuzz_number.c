/* SPDX-License-Identifier: MIT */
/* Any bytes as a number, a wrapped number, a unit; and the value held against strtod. */
#include "number.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where strtod reads the same bytes and all of them, it must read the same value. */
static void
compare(const char *text, double v, size_t used)
{
	char  *end;
	double want = strtod(text, &end);

	if ((size_t)(end - text) == used && !isnan(want) && memcmp(&want, &v, sizeof v) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char       *text = malloc(size + 1), *tight = malloc(size > 0 ? size : 1);
	double      v = 0;
	size_t      used;
	struct unit u;

	if (text == NULL || tight == NULL)
		abort();
	memcpy(text, data, size);
	memcpy(tight, data, size);
	text[size] = '\0';
	struct span s = { tight, size };
	used = size + 1;
	if (number_read(s, &v, &used) != NUMBER_NONE && used > size)
		abort();
	if (number_read(s, &v, &used) == NUMBER_OK)
		compare(text, v, used);
	used = size + 1;
	if (number_read_wrapped(s, &v, &used) == NUMBER_OK && used > size)
		abort();
	u = unit_read(s);
	if (u.used > size || (u.used > 0) != (u.q != Q_NONE))
		abort();
	if (unit_find(s, &u) && u.used != size)
		abort();
	free(text);
	free(tight);
	return 0;
}
