/* SPDX-License-Identifier: MIT */
/*
 * expr: a condition as an array of nodes.
 *
 * Operands stand before the node that uses them; the last node is the answer.
 * `a and b` is	a AND_SKIP b AND	where AND_SKIP jumps past AND when a has
 * already decided.  The parser makes the nodes with names in them, the checker
 * resolves the names and fills kinds, units and jumps; only then may it be run.
 *
 * A value is a number, a truth value, a text, or unknown: what cannot be told
 * yet.  Unknown is no NaN: NaN is a number that a log printed.
 */
#ifndef EXPR_H
#define EXPR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

struct series;
struct func;

enum kind { K_UNKNOWN, K_NUM, K_BOOL, K_TEXT, K_SERIES };
enum unit_of {
	U_NONE, U_POINTS, U_STEPS, U_EPOCHS, U_TIME, U_BLOCKS, U_LINES, U_BYTES
};

struct value {
	union {
		double num;          /* K_NUM; K_BOOL: 0 or 1 */
		const char *text;    /* K_TEXT; borrowed */
		const struct series *series;
	};
	unsigned char kind, unit;
};

#define VALUE_UNKNOWN ((struct value){ { 0 }, K_UNKNOWN, U_NONE })

static inline struct value
value_num(double v)
{
	return (struct value){ { v }, K_NUM, U_NONE };
}

static inline struct value
value_bool(bool b)
{
	return (struct value){ { b ? 1 : 0 }, K_BOOL, U_NONE };
}

enum op {
	OP_NUM, OP_TEXT, OP_BOOL,
	OP_NAME,              /* not resolved yet: text is the name */
	OP_SERIES, OP_VALUE,  /* series number arg; its newest value */
	OP_PARAM, OP_FIELD, OP_CAPTURE,
	OP_NEG, OP_NOT, OP_ADD, OP_SUB, OP_MUL, OP_DIV,
	OP_LT, OP_LE, OP_GT, OP_GE, OP_EQ, OP_NE,
	OP_AND_SKIP, OP_AND, OP_OR_SKIP, OP_OR,
	OP_CALL, OP_STREAK
};

#define EXPR_NODES 512 /* most nodes of a condition */
#define EXPR_STACK 48  /* most values at once */
#define EXPR_DEPTH 64  /* most nesting */
#define EXPR_TEXT  4096 /* longest text of a condition */

struct node {
	unsigned char op, kind, unit, nargs;
	uint16_t arg;         /* number of the series, parameter, field, capture, streak */
	uint16_t jump;        /* AND_SKIP, OR_SKIP: nodes ahead; 0: never */
	uint32_t off;         /* where it stands in the text */
	union {
		double num;
		char  *text;              /* OP_TEXT, OP_NAME, OP_CALL before the check; owned */
		const struct func *func;  /* OP_CALL */
		unsigned id;              /* OP_TEXT that names a rule: its number */
	};
};

struct expr {
	struct node *node;
	unsigned     n, size;
	unsigned     stack;   /* values needed at once */
	bool         checked;
};

void expr_fini(struct expr *);
/* One line a node, for tests and rules show. */
struct buf;
void expr_dump(const struct expr *, struct buf *);

/* Takes mistakes: at byte off of the text, one sentence. */
struct expr_errors {
	void (*add)(void *arg, size_t off, const char *sentence);
	void  *arg;
	unsigned n;
};
void expr_error(struct expr_errors *, size_t off, const char *fmt, ...)
    __attribute__((__format__(__printf__, 3, 4)));

/* Text to nodes.  -1: mistakes were added, *ret is empty. */
int expr_parse(struct span text, struct expr *ret, struct expr_errors *);

const char *unit_name(enum unit_of); /* "steps", "seconds"; "" for none */
const char *kind_name(enum kind);

#endif
