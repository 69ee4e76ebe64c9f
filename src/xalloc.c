/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "xalloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
checked(void *p, size_t size)
{
	if (p == NULL) {
		fprintf(stderr, "lossdog: out of memory (%zu bytes wanted)\n", size);
		abort();
	}
	return p;
}

void *
xmalloc(size_t size)
{
	return checked(malloc(size ? size : 1), size);
}

void *
xcalloc(size_t n, size_t size)
{
	if (n == 0 || size == 0)
		n = size = 1;
	return checked(calloc(n, size), size);
}

void *
xrealloc(void *p, size_t n, size_t size)
{
	if (n == 0 || size == 0)
		n = size = 1;
	return checked(reallocarray(p, n, size), size);
}

char *
xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *
xcopy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

char *
xstrndup(const char *s, size_t n)
{
	char *p = xmalloc(n + 1);

	if (n > 0)
		memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *
xasprintf(const char *fmt, ...)
{
	va_list ap;
	char   *s = NULL;
	int     n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	return checked(n < 0 ? NULL : s, 0);
}

void *
xgrow(void *p, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return p;
	if (*cap > SIZE_MAX / 2)
		checked(NULL, SIZE_MAX);
	*cap = *cap ? *cap * 2 : 8;
	if (*cap <= n)
		*cap = n + 1;
	return xrealloc(p, *cap, size);
}
