/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "lrsched.h"

#include <math.h>
#include <string.h>

#define FIT_R2     0.995 /* of the linearised fit, to be believed (diagnostics D) */
#define FIT_POINTS 8     /* after the peak */
#define FIT_TAIL   4     /* after a constant stretch at the peak, which tells where the decay begins */
#define DROP       0.9   /* a fall to less than this out of a constant stretch is a drop */
#define FIT_AGAIN  20    /* a fit holds until so much of its pairs have come again: a tail of a tenth is seen */
#define DIGIT      1e-4  /* of the highest rate: a smaller fall may be that of the last digit printed */
#define JUMP       3     /* times the rate before: no step of a warm-up that has ended */

const char *
lr_family_name(enum lr_family f)
{
	static const char *const name[] = {
		[LR_UNKNOWN] = "unknown", [LR_CONSTANT] = "constant", [LR_WARMUP] = "warmup",
		[LR_LINEAR] = "linear", [LR_COSINE] = "cosine", [LR_POLYNOMIAL] = "polynomial",
		[LR_EXPONENTIAL] = "exponential", [LR_INVERSE_SQRT] = "inverse-sqrt",
		[LR_STEP] = "step", [LR_WSD] = "wsd", [LR_ONE_CYCLE] = "one-cycle",
		[LR_CYCLIC] = "cyclic", [LR_RESTARTS] = "cosine-restarts",
		[LR_PLATEAU] = "plateau",
	};

	return name[f];
}

void
lrsched_init(struct lrsched *l)
{
	memset(l, 0, sizeof *l);
	l->every = 1;
}

/* Half the pairs, each twice as far from the next. */
static void
thin(struct lrsched *l)
{
	for (unsigned i = 0; i < LR_PAIRS / 2; i++)
		l->pair[i] = l->pair[2 * i];
	l->kept = LR_PAIRS / 2;
	l->every *= 2;
}

/* A fall is a drop when the rate then stays where it is; a decay goes on falling. */
static void
look_for_drops(struct lrsched *l, double step, double rate)
{
	if (l->n == 0)
		return;
	if (rate == l->last.rate) {
		l->flat++;
		if (l->fall.step > 0) {
			l->drop[l->drops % LR_DROPS].step = l->fall.step;
			l->drop[l->drops++ % LR_DROPS].factor = l->fall.factor;
			l->fall.step = 0;
		}
		return;
	}
	l->fall.step = 0;
	if (l->flat >= 2 && rate < DROP * l->last.rate && rate > 0 && l->last.rate - rate > DIGIT * l->top.rate) {
		l->fall.step = step;
		l->fall.factor = rate / l->last.rate;
	}
	l->flat = 0;
}

/* Far above what was there, when it was no longer warming up. */
static bool
is_jump(const struct lrsched *l, double rate)
{
	return l->n >= FIT_POINTS && l->last.rate > 0 && rate > JUMP * l->last.rate && rate > 1.05 * l->top.rate &&
	    (l->last.rate < l->top.rate || l->flat >= FIT_POINTS);
}

void
lrsched_add(struct lrsched *l, double step, double rate)
{
	if (!isfinite(step) || !isfinite(rate) || rate < 0)
		return;
	if (is_jump(l, rate)) {
		lrsched_init(l);
		l->anew = true;
	}
	look_for_drops(l, step, rate);
	l->last = (struct lr_pair){ step, rate };
	if (l->n == 0 || rate >= l->top.rate)
		l->top = l->last;
	if (l->n++ % l->every != 0)
		return;
	if (l->kept == LR_PAIRS) {
		thin(l);
		if ((l->n - 1) % l->every != 0)
			return;
	}
	l->pair[l->kept++] = l->last;
}

/* --- fits --- */

#define LR_POINTS (LR_PAIRS + 2)

/* What stands behind a fit: the pairs, with the top among them and the newest one at the end. */
struct points {
	struct lr_pair p[LR_POINTS];
	unsigned n;
	unsigned first, last;    /* first and last place of the maximum */
	double   max, min;
	bool     anew;           /* the first one is the first of the schedule */
};

