/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "lrspec.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "number.h"
#include "span.h"

static const struct { const char *name; enum lr_family family; bool multistep; } families[] = {
	{ "constant", LR_CONSTANT, false }, { "linear", LR_LINEAR, false }, { "cosine", LR_COSINE, false },
	{ "polynomial", LR_POLYNOMIAL, false }, { "exponential", LR_EXPONENTIAL, false },
	{ "inverse-sqrt", LR_INVERSE_SQRT, false }, { "step", LR_STEP, false },
	{ "multistep", LR_STEP, true }, { "wsd", LR_WSD, false }, { "one-cycle", LR_ONE_CYCLE, false },
	{ "cyclic", LR_CYCLIC, false }, { "cosine-restarts", LR_RESTARTS, false },
};

#define AT(member) offsetof(struct lr_spec, member)
static const struct { const char *name; size_t at; } keys[] = {
	{ "peak", AT(peak) }, { "lr", AT(peak) }, { "min", AT(min) }, { "warmup", AT(warmup) },
	{ "start", AT(start) }, { "total", AT(total) }, { "power", AT(power) }, { "factor", AT(factor) },
	{ "gamma", AT(factor) }, { "every", AT(every) }, { "period", AT(every) }, { "decay", AT(decay) },
	{ "rise", AT(rise) },
};
#define NFAMILIES (sizeof families / sizeof *families)
#define NKEYS     (sizeof keys / sizeof *keys)

