/* SPDX-License-Identifier: MIT */
/*
 * opt: one table of options; parsing, help, the manual and completions read it.
 *
 * A command declares a struct, and a table whose rows say into which member
 * (OFFSET) an option goes:
 *
 *	struct export_opts {
 *		const char          *to;
 *		bool                 header;
 *		double               every;
 *		struct opts_knowledge knowledge;
 *	};
 *	#define AT(member) offsetof(struct export_opts, member)
 *	static const char *const formats[] = { "jsonl", "csv", NULL };
 *	static const struct opt opts[] = {
 *		OPT(STRING, "to", 't', "FORMAT", AT(to), "write FORMAT",
 *		    .initial = "jsonl", .choices = formats),
 *		OPT(FLAG, "header", 0, NULL, AT(header), "begin with the names"),
 *		OPT(SECONDS, "every", 0, "TIME", AT(every), "one sample per TIME"),
 *		OPT_GROUP(knowledge_opts, AT(knowledge)),
 *		OPT_END
 *	};
 *
 * Understood: -q, -qj, -tcsv, -t csv, --to csv, --to=csv, an unambiguous
 * beginning of a long name, --no-NAME for a flag, "--" ends the options.
 * Everybody has --help (-h).  Values are borrowed from argv.
 */
#ifndef OPT_H
#define OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "buf.h"
#include "diag.h"
#include "lang.h"

enum opt_kind {
	OPT_LAST,
	OPT_FLAG,    /* bool */
	OPT_STRING,  /* const char *; NULL when absent and without initial */
	OPT_LIST,    /* struct opt_list; may be given many times */
	OPT_COUNT,   /* unsigned long; a whole number from 0 */
	OPT_NUMBER,  /* double */
	OPT_SECONDS, /* double: 90, 1.5s, 10m, 2h, 1d */
	OPT_BYTES,   /* unsigned long: 4096, 64k, 16M, 1G (powers of 1024) */
	OPT_CHOICE,  /* int: index into choices */
	OPT_TABLE    /* the rows of another table, see OPT_GROUP */
};

/* What completions offer for a value or an operand. */
enum opt_words {
	WORDS_NONE,
	WORDS_FILE,
	WORDS_DIR,
	WORDS_PROFILE, /* names of profiles */
	WORDS_RULE,    /* ids of rules */
	WORDS_COMMAND  /* a command of the system, then its own words */
};

struct opt {
	enum opt_kind kind;
	const char   *name;   /* long, without dashes */
	char          letter; /* short, or 0 */
	const char   *arg;    /* what the value is called: DIR; NULL for a flag */
	size_t        offset; /* of the member */
	const char   *help;   /* one sentence, no capital, no full stop */

	const char        *initial; /* value when absent, as text; shown in help */
	const char *const *choices; /* the only valid values, NULL-terminated */
	enum opt_words     words;
	bool               hidden; /* not in help, manual, completions */
	const struct opt  *table;  /* OPT_TABLE */
};

/* A row; what follows help are members by name: .words = WORDS_FILE. */
#define OPT(kind_, name_, letter_, arg_, at_, help_, ...) \
	{ .kind = OPT_##kind_, .name = (name_), .letter = (letter_), \
	  .arg = (arg_), .offset = (at_), .help = (help_), __VA_ARGS__ }
#define OPT_GROUP(rows, off) { .kind = OPT_TABLE, .table = (rows), .offset = (off) }
#define OPT_END { .kind = OPT_LAST }

struct opt_list {
	const char **v;
	size_t       n, cap;
};

enum opt_answer { OPT_BAD = -1, OPT_OK, OPT_HELP };

/*
 * Fills into, a zeroed struct, first with every initial value.  argv[0..argc)
 * are the words after the command's name; the operands are moved to its front
 * and *ret is their number.  stop: the first operand ends the options (for a
 * command line of somebody else).  OPT_BAD: d has the sentence.
 */
enum opt_answer opt_parse(const struct opt *table, void *into, int argc,
    char **argv, bool stop, int *ret, struct diag *d);

/* Frees the lists in into. */
void opt_fini(const struct opt *table, void *into);

/*
 * Calls back for each row in order, groups opened, hidden rows left out; base
 * is the offset of the group that the row stands in.
 */
void opt_each(const struct opt *table,
    void (*fn)(const struct opt *o, size_t base, void *arg), void *arg);

/* The lines of --help, width columns wide. */
void opt_help(const struct opt *table, FILE *, unsigned width, enum lang);

/* Reads the texts of OPT_SECONDS and OPT_BYTES; -1: d says why. */
int opt_seconds(const char *text, double *ret, struct diag *d);
int opt_bytes(const char *text, unsigned long *ret, struct diag *d);

#endif
