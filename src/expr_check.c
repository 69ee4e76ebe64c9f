/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "expr_check.h"

#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "func.h"
#include "xalloc.h"

/* An operand on the stack of types: the node that made it. */
struct checker {
	struct expr  *in;
	struct expr   out;
	struct scope *scope;
	struct expr_errors *errors;
	unsigned      stack[EXPR_NODES + EXPR_DEPTH]; /* node in out that gives the value */
	unsigned      n;
	unsigned      skip[EXPR_DEPTH * 2];           /* open AND_SKIP and OR_SKIP in out */
	unsigned      nskip;
	bool          failed;
};

static struct node *
operand(struct checker *c, unsigned back)
{
	return &c->out.node[c->stack[c->n - 1 - back]];
}

static struct node *
append(struct checker *c, const struct node *n)
{
	struct expr *e = &c->out;

	if (e->n == e->size) {
		e->size = e->size ? e->size * 2 : 16;
		e->node = xrealloc(e->node, e->size, sizeof *e->node);
	}
	e->node[e->n] = *n;
	return &e->node[e->n++];
}

static void
push(struct checker *c, unsigned node)
{
	c->stack[c->n++] = node;
	if (c->n > c->out.stack)
		c->out.stack = c->n;
}

/* A mistake at a node of the input; its value counts as a number from now on. */
#define WRONG(c, node, ...) \
	do { \
		(c)->failed = true; \
		expr_error((c)->errors, (node)->off, __VA_ARGS__); \
	} while (0)

const char *
scope_nearest(const struct scope *s, const char *word)
{
	const char *name[SCOPE_NEEDS + SCOPE_PARAMS + SCOPE_LETS + 160];
	size_t      n = 0;

	for (unsigned i = 0; i < s->nneed; i++)
		name[n++] = s->need[i];
	for (unsigned i = 0; i < s->nparam; i++)
		name[n++] = s->param[i];
	for (unsigned i = 0; i < s->nlet; i++)
		name[n++] = s->let[i];
	for (unsigned i = 0; func_at(i) && n < 140; i++)
		name[n++] = func_at(i)->name;
	for (unsigned i = 0; field_at(i) && n < 200; i++)
		name[n++] = field_at(i)->name;
	return diag_nearest(word, name, n);
}

static int
index_of(const char *const *name, unsigned n, const char *word)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(name[i], word) == 0)
			return (int)i;
	return -1;
}

static void
unknown_name(struct checker *c, const struct node *n, const char *what)
{
	const char *near = scope_nearest(c->scope, n->text);

	if (near)
		WRONG(c, n, "%s \"%s\" is not known; did you mean %s?", what, n->text, near);
	else
		WRONG(c, n, "%s \"%s\" is not known", what, n->text);
}

/* Puts the nodes of a let in place of its name; jumps are relative and stay right. */
static void
splice(struct checker *c, unsigned let, const struct node *at)
{
	const struct expr *e = c->scope->let_expr[let];

	c->scope->let_used[let] = true;
	if (c->out.n + e->n > EXPR_NODES) {
		WRONG(c, at, "this condition is too long with %s put in", at->text);
		return;
	}
	for (unsigned i = 0; i < e->n; i++) {
		struct node *n = append(c, &e->node[i]);

		if (n->op == OP_CAPTURE || (n->op == OP_TEXT && n->kind == K_TEXT))
			n->text = xstrdup(n->text);
	}
	if (c->n + e->stack > c->out.stack)
		c->out.stack = c->n + e->stack;
}

static void
name(struct checker *c, struct node *n)
{
	struct scope *s = c->scope;
	struct node   new = { .off = n->off, .kind = K_NUM };
	int           i;

	if ((i = index_of(s->need, s->nneed, n->text)) >= 0) {
		s->used[i] = true;
		new.op = OP_SERIES;
		new.kind = K_SERIES;
	} else if ((i = index_of(s->param, s->nparam, n->text)) >= 0) {
		s->param_used[i] = true;
		new.op = OP_PARAM;
		new.unit = s->param_unit[i];
	} else if ((i = index_of(s->let, s->nlet, n->text)) >= 0) {
		splice(c, (unsigned)i, n);
		if (c->out.n > 0)
			push(c, c->out.n - 1);
		return;
	} else if ((i = field_find(span_of(n->text))) >= 0) {
		new.op = OP_FIELD;
		new.kind = field_at((unsigned)i)->ret;
		new.unit = field_at((unsigned)i)->unit;
	} else {
		unknown_name(c, n, func_find(span_of(n->text), true) ?
		    "a function is called with ( ); the name" : "the name");
		new.op = OP_NUM;
		i = 0;
	}
	new.arg = (uint16_t)i;
	append(c, &new);
	push(c, c->out.n - 1);
}

/* A series where a number is meant is its newest value; a group is read as a number. */
static void
as_number(struct node *n)
{
	if (n->op == OP_SERIES) {
		n->op = OP_VALUE;
		n->kind = K_NUM;
	} else if (n->op == OP_CAPTURE) {
		n->kind = K_NUM;
	}
}

