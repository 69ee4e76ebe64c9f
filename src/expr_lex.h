/* SPDX-License-Identifier: MIT */
/*
 * expr_lex: the text of a condition to tokens.
 */
#ifndef EXPR_LEX_H
#define EXPR_LEX_H

#include "expr.h"

enum token_kind {
	T_END, T_BAD, T_NUM, T_TEXT, T_NAME, T_CAPTURE, T_LPAREN, T_RPAREN, T_COMMA,
	T_OR, T_AND, T_NOT, T_LT, T_LE, T_GT, T_GE, T_EQ, T_NE, T_ADD, T_SUB, T_MUL, T_DIV
};

struct token {
	enum token_kind kind;
	size_t      off;
	struct span text;   /* T_NAME, T_CAPTURE (without $), T_TEXT (without quotes) */
	double      num;
	enum unit_of unit;
	const char *why;    /* T_BAD: what is wrong */
};

struct lexer {
	struct span text;
	size_t      at;
};

struct token lex_next(struct lexer *);
/* The unit called so ("min", "steps"), with its factor; false: there is none. */
bool         lex_unit(struct span word, enum unit_of *ret, double *factor);
/* "10 min", "5%", "1.01": all of text is a number with or without a unit. */
bool         lex_number(struct span text, double *ret, enum unit_of *unit);

#endif
