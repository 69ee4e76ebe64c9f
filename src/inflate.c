/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "inflate.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_LZMA
#include <lzma.h>
#endif
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "xalloc.h"

#define PIECE (1u << 30) /* most that is handed to a library at once: their counters are narrow */

struct kind {
	enum inflate_kind kind;
	const char       *magic;
	size_t            n;
	const char       *suffix, *tool;
	int     (*open)(struct inflate *, struct diag *); /* NULL: never supported */
	ssize_t (*next)(struct inflate *, struct span *, char *, size_t, struct diag *);
	void    (*close)(struct inflate *);
};

struct inflate {
	const struct kind *kind;
	bool complete; /* between members */
	union {
#ifdef HAVE_ZLIB
		z_stream z;
#endif
#ifdef HAVE_ZSTD
		ZSTD_DStream *zstd;
#endif
#ifdef HAVE_LZMA
		lzma_stream xz;
#endif
		char none;
	} u;
};

__attribute__((unused)) static int /* unused: all are built in */
open_absent(struct inflate *f, struct diag *d)
{
	return diag_set(d, "this lossdog was built without %s support: pipe it "
	    "in (%s -dc FILE | lossdog ... -)", f->kind->tool, f->kind->tool);
}

#ifdef HAVE_ZLIB
static int
open_gzip(struct inflate *f, struct diag *d)
{
	if (inflateInit2(&f->u.z, 15 + 16) != Z_OK)
		return diag_set(d, "zlib refuses to start: %s",
		    f->u.z.msg ? f->u.z.msg : "no memory");
	return 0;
}

/* Between members: zero bytes are padding (tapes), all else is the next member. */
static void
skip_padding(struct inflate *f, struct span *in)
{
	while (f->complete && in->n > 0 && *in->p == '\0')
		*in = span_from(*in, 1);
}

static ssize_t
next_gzip(struct inflate *f, struct span *in, char *out, size_t n, struct diag *d)
{
	z_stream *z = &f->u.z;
	size_t    had, got;
	int       rc;

	do {
		skip_padding(f, in);
		if (in->n == 0 && f->complete)
			return 0;
		if (f->complete)
			inflateReset(z);
		f->complete = false;
		had = in->n < PIECE ? in->n : PIECE;
		z->next_in = (Bytef *)(uintptr_t)in->p;
		z->avail_in = (uInt)had;
		z->next_out = (Bytef *)out;
		z->avail_out = (uInt)(n < PIECE ? n : PIECE);
		rc = inflate(z, Z_NO_FLUSH);
		got = (size_t)((char *)z->next_out - out);
		*in = span_from(*in, had - z->avail_in);
		f->complete = rc == Z_STREAM_END;
		if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
			return diag_set(d, "broken gzip data: %s",
			    z->msg ? z->msg : zError(rc));
	} while (got == 0 && in->n > 0);
	return (ssize_t)got;
}

static void
close_gzip(struct inflate *f)
{
	inflateEnd(&f->u.z);
}
#else
#define open_gzip  open_absent
#define next_gzip  NULL
#define close_gzip NULL
#endif

#ifdef HAVE_ZSTD
static int
open_zstd(struct inflate *f, struct diag *d)
{
	f->u.zstd = ZSTD_createDStream();
	if (f->u.zstd == NULL)
		return diag_set(d, "zstd refuses to start: no memory");
	ZSTD_DCtx_setParameter(f->u.zstd, ZSTD_d_windowLogMax, 27);
	return 0;
}

static ssize_t
next_zstd(struct inflate *f, struct span *in, char *out, size_t n, struct diag *d)
{
	ZSTD_inBuffer  from = { in->p, in->n, 0 };
	ZSTD_outBuffer to = { out, n, 0 };
	size_t         rc, before;

	/* Once more after the input is used up: what is left may sit inside. */
	do {
		before = from.pos;
		if (f->complete && from.pos == from.size)
			break;
		rc = ZSTD_decompressStream(f->u.zstd, &to, &from);
		if (ZSTD_isError(rc))
			return diag_set(d, "broken zstd data: %s",
			    ZSTD_getErrorName(rc));
		f->complete = rc == 0;
	} while (to.pos == 0 && (from.pos < from.size || from.pos > before));
	*in = span_from(*in, from.pos);
	return (ssize_t)to.pos;
}

static void
close_zstd(struct inflate *f)
{
	ZSTD_freeDStream(f->u.zstd);
}
#else
#define open_zstd  open_absent
#define next_zstd  NULL
#define close_zstd NULL
#endif

#ifdef HAVE_LZMA
static int
open_xz(struct inflate *f, struct diag *d)
{
	f->u.xz = (lzma_stream)LZMA_STREAM_INIT;
	if (lzma_stream_decoder(&f->u.xz, INFLATE_MEMORY, LZMA_CONCATENATED) != LZMA_OK)
		return diag_set(d, "xz refuses to start: no memory");
	return 0;
}

static const char *
xz_error(lzma_ret rc)
{
	return rc == LZMA_MEMLIMIT_ERROR ? "it needs more memory than is allowed"
	    : rc == LZMA_FORMAT_ERROR    ? "not in the xz format"
	    : rc == LZMA_OPTIONS_ERROR   ? "it uses options that are not known"
	    : rc == LZMA_MEM_ERROR       ? "no memory" : "the data are damaged";
}

