/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "lrplot.h"

#include <math.h>
#include <string.h>

#include "series_impl.h"

#define ROWS    14
#define COLUMNS 100
#define LABEL   12 /* columns of a rate at the left */

enum { EXPECTED = 1, PRINTED = 2 };

struct plot {
	unsigned char cell[ROWS][COLUMNS];
	unsigned      columns;
	double        from, to, high; /* steps; the highest rate */
};

static void
mark(struct plot *p, double step, double rate, unsigned char what)
{
	double x = (step - p->from) / (p->to - p->from) * (p->columns - 1);
	double y = (1 - rate / p->high) * (ROWS - 1);

	if (x >= 0 && x < p->columns && y >= -0.5 && y < ROWS)
		p->cell[(int)fmax(0, round(y))][(int)x] |= what;
}

/* The declared rate, else the inferred one. */
static double
expected(const struct lr_spec *spec, const struct lr_fit *fit, double step, double steps)
{
	return spec ? lr_spec_rate(spec, step, steps) : fit ? lrsched_predict(fit, step) : NAN;
}

static void
draw_rows(const struct plot *p, bool utf8, struct buf *out)
{
	static const char *const sign[2][4] = { { " ", ".", "o", "#" }, { " ", "·", "○", "●" } };

	for (unsigned y = 0; y < ROWS; y++) {
		if (y == 0 || y == ROWS - 1)
			buf_printf(out, "%*.3g |", LABEL - 2, y == 0 ? p->high : 0);
		else
			buf_printf(out, "%*s |", LABEL - 2, "");
		for (unsigned x = 0; x < p->columns; x++)
			buf_str(out, sign[utf8][p->cell[y][x]]);
		buf_char(out, '\n');
	}
}

static void
draw(const struct plot *p, bool utf8, const char *what, struct buf *out)
{
	draw_rows(p, utf8, out);
	buf_printf(out, "%*s +", LABEL - 2, "");
	for (unsigned x = 0; x < p->columns; x++)
		buf_char(out, '-');
	buf_printf(out, "\n%*s  step %-*.0f%.0f\n", LABEL - 2, "", (int)p->columns - 14, p->from, p->to);
	buf_printf(out, "%*s  %s printed   %s %s   %s both\n", LABEL - 2, "", utf8 ? "○" : "o",
	    utf8 ? "·" : ".", what, utf8 ? "●" : "#");
}

bool
lr_plot(const struct series *s, const struct lr_spec *spec, double steps, unsigned columns,
    bool utf8, struct buf *out)
{
	struct lrsched *l = s->lr;
	const struct lr_fit *fit;
	struct plot     p = { .columns = columns > COLUMNS + LABEL ? COLUMNS : columns - LABEL };
	char            what[80];

	if (!l || l->kept < 2 || isnan(l->last.step) || columns < LABEL + 20)
		return false;
	fit = lrsched_fit(l);
	p.from = l->pair[0].step;
	p.to = fmax(l->last.step, steps > 0 ? steps : 0);
	p.high = fmax(l->top.rate, spec ? spec->peak : 0);
	if (!(p.to > p.from) || !(p.high > 0))
		return false;
	for (unsigned x = 0; x < 4 * p.columns; x++) {
		double step = p.from + (p.to - p.from) * x / (4 * p.columns - 1);
		double rate = expected(spec, fit, step, steps);

		if (isfinite(rate))
			mark(&p, step, rate, EXPECTED);
	}
	for (unsigned i = 0; i < l->kept; i++)
		mark(&p, l->pair[i].step, l->pair[i].rate, PRINTED);
	mark(&p, l->last.step, l->last.rate, PRINTED);
	snprintf(what, sizeof what, "%s", spec ? "declared" : fit && fit->family != LR_UNKNOWN ? "inferred: " : "(none can be told)");
	if (!spec && fit && fit->family != LR_UNKNOWN)
		snprintf(what + strlen(what), sizeof what - strlen(what), "%s", lr_family_name(fit->family));
	draw(&p, utf8, what, out);
	return true;
}
