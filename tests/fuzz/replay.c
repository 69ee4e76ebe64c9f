/* SPDX-License-Identifier: MIT */
/*
 * A main for fuzz targets where there is no libFuzzer: each file that is named
 * goes through the target once, so that the seeds are tests everywhere.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FILE_MAX ((size_t)8 << 20)

int
main(int argc, char **argv)
{
	uint8_t *data = malloc(FILE_MAX);

	if (data == NULL)
		return 1;
	for (int i = 1; i < argc; i++) {
		FILE    *f = fopen(argv[i], "rb");
		size_t   n;
		uint8_t *exact;

		if (f == NULL) {
			perror(argv[i]);
			return 1;
		}
		n = fread(data, 1, FILE_MAX, f);
		fclose(f);
		exact = malloc(n ? n : 1); /* so that a read past the end is seen */
		if (exact == NULL)
			return 1;
		for (size_t k = 0; k < n; k++)
			exact[k] = data[k];
		LLVMFuzzerTestOneInput(exact, n);
		free(exact);
	}
	free(data);
	return 0;
}