static void
points_of(const struct lrsched *l, struct points *p)
{
	unsigned i = 0;

	p->anew = l->anew;
	for (p->n = 0; i < l->kept && l->pair[i].step < l->top.step; i++)
		p->p[p->n++] = l->pair[i];
	if (l->n > 0)
		p->p[p->n++] = l->top;
	for (; i < l->kept; i++)
		if (l->pair[i].step > l->top.step)
			p->p[p->n++] = l->pair[i];
	if (p->n && l->last.step > p->p[p->n - 1].step)
		p->p[p->n++] = l->last;
	p->max = -INFINITY;
	p->min = INFINITY;
	for (i = 0; i < p->n; i++) {
		p->max = fmax(p->max, p->p[i].rate);
		p->min = fmin(p->min, p->p[i].rate);
	}
	p->first = p->n;
	for (i = 0; i < p->n; i++)
		if (p->p[i].rate >= p->max * (1 - 1e-9)) {
			p->last = i;
			if (p->first == p->n)
				p->first = i;
		}
}

struct line_fit { double a, b, r2; };

/* Least squares y = a + b x; r2 is NaN when y does not vary. */
static struct line_fit
line_fit(const double *x, const double *y, unsigned n)
{
	double          mx = 0, my = 0, sxx = 0, sxy = 0, syy = 0;
	struct line_fit f;

	for (unsigned i = 0; i < n; i++) {
		mx += x[i] / n;
		my += y[i] / n;
	}
	for (unsigned i = 0; i < n; i++) {
		sxx += (x[i] - mx) * (x[i] - mx);
		sxy += (x[i] - mx) * (y[i] - my);
		syy += (y[i] - my) * (y[i] - my);
	}
	f.b = sxx > 0 ? sxy / sxx : NAN;
	f.a = my - f.b * mx;
	f.r2 = sxx > 0 && syy > 0 ? sxy * sxy / (sxx * syy) : NAN;
	return f;
}

/*
 * The families that a transform makes a straight line in t, the steps since
 * the peak; u is the rate as a share of the way from the floor to the peak.
 */
static double
straighten(enum lr_family f, double power, double u)
{
	switch (f) {
	case LR_COSINE:       return u >= 1 ? 0 : u <= 0 ? NAN : acos(2 * u - 1);
	case LR_POLYNOMIAL:   return u > 0 ? pow(u, 1 / power) : NAN;
	case LR_EXPONENTIAL:  return u > 0 ? log(u) : NAN;
	case LR_INVERSE_SQRT: return u > 0 ? 1 / (u * u) : NAN;
	case LR_WSD:          return (1 - u) * (1 - u); /* its tail by 1 - sqrt(t) */
	default:              return u;
	}
}

static double
bend(enum lr_family f, double power, double y)
{
	switch (f) {
	case LR_COSINE:       return y >= M_PI ? 0 : y <= 0 ? 1 : (1 + cos(y)) / 2;
	case LR_POLYNOMIAL:   return y > 0 ? pow(y, power) : 0;
	case LR_EXPONENTIAL:  return exp(y);
	case LR_INVERSE_SQRT: return y > 0 ? 1 / sqrt(y) : NAN;
	case LR_WSD:          return y <= 0 ? 1 : y >= 1 ? 0 : 1 - sqrt(y);
	default:              return y > 0 ? y : 0;
	}
}

/* Steps from the peak to the floor. */
static double
length_of(enum lr_family f, struct line_fit l)
{
	switch (f) {
	case LR_COSINE:     return (M_PI - l.a) / l.b;
	case LR_WSD:        return (1 - l.a) / l.b;
	case LR_LINEAR:
	case LR_POLYNOMIAL: return -l.a / l.b;
	default:            return NAN;
	}
}

struct candidate {
	enum lr_family family;
	double power, floor, error, length, r2;
};

#define EXACT 1e-6 /* of the peak: what is no larger than that is rounding, and no reason to prefer a fit */

