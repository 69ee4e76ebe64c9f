/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "lrconf.h"

#include <math.h>
#include <string.h>

#include "number.h"
#include "span.h"

/* What a parameter says; BATCH: what Megatron-LM's schedule counts, of which a second value counts as another. */
enum slot {
	PEAK, MIN, WARMUP, WARMUP_SHARE, START, START_FACTOR, TOTAL, POWER, GAMMA, STYLE, BATCH,
	SIGN,   /* the framework's own, without which it is another one's */
	YES,    /* False makes it another formula */
	AT,     /* milestones */
	OTHER,  /* a value changes the formula; 0, 1, False and None do not */
	END
};

_Static_assert(SIGN < LRCONF_SLOTS, "each number has its place");

/* What a style makes of the numbers. */
enum style { CONSTANT, CONSTANT_WARM, LINEAR, COSINE, POLYNOMIAL, INVERSE_SQRT, WSD, MULTISTEP, UNCLEAR };

enum { MEGATRON = 2 }; /* in kinds */

struct key { const char *name; enum slot slot; };
struct word { const char *name; enum style style; };

static const struct word hf_styles[] = {
	{ "linear", LINEAR }, { "cosine", COSINE }, { "constant", CONSTANT },
	{ "constant_with_warmup", CONSTANT_WARM }, { "polynomial", POLYNOMIAL }, { NULL, UNCLEAR }
};
static const struct word megatron_styles[] = {
	{ "linear", LINEAR }, { "cosine", COSINE }, { "constant", CONSTANT_WARM },
	{ "inverse-square-root", INVERSE_SQRT }, { "WSD", WSD }, { NULL, UNCLEAR }
};
static const struct word fairseq_styles[] = {
	{ "inverse_sqrt", INVERSE_SQRT }, { "polynomial_decay", POLYNOMIAL }, { NULL, UNCLEAR }
};
static const struct word detectron_styles[] = {
	{ "WarmupMultiStepLR", MULTISTEP }, { "WarmupCosineLR", UNCLEAR }, { NULL, UNCLEAR }
};

/*
 * The frameworks, each with its parameters.  `first`: the first value counts, a second
 * one makes it unsure; else the newest, as where a command line overrides a file.
 */
static const struct kind {
	const char        *title;
	enum style         style;   /* without a parameter for it */
	const struct word *styles;
	bool               first;
	struct key         key[24];
} kinds[LRCONF_KINDS] = {
	{ "Hugging Face's TrainingArguments", UNCLEAR, hf_styles, true, {
	    { "per_device_train_batch_size", SIGN }, { "learning_rate", PEAK }, { "lr_scheduler_type", STYLE },
	    { "warmup_steps", WARMUP }, { "warmup_ratio", WARMUP_SHARE }, { "max_steps", TOTAL },
	    { "lr_scheduler_kwargs", OTHER }, { "cosine_min_lr_ratio", OTHER }, { "min_lr_ratio", OTHER },
	    { "cosine_constant_lr_ratio", OTHER }, { "min_lr", OTHER }, { "min_learning_rate", OTHER },
	    { "lr_scheduler", OTHER }, { "num_warmup_steps", OTHER }, { "loraplus_lr_ratio", OTHER },
	    { "decay_steps", OTHER }, { NULL, END } } },
	{ "diffusers", UNCLEAR, hf_styles, true, {
	    { "train_batch_size", SIGN }, { "max_train_steps", TOTAL }, { "learning_rate", PEAK },
	    { "lr_scheduler", STYLE }, { "lr_warmup_steps", WARMUP }, { "scale_lr", OTHER },
	    { "learning_rate_te", OTHER }, { "text_encoder_lr", OTHER }, { "lr_end", OTHER }, { NULL, END } } },
	{ "Megatron-LM", UNCLEAR, megatron_styles, true, {
	    { "lr_decay_style", STYLE }, { "lr", PEAK }, { "min_lr", MIN }, { "lr_warmup_iters", WARMUP },
	    { "lr_warmup_fraction", WARMUP_SHARE }, { "lr_warmup_init", START }, { "lr_decay_iters", TOTAL },
	    { "train_iters", SIGN }, { "lr_decay_samples", OTHER },
	    { "lr_warmup_samples", OTHER }, { "train_samples", OTHER }, { "rampup_batch_size", OTHER },
	    { "use_checkpoint_opt_param_scheduler", OTHER }, { "decoupled_lr", OTHER }, { "global_batch_size", BATCH },
	    { "lr_decay_tokens", OTHER }, { "lr_warmup_tokens", OTHER }, { NULL, END } } },
	{ "fairseq", UNCLEAR, fairseq_styles, true, {
	    { "update_freq", SIGN }, { "lr_scheduler", STYLE }, { "lr", PEAK }, { "warmup_updates", WARMUP },
	    { "warmup_init_lr", START }, { "total_num_update", TOTAL }, { "end_learning_rate", MIN },
	    { "power", POWER }, { "force_anneal", OTHER }, { NULL, END } } },
	{ "detectron2", UNCLEAR, detectron_styles, true, {
	    { "IMS_PER_BATCH", SIGN }, { "LR_SCHEDULER_NAME", STYLE }, { "BASE_LR", PEAK },
	    { "WARMUP_ITERS", WARMUP }, { "WARMUP_FACTOR", START_FACTOR }, { "GAMMA", GAMMA },
	    { "STEPS", AT }, { "MAX_ITER", TOTAL }, { "REFERENCE_WORLD_SIZE", OTHER },
	    { "BACKBONE_MULTIPLIER", OTHER }, { NULL, END } } },
	{ "nanoGPT", COSINE, NULL, false, {
	    { "warmup_iters", WARMUP }, { "learning_rate", PEAK }, { "lr_decay_iters", TOTAL }, { "min_lr", SIGN },
	    { "decay_lr", YES }, { "lr_decay_style", OTHER }, { "lr_scheduler_type", OTHER },
	    { "lr_schedule", OTHER }, { "lr_scheduler", OTHER }, { "scheduler", OTHER }, { "schedule", OTHER },
	    { "decay_type", OTHER }, { NULL, END } } },
};