static bool
expect(struct checker *c, const struct node *at, unsigned back, enum kind want)
{
	struct node *n = operand(c, back);

	if (want == K_NUM)
		as_number(n);
	if (n->kind == want || c->failed)
		return true;
	WRONG(c, at->op == OP_CALL ? at : n, "%s is needed here, this is %s",
	    kind_name(want), kind_name((enum kind)n->kind));
	return false;
}

/* The unit of a sum or comparison. */
static unsigned char
same_unit(struct checker *c, const struct node *at)
{
	unsigned char a = operand(c, 1)->unit, b = operand(c, 0)->unit;

	if (a && b && a != b)
		WRONG(c, at, "%s and %s are not of the same kind",
		    unit_name((enum unit_of)a), unit_name((enum unit_of)b));
	return a ? a : b;
}

static void
pop(struct checker *c, unsigned n, const struct node *new)
{
	c->n -= n;
	append(c, new);
	push(c, c->out.n - 1);
}

static void
binary(struct checker *c, const struct node *n)
{
	struct node new = *n;
	bool        text = operand(c, 0)->kind == K_TEXT || operand(c, 1)->kind == K_TEXT;

	if (text && (n->op == OP_EQ || n->op == OP_NE)) {
		if (operand(c, 0)->op != OP_CAPTURE)
			expect(c, n, 0, K_TEXT);
		if (operand(c, 1)->op != OP_CAPTURE)
			expect(c, n, 1, K_TEXT);
		new.kind = K_BOOL;
		pop(c, 2, &new);
		return;
	}
	if (expect(c, n, 1, K_NUM) && expect(c, n, 0, K_NUM)) {
		if (n->op == OP_MUL)
			new.unit = operand(c, 1)->unit ? operand(c, 1)->unit : operand(c, 0)->unit;
		else if (n->op == OP_DIV)
			new.unit = operand(c, 0)->unit ? U_NONE : operand(c, 1)->unit;
		else
			new.unit = same_unit(c, n);
	}
	new.kind = n->op >= OP_LT ? K_BOOL : K_NUM;
	if (new.kind == K_BOOL)
		new.unit = U_NONE;
	pop(c, 2, &new);
}

static void
logic(struct checker *c, const struct node *n)
{
	struct node new = *n;
	unsigned    skip = c->skip[--c->nskip];

	expect(c, n, 1, K_BOOL);
	expect(c, n, 0, K_BOOL);
	new.kind = K_BOOL;
	pop(c, 2, &new);
	/* A streak counts evaluations: what holds one is never skipped. */
	for (unsigned i = skip + 1; i < c->out.n; i++)
		if (c->out.node[i].op == OP_STREAK)
			return;
	c->out.node[skip].jump = (uint16_t)(c->out.n - 1 - skip);
}

static void
unary(struct checker *c, const struct node *n)
{
	struct node new = *n;

	expect(c, n, 0, n->op == OP_NOT ? K_BOOL : K_NUM);
	new.kind = n->op == OP_NOT ? K_BOOL : K_NUM;
	new.unit = operand(c, 0)->unit;
	pop(c, 1, &new);
}

/*
 * A window is a number that is written down, a parameter, or has a unit.  Any
 * other is a value, as in max(loss, prev(loss)), of which nobody wants that many points.
 */
static void
window(struct checker *c, const struct node *call, const struct func *f, unsigned back)
{
	const struct node *n = operand(c, back);

	if (!expect(c, call, back, K_NUM) || c->failed)
		return;
	if (n->op != OP_NUM && n->op != OP_PARAM && n->unit == U_NONE)
		WRONG(c, call, "%s of a series wants a window here, 20 or 5 steps, not a value;"
		    " of two values it is %s(last(...), ...)", f->name, f->name);
}

/* One argument against its letter in the function's row. */
static void
argument(struct checker *c, const struct node *call, const struct func *f, char letter, unsigned back)
{
	struct node *n = operand(c, back);

	switch (letter) {
	case 's':
		if (n->kind != K_SERIES)
			WRONG(c, n, "%s wants a name of needs here", f->name);
		else
			c->scope->wants[n->arg] |= f->wants;
		break;
	case 'i':
		if (n->op != OP_TEXT || n->kind != K_TEXT) {
			WRONG(c, n, "%s wants the id of a rule in quotes here", f->name);
			break;
		}
		n->kind = K_NUM;
		{
			char *id = n->text;

			n->id = c->scope->id ? c->scope->id(c->scope->arg, id, n->off) : 0;
			free(id);
		}
		break;
	case 'b':
		expect(c, call, back, K_BOOL);
		break;
	case 't':
		if (n->op != OP_CAPTURE)
			expect(c, call, back, K_TEXT);
		break;
	case 'a':
		as_number(n);
		break;
	case 'w':
		window(c, call, f, back);
		break;
	default:
		expect(c, call, back, K_NUM);
	}
}

