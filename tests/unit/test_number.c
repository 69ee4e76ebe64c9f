/* SPDX-License-Identifier: MIT */
#include "number.h"

#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "tap.h"
#include "xalloc.h"

static const struct { const char *in; enum number_err err; double value; size_t used; } rows[] = {
	{ "12", NUMBER_OK, 12, 2 }, { "-3.5", NUMBER_OK, -3.5, 4 }, { "+.5 x", NUMBER_OK, .5, 3 },
	{ "1.2e-3,", NUMBER_OK, 1.2e-3, 6 }, { "1.2E+00", NUMBER_OK, 1.2, 7 },
	{ "1,234,567", NUMBER_OK, 1234567, 9 }, { "1,234,567.8", NUMBER_OK, 1234567.8, 11 },
	{ "1_000", NUMBER_OK, 1000, 5 }, { "nan", NUMBER_OK, NAN, 3 }, { "NaN,", NUMBER_OK, NAN, 3 },
	{ "-nan", NUMBER_OK, NAN, 4 }, { "-nan(ind)", NUMBER_OK, NAN, 9 },
	{ "1.#QNAN", NUMBER_OK, NAN, 7 }, { "1.#INF", NUMBER_OK, INFINITY, 6 },
	{ "-1.#IND00", NUMBER_OK, NAN, 9 }, { "-Infinity", NUMBER_OK, -INFINITY, 9 },
	{ "inf}", NUMBER_OK, INFINITY, 3 }, { "93.2%", NUMBER_OK, 93.2, 4 },
	{ "3.4M", NUMBER_OK, 3.4, 3 }, { "15ms/step", NUMBER_OK, 15, 2 },
	{ "2.5it/s]", NUMBER_OK, 2.5, 3 }, { "22.90s/it", NUMBER_OK, 22.9, 5 },
	{ "5.", NUMBER_OK, 5, 2 }, { "1.e-03]", NUMBER_OK, 1e-3, 6 }, { "5...", NUMBER_OK, 5, 1 },
	{ "10/100", NUMBER_OK, 10, 2 }, { "0.5,1.2", NUMBER_OK, .5, 3 },
	{ "0.89+0.002", NUMBER_OK, .89, 4 }, { "27: 1138.75", NUMBER_OK, 27, 2 },
	{ "97%|", NUMBER_OK, 97, 2 }, { "\xe2\x88\x92""5", NUMBER_OK, -5, 4 },
	{ "0e999999", NUMBER_OK, 0, 8 }, { "5e-324", NUMBER_OK, 5e-324, 6 },
	{ "1e400", NUMBER_RANGE, 0, 5 }, { "-1e-400", NUMBER_RANGE, 0, 7 },
	{ "1,5", NUMBER_ODD, 0, 3 }, { "0,123", NUMBER_ODD, 0, 5 }, { "12,34", NUMBER_ODD, 0, 5 },
	{ "1234,567", NUMBER_ODD, 0, 8 }, { "1,2,3", NUMBER_ODD, 0, 5 },
	{ "1.2.3", NUMBER_ODD, 0, 5 }, { "12:30", NUMBER_ODD, 0, 5 },
	{ "2021-09-28 17", NUMBER_ODD, 0, 10 }, { "12/09/24", NUMBER_ODD, 0, 8 },
	{ "0x1p3", NUMBER_ODD, 0, 5 }, { "3D", NUMBER_ODD, 0, 2 }, { "1m30s", NUMBER_ODD, 0, 5 },
	{ "5.jpg", NUMBER_ODD, 0, 5 }, { "1.5x", NUMBER_ODD, 0, 4 }, { "1e", NUMBER_ODD, 0, 2 },
	{ "5-fold", NUMBER_ODD, 0, 6 }, { "1_0", NUMBER_ODD, 0, 3 },
	{ "1\xd9\xa2", NUMBER_ODD, 0, 3 }, { "\xd9\xa1\xd9\xa2", NUMBER_NONE, 0, 0 },
	{ "info", NUMBER_NONE, 0, 0 }, { "nano", NUMBER_NONE, 0, 0 }, { "-", NUMBER_NONE, 0, 0 },
	{ ".", NUMBER_NONE, 0, 0 }, { "", NUMBER_NONE, 0, 0 }, { "--5", NUMBER_NONE, 0, 0 },
};

