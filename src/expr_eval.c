/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "expr_eval.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "series_impl.h"

/* Texts are only compared with == and !=. */
static bool
texts_equal(struct value a, struct value b)
{
	return strcmp(a.text, b.text) == 0;
}

static bool
compare(enum op op, struct value a, struct value b)
{
	switch (op) {
	case OP_LT: return a.num < b.num;
	case OP_LE: return a.num <= b.num;
	case OP_GT: return a.num > b.num;
	case OP_GE: return a.num >= b.num;
	case OP_EQ: return a.kind == K_TEXT ? texts_equal(a, b) : a.num == b.num;
	default:    return a.kind == K_TEXT ? !texts_equal(a, b) : a.num != b.num;
	}
}

/* The unit of a result is that of the operand that has one; a quotient of two has none. */
static struct value
arithmetic(enum op op, struct value a, struct value b)
{
	unsigned char unit = a.unit ? a.unit : b.unit;
	double        v;

	switch (op) {
	case OP_ADD: v = a.num + b.num; break;
	case OP_SUB: v = a.num - b.num; break;
	case OP_MUL: v = a.num * b.num; break;
	default:
		if (b.num == 0)
			return VALUE_UNKNOWN;
		v = a.num / b.num;
		unit = b.unit ? U_NONE : a.unit;
	}
	return (struct value){ { v }, K_NUM, unit };
}

static struct value
call(const struct node *node, const struct env *env, const struct value *arg)
{
	if (!node->func->raw)
		for (unsigned i = 0; i < node->nargs; i++)
			if (arg[i].kind == K_UNKNOWN)
				return VALUE_UNKNOWN;
	return node->func->fn(env, arg, node->nargs);
}

static struct value
series_value(const struct node *node, const struct env *env)
{
	const struct series *s = env->series[node->arg];

	if (!s)
		return VALUE_UNKNOWN;
	if (node->op == OP_SERIES)
		return (struct value){ { .series = s }, K_SERIES, U_NONE };
	return series_seg_n(s) ? value_num(series_back(s, 0)->value) : VALUE_UNKNOWN;
}

/* A group of the event's line: a number when it reads as one and one is wanted. */
static struct value
capture(const struct node *node, const struct env *env)
{
	const char *text = env->capture ? env->capture[node->arg] : NULL;
	char       *end;
	double      v;

	if (!text)
		return VALUE_UNKNOWN;
	if (node->kind == K_TEXT)
		return (struct value){ { .text = text }, K_TEXT, U_NONE };
	v = strtod(text, &end);
	return end != text && *end == '\0' ? value_num(v) : VALUE_UNKNOWN;
}

static struct value
streak(const struct node *node, const struct env *env, struct value cond)
{
	uint32_t *n = &env->streak[node->arg];

	*n = cond.kind != K_UNKNOWN && cond.num != 0 ? *n + (*n < UINT32_MAX) : 0;
	return value_num(*n);
}

/* The value of a node without operands. */
static struct value
leaf(const struct node *node, struct env *env)
{
	switch (node->op) {
	case OP_NUM:
		return (struct value){ { node->num }, K_NUM, node->unit };
	case OP_BOOL:
		return value_bool(node->num != 0);
	case OP_TEXT: /* that of a rule's id is its number */
		if (node->kind == K_NUM)
			return value_num(node->id);
		return (struct value){ { .text = node->text }, K_TEXT, U_NONE };
	case OP_SERIES:
	case OP_VALUE:
		return series_value(node, env);
	case OP_PARAM:
		return env->param[node->arg];
	case OP_FIELD:
		return field_at(node->arg)->fn(env->facts);
	default:
		return capture(node, env);
	}
}

/* Three-valued: v[0] op v[1]; decided is what alone decides (false for and). */
static struct value
logic(const struct value *v, double decided)
{
	if (v[0].kind != K_UNKNOWN && v[0].num == decided)
		return v[0];
	if (v[1].kind != K_UNKNOWN && v[1].num == decided)
		return v[1];
	return v[0].kind == K_UNKNOWN ? v[0] : v[1];
}

static struct value
binary(enum op op, const struct value *v)
{
	if (v[0].kind == K_UNKNOWN || v[1].kind == K_UNKNOWN)
		return VALUE_UNKNOWN;
	if (op >= OP_LT)
		return value_bool(compare(op, v[0], v[1]));
	return arithmetic(op, v[0], v[1]);
}

static bool
decides(const struct node *node, struct value v)
{
	return v.kind != K_UNKNOWN && v.num == (node->op == OP_OR_SKIP);
}

struct value
expr_eval(const struct expr *e, struct env *env)
{
	struct value stack[EXPR_STACK], *top = stack; /* top: first free */

	assert(e->checked);
	for (unsigned i = 0; i < e->n; i++) {
		const struct node *node = &e->node[i];

		switch (node->op) {
		case OP_AND_SKIP:
		case OP_OR_SKIP:
			if (node->jump && decides(node, top[-1]))
				i += node->jump;
			continue;
		case OP_AND:
		case OP_OR:
			top--;
			top[-1] = logic(top - 1, node->op == OP_OR);
			continue;
		case OP_NEG:
			top[-1].num = top[-1].kind == K_UNKNOWN ? 0 : -top[-1].num;
			continue;
		case OP_NOT:
			top[-1].num = top[-1].num == 0;
			continue;
		case OP_STREAK:
			top[-1] = streak(node, env, top[-1]);
			continue;
		case OP_CALL:
			top -= node->nargs;
			*top = call(node, env, top);
			break;
		case OP_ADD: case OP_SUB: case OP_MUL: case OP_DIV:
		case OP_LT: case OP_LE: case OP_GT: case OP_GE: case OP_EQ: case OP_NE:
			top -= 2;
			*top = binary((enum op)node->op, top);
			break;
		default:
			*top = leaf(node, env);
		}
		if (top++->kind == K_UNKNOWN)
			env->unknown = node;
	}
	return stack[0];
}

const char *
expr_why(const struct node *node)
{
	const char *why = NULL;

	if (node && node->op == OP_CALL)
		why = node->func->why;
	else if (node && node->op == OP_FIELD)
		why = field_at(node->arg)->why;
	return why ? why : "it cannot be told from this log";
}
