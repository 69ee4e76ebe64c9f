/* SPDX-License-Identifier: MIT */
/*
 * mkembed RULES <NAMES >embed.c: the YAML files of the folder RULES whose names stand on the
 * standard input, one a line, as C: their text for people, and packed for a quick start.
 * Runs while lossdog is built (embed.sh); a mistake in the YAML ends the build.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "xalloc.h"
#include "ydoc.h"

/* As a string literal, a line of C for a line of text; '?' is escaped against trigraphs. */
static void
print_literal(struct span s)
{
	bool open = false, octal = false;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (!open)
			fputs("\n\"", stdout);
		open = true;
		if (c == '\n')
			fputs("\\n", stdout);
		else if (c < ' ' || c > '~' || (octal && c >= '0' && c <= '9'))
			printf("\\%03o", c);
		else
			printf(strchr("\\\"?", c) != NULL ? "\\%c" : "%c", c);
		octal = c < ' ' || c > '~';
		if (c == '\n' || i % 100 == 99) {
			putchar('"');
			open = octal = false;
		}
	}
	puts(open ? "\";\n" : s.n > 0 ? ";\n" : "\"\";\n");
}

static int
print_file(const char *dir, const char *name, unsigned i, struct diags *diags)
{
	char        *path = xasprintf("%s/%s", dir, name);
	struct ydoc *doc = ydoc_read(path, diags);
	struct buf   packed;

	free(path);
	if (doc == NULL)
		return -1;
	buf_init(&packed, SIZE_MAX);
	ydoc_pack(doc, "tests", &packed);
	printf("static const char text%u[] =", i);
	print_literal(span_of(ydoc_text(doc)));
	printf("static const char packed%u[] =", i);
	print_literal(buf_get(&packed));
	buf_fini(&packed);
	ydoc_free(doc);
	return 0;
}

int
main(int argc, char **argv)
{
	struct diags *diags = diags_new();
	struct buf    table;
	char          name[4096];
	unsigned      n = 0, errors;

	buf_init(&table, SIZE_MAX);
	puts("/* Made by src/embed.sh from rules/; not to be edited. */\n#include \"embed.h\"\n");
	while (argc == 2 && fgets(name, sizeof name, stdin) != NULL) {
		name[strcspn(name, "\n")] = '\0';
		if (print_file(argv[1], name, n, diags) == 0)
			buf_printf(&table, "\t{ \"%s\", text%u, sizeof text%u - 1, packed%u },\n", name, n, n, n);
		n++;
	}
	printf("const struct embed_file embed_files[] = {\n%s\t{ \"\", \"\", 0, \"\" }\n};\n"
	    "const size_t embed_count = %u;\n", buf_cstr(&table), n);
	buf_fini(&table);
	diags_print(diags, stderr, false, NULL);
	errors = diags_errors(diags);
	diags_free(diags);
	return errors > 0 || n == 0 || fflush(stdout) == EOF;
}
