/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "points.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

struct reader {
	struct span text;
	size_t      at;
	uint64_t    seed;
	struct points *p;
};

/* Near enough to a normal deviate: the sum of twelve uniform ones. */
static double
deviate(struct reader *r)
{
	double sum = 0;

	for (int i = 0; i < 12; i++) {
		r->seed = r->seed * 6364136223846793005u + 1442695040888963407u;
		sum += (double)(r->seed >> 11) / 9007199254740992.0;
	}
	return sum - 6;
}

static bool
add(struct reader *r, double v, bool gap)
{
	struct points *p = r->p;

	if (p->n == POINTS_MAX)
		return false;
	if (p->n == p->size) {
		p->size = p->size ? p->size * 2 : 64;
		p->v = xrealloc(p->v, p->size, sizeof *p->v);
		p->gap = xrealloc(p->gap, p->size, sizeof *p->gap);
	}
	p->v[p->n] = v;
	p->gap[p->n++] = gap;
	return true;
}

static char
peek(const struct reader *r)
{
	return r->at < r->text.n ? r->text.p[r->at] : '\0';
}

static bool
take(struct reader *r, const char *s)
{
	if (!span_starts(span_from(r->text, r->at), s))
		return false;
	r->at += strlen(s);
	return true;
}

static bool
number(struct reader *r, double *ret)
{
	char   copy[48], *end;
	size_t n = 0;

	while (n < sizeof copy - 1 && r->at + n < r->text.n &&
	    strchr("0123456789.eE", r->text.p[r->at + n]) && r->text.p[r->at + n]) {
		copy[n] = r->text.p[r->at + n];
		n++;
		if ((copy[n - 1] == 'e' || copy[n - 1] == 'E') && r->at + n < r->text.n &&
		    (r->text.p[r->at + n] == '-' || r->text.p[r->at + n] == '+')) {
			copy[n] = r->text.p[r->at + n];
			n++;
		}
	}
	copy[n] = '\0';
	*ret = strtod(copy, &end);
	r->at += (size_t)(end - copy);
	return end != copy;
}

struct token {
	enum { SET, ADD, SUB, TIMES, LINE, RATIO, GAP } how;
	double a, b, noise, n;
};

static bool
token(struct reader *r, struct token *t)
{
	bool minus;

	*t = (struct token){ .how = SET, .n = 1 };
	t->how = take(r, "+") ? ADD : take(r, "-") ? SUB : take(r, "*") ? TIMES :
	    take(r, "_") ? GAP : SET;
	minus = t->how == SET && take(r, "=") && take(r, "-");
	if (t->how == GAP)
		t->a = NAN;
	else if (t->how == SET && take(r, "nan"))
		t->a = NAN;
	else if (t->how == SET && take(r, "inf"))
		t->a = INFINITY;
	else if (!number(r, &t->a))
		return false;
	if (minus)
		t->a = -t->a;
	if (t->how == SET && take(r, ">")) {
		t->how = take(r, ">") ? RATIO : LINE;
		if (!number(r, &t->b))
			return false;
	}
	if (take(r, "~") && !number(r, &t->noise))
		return false;
	return !take(r, "x") || (number(r, &t->n) && t->n >= 1 && t->n <= POINTS_MAX);
}

static double
next(const struct token *t, double last, double i)
{
	double share = t->n > 1 ? i / (t->n - 1) : 1;

	switch (t->how) {
	case ADD:   return last + t->a;
	case SUB:   return last - t->a;
	case TIMES: return last * t->a;
	case LINE:  return t->a + share * (t->b - t->a);
	case RATIO: return t->a * pow(t->b / t->a, share);
	default:    return t->a;
	}
}

int
points_parse(struct span text, unsigned seed, struct points *ret, struct diag *d)
{
	struct points p = { 0 };
	struct reader r = { text, 0, seed * 977u + 12345u, &p };
	double        last = 0;
	struct token  t;

	while (r.at < text.n) {
		bool good;

		if (peek(&r) == ' ' || peek(&r) == '\n') {
			r.at++;
			continue;
		}
		good = token(&r, &t) && (r.at == text.n || peek(&r) == ' ' || peek(&r) == '\n');
		for (double i = 0; good && i < t.n; i++) {
			last = t.how == GAP ? last : next(&t, last, i);
			good = add(&r, last + (t.noise > 0 ? t.noise * deviate(&r) : 0), t.how == GAP);
		}
		if (!good) {
			points_fini(&p);
			diag_set(d, "points are written V, +D, -D, *F, A>B, A>>B, _, nan, each with ~S and xN");
			d->col = (unsigned)r.at + 1;
			return -1;
		}
	}
	*ret = p;
	return 0;
}

void
points_fini(struct points *p)
{
	free(p->v);
	free(p->gap);
	memset(p, 0, sizeof *p);
}