static const struct { const char *in; enum number_err err; double value; } wrapped[] = {
	{ "tensor(0.12, device='cuda:0', grad_fn=<NllLossBackward0>)", NUMBER_OK, .12 },
	{ "tensor([[ 1.2e-3]], device='cuda:0')", NUMBER_OK, 1.2e-3 },
	{ "array([0.1])", NUMBER_OK, .1 }, { "np.float64(0.1)", NUMBER_OK, .1 },
	{ "'0.1'", NUMBER_OK, .1 }, { "[0.1]", NUMBER_OK, .1 }, { "0.5", NUMBER_OK, .5 },
	{ "Array(0.1, dtype=float32)", NUMBER_OK, .1 }, { "tensor(nan)", NUMBER_OK, NAN },
	{ "<tf.Tensor: shape=(), dtype=float32, numpy=0.12>", NUMBER_OK, .12 },
	{ "array([0.1, 0.2])", NUMBER_NONE, 0 }, { "foo(1)", NUMBER_NONE, 0 },
	{ "'93.2%'", NUMBER_NONE, 0 }, { "tensor(0.1", NUMBER_NONE, 0 }, { "[1", NUMBER_NONE, 0 },
	{ "[12:30]", NUMBER_ODD, 0 },
};

static const struct { const char *in; enum quantity q; double factor; size_t used; } units[] = {
	{ "ms/step", Q_TIME_PER, 1e-3, 7 }, { "it/s]", Q_RATE, 1, 4 }, { "s/it", Q_TIME_PER, 1, 4 },
	{ "s / it)", Q_TIME_PER, 1, 6 }, { "%|", Q_RATIO, .01, 1 }, { "K wps", Q_RATE, 1e3, 5 },
	{ " s", Q_TIME, 1, 2 }, { "MiB", Q_BYTES, 1048576, 3 }, { " GB,", Q_BYTES, 0x1p30, 3 },
	{ "MB/s", Q_RATE, 1048576, 4 }, { "kit/s", Q_RATE, 1e3, 5 }, { "Mtok/s", Q_RATE, 1e6, 6 },
	{ "samples/sec", Q_RATE, 1, 11 }, { "samples/min", Q_RATE, 1.0 / 60, 11 }, { "/s", Q_RATE, 1, 2 },
	{ "B", Q_COUNT, 1e9, 1 }, { " B", Q_BYTES, 1, 2 }, { "M", Q_COUNT, 1e6, 1 },
	{ "\xc2\xb5s", Q_TIME, 1e-6, 3 }, { "min", Q_TIME, 60, 3 }, { "h", Q_TIME, 3600, 1 },
	{ " T", Q_NONE, 1, 0 }, { " steps", Q_NONE, 1, 0 }, { "mm", Q_NONE, 1, 0 },
	{ "/100", Q_NONE, 1, 0 }, { "sx", Q_NONE, 1, 0 }, { "", Q_NONE, 1, 0 },
};

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		double          v = rows[i].value;
		size_t          used = 0;
		enum number_err err = number_read(span_of(rows[i].in), &v, &used);

		OK(err == rows[i].err && used == rows[i].used, "'%s': kind and length", rows[i].in);
		IS_NUM(v, rows[i].value, "'%s': value", rows[i].in);
	}
	for (size_t i = 0; i < sizeof wrapped / sizeof *wrapped; i++) {
		double          v = wrapped[i].value;
		size_t          used = 0, n = strlen(wrapped[i].in);
		enum number_err err = number_read_wrapped(span_of(wrapped[i].in), &v, &used);

		OK(err == wrapped[i].err && (err != NUMBER_OK || used == n), "%s: kind", wrapped[i].in);
		IS_NUM(v, wrapped[i].value, "%s: value", wrapped[i].in);
	}
}

static void
test_units(void)
{
	struct unit u;

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		u = unit_read(span_of(units[i].in));
		OK(u.q == units[i].q && u.used == units[i].used, "unit '%s'", units[i].in);
		NEAR(u.factor, units[i].factor, units[i].factor * 1e-12, "unit '%s': factor", units[i].in);
	}
	OK(unit_find(SPAN_LIT("it/s"), &u) && u.q == Q_RATE, "it/s is a unit by name");
	OK(unit_find(SPAN_LIT("B"), &u) && u.q == Q_BYTES, "B by name is bytes");
	OK(!unit_find(SPAN_LIT("it/s "), &u) && !unit_find(SPAN_LIT(""), &u), "a name is all of it");
}