/* Fits one family with one floor to the points from `from` to `to`, of which there must be least. */
static bool
try_family(const struct points *p, unsigned from, unsigned to, unsigned least, struct candidate *c)
{
	double          t[LR_POINTS], y[LR_POINTS], u[LR_POINTS];
	unsigned        n = 0;
	struct line_fit f;

	for (unsigned i = from; i < to; i++) {
		u[n] = (p->p[i].rate - c->floor) / (p->max - c->floor);
		y[n] = straighten(c->family, c->power, u[n]);
		t[n] = p->p[i].step - p->p[from].step;
		n += isnan(y[n]) ? 0 : 1;
	}
	if (n < least)
		return false;
	f = line_fit(t, y, n);
	if (!(f.r2 >= FIT_R2))
		return false;
	c->error = n * EXACT * EXACT * p->max * p->max;
	for (unsigned i = 0; i < n; i++) {
		double d = bend(c->family, c->power, f.a + f.b * t[i]) - u[i];

		c->error += d * d * (p->max - c->floor) * (p->max - c->floor);
	}
	c->r2 = f.r2;
	c->length = length_of(c->family, f);
	return true;
}

static const struct { enum lr_family family; double power; } tried[] = {
	{ LR_LINEAR, 1 }, { LR_COSINE, 1 }, { LR_EXPONENTIAL, 1 }, { LR_INVERSE_SQRT, 1 },
	{ LR_POLYNOMIAL, 2 }, { LR_POLYNOMIAL, 0.9 }, { LR_POLYNOMIAL, 0.5 }, { LR_POLYNOMIAL, 3 },
	{ LR_WSD, 1 },
};

/* Floors that schedules usually have, as a share of the peak; the simplest first. */
static const double floors[] = { 0, 0.1, 0.01, 0.05, 0.2, 0.001 };

/* A floor or a power must explain ten times better than the simpler fit before it. */
#define SIMPLER 0.1

/* Which floors are worth trying: a line has the same shape with each. */
static bool
is_tried(enum lr_family f, bool stable, double floor, unsigned k)
{
	if (f == LR_WSD && !stable)
		return false;
	if (!isnan(floor))
		return k == 0 && (floor == 0 || f != LR_INVERSE_SQRT);
	return k == 0 || (f != LR_INVERSE_SQRT && f != LR_LINEAR);
}

/* stable: after a constant stretch at the peak. */
static bool
best_decay(const struct points *p, unsigned from, unsigned to, bool stable, double floor, struct candidate *best)
{
	bool found = false;

	for (unsigned k = 0; k < sizeof floors / sizeof *floors; k++)
		for (unsigned i = 0; i < sizeof tried / sizeof *tried; i++) {
			struct candidate c = { .family = tried[i].family, .power = tried[i].power };
			bool             plain = k == 0 && tried[i].family != LR_POLYNOMIAL;

			c.floor = !isnan(floor) ? floor : floors[k] * p->max;
			if (!is_tried(c.family, stable, floor, k) ||
			    !try_family(p, from, to, stable ? FIT_TAIL : FIT_POINTS, &c))
				continue;
			if (!found || c.error < (plain ? 1 : SIMPLER) * best->error) {
				*best = c;
				found = true;
			}
		}
	return found;
}

/* --- shapes --- */

/* Steps of warm-up: where the line through what rises reaches the peak. */
static double
warmup_of(const struct points *p)
{
	double          x[LR_POINTS], y[LR_POINTS];
	struct line_fit f;

	if (p->first == 0)
		return 0;
	if (p->first < 3)
		return p->p[p->first].step;
	for (unsigned i = 0; i < p->first; i++) {
		x[i] = p->p[i].step;
		y[i] = p->p[i].rate;
	}
	f = line_fit(x, y, p->first);
	if (!(f.r2 >= 0.99) || !(f.b > 0))
		return p->p[p->first].step;
	return (p->max - f.a) / f.b;
}

/*
 * Does what rises look like the first phase of a one-cycle schedule: from a share of
 * the peak along half a cosine, or in a line from a 25th of it?
 */
