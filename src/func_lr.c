/* SPDX-License-Identifier: MIT */
/* The functions of a series of learning rates. */
#include "config.h"

#include <math.h>

#include "func_series.h"
#include "lrspec.h"
#include "series_impl.h"

#define FN(name) \
	struct value \
	fn_##name(const struct env *env, const struct value *arg, unsigned n)
#define UNUSED (void)env, (void)arg, (void)n
#define S (arg[0].series)

static const struct lr_fit *
lr(const struct series *s)
{
	return s->lr ? lrsched_fit(s->lr) : NULL;
}

FN(lr_family)
{
	const struct lr_fit *f = lr(S);

	UNUSED;
	if (!f || f->family == LR_UNKNOWN)
		return VALUE_UNKNOWN;
	return (struct value){ { .text = lr_family_name(f->family) }, K_TEXT, U_NONE };
}

static struct value
lr_number(double v, enum unit_of u)
{
	return isnan(v) ? VALUE_UNKNOWN : (struct value){ { v }, K_NUM, (unsigned char)u };
}

/* Steps are only told where the log prints them. */
static const struct lr_fit *
lr_steps(const struct series *s)
{
	return isnan(s->start_step) ? NULL : lr(s);
}

FN(lr_end) { UNUSED; return lr_steps(S) ? lr_number(lr(S)->end, U_STEPS) : VALUE_UNKNOWN; }
FN(lr_peak) { UNUSED; return lr(S) ? lr_number(lr(S)->peak, U_NONE) : VALUE_UNKNOWN; }
FN(lr_floor) { UNUSED; return lr(S) ? lr_number(lr(S)->floor, U_NONE) : VALUE_UNKNOWN; }
FN(lr_warmup) { UNUSED; return lr_steps(S) ? lr_number(lr(S)->warmup, U_STEPS) : VALUE_UNKNOWN; }
FN(lr_fit) { UNUSED; return lr(S) ? lr_number(lr(S)->r2, U_NONE) : VALUE_UNKNOWN; }
FN(lr_drops) { UNUSED; return S->lr ? value_num(S->lr->drops) : VALUE_UNKNOWN; }

/* The declared rate at the newest point, or NULL when none was declared. */
static const struct lr_spec *
declared(const struct env *env)
{
	return env->facts->run->expect_lr;
}

FN(lr_expected)
{
	const struct series_point *p = series_seg_n(S) ? series_back(S, 0) : NULL;

	UNUSED;
	if (!declared(env) || !p)
		return VALUE_UNKNOWN;
	return lr_number(lr_spec_rate(declared(env), p->step, env->facts->run->steps), U_NONE);
}

/*
 * How far the rate is off the declared one, as a share of it.  Logs print the rate
 * before or after the step, or where the last report stood: any of these is right.
 */
FN(lr_off)
{
	const struct lr_spec *spec = declared(env);
	const struct series_point *p = series_seg_n(S) ? series_back(S, 0) : NULL;
	const struct series_point *q = series_seg_n(S) > 1 ? series_back(S, 1) : NULL;
	double   low = INFINITY, high = -INFINITY, off, half;
	unsigned digits, decimals;

	UNUSED;
	if (!spec || !p || isnan(p->step))
		return VALUE_UNKNOWN;
	double near[] = { p->step, p->step - 1, p->step + 1, q && !isnan(q->step) ? q->step : p->step };
	for (unsigned i = 0; i < sizeof near / sizeof *near; i++) {
		double rate = lr_spec_rate(spec, fmax(0, near[i]), env->facts->run->steps);

		low = fmin(low, rate);
		high = fmax(high, rate);
	}
	if (!isfinite(low) || !isfinite(high))
		return VALUE_UNKNOWN;
	func_printed(S, &digits, &decimals);
	half = 0.5 * pow(10, -(double)decimals);
	off = p->value > high ? p->value - high : p->value < low ? low - p->value : 0;
	return value_num(fmax(0, off - half) / fmax(high, 0.01 * spec->peak));
}

FN(lr_at)
{
	UNUSED;
	return lr_steps(S) ? lr_number(lrsched_predict(lr(S), arg[1].num), U_NONE) : VALUE_UNKNOWN;
}