void
lr_conf_init(struct lr_conf *c)
{
	memset(c, 0, sizeof *c);
	for (unsigned k = 0; k < LRCONF_KINDS; k++)
		for (unsigned i = 0; i < LRCONF_SLOTS; i++)
			c->value[k][i] = NAN;
}

static bool
is_none(struct span value)
{
	static const char *const none[] = { "None", "null", "False", "false", "", "-1", "0", "0.0", "1", "1.0", "{}", "[]", "'{}'" };

	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		if (span_is(value, none[i]))
			return true;
	return false;
}

/* "3e-4", "[0.0005]", "1e-3 # a remark"; NaN: no number, or several. */
static double
number(struct span s)
{
	size_t used;
	double v;

	if (s.n > 1 && (*s.p == '[' || *s.p == '(') && (s.p[s.n - 1] == ']' || s.p[s.n - 1] == ')'))
		s = span_trim((struct span){ s.p + 1, s.n - 2 });
	if (s.n > 0 && s.p[s.n - 1] == ',')
		s.n--;
	if (number_read(s, &v, &used) != NUMBER_OK)
		return NAN;
	s = span_trim(span_from(s, used));
	return s.n == 0 || *s.p == '#' ? v : NAN;
}

/* "SchedulerType.COSINE", "<SchedulerType.COSINE: 'cosine'>", "cosine" */
static double
style_of(const struct kind *k, struct span s)
{
	size_t at = span_find(s, ": '");

	if (at != (size_t)-1 && s.p[s.n - 1] == '>')
		s = (struct span){ s.p + at + 3, s.n - at - 5 };
	if (span_starts(s, "SchedulerType."))
		s = span_from(s, strlen("SchedulerType."));
	for (const struct word *w = k->styles; w && w->name; w++)
		if (span_is_nocase(s, w->name))
			return w->style;
	return UNCLEAR;
}

/* "(60000, 80000)" */
static void
milestones(struct lr_conf *c, struct span s)
{
	size_t used;
	double v;

	c->nat = 0;
	while (s.n > 0 && c->nat < LRSPEC_MILESTONES) {
		if (number_read(s, &v, &used) == NUMBER_OK && used > 0) {
			c->at[c->nat++] = v;
			s = span_from(s, used);
		} else {
			s = span_from(s, 1);
		}
	}
}

struct reader { struct lr_conf *conf; bool changed; };

static void
one(struct lr_conf *c, unsigned kind, enum slot slot, struct span text)
{
	double v;

	switch (slot) {
	case OTHER:
		c->unsure[kind] = c->unsure[kind] || !is_none(text);
		return;
	case AT:
		milestones(c, text);
		return;
	case STYLE:
		v = style_of(&kinds[kind], text);
		break;
	case YES:
		c->unsure[kind] = c->unsure[kind] || span_is(text, "False");
		return;
	default:
		v = number(text);
	}
	double *to = &c->value[kind][slot]; /* only now: the slots above have no number */
	if (kinds[kind].first && !isnan(*to) && !(v == *to))
		c->unsure[kind] = true;
	*to = v;
}

