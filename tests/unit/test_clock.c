/* SPDX-License-Identifier: MIT */
#include "clock.h"

#include "tap.h"

static const struct {
	const char *name;
	double      in;
	const char *out;
} iso[] = {
	{ "the beginning", 0, "1970-01-01T00:00:00.000Z" },
	{ "milliseconds", 1764000000.25, "2025-11-24T16:00:00.250Z" },
	{ "rounding carries", 59.9996, "1970-01-01T00:01:00.000Z" },
	{ "before the beginning", -0.5, "1969-12-31T23:59:59.500Z" },
	{ "leap day", 1709164800, "2024-02-29T00:00:00.000Z" },
	{ "NaN is nothing", NAN, "" },
	{ "a year that has no four digits", 1e18, "" },
	{ "infinity is nothing", INFINITY, "" },
};

static const struct {
	double      in;
	const char *out;
} span[] = {
	{ 0, "0ms" },          { 0.45, "450ms" },      { 0.9996, "1.0s" },
	{ 3.21, "3.2s" },      { 9.96, "10s" },        { 59.4, "59s" },
	{ 59.6, "1m00s" },     { 192, "3m12s" },       { 3599.9, "1h00m" },
	{ 7500, "2h05m" },     { 172800, "2d00h" },    { 200000, "2d07h" },
	{ -90, "-1m30s" },     { NAN, "?" },           { INFINITY, "forever" },
};

int
main(void)
{
	char   text[32], brief[24];
	double a, b;

	for (size_t i = 0; i < sizeof iso / sizeof iso[0]; i++) {
		clock_iso(iso[i].in, text);
		IS_STR(text, iso[i].out, "iso: %s", iso[i].name);
	}
	for (size_t i = 0; i < sizeof span / sizeof span[0]; i++) {
		clock_span(span[i].in, brief);
		IS_STR(brief, span[i].out, "span: %g", span[i].in);
	}
	a = clock_mono();
	b = clock_mono();
	OK(b >= a, "monotonic time does not go back");
	OK(clock_wall() > 1.7e9, "wall time is of this century");
	return DONE();
}
