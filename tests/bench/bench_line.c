/* SPDX-License-Identifier: MIT */
/*
 * bench_line: nanoseconds a line of the line stage, by kind of line, and of
 * reading numbers.  bench_line [rules/prefixes.yaml]: with prefixes too.
 */
#include "line.h"
#include "number.h"
#include "object.h"
#include "prefix.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "xalloc.h"
#include "ydoc.h"

#define PIECE 65536
#define TOTAL (64u << 20)

static const struct { const char *name, *line; } kinds[] = {
	{ "plain, 150 bytes",
	    "Epoch: [12][ 340/1251]  Time  0.231 ( 0.240)  Data  0.001 ( 0.012)  Loss 1.2345e+00 "
	    "(1.3456e+00)  Acc@1  67.19 ( 65.43)  Acc@5  88.28 ( 86.54) lr: 0.0123\n" },
	{ "plain, short", "step 12340 loss 2.3456 lr 0.0003\n" },
	{ "dict", "{'loss': 0.8896, 'grad_norm': 1.23, 'learning_rate': 0.000994016, 'epoch': 0.05}\n" },
	{ "JSON", "{\"loss\": 0.8896, \"grad_norm\": 1.23, \"step\": 12, \"time\": 0.21, \"epoch\": 0.05}\n" },
	{ "bar", "\r  8%|\xe2\x96\x8a         | 34/440 [20:30<2:34:55, 22.90s/it, loss=0.123, lr=0.001]" },
	{ "Keras 1",
	    "  7/391 [..............................] - ETA: 1:45 - loss: 2.3430 - accuracy: 0.0794"
	    "\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b"
	    "\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\r" },
	{ "coloured",
	    "epoch:[ 17/100] \x1b[95mtrain step:20  \x1b[0m \x1b[92mloss: 2.18701 lr: 0.046555\x1b[0m "
	    "\x1b[92mbatch_cost: 0.55275 sec,\x1b[0m ips: 115.78489 instance/sec.\n" },
	{ "Python logging", "2021-09-28 17:59:13,017 - mmdet - INFO - Epoch [1][50/1000]\tlr: 1.0e-03, loss: 0.5\n" },
	{ "glog", "I0601 11:49:58.886471 24067 solver.cpp:237] Iteration 20, loss = 6.9\n" },
	{ "docker JSON",
	    "{\"log\":\"step 12340 loss 2.3456 lr 0.0003\\n\",\"stream\":\"stdout\",\"time\":\"2024-01-01T00:00:00.5Z\"}\n" },
};

static const char *const numbers[] = {
	"0.01234", "1.2e-05", "12340", "0.8303265637821622", "1.3456e+00", "0.12345678901234567",
	"1,234,567", "nan"
};

static double
bench_lines(const struct prefixes *prefixes, const char *one)
{
	size_t        n = strlen(one), used = 0;
	char         *piece = xmalloc(PIECE + 1);
	struct lines *l = lines_new(prefixes);
	struct line   line;
	unsigned long count = 0, bytes = 0;
	double        start;

	while (used + n <= PIECE) {
		memcpy(piece + used, one, n);
		used += n;
	}
	start = clock_mono();
	while (bytes < TOTAL) {
		lines_push(l, (struct span){ piece, used }, NAN);
		while (lines_next(l, &line))
			count++;
		bytes += used;
	}
	start = (clock_mono() - start) / (double)count * 1e9;
	lines_free(l);
	free(piece);
	return start;
}

static double
bench_number(const char *text)
{
	enum { TIMES = 2000000 };
	volatile double sink;
	struct span     s = span_of(text);
	double          v = 0, start = clock_mono();
	size_t          used;

	for (int i = 0; i < TIMES; i++) {
		__asm__ volatile("" : "+r"(s.p));
		number_read(s, &v, &used);
		sink = v;
	}
	(void)sink;
	return (clock_mono() - start) / TIMES * 1e9;
}

static double
bench_object(const char *text)
{
	enum { TIMES = 300000 };
	struct object      o;
	struct object_item item;
	double             start = clock_mono();
	unsigned long      n = 0;

	for (int i = 0; i < TIMES; i++) {
		object_init(&o, span_of(text));
		while (object_next(&o, &item))
			n++;
	}
	return (clock_mono() - start) / (double)n * 1e9;
}

int
main(int argc, char **argv)
{
	static char      yaml[1 << 20];
	struct prefixes *prefixes = prefixes_new();
	struct diags    *diags = diags_new();
	FILE            *f = fopen(argc > 1 ? argv[1] : "rules/prefixes.yaml", "r");
	size_t           n = f != NULL ? fread(yaml, 1, sizeof yaml, f) : 0;
	double           start = clock_mono();

	if (f == NULL || prefixes_load(prefixes, ydoc_parse("prefixes.yaml", (struct span){ yaml, n }, diags), diags) == -1)
		return 1;
	fclose(f);
	printf("%-40s %8.2f ms\n", "loading the prefixes", (clock_mono() - start) * 1e3);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		printf("%-40s %8.1f ns a line, %8.1f with prefixes\n", kinds[i].name,
		    bench_lines(NULL, kinds[i].line), bench_lines(prefixes, kinds[i].line));
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		printf("%-40s %8.1f ns\n", numbers[i], bench_number(numbers[i]));
	printf("%-40s %8.1f ns an item\n", "dict", bench_object(kinds[2].line));
	diags_free(diags);
	prefixes_free(prefixes);
	return 0;
}