static ssize_t
next_xz(struct inflate *f, struct span *in, char *out, size_t n, struct diag *d)
{
	lzma_stream *x = &f->u.xz;
	size_t       had = in->n;
	lzma_ret     rc;

	x->next_in = (const uint8_t *)in->p;
	x->avail_in = had;
	x->next_out = (uint8_t *)out;
	x->avail_out = n;
	rc = lzma_code(x, LZMA_RUN);
	*in = span_from(*in, had - x->avail_in);
	if (rc != LZMA_OK && rc != LZMA_BUF_ERROR && rc != LZMA_STREAM_END)
		return diag_set(d, "broken xz data: %s", xz_error(rc));
	return (ssize_t)(n - x->avail_out);
}

/* Several streams may follow each other, so only the decoder itself knows: ask it. */
static bool
complete_xz(struct inflate *f)
{
	lzma_stream *x = &f->u.xz;
	uint8_t      none[1];

	x->next_in = none;
	x->avail_in = 0;
	x->next_out = none;
	x->avail_out = 0;
	return lzma_code(x, LZMA_FINISH) == LZMA_STREAM_END;
}

static void
close_xz(struct inflate *f)
{
	lzma_end(&f->u.xz);
}
#else
#define open_xz  open_absent
#define next_xz  NULL
#define close_xz NULL
#endif

static const struct kind kinds[] = {
	{ INFLATE_GZIP, "\x1f\x8b\x08", 3, ".gz", "gzip", open_gzip, next_gzip, close_gzip },
	{ INFLATE_ZSTD, "\x28\xb5\x2f\xfd", 4, ".zst", "zstd", open_zstd, next_zstd, close_zstd },
	{ INFLATE_XZ, "\xfd" "7zXZ\0", 6, ".xz", "xz", open_xz, next_xz, close_xz },
	{ INFLATE_BZIP2, "BZh", 3, ".bz2", "bzip2", NULL, NULL, NULL },
	{ INFLATE_LZ4, "\x04\x22\x4d\x18", 4, ".lz4", "lz4", NULL, NULL, NULL },
};
#define KINDS (sizeof kinds / sizeof kinds[0])

/* "BZh" could begin a line of text: a digit and the block's own magic must follow. */
static bool
is_bzip2(struct span s)
{
	return s.n >= 6 && s.p[3] >= '1' && s.p[3] <= '9' &&
	    memcmp(s.p + 4, "1A", 2) == 0;
}

enum inflate_kind
inflate_magic(struct span s)
{
	for (const struct kind *k = kinds; k < kinds + KINDS; k++) {
		size_t n = s.n < k->n ? s.n : k->n;

		if (n == 0 || memcmp(s.p, k->magic, n) != 0)
			continue;
		if (n < k->n || (k->kind == INFLATE_BZIP2 && s.n < INFLATE_MAGIC))
			return INFLATE_SHORT;
		if (k->kind != INFLATE_BZIP2 || is_bzip2(s))
			return k->kind;
	}
	return INFLATE_NONE;
}

bool
inflate_suffix(const char *name)
{
	size_t n = strlen(name);

	for (const struct kind *k = kinds; k < kinds + KINDS; k++) {
		size_t m = strlen(k->suffix);

		if (n > m && strcmp(name + n - m, k->suffix) == 0)
			return true;
	}
	return false;
}

struct inflate *
inflate_new(enum inflate_kind kind, struct diag *d)
{
	struct inflate *f = xcalloc(1, sizeof *f);

	for (const struct kind *k = kinds; k < kinds + KINDS; k++)
		if (k->kind == kind)
			f->kind = k;
	if (f->kind == NULL) {
		diag_set(d, "unknown kind of compression");
	} else if (f->kind->open == NULL) {
		diag_set(d, "%s is not supported: pipe it in "
		    "(%s -dc FILE | lossdog ... -)", f->kind->tool, f->kind->tool);
	} else if (f->kind->open(f, d) == 0) {
		return f;
	}
	free(f);
	return NULL;
}

void
inflate_free(struct inflate *f)
{
	if (f == NULL)
		return;
	f->kind->close(f);
	free(f);
}

ssize_t
inflate_next(struct inflate *f, struct span *in, char *out, size_t n,
    struct diag *d)
{
	return f->kind->next(f, in, out, n, d);
}

bool
inflate_complete(struct inflate *f)
{
#ifdef HAVE_LZMA
	if (f->kind->kind == INFLATE_XZ)
		return complete_xz(f);
#endif
	return f->complete;
}

void
inflate_versions(char *ret, size_t n)
{
	static const char *const part[] = {
#ifdef HAVE_ZLIB
		"zlib " ZLIB_VERSION,
#endif
#ifdef HAVE_ZSTD
		"zstd " ZSTD_VERSION_STRING,
#endif
#ifdef HAVE_LZMA
		"xz " LZMA_VERSION_STRING,
#endif
		NULL
	};
	size_t at = 0;

	ret[0] = '\0';
	for (const char *const *p = part; *p != NULL && at < n; p++)
		at += (size_t)snprintf(ret + at, n - at, "%s%s",
		    at > 0 ? ", " : "", *p);
}
