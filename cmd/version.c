/* SPDX-License-Identifier: MIT */
/* The lines of --version: what this binary is and what it was built with. */
#include "config.h"

#include "cmd.h"

/* configure defines WITH_NAME, its version, for each library that it found. */
#ifndef WITH_CURL
#define WITH_CURL NULL
#endif
#ifndef WITH_NOTIFY
#define WITH_NOTIFY NULL
#endif
#ifndef WITH_SQLITE
#define WITH_SQLITE NULL
#endif
#ifndef WITH_ZLIB
#define WITH_ZLIB NULL
#endif
#ifndef WITH_ZSTD
#define WITH_ZSTD NULL
#endif
#ifndef WITH_LZMA
#define WITH_LZMA NULL
#endif
#ifndef WITH_NCURSES
#define WITH_NCURSES NULL
#endif

static const struct {
	const char *name;
	const char *version; /* NULL: built without it */
} features[] = {
	{ "pcre2", WITH_PCRE2 },
	{ "libyaml", WITH_YAML },
	{ "libcurl", WITH_CURL },
	{ "libnotify", WITH_NOTIFY },
	{ "sqlite", WITH_SQLITE },
	{ "zlib", WITH_ZLIB },
	{ "zstd", WITH_ZSTD },
	{ "lzma", WITH_LZMA },
	{ "ncurses", WITH_NCURSES },
};

void
cmd_version(FILE *f)
{
	fputs("lossdog " PACKAGE_VERSION "\n"
	    "Copyright (C) 2026 the lossdog authors.\n"
	    "License: MIT <https://spdx.org/licenses/MIT.html>\n"
	    "There is no warranty, to the extent permitted by law.\n"
	    "\n"
	    "Built with:", f);
	for (size_t i = 0; i < sizeof features / sizeof features[0]; i++)
		if (features[i].version != NULL)
			fprintf(f, " +%s %s", features[i].name, features[i].version);
		else
			fprintf(f, " -%s", features[i].name);
	fputc('\n', f);
}