static bool
is_first_phase(const struct points *p)
{
	double          x[LR_POINTS], y[LR_POINTS], u[LR_POINTS], low = p->p[0].rate;
	struct line_fit curve, line;

	if (p->first < 4 || low >= p->max)
		return false;
	for (unsigned i = 0; i < p->first; i++) {
		x[i] = p->p[i].step;
		u[i] = p->p[i].rate;
		y[i] = acos(fmin(1, fmax(-1, 1 - 2 * (u[i] - low) / (p->max - low))));
	}
	curve = line_fit(x, y, p->first);
	line = line_fit(x, u, p->first);
	return line.r2 >= FIT_R2 ? fabs(25 * line.a / p->max - 1) < 0.05 && p->p[0].step < 0.1 * p->p[p->first].step :
	    curve.r2 >= FIT_R2 && low > 0.01 * p->max;
}

/* Number of rises of more than a tenth of the range after a fall as large; where they peak. */
static unsigned
cycles(const struct points *p, double *peak_step, double *gap, bool *sudden)
{
	double   range = p->max - p->min, low = p->p[0].rate, high = p->p[0].rate, at = 0, before = NAN;
	unsigned n = 0;
	bool     falling = false;

	*sudden = true;
	for (unsigned i = 1; i < p->n; i++) {
		double r = p->p[i].rate;

		if (!falling && r < high - 0.1 * range) {
			falling = true;
			low = r;
			if (n > 0) {
				*gap = at - before;
			}
			before = at;
		} else if (falling && r > low + 0.1 * range) {
			*sudden = *sudden && r > low + 0.5 * range;
			falling = false;
			n++;
			high = r;
			at = p->p[i].step;
		}
		low = fmin(low, r);
		if (!falling && r >= high) {
			high = r;
			at = p->p[i].step;
		}
	}
	*peak_step = at;
	return n;
}

/* Are all drops at multiples of one unit, as in 30, 60, 80?  A plateau keeps to no grid. */
static bool
is_grid(const struct lrsched *l, double unit)
{
	for (unsigned i = 0; i < l->drops; i++) {
		double off = fmod(l->drop[i].step + unit / 2, unit) - unit / 2;

		if (fabs(off) > 0.05 * unit)
			return false;
	}
	return true;
}

static enum lr_family
drops_family(const struct lrsched *l)
{
	double gap = l->drop[1].step - l->drop[0].step;
	bool   regular = true;

	if (l->drops <= 2 || l->drops > LR_DROPS)
		return LR_STEP;
	for (unsigned i = 2; i < l->drops; i++)
		if (fabs((l->drop[i].step - l->drop[i - 1].step) / gap - 1) > 0.1)
			regular = false;
	for (unsigned k = 1; k <= 6; k++)
		regular = regular || is_grid(l, l->drop[0].step / k);
	return regular ? LR_STEP : LR_PLATEAU;
}

/*
 * Index of the first of the equal lowest values at the end; n when the end is
 * not flat, or not flatter than what rounding makes of the way there.
 */
static unsigned
floor_start(const struct points *p)
{
	unsigned i = p->n, longest = 1, run = 1;

	while (i > p->last + 1 && p->p[i - 1].rate <= p->min * (1 + 1e-9) + 1e-300)
		i--;
	for (unsigned k = p->last + 1; k < i; k++) {
		run = p->p[k].rate == p->p[k - 1].rate ? run + 1 : 1;
		longest = run > longest ? run : longest;
	}
	return p->n - i >= 2 && p->n - i > 2 * (longest - 1) ? i : p->n;
}

/*
 * Can the fit be believed?  Not when the print rounds neighbours to the same
 * value, and not when the log begins in the middle of the schedule, where every curve
 * is a line and the peak is not seen.
 */
static bool
is_clear(const struct points *p, unsigned to)
{
	unsigned distinct = 1, n = to - p->last;

	for (unsigned i = p->last + 1; i < to; i++)
		distinct += p->p[i].rate != p->p[i - 1].rate;
	if (distinct < 20 && distinct < 0.9 * n)
		return false;
	return p->anew || p->first > 0 || p->p[0].step <= 0.05 * p->p[p->n - 1].step + 1 ||
	    p->p[0].step <= p->p[1].step - p->p[0].step;
}

