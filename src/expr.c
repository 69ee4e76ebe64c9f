/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "expr.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "func.h"

static bool
owns_text(const struct node *n)
{
	return (n->op == OP_TEXT && n->kind != K_NUM) || n->op == OP_NAME || n->op == OP_CAPTURE ||
	    (n->op == OP_CALL && n->kind == K_UNKNOWN);
}

void
expr_fini(struct expr *e)
{
	for (unsigned i = 0; i < e->n; i++)
		if (owns_text(&e->node[i]))
			free(e->node[i].text);
	free(e->node);
	memset(e, 0, sizeof *e);
}

void
expr_error(struct expr_errors *errors, size_t off, const char *fmt, ...)
{
	char    text[240];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	errors->n++;
	if (errors->add)
		errors->add(errors->arg, off, text);
}

const char *
unit_name(enum unit_of u)
{
	static const char *const name[] = {
		[U_NONE] = "", [U_POINTS] = "points", [U_STEPS] = "steps",
		[U_EPOCHS] = "epochs", [U_TIME] = "seconds", [U_BLOCKS] = "blocks",
		[U_LINES] = "lines", [U_BYTES] = "bytes",
	};

	return name[u];
}

const char *
kind_name(enum kind k)
{
	static const char *const name[] = {
		[K_UNKNOWN] = "nothing", [K_NUM] = "a number", [K_BOOL] = "a truth value",
		[K_TEXT] = "a text", [K_SERIES] = "a series",
	};

	return name[k];
}

static const char *const op_name[] = {
	[OP_NUM] = "num", [OP_TEXT] = "text", [OP_BOOL] = "bool", [OP_NAME] = "name",
	[OP_SERIES] = "series", [OP_VALUE] = "value", [OP_PARAM] = "param",
	[OP_FIELD] = "field", [OP_CAPTURE] = "capture", [OP_NEG] = "neg", [OP_NOT] = "not",
	[OP_ADD] = "+", [OP_SUB] = "-", [OP_MUL] = "*", [OP_DIV] = "/", [OP_LT] = "<",
	[OP_LE] = "<=", [OP_GT] = ">", [OP_GE] = ">=", [OP_EQ] = "==", [OP_NE] = "!=",
	[OP_AND_SKIP] = "and?", [OP_AND] = "and", [OP_OR_SKIP] = "or?", [OP_OR] = "or",
	[OP_CALL] = "call", [OP_STREAK] = "streak",
};

void
expr_dump(const struct expr *e, struct buf *b)
{
	for (unsigned i = 0; i < e->n; i++) {
		const struct node *n = &e->node[i];

		buf_printf(b, "%u %s", i, op_name[n->op]);
		if (n->op == OP_NUM || n->op == OP_BOOL)
			buf_printf(b, " %g %s", n->num, unit_name((enum unit_of)n->unit));
		else if (owns_text(n))
			buf_printf(b, " %s", n->text);
		else if (n->op == OP_CALL)
			buf_printf(b, " %s/%u", n->func->name, n->nargs);
		else if (n->op == OP_AND_SKIP || n->op == OP_OR_SKIP)
			buf_printf(b, " +%u", n->jump);
		else if (n->op >= OP_SERIES && n->op <= OP_FIELD)
			buf_printf(b, " %u", n->arg);
		buf_char(b, '\n');
	}
}