/* Every double comes back from its 17 digits, at 1 to 20 digits as strtod reads it. */
static void
test_exact(void)
{
	uint64_t seed = 42;
	unsigned bad = 0;

	for (int i = 0; i < 300000; i++) {
		char   text[64];
		double want, got = 0;
		size_t used;

		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		if (i % 2) {
			uint64_t bits = seed ^ seed >> 29;

			memcpy(&want, &bits, sizeof want);
			if (!isfinite(want))
				continue;
			snprintf(text, sizeof text, "%.*e", (int)(seed >> 60) + 4, want);
		} else
			snprintf(text, sizeof text, "%.*f", (int)(seed >> 60) + 4,
			    (double)(seed >> 11) / (double)(1ULL << (seed % 50)));
		want = strtod(text, NULL);
		if (number_read(span_of(text), &got, &used) != NUMBER_OK)
			got = isinf(want) || want == 0 ? want : NAN;
		if (memcmp(&got, &want, sizeof got) != 0 && bad++ < 5)
			printf("# %s: %.17g, not %.17g\n", text, got, want);
	}
	OK(bad == 0, "300,000 numbers are rounded as strtod does");
}

/* Nineteen digits by a large power of ten: one in 4,096 lies on a tie but for the remainder. */
static void
test_ties(void)
{
	uint64_t seed = 1;
	unsigned bad = 0;

	for (int i = 0; i < 200000; i++) {
		char   text[64];
		double got = 0;
		size_t used;

		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		snprintf(text, sizeof text, "%llue-%d",
		    (unsigned long long)(1000000000000000000ULL + seed % 8000000000000000000ULL),
		    20 + i % 8);
		bad += number_read(span_of(text), &got, &used) != NUMBER_OK ||
		    memcmp(&got, &(double){ strtod(text, NULL) }, sizeof got) != 0;
	}
	OK(bad == 0, "200,000 numbers near a tie are rounded as strtod does");
}

static void
test_long(void)
{
	char  *text = xmalloc(4100);
	double v = 0;
	size_t used;

	memset(text, '7', 4000);
	OK(number_read((struct span){ text, 4000 }, &v, &used) == NUMBER_RANGE && used == 4000,
	    "4,000 digits do not fit a double");
	text[1] = '.';
	OK(number_read((struct span){ text, 4000 }, &v, &used) == NUMBER_OK && used == 4000,
	    "4,000 digits behind the point do");
	text[4000] = '\0';
	IS_NUM(v, strtod(text, NULL), "and are rounded rightly");
	memcpy(text, "9007199254740993.", 17); /* a tie, but for the last digit */
	memset(text + 17, '0', 3000);
	strcpy(text + 3017, "1");
	number_read(span_of(text), &v, &used);
	IS_NUM(v, 9007199254740994.0, "the 3,000th digit breaks a tie");
	free(text);
}

static void
test_durations(void)
{
	static const struct { const char *text; double want; } each[] = {
		{ "1:02:03", 3723 }, { "59:36", 3576 }, { "285:02:45", 1026165 }, { "45s", 45 }, { "?", -1 }, { "", -1 },
		{ "12", -1 }, { ":12", -1 }, { "1:", -1 }, { "1:2x", -1 }, { "45ms", -1 }, { "-:--:--", -1 },
	};

	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		double v = -1;
		bool ok = duration_read(span_of(each[i].text), &v);
		OK(ok == (each[i].want >= 0) && v == each[i].want, "a length of time: '%s'", each[i].text);
	}
}

int
main(void)
{
	const char *comma = setlocale(LC_NUMERIC, "de_DE.UTF-8");

	test_rows();
	test_units();
	test_durations();
	setlocale(LC_NUMERIC, "C");
	test_exact();
	test_ties();
	test_long();
	if (comma == NULL)
		SKIP("no German locale here", "the locale plays no part");
	else {
		double v = 0;
		size_t used;

		setlocale(LC_NUMERIC, "de_DE.UTF-8");
		OK(number_read(SPAN_LIT("0.123456789012345678901"), &v, &used) == NUMBER_OK && v > 0.1,
		    "the locale plays no part");
	}
	return DONE();
}