static int
family(struct span word, struct lr_spec *s, struct diag *d)
{
	const char *name[NFAMILIES], *near;
	char        text[40];

	for (size_t i = 0; i < NFAMILIES; i++) {
		name[i] = families[i].name;
		if (!span_is(word, name[i]))
			continue;
		s->family = families[i].family;
		s->multistep = families[i].multistep;
		return 0;
	}
	snprintf(text, sizeof text, "%.*s", (int)(word.n < 39 ? word.n : 39), word.p);
	near = diag_nearest(text, name, NFAMILIES);
	return diag_set(d, "\"%s\" is no schedule%s%s%s (constant, linear, cosine, polynomial, exponential, "
	    "inverse-sqrt, step, multistep, wsd, one-cycle, cyclic, cosine-restarts)", text,
	    near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static bool
number(struct span text, double *ret)
{
	size_t used;

	return number_read(text, ret, &used) == NUMBER_OK && used == text.n && *ret >= 0;
}

/* at=30000,60000 */
static int
milestones(struct span text, struct lr_spec *s, struct diag *d)
{
	while (text.n > 0) {
		size_t n = span_find(text, ",");
		struct span one = { text.p, n == (size_t)-1 ? text.n : n };

		if (s->nat == LRSPEC_MILESTONES)
			return diag_set(d, "at most %d steps stand in at=", LRSPEC_MILESTONES);
		if (!number(one, &s->at[s->nat++]))
			return diag_set(d, "at= is a list of steps: at=30000,60000");
		text = span_from(text, one.n + (n != (size_t)-1));
	}
	return 0;
}

static int
setting(struct span word, struct lr_spec *s, struct diag *d)
{
	size_t      eq = span_find(word, "=");
	struct span key = { word.p, eq == (size_t)-1 ? word.n : eq }, value = span_from(word, key.n + 1);

	if (eq == (size_t)-1)
		return diag_set(d, "\"%.*s\" is no key=value", (int)(word.n < 60 ? word.n : 60), word.p);
	if (span_is(key, "at"))
		return milestones(value, s, d);
	for (size_t i = 0; i < NKEYS; i++)
		if (span_is(key, keys[i].name)) {
			if (number(value, (double *)(void *)((char *)s + keys[i].at)))
				return 0;
			return diag_set(d, "%s is a number that is not negative", keys[i].name);
		}
	return diag_set(d, "a schedule has no \"%.*s\" (peak, min, warmup, start, total, power, factor, every, at, decay, rise)",
	    (int)(key.n < 40 ? key.n : 40), key.p);
}

/* What a family cannot do without. */
static int
complete(const struct lr_spec *s, struct diag *d)
{
	if (!(s->peak > 0))
		return diag_set(d, "peak is missing: the highest rate, as in cosine peak=3e-4");
	if (s->family == LR_STEP && s->multistep && s->nat == 0)
		return diag_set(d, "at is missing: the steps at which the rate falls, as in at=30000,60000");
	if (((s->family == LR_STEP && !s->multistep) || s->family == LR_RESTARTS || s->family == LR_CYCLIC) &&
	    !(s->every > 0))
		return diag_set(d, "every is missing: steps from fall to fall, or of a period");
	if (s->family == LR_WSD && !(s->decay > 0))
		return diag_set(d, "decay is missing: the steps of the tail");
	return 0;
}

int
lr_spec_parse(const char *text, struct lr_spec *ret, struct diag *d)
{
	struct lr_spec s = { .total = NAN, .power = 1, .factor = 0.1, .rise = 0.3 };
	unsigned       words = 0;

	for (const char *p = text + strspn(text, " ,"); *p; p += strspn(p, " ")) {
		struct span word = { p, strcspn(p, " ") };

		if ((words++ == 0 ? family(word, &s, d) : setting(word, &s, d)) == -1)
			return -1;
		p += word.n;
	}
	if (words == 0)
		return diag_set(d, "a schedule is a family and its numbers, as in cosine warmup=2000 peak=3e-4 total=100000");
	if (complete(&s, d) == -1)
		return -1;
	*ret = s;
	return 0;
}

/* --- its rate --- */

static double
cosine(double from, double to, double share)
{
	return to + (from - to) * (1 + cos(M_PI * share)) / 2;
}

static double
fallen(const struct lr_spec *s, double step)
{
	double n = 0;

	if (!s->multistep)
		n = floor(step / s->every);
	for (unsigned i = 0; i < s->nat; i++)
		n += step >= s->at[i];
	return fmax(s->min, s->peak * pow(s->factor, n));
}

/* After the warm-up: t steps of n. */
static double
decayed(const struct lr_spec *s, double step, double t, double n, double total)
{
	double share = fmin(1, fmax(0, t / n)), period;

	switch (s->family) {
	case LR_LINEAR:
	case LR_POLYNOMIAL:
		return s->min + (s->peak - s->min) * pow(1 - share, s->family == LR_LINEAR ? 1 : s->power);
	case LR_COSINE:
		return cosine(s->peak, s->min, share);
	case LR_WSD:
		share = fmax(0, (step - (total - s->decay)) / s->decay);
		return s->min + (s->peak - s->min) * (1 - fmin(1, share));
	case LR_EXPONENTIAL:
		return fmax(s->min, s->peak * pow(s->factor, s->every > 0 ? t / s->every : t));
	case LR_INVERSE_SQRT:
		return s->peak * sqrt(fmax(1, s->warmup)) / sqrt(fmax(1, step));
	case LR_STEP:
		return fallen(s, step);
	case LR_RESTARTS:
		return cosine(s->peak, s->min, fmod(t, s->every) / s->every);
	case LR_CYCLIC:
		period = fmod(t, s->every) / s->every;
		return s->min + (s->peak - s->min) * (period < 0.5 ? 2 * period : 2 - 2 * period);
	default:
		return s->peak;
	}
}

double
lr_spec_rate(const struct lr_spec *s, double step, double steps)
{
	double total = isnan(s->total) ? steps : s->total, rise = s->rise * total;

	if (isnan(step))
		return NAN;
	if (s->family == LR_ONE_CYCLE) {
		double low = s->start > 0 ? s->start : s->peak / 25;

		return step < rise ? cosine(low, s->peak, step / rise) :
		    cosine(s->peak, s->min, fmin(1, (step - rise) / (total - rise)));
	}
	if (step < s->warmup)
		return s->start + (s->peak - s->start) * step / s->warmup;
	return decayed(s, step, step - s->warmup, total - s->warmup, total);
}