/* A stretch at the peak that is no rounding of a slow start of the decay. */
static bool
is_stable(const struct points *p)
{
	return p->last - p->first >= 4 &&
	    p->p[p->last].step - p->p[p->first].step > 0.1 * (p->p[p->n - 1].step - p->p[0].step);
}

static void
fit_decay(const struct points *p, struct lr_fit *f)
{
	unsigned         flat = floor_start(p), to = flat < p->n ? flat + 1 : p->n;
	double           floor = flat < p->n ? p->min : NAN;
	bool             stable = is_stable(p);
	struct candidate c = { .family = LR_UNKNOWN };

	f->peak_step = p->p[p->last].step;
	if (flat < p->n) {
		f->floor = p->min;
		f->end = p->p[flat].step;
	}
	if (to - p->last < (stable ? FIT_TAIL : FIT_POINTS) || !is_clear(p, to) ||
	    !best_decay(p, p->last, to, stable, floor, &c))
		return;
	f->family = c.family;
	f->power = c.power;
	f->floor = c.floor;
	f->r2 = c.r2;
	if (c.length > 0)
		f->end = f->peak_step + c.length;
	if (stable) {
		f->family = LR_WSD;
		f->tail = f->peak_step;
	} else if (f->warmup > 0.2 * f->end && is_first_phase(p) && (c.family == LR_COSINE || c.family == LR_LINEAR)) {
		f->family = LR_ONE_CYCLE;
	}
}

static void
fit_all(const struct lrsched *l, struct lr_fit *f)
{
	struct points p;
	double        peak_step = NAN, gap = NAN;
	bool          sudden;
	unsigned      n;

	*f = (struct lr_fit){ LR_UNKNOWN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
	points_of(l, &p);
	if (p.n < 4)
		return;
	f->peak = p.max;
	f->warmup = warmup_of(&p);
	if (p.max - p.min <= 1e-6 * p.max) {
		f->family = l->n >= FIT_POINTS ? LR_CONSTANT : LR_UNKNOWN;
		f->floor = p.min;
		return;
	}
	n = cycles(&p, &peak_step, &gap, &sudden);
	if (n == 1 && peak_step <= p.p[p.first].step)
		n = 0; /* one rise, to the peak, is a warm-up */
	if (n >= 1) {
		f->family = sudden ? LR_RESTARTS : LR_CYCLIC;
		f->floor = p.min;
		f->peak_step = peak_step;
		f->period = gap;
	} else if (p.last == p.n - 1) {
		f->family = l->flat >= FIT_POINTS ? LR_CONSTANT :
		    p.p[p.n - 1].rate > p.p[p.n - 2].rate ? LR_WARMUP : LR_UNKNOWN;
	} else if (l->drops >= 1 && l->n >= 2 * FIT_POINTS && l->drops * 8 <= l->n) {
		f->family = drops_family(l);
		f->power = l->drop[0].factor;
		f->floor = p.min;
	} else {
		fit_decay(&p, f);
	}
}

const struct lr_fit *
lrsched_fit(struct lrsched *l)
{
	if (l->fit_n == 0 || l->n >= l->fit_n + l->fit_n / FIT_AGAIN + 1) {
		fit_all(l, &l->fit);
		l->fit_n = l->n;
	}
	return &l->fit;
}

double
lrsched_predict(const struct lr_fit *f, double step)
{
	double t = (step - f->peak_step) / (f->end - f->peak_step);

	if (f->family == LR_CONSTANT)
		return f->peak;
	if (step < f->warmup)
		return f->peak * step / f->warmup;
	if (isnan(t) || t < 0)
		return step <= f->peak_step ? f->peak : NAN;
	if (t >= 1)
		return f->floor;
	switch (f->family) {
	case LR_LINEAR:
	case LR_POLYNOMIAL: return f->floor + (f->peak - f->floor) * pow(1 - t, f->power);
	case LR_COSINE:
	case LR_ONE_CYCLE:  return f->floor + (f->peak - f->floor) * (1 + cos(M_PI * t)) / 2;
	default:            return NAN;
	}
}