/* Least and most arguments of a row. */
static void
arity(const struct func *f, unsigned *least, unsigned *most)
{
	const char *opt = strchr(f->args, '?');

	*most = (unsigned)strlen(f->args) - (opt != NULL);
	*least = opt ? (unsigned)(opt - f->args) : *most;
}

static void
arguments(struct checker *c, const struct node *n, const struct func *f)
{
	const char *letter = f->args;

	for (unsigned i = 0; i < n->nargs; i++) {
		if (*letter == '?')
			letter++;
		argument(c, n, f, *letter++, n->nargs - 1 - i);
	}
}

/* The unit and kind of what has no kind of its own: if and default. */
static void
passed_on(struct checker *c, struct node *new, const struct node *n)
{
	new->unit = n->nargs > 1 ? same_unit(c, n) : U_NONE;
	if (n->nargs > 1 && operand(c, 0)->kind != operand(c, 1)->kind)
		WRONG(c, n, "both answers must be of one kind, not %s and %s",
		    kind_name((enum kind)operand(c, 1)->kind),
		    kind_name((enum kind)operand(c, 0)->kind));
	new->kind = operand(c, 0)->kind;
}

static void
call(struct checker *c, struct node *n)
{
	bool               series = n->nargs > 0 && operand(c, n->nargs - 1u)->kind == K_SERIES;
	const struct func *f = func_find(span_of(n->text), series);
	struct node        new = *n;
	unsigned           least, most;

	new.text = NULL;
	new.kind = K_NUM;
	if (!f) {
		unknown_name(c, n, "the function");
		new.op = OP_NUM;
		new.num = 0;
		pop(c, n->nargs, &new);
		return;
	}
	arity(f, &least, &most);
	if (n->nargs < least || n->nargs > most) {
		if (least == most)
			WRONG(c, n, "%s takes %u argument%s, not %u", f->name, least,
			    least == 1 ? "" : "s", n->nargs);
		else
			WRONG(c, n, "%s takes %u to %u arguments, not %u", f->name, least, most,
			    n->nargs);
	} else {
		arguments(c, n, f);
	}
	new.func = f;
	new.kind = f->ret;
	new.unit = f->unit;
	if (f->raw && strchr(f->args, 'a') && f->ret == K_NUM && !c->failed)
		passed_on(c, &new, n);
	else if (f->args[0] == 'n' && !f->unit && f->ret == K_NUM && n->nargs && !c->failed)
		new.unit = operand(c, n->nargs - 1u)->unit;
	if (strcmp(f->name, "streak") == 0) {
		new.op = OP_STREAK;
		new.arg = (uint16_t)c->scope->nstreak++;
		if (c->scope->nstreak > SCOPE_STREAKS)
			WRONG(c, n, "at most %d streaks a rule", SCOPE_STREAKS);
	}
	pop(c, n->nargs, &new);
}

static void
leaf(struct checker *c, struct node *n)
{
	struct node new = *n;
	int         i;

	new.kind = n->op == OP_NUM ? K_NUM : n->op == OP_BOOL ? K_BOOL : K_TEXT;
	if (n->op == OP_CAPTURE) {
		i = index_of(c->scope->capture, c->scope->ncapture, n->text);
		if (i < 0)
			WRONG(c, n, "no event of this rule has a group named %s", n->text);
		new.arg = (uint16_t)(i < 0 ? 0 : i);
	}
	if (n->op == OP_CAPTURE || n->op == OP_TEXT)
		n->op = OP_NUM; /* the text is new's now */
	append(c, &new);
	push(c, c->out.n - 1);
}

static void
node(struct checker *c, struct node *n)
{
	switch (n->op) {
	case OP_NAME:
		name(c, n);
		break;
	case OP_NEG: case OP_NOT:
		unary(c, n);
		break;
	case OP_AND_SKIP: case OP_OR_SKIP:
		append(c, n);
		c->skip[c->nskip++] = c->out.n - 1;
		break;
	case OP_AND: case OP_OR:
		logic(c, n);
		break;
	case OP_CALL:
		call(c, n);
		break;
	case OP_NUM: case OP_BOOL: case OP_TEXT: case OP_CAPTURE:
		leaf(c, n);
		break;
	default:
		binary(c, n);
	}
}

int
expr_check(struct expr *e, struct scope *scope, enum kind want, struct expr_errors *errors)
{
	struct checker *c = xcalloc(1, sizeof *c);
	bool            failed;

	c->in = e;
	c->scope = scope;
	c->errors = errors;
	for (unsigned i = 0; i < e->n; i++)
		node(c, &e->node[i]);
	if (!c->failed && c->n == 1) {
		struct node *last = operand(c, 0);

		if (want == K_UNKNOWN && last->kind == K_SERIES)
			as_number(last);
		else if (want != K_UNKNOWN)
			expect(c, last, 0, want);
	}
	if (!c->failed && c->out.stack > EXPR_STACK)
		WRONG(c, &e->node[0], "this condition holds more than %d values at once", EXPR_STACK);
	failed = c->failed;
	expr_fini(e);
	*e = c->out;
	e->checked = !failed;
	free(c);
	return failed ? -1 : 0;
}
