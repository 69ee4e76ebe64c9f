/* SPDX-License-Identifier: MIT */
#include "jsonw.h"

#include <locale.h>
#include <stdlib.h>

#include "tap.h"

static const struct {
	double      in;
	const char *out;
} shortest[] = {
	{ 0, "0" },           { -0.0, "-0" },
	{ 1, "1" },           { -12.5, "-12.5" },
	{ 0.1, "0.1" },       { 0.1 + 0.2, "0.30000000000000004" },
	{ 1.0 / 3, "0.3333333333333333" },
	{ 100, "100" },       { 123456.789, "123456.789" },
	{ 1e-4, "0.0001" },   { 1e-5, "1e-05" },
	{ 1.5e-5, "1.5e-05" },{ 2.5e-7, "2.5e-07" },
	{ 1e15, "1000000000000000" },
	{ 9007199254740991.0, "9007199254740991" },
	{ 1e16, "1e+16" },    { 1e22, "1e+22" },
	{ 1.7976931348623157e308, "1.7976931348623157e+308" },
	{ 2.2250738585072014e-308, "2.2250738585072014e-308" },
	{ (double)0.1f, "0.10000000149011612" },
	{ NAN, "NaN" },       { INFINITY, "Infinity" },
	{ -INFINITY, "-Infinity" },
};

static const struct {
	const char *name;
	struct span in;
	const char *out;
} strings[] = {
	{ "plain", SPAN_LIT("loss"), "\"loss\"" },
	{ "empty", SPAN_LIT(""), "\"\"" },
	{ "quote and backslash", SPAN_LIT("a\"b\\c"), "\"a\\\"b\\\\c\"" },
	{ "line ends", SPAN_LIT("a\r\n\tb"), "\"a\\r\\n\\tb\"" },
	{ "control", SPAN_LIT("\x01\x1b\x7f"), "\"\\u0001\\u001b\\u007f\"" },
	{ "NUL", SPAN_LIT("a\0b"), "\"a\\u0000b\"" },
	{ "UTF-8", SPAN_LIT("\xc3\xa9\xf0\x9f\x90\x95"), "\"\xc3\xa9\xf0\x9f\x90\x95\"" },
	{ "invalid UTF-8", SPAN_LIT("a\xff" "b\xc3"), "\"a\xef\xbf\xbd" "b\xef\xbf\xbd\"" },
};

/* Digits up to an exponent, leading zeros left out. */
static unsigned
digits(const char *s)
{
	unsigned n = 0;

	for (; *s != '\0' && *s != 'e'; s++)
		n += *s >= (n > 0 ? '0' : '1') && *s <= '9';
	return n;
}

/* Numbers of every size read back as themselves, in no more digits than %.17g needs. */
static void
read_back(void)
{
	unsigned wrong = 0, longer = 0;
	uint64_t seed = 88172645463325252u;
	char     text[32], other[40];

	for (int i = 0; i < 200000; i++) {
		union { uint64_t u; double d; } v;
		double x;

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		v.u = seed;
		if (i % 2 == 0) { /* as logs have them: few digits */
			snprintf(other, sizeof other, "%.*f", i / 2 % 8,
			    (double)(seed % 1000000007) / 1e4);
			x = strtod(other, NULL);
		} else
			x = v.d;
		if (!isfinite(x))
			continue;
		jsonw_shortest(x, text);
		wrong += strtod(text, NULL) < x || strtod(text, NULL) > x;
		snprintf(other, sizeof other, "%.17g", x);
		longer += digits(text) > digits(other);
	}
	OK(wrong == 0, "200000 numbers read back as themselves");
	OK(longer == 0, "none has more digits than %%.17g gives");
}

static void
write_all(struct jsonw *w)
{
	jsonw_object(w);
	jsonw_key(w, "a");
	jsonw_num(w, NAN);
	jsonw_key(w, "b");
	jsonw_array(w);
	jsonw_num(w, 1);
	jsonw_bool(w, false);
	jsonw_object(w);
	jsonw_object_end(w);
	jsonw_array(w);
	jsonw_array_end(w);
	jsonw_array(w);
	jsonw_uint(w, UINT64_MAX);
	jsonw_array_end(w);
	jsonw_array(w);
	jsonw_cstr(w, "x");
	jsonw_array_end(w);
	jsonw_array_end(w);
	jsonw_opt_num(w, "x", NAN);
	jsonw_opt_str(w, "y", NULL);
	jsonw_opt_str(w, "z", "");
	jsonw_opt_num(w, "n", -INFINITY);
	jsonw_opt_str(w, "s", "t");
	jsonw_opt_pairs(w, "p", "");
	jsonw_opt_pairs(w, "q", "gpu=0,rank=3");
	jsonw_object_end(w);
}

int
main(void)
{
	struct buf   b;
	struct jsonw w;
	char         text[32];

	for (size_t i = 0; i < sizeof shortest / sizeof shortest[0]; i++) {
		jsonw_shortest(shortest[i].in, text);
		IS_STR(text, shortest[i].out, "shortest: %.17g", shortest[i].in);
	}
	read_back();
	buf_init(&b, 10000);
	for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
		buf_reset(&b);
		jsonw_init(&w, &b);
		jsonw_str(&w, strings[i].in);
		IS_STR(buf_cstr(&b), strings[i].out, "string: %s", strings[i].name);
	}
	buf_reset(&b);
	jsonw_init(&w, &b);
	write_all(&w);
	IS_STR(buf_cstr(&b), "{\"a\":\"NaN\",\"b\":[1,false,{},[],[18446744073709551615],[\"x\"]],"
	    "\"n\":\"-Infinity\",\"s\":\"t\",\"q\":{\"gpu\":\"0\",\"rank\":\"3\"}}", "commas, absent values");
	buf_fini(&b);
	if (setlocale(LC_NUMERIC, "de_DE.UTF-8") != NULL) {
		jsonw_shortest(1.0 / 3, text);
		IS_STR(text, "0.3333333333333333", "a locale with a decimal comma");
	} else
		SKIP("no de_DE.UTF-8 here", "a locale with a decimal comma");
	return DONE();
}