static void
take(void *arg, struct span name, struct span value)
{
	struct reader *r = arg;
	const char    *dot = memrchr(name.p, '.', name.n);

	if (span_is(name, "Overriding")) { /* nanoGPT's configurator */
		size_t eq = span_find(value, " = ");

		if (eq == (size_t)-1)
			return;
		name = (struct span){ value.p, eq };
		value = span_from(value, eq + 3);
	}
	if (dot)
		name = span_from(name, (size_t)(dot + 1 - name.p));
	for (unsigned k = 0; k < LRCONF_KINDS; k++)
		for (const struct key *key = kinds[k].key; key->name; key++)
			if (span_is(name, key->name)) {
				one(r->conf, k, key->slot, value);
				r->changed = true;
			}
}

/* Megatron-LM's schedule counts samples: its steps are those of the configuration only with that batch. */
static bool
other_batch(struct lr_conf *c, struct span line)
{
	double *known = c->value[MEGATRON];
	size_t  at = isnan(known[BATCH]) || c->unsure[MEGATRON] ? (size_t)-1 : span_find(line, " global batch size:"), used;
	double  v;

	if (at == (size_t)-1 ||
	    number_read(span_trim(span_from(line, at + strlen(" global batch size:"))), &v, &used) != NUMBER_OK ||
	    v == known[BATCH])
		return false;
	c->unsure[MEGATRON] = true;
	return true;
}

bool
lr_conf_line(struct lr_conf *c, const struct line *line, bool measures, bool trains)
{
	struct reader r = { c, other_batch(c, line->text) };

	(void)hyper_read(&c->place, line, measures, trains, take, &r);
	return r.changed;
}

/* --- the schedule --- */

static double
or(double v, double other)
{
	return isnan(v) ? other : v;
}

/* The steps of the warm-up; NaN: they depend on a plan that is not printed. */
static double
warmup(const double *v, double total)
{
	double steps = or(v[WARMUP], 0), share = or(v[WARMUP_SHARE], 0);

	if (steps > 0 && steps < 1) /* newer ones take both in one */
		share = steps;
	else if (steps > 0)
		return steps;
	return share > 0 ? ceil(share * total) : 0;
}

static bool
is_family(struct lr_spec *s, enum style style, const double *v)
{
	switch (style) {
	case CONSTANT:
	case CONSTANT_WARM: s->family = LR_CONSTANT; return true;
	case LINEAR:        s->family = LR_LINEAR; return true;
	case COSINE:        s->family = LR_COSINE; return true;
	case POLYNOMIAL:    s->family = LR_POLYNOMIAL; return true;
	case INVERSE_SQRT:  s->family = LR_INVERSE_SQRT; return s->warmup > 0 && s->min == 0;
	case WSD:           return false; /* of several forms */
	case MULTISTEP:
		s->family = LR_STEP;
		s->multistep = true;
		s->factor = or(v[GAMMA], 0.1);
		return s->nat > 0;
	default:
		return false;
	}
}

/* The steps that the schedule is made for; NaN: no formula without them. */
static double
total_of(const struct kind *k, const double *v, double steps)
{
	if (v[TOTAL] > 0)
		return v[TOTAL];
	return k->styles == hf_styles ? steps : k->styles == megatron_styles ? v[SIGN] : NAN;
}

/* A number of a state that was saved may be any. */
static enum style
style_in(double v)
{
	return v >= 0 && v < UNCLEAR ? (enum style)v : UNCLEAR;
}

static bool
make(const struct lr_conf *c, unsigned kind, double steps, struct lr_spec *s)
{
	const struct kind *k = &kinds[kind];
	const double      *v = c->value[kind];
	enum style         style = k->styles ? style_in(v[STYLE]) : k->style;

	if (c->unsure[kind] || isnan(v[SIGN]) || !(v[PEAK] > 0) || (isnan(v[WARMUP]) && isnan(v[WARMUP_SHARE])))
		return false;
	*s = (struct lr_spec){ .peak = v[PEAK], .power = or(v[POWER], 1), .factor = 0.1, .rise = 0.3 };
	s->min = k->styles == NULL ? v[SIGN] : k->styles == hf_styles && style == POLYNOMIAL ? 1e-7 : or(v[MIN], 0);
	s->total = total_of(k, v, steps);
	s->warmup = style == CONSTANT ? 0 : warmup(v, s->total);
	s->start = isnan(v[START]) ? or(v[START_FACTOR], 0) * s->peak : fmax(0, v[START]);
	if (style == MULTISTEP) {
		memcpy(s->at, c->at, sizeof s->at);
		s->nat = c->nat;
	}
	return s->peak > s->min && !isnan(s->warmup) &&
	    (!isnan(s->total) || style <= CONSTANT_WARM || style == INVERSE_SQRT) && is_family(s, style, v);
}

const char *
lr_conf_spec(const struct lr_conf *c, double steps, struct lr_spec *ret)
{
	for (unsigned k = 0; k < LRCONF_KINDS; k++)
		if (make(c, k, steps, ret))
			return kinds[k].title;
	return NULL;
}
