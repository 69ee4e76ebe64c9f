/* SPDX-License-Identifier: MIT */
/*
 * tap: the test framework.  A test file is a main that says OK(condition,
 * "name", ...) for each fact and returns DONE().
 *
 *	int
 *	main(void)
 *	{
 *		for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
 *			IS_STR(f(rows[i].in), rows[i].out, "%s", rows[i].name);
 *		OK(g() == 0, "g is content");
 *		return DONE();
 *	}
 *
 * Each is one line of TAP; a failure adds its file and line and what was got.
 */
#ifndef TAP_H
#define TAP_H

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define OK(cond, ...) \
	tap_ok((cond) ? true : false, __FILE__, __LINE__, #cond, __VA_ARGS__)
#define IS_STR(got, want, ...) \
	tap_is_str((got), (want), __FILE__, __LINE__, #got, __VA_ARGS__)
#define IS_NUM(got, want, ...) /* NaN is NaN */ \
	tap_is_num((double)(got), (double)(want), __FILE__, __LINE__, #got, __VA_ARGS__)
#define NEAR(got, want, eps, ...) \
	tap_near((got), (want), (eps), __FILE__, __LINE__, #got, __VA_ARGS__)
#define SKIP(why, ...) tap_skip((why), __VA_ARGS__)
#define DONE() tap_done()

#define TAP_PRINTF(f, a) __attribute__((__format__(__printf__, f, a), __unused__))

static unsigned tap_count, tap_failed;

static inline bool
tap_line(bool ok, const char *fmt, va_list ap)
{
	tap_count++;
	if (!ok)
		tap_failed++;
	printf("%sok %u - ", ok ? "" : "not ", tap_count);
	vprintf(fmt, ap);
	putchar('\n');
	return ok;
}

#define TAP_LINE(ok, fmt) \
	do { \
		va_list ap; \
		va_start(ap, fmt); \
		tap_line((ok), (fmt), ap); \
		va_end(ap); \
	} while (0)

static bool TAP_PRINTF(5, 6)
tap_ok(bool ok, const char *file, int line, const char *what, const char *fmt, ...)
{
	TAP_LINE(ok, fmt);
	if (!ok)
		printf("# %s:%d: %s\n", file, line, what);
	fflush(stdout);
	return ok;
}

/* A text in a comment of TAP: its lines begin with "# " too. */
static inline void
tap_text(const char *label, const char *s)
{
	printf("#   %s: ", label);
	for (; s != NULL && *s != '\0'; s++) {
		putchar(*s);
		if (*s == '\n')
			fputs("#        ", stdout);
	}
	puts(s == NULL ? "(null)" : "");
}

static bool TAP_PRINTF(6, 7)
tap_is_str(const char *got, const char *want, const char *file, int line,
    const char *what, const char *fmt, ...)
{
	bool ok = got == want || (got != NULL && want != NULL && strcmp(got, want) == 0);

	TAP_LINE(ok, fmt);
	if (!ok) {
		printf("# %s:%d: %s\n", file, line, what);
		tap_text("got ", got);
		tap_text("want", want);
	}
	fflush(stdout);
	return ok;
}

static inline void
tap_numbers(const char *file, int line, const char *what, double got, double want)
{
	printf("# %s:%d: %s\n#   got : %.17g\n#   want: %.17g\n", file, line, what, got,
	    want);
}

static bool TAP_PRINTF(6, 7)
tap_is_num(double got, double want, const char *file, int line,
    const char *what, const char *fmt, ...)
{
	bool ok = (isnan(got) && isnan(want)) || !(got < want || got > want ||
	    isnan(got) || isnan(want));

	TAP_LINE(ok, fmt);
	if (!ok)
		tap_numbers(file, line, what, got, want);
	fflush(stdout);
	return ok;
}

static bool TAP_PRINTF(7, 8)
tap_near(double got, double want, double eps, const char *file, int line,
    const char *what, const char *fmt, ...)
{
	bool ok = (isnan(got) && isnan(want)) || fabs(got - want) <= eps;

	TAP_LINE(ok, fmt);
	if (!ok)
		tap_numbers(file, line, what, got, want);
	fflush(stdout);
	return ok;
}

static void TAP_PRINTF(2, 3)
tap_skip(const char *why, const char *fmt, ...)
{
	va_list ap;

	printf("ok %u - ", ++tap_count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf(" # SKIP %s\n", why);
	fflush(stdout);
}

static inline int
tap_done(void)
{
	printf("1..%u\n", tap_count);
	return tap_failed > 0;
}

#endif
