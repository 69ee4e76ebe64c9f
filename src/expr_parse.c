/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "expr.h"
#include "expr_lex.h"
#include "xalloc.h"

/*
 * Precedence climbing: one table, one loop.  Comparison does not chain, which
 * is said in so many words; a < b < c would not mean what it looks like.
 */
static const struct {
	unsigned char left, right;
	enum op       op, skip;
} bind[T_DIV + 1] = {
	[T_OR] = { 1, 2, OP_OR, OP_OR_SKIP }, [T_AND] = { 3, 4, OP_AND, OP_AND_SKIP },
	[T_LT] = { 7, 8, OP_LT, 0 }, [T_LE] = { 7, 8, OP_LE, 0 }, [T_GT] = { 7, 8, OP_GT, 0 },
	[T_GE] = { 7, 8, OP_GE, 0 }, [T_EQ] = { 7, 8, OP_EQ, 0 }, [T_NE] = { 7, 8, OP_NE, 0 },
	[T_ADD] = { 9, 10, OP_ADD, 0 }, [T_SUB] = { 9, 10, OP_SUB, 0 },
	[T_MUL] = { 11, 12, OP_MUL, 0 }, [T_DIV] = { 11, 12, OP_DIV, 0 },
};
#define BIND_NOT 5
#define BIND_NEG 13
#define BIND_COMPARE 7

struct parser {
	struct lexer lex;
	struct token t;
	struct expr *e;
	struct expr_errors *errors;
	unsigned depth;
	bool     failed; /* one mistake a condition: what follows would be guesses */
};

static void
fail(struct parser *p, size_t off, const char *sentence)
{
	if (!p->failed)
		expr_error(p->errors, off, "%s", sentence);
	p->failed = true;
	p->t.kind = T_END;
}

static void
advance(struct parser *p)
{
	if (p->failed)
		return;
	p->t = lex_next(&p->lex);
	if (p->t.kind == T_BAD)
		fail(p, p->t.off, p->t.why);
}

static struct node *
emit(struct parser *p, enum op op, size_t off)
{
	struct node *n;

	if (p->e->n >= EXPR_NODES) /* what is open is still closed: at most EXPR_DEPTH more */
		fail(p, off, "this condition is too long");
	if (p->e->n == p->e->size) {
		p->e->size = p->e->size ? p->e->size * 2 : 16;
		p->e->node = xrealloc(p->e->node, p->e->size, sizeof *p->e->node);
	}
	n = &p->e->node[p->e->n++];
	memset(n, 0, sizeof *n);
	n->op = (unsigned char)op;
	n->off = (uint32_t)off;
	return n;
}

static void expression(struct parser *, unsigned limit);

/* name or name(arguments) */
static void
name(struct parser *p)
{
	struct token  t = p->t;
	struct node  *n;
	unsigned      args = 0;

	advance(p);
	if (p->t.kind != T_LPAREN) {
		if (span_is(t.text, "true") || span_is(t.text, "false"))
			emit(p, OP_BOOL, t.off)->num = span_is(t.text, "true");
		else
			emit(p, OP_NAME, t.off)->text = xstrndup(t.text.p, t.text.n);
		return;
	}
	advance(p);
	while (p->t.kind != T_RPAREN && !p->failed) {
		if (args++ > 0) {
			if (p->t.kind != T_COMMA) {
				fail(p, p->t.off, "a comma or ) is missing here");
				return;
			}
			advance(p);
		}
		expression(p, 0);
	}
	advance(p);
	n = emit(p, OP_CALL, t.off);
	n->text = xstrndup(t.text.p, t.text.n);
	n->nargs = (unsigned char)(args > 200 ? 200 : args);
}

static void
operand(struct parser *p)
{
	struct token t = p->t;
	struct node *n;

	switch (t.kind) {
	case T_NUM:
		n = emit(p, OP_NUM, t.off);
		n->num = t.num;
		n->unit = (unsigned char)t.unit;
		advance(p);
		break;
	case T_TEXT:
	case T_CAPTURE:
		n = emit(p, t.kind == T_TEXT ? OP_TEXT : OP_CAPTURE, t.off);
		n->text = xstrndup(t.text.p, t.text.n);
		advance(p);
		break;
	case T_NAME:
		name(p);
		break;
	case T_NOT:
		advance(p);
		expression(p, BIND_NOT);
		emit(p, OP_NOT, t.off);
		break;
	case T_SUB:
		advance(p);
		expression(p, BIND_NEG);
		emit(p, OP_NEG, t.off);
		break;
	case T_LPAREN:
		advance(p);
		expression(p, 0);
		if (p->t.kind != T_RPAREN && !p->failed)
			fail(p, p->t.off, "a ) is missing here");
		advance(p);
		break;
	case T_END:
		fail(p, t.off, "the condition ends where a value is expected");
		break;
	default:
		fail(p, t.off, "a value is expected here");
	}
}

static void
expression(struct parser *p, unsigned limit)
{
	if (++p->depth > EXPR_DEPTH) {
		fail(p, p->t.off, "nested too deep (64 levels at most)");
		p->depth--;
		return;
	}
	operand(p);
	while (!p->failed && bind[p->t.kind].left > limit) {
		enum token_kind k = p->t.kind;
		size_t          off = p->t.off;

		if (bind[k].skip)
			emit(p, bind[k].skip, off);
		advance(p);
		expression(p, bind[k].right - 1);
		emit(p, bind[k].op, off);
		if (bind[k].left == BIND_COMPARE && bind[p->t.kind].left == BIND_COMPARE)
			fail(p, p->t.off, "comparisons do not chain: write a < b and b < c");
	}
	p->depth--;
}

int
expr_parse(struct span text, struct expr *ret, struct expr_errors *errors)
{
	struct expr   e = { 0 };
	struct parser p = { .lex = { text, 0 }, .e = &e, .errors = errors };

	if (text.n > EXPR_TEXT) {
		expr_error(errors, 0, "this condition is longer than %d bytes", EXPR_TEXT);
		return -1;
	}
	advance(&p);
	expression(&p, 0);
	if (!p.failed && p.t.kind != T_END)
		fail(&p, p.t.off, p.t.kind == T_RPAREN ? "this ) closes nothing" :
		    "an operator is missing before this");
	if (p.failed) {
		expr_fini(&e);
		return -1;
	}
	*ret = e;
	return 0;
}
