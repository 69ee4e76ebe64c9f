/* SPDX-License-Identifier: MIT */
/* lrsched: schedules made by their formulas, seen in part. */
#include <math.h>

#include "lrsched.h"
#include "tap.h"

#define PEAK  3e-4
#define TOTAL 10000.0
#define WARM  500.0

enum shape { CONST, LINEAR, COSINE, COSINE_MIN, POLY2, EXPO, INVSQRT, STEPS, WSD, RESTART };

static double
rate(enum shape s, double step)
{
	double t = (step - WARM) / (TOTAL - WARM);

	if (s == CONST)
		return PEAK;
	if (s == STEPS)
		return PEAK * pow(0.1, floor(step / 2500));
	if (s == RESTART)
		return PEAK * (1 + cos(M_PI * fmod(step, 2000) / 2000)) / 2;
	if (step < WARM)
		return PEAK * step / WARM;
	switch (s) {
	case LINEAR:     return PEAK * (1 - t);
	case COSINE:     return PEAK * (1 + cos(M_PI * t)) / 2;
	case COSINE_MIN: return PEAK * (0.1 + 0.9 * (1 + cos(M_PI * t)) / 2);
	case POLY2:      return PEAK * (1 - t) * (1 - t);
	case EXPO:       return PEAK * exp(-3 * t);
	case INVSQRT:    return PEAK * sqrt(WARM / step);
	default:         return step < 6000 ? PEAK : PEAK * (1 - (step - 6000) / 4000);
	}
}

/* The rate as a log prints it: with that many significant digits. */
static double
printed(double v, int digits)
{
	double scale = pow(10, digits - 1 - floor(log10(v)));

	return v > 0 ? round(v * scale) / scale : 0;
}

static const struct lr_fit *
seen(struct lrsched *l, enum shape s, double until, double every, int digits)
{
	lrsched_init(l);
	for (double step = every; step <= until; step += every)
		lrsched_add(l, step, printed(rate(s, step), digits));
	return lrsched_fit(l);
}

static const struct {
	const char *name; enum shape s; double until; enum lr_family family; double end, near;
} rows[] = {
	{ "constant", CONST, 3000, LR_CONSTANT, NAN, 0 },
	{ "warming up", LINEAR, 400, LR_WARMUP, NAN, 0 },
	{ "linear after 20 %", LINEAR, 2500, LR_LINEAR, TOTAL, 0.01 },
	{ "linear to its end", LINEAR, 9900, LR_LINEAR, TOTAL, 0.01 },
	{ "cosine after 20 %", COSINE, 2500, LR_COSINE, TOTAL, 0.01 },
	{ "cosine after half", COSINE, 5000, LR_COSINE, TOTAL, 0.01 },
	{ "cosine to a tenth", COSINE_MIN, 6000, LR_COSINE, TOTAL, 0.02 },
	{ "polynomial", POLY2, 6000, LR_POLYNOMIAL, TOTAL, 0.02 },
	{ "exponential", EXPO, 6000, LR_EXPONENTIAL, NAN, 0 },
	{ "inverse square root", INVSQRT, 6000, LR_INVERSE_SQRT, NAN, 0 },
	{ "step", STEPS, 9000, LR_STEP, NAN, 0 },
	{ "warm-up, stable, decay", WSD, 8500, LR_WSD, TOTAL, 0.02 },
	{ "cosine with restarts", RESTART, 7000, LR_RESTARTS, NAN, 0 },
};

int
main(void)
{
	struct lrsched       l;
	const struct lr_fit *f;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		f = seen(&l, rows[i].s, rows[i].until, 10, 7);
		IS_STR(lr_family_name(f->family), lr_family_name(rows[i].family), "%s", rows[i].name);
		if (!isnan(rows[i].end))
			NEAR(f->end / rows[i].end, 1, rows[i].near, "%s: its end", rows[i].name);
	}
	f = seen(&l, COSINE, 3000, 10, 7);
	NEAR(f->warmup, WARM, 15, "length of the warm-up");
	NEAR(f->peak, PEAK, 1e-6, "peak");
	NEAR(lrsched_predict(f, 7000) / rate(COSINE, 7000), 1, 0.03, "prediction");
	OK(l.kept <= LR_PAIRS, "memory is bounded");
	lrsched_init(&l);
	for (double step = 4000; step < 5000; step += 10)
		lrsched_add(&l, step, printed(rate(COSINE, step), 7));
	f = lrsched_fit(&l);
	IS_NUM(f->family, LR_UNKNOWN, "from the middle of a schedule nothing is claimed");
	lrsched_init(&l);
	for (double step = 600; step < 1500; step += 10)
		lrsched_add(&l, step, printed(rate(COSINE, step), 2));
	IS_NUM(lrsched_fit(&l)->family == LR_COSINE, 0, "nor from rates that are rounded away");
	lrsched_init(&l);
	for (double step = 0; step < 3000; step += 10)
		lrsched_add(&l, step, printed(rate(COSINE, step), 7));
	for (double step = 3000; step < 8000; step += 10)
		lrsched_add(&l, step, printed(PEAK * 10 * (1 + cos(M_PI * (step - 3000) / 7000)) / 2, 7));
	f = lrsched_fit(&l);
	IS_NUM(f->family, LR_COSINE, "after a jump above all that was, a new schedule");
	NEAR(f->end, TOTAL, 100, "with its own end");
	lrsched_init(&l);
	lrsched_add(&l, 1, NAN);
	lrsched_add(&l, NAN, 1);
	IS_NUM(l.n, 0, "what is not finite is passed over");
	return DONE();
}
