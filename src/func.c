/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "func.h"

#include <math.h>
#include <string.h>
#include <sys/wait.h>

#include "func_series.h"
#include "series_impl.h"

#define FN(name) \
	static struct value \
	fn_##name(const struct env *env, const struct value *arg, unsigned n)
#define UNUSED (void)env, (void)arg, (void)n
#define A (arg[0].num)

static struct value
maybe(double v, enum unit_of u)
{
	return isnan(v) ? VALUE_UNKNOWN : (struct value){ { v }, K_NUM, (unsigned char)u };
}

static struct value
text(const char *s)
{
	return s ? (struct value){ { .text = s }, K_TEXT, U_NONE } : VALUE_UNKNOWN;
}

/* --- numbers; the unit of the first argument stays --- */

#define KEEP(v) ((struct value){ { (v) }, K_NUM, arg[0].unit })

FN(abs) { UNUSED; return KEEP(fabs(A)); }
FN(ln) { UNUSED; return A > 0 ? value_num(log(A)) : VALUE_UNKNOWN; }
FN(log10) { UNUSED; return A > 0 ? value_num(log10(A)) : VALUE_UNKNOWN; }
FN(exp) { UNUSED; return value_num(exp(A)); }
FN(sqrt) { UNUSED; return A >= 0 ? value_num(sqrt(A)) : VALUE_UNKNOWN; }
FN(round) { UNUSED; return KEEP(round(A)); }
FN(floor) { UNUSED; return KEEP(floor(A)); }
FN(lower) { UNUSED; return KEEP(fmin(A, arg[1].num)); }
FN(upper) { UNUSED; return KEEP(fmax(A, arg[1].num)); }
FN(isnan) { UNUSED; return value_bool(isnan(A)); }
FN(finite) { UNUSED; return value_bool(isfinite(A)); }
FN(known) { UNUSED; return value_bool(arg[0].kind != K_UNKNOWN); }
FN(default) { UNUSED; return arg[0].kind != K_UNKNOWN ? arg[0] : arg[1]; }

FN(if)
{
	UNUSED;
	if (arg[0].kind == K_UNKNOWN)
		return VALUE_UNKNOWN;
	return A != 0 ? arg[1] : arg[2];
}

FN(has)
{
	UNUSED;
	return arg[0].kind == K_TEXT && arg[1].kind == K_TEXT ?
	    value_bool(strstr(arg[0].text, arg[1].text) != NULL) : VALUE_UNKNOWN;
}

FN(off_integer)
{
	double near = round(A);

	UNUSED;
	return near >= 1 ? value_num(fabs(A - near) / near) : VALUE_UNKNOWN;
}

FN(off_chance)
{
	/* Numbers of classes that tasks usually have (diagnostics, LOSS_AT_CHANCE). */
	static const double classes[] = { 2, 3, 4, 5, 10, 20, 100, 1000 };
	double best = INFINITY;

	UNUSED;
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		best = fmin(best, fabs(A / log(classes[i]) - 1));
	return value_num(best);
}

/* --- events and rules --- */

static const struct event_log *
events(const struct env *env, const struct value *arg)
{
	unsigned id = (unsigned)A;

	return id < env->facts->nids ? env->facts->event[id] : NULL;
}

/* Is the event inside the window that ends now? */
static bool
inside(const struct facts *f, const struct event_at *e, struct value w)
{
	switch (w.unit) {
	case U_STEPS: return f->run->step - e->step < w.num;
	case U_TIME:  return f->now - e->time < w.num;
	case U_LINES: return (double)(f->line - e->line) < w.num;
	default:      return (double)(f->points - e->points) < w.num;
	}
}

FN(count)
{
	const struct event_log *e = events(env, arg);
	unsigned                k = 0;
	double                  last = NAN;

	if (!e)
		return value_num(0);
	if (n < 2)
		return value_num((double)e->segment);
	/* Ranks say the same thing each: in steps, an event counts once a step. */
	for (unsigned i = 0; i < EVENT_RING && i < e->segment; i++) {
		const struct event_at *at = &e->ring[(e->total - 1 - i) % EVENT_RING];

		if (!inside(env->facts, at, arg[1]))
			break;
		k += arg[1].unit != U_STEPS || i == 0 || at->step != last;
		last = at->step;
	}
	return value_num(k);
}

FN(seen)
{
	const struct event_log *e = events(env, arg);

	UNUSED;
	return value_bool(e && e->segment > 0);
}

FN(since)
{
	const struct event_at *e = event_log_last(events(env, arg));

	UNUSED;
	return e ? maybe(env->facts->now - e->time, U_TIME) : VALUE_UNKNOWN;
}

FN(steps_since)
{
	const struct event_at *e = event_log_last(events(env, arg));

	UNUSED;
	return e ? maybe(env->facts->run->step - e->step, U_STEPS) : VALUE_UNKNOWN;
}

FN(lines_since)
{
	const struct event_at *e = event_log_last(events(env, arg));

	UNUSED;
	return e ? maybe((double)(env->facts->line - e->line), U_LINES) : VALUE_UNKNOWN;
}

FN(firing)
{
	unsigned id = (unsigned)A;

	UNUSED;
	return value_bool(id < env->facts->nids && env->facts->firing[id]);
}

FN(fired)
{
	unsigned id = (unsigned)A;

	UNUSED;
	return value_bool(id < env->facts->nids && env->facts->fired[id]);
}

#define FEW    "too few points"
#define BLOCKS "too few points for blocks"
#define LR     "the schedule cannot be told yet"
#define B SERIES_BLOCKS
#define J SERIES_JUMPS
#define L SERIES_LR

static const struct func funcs[] = {
	{ "last", "s", K_NUM, 0, 0, false, fn_last, FEW },
	{ "prev", "s?n", K_NUM, 0, 0, false, fn_prev, FEW },
	{ "first", "s", K_NUM, 0, 0, false, fn_first, FEW },
	{ "initial", "s", K_NUM, 0, 0, false, fn_initial, FEW },
	{ "n", "s", K_NUM, U_POINTS, 0, false, fn_n, NULL },
	{ "total", "s", K_NUM, U_POINTS, 0, false, fn_total, NULL },
	{ "nonfinite", "s", K_NUM, U_POINTS, 0, false, fn_nonfinite, NULL },
	{ "best", "s", K_NUM, 0, 0, false, fn_best, FEW },
	{ "at_best", "s", K_NUM, U_NONE, 0, false, fn_at_best, FEW },
	{ "since_best", "s", K_NUM, U_POINTS, 0, false, fn_since_best, FEW },
	{ "when_best", "ss", K_NUM, 0, 0, false, fn_when_best, FEW },
	{ "at", "ss", K_NUM, 0, 0, false, fn_at, FEW },
	{ "behind", "ss", K_NUM, U_POINTS, 0, false, fn_behind, FEW },
	{ "min", "s?wn", K_NUM, 0, 0, false, fn_min, FEW },
	{ "max", "s?wn", K_NUM, 0, 0, false, fn_max, FEW },
	{ "mean", "s?wn", K_NUM, 0, 0, false, fn_mean, FEW },
	{ "sd", "s?wn", K_NUM, 0, 0, false, fn_sd, FEW },
	{ "median", "sw?n", K_NUM, 0, 0, false, fn_median, FEW },
	{ "mad", "sw?n", K_NUM, 0, 0, false, fn_mad, FEW },
	{ "noise", "sw?n", K_NUM, 0, 0, false, fn_noise, FEW },
	{ "jitter", "sw?n", K_NUM, 0, 0, false, fn_jitter, FEW },
	{ "quantile", "swn?n", K_NUM, 0, 0, false, fn_quantile, FEW },
	{ "sum", "sw?n", K_NUM, 0, 0, false, fn_sum, FEW },
	{ "change", "sw", K_NUM, 0, 0, false, fn_change, FEW },
	{ "rate", "sw", K_NUM, 0, 0, false, fn_rate, "no times" },
	{ "trend", "sw?n", K_NUM, 0, 0, false, fn_trend, FEW },
	{ "mk", "sw?n", K_NUM, 0, 0, false, fn_mk, FEW },
	{ "range", "sw?n", K_NUM, 0, 0, false, fn_range, FEW },
	{ "turns", "sw?n", K_NUM, 0, 0, false, fn_turns, FEW },
	{ "teeth", "s", K_NUM, 0, 0, false, fn_teeth, NULL },
	{ "rises", "s", K_NUM, U_POINTS, 0, false, fn_rises, NULL },
	{ "falls", "s", K_NUM, U_POINTS, 0, false, fn_falls, NULL },
	{ "same", "s", K_NUM, U_POINTS, 0, false, fn_same, NULL },
	{ "digits", "s", K_NUM, 0, 0, false, fn_digits, FEW },
	{ "decimals", "s", K_NUM, 0, 0, false, fn_decimals, FEW },
	{ "step", "s", K_NUM, U_STEPS, 0, false, fn_step, "no step counter" },
	{ "first_step", "s", K_NUM, U_STEPS, 0, false, fn_first_step, "no step counter" },
	{ "age", "s", K_NUM, U_TIME, 0, false, fn_age, "no times" },
	{ "interval", "sw", K_NUM, U_TIME, 0, false, fn_interval, "no times or no step counter" },
	{ "gap", "s", K_NUM, U_TIME, 0, false, fn_gap, "no times" },
	{ "mixed", "s", K_BOOL, 0, 0, false, fn_mixed, NULL },
	{ "before", "s", K_NUM, 0, 0, false, fn_before, "no restart" },
	{ "level_before", "s", K_NUM, 0, J, false, fn_level_before, "no restart" },
	{ "best_before", "s", K_NUM, 0, 0, false, fn_best_before, "no restart" },
	{ "z_before", "sn", K_NUM, 0, J, false, fn_z_before, "no restart" },
	{ "blocks", "s", K_NUM, U_BLOCKS, B, false, fn_blocks, NULL },
	{ "block", "s?n", K_NUM, 0, B, false, fn_block, BLOCKS },
	{ "block_se", "s?n", K_NUM, 0, B, false, fn_block_se, BLOCKS },
	{ "mean_se", "sw", K_NUM, 0, B, false, fn_mean_se, BLOCKS },
	{ "best_block", "s", K_NUM, 0, B, false, fn_best_block, BLOCKS },
	{ "best_block_se", "s", K_NUM, 0, B, false, fn_best_block_se, BLOCKS },
	{ "first_block", "s", K_NUM, 0, B, false, fn_first_block, BLOCKS },
	{ "since_best_block", "s", K_NUM, U_BLOCKS, B, false, fn_since_best_block, BLOCKS },
	{ "z", "s", K_NUM, 0, J, false, fn_z, FEW },
	{ "level", "s", K_NUM, 0, J, false, fn_level, FEW },
	{ "scale", "s", K_NUM, 0, J, false, fn_scale, FEW },
	{ "base", "s", K_NUM, 0, J, false, fn_base, FEW },
	{ "over", "sn", K_NUM, U_POINTS, J, false, fn_over, FEW },
	{ "spike", "s", K_BOOL, 0, J, false, fn_spike, FEW },
	{ "spike_age", "s", K_NUM, U_POINTS, J, false, fn_spike_age, FEW },
	{ "spikes", "s", K_NUM, 0, J, false, fn_spikes, FEW },
	{ "outliers", "s", K_NUM, 0, J, false, fn_outliers, FEW },
	{ "drop", "s", K_BOOL, 0, J, false, fn_drop, FEW },
	{ "drop_age", "s", K_NUM, U_POINTS, J, false, fn_drop_age, FEW },
	{ "lr_family", "s", K_TEXT, 0, L, false, fn_lr_family, LR },
	{ "lr_end", "s", K_NUM, U_STEPS, L, false, fn_lr_end, LR },
	{ "lr_peak", "s", K_NUM, 0, L, false, fn_lr_peak, LR },
	{ "lr_floor", "s", K_NUM, 0, L, false, fn_lr_floor, LR },
	{ "lr_warmup", "s", K_NUM, U_STEPS, L, false, fn_lr_warmup, LR },
	{ "baseline", "s", K_NUM, 0, 0, false, fn_baseline, "no run to compare with, or it has no such step" },
	{ "lr_expected", "s", K_NUM, 0, 0, false, fn_lr_expected, "no schedule was declared" },
	{ "lr_off", "s", K_NUM, 0, 0, false, fn_lr_off, "no schedule was declared" },
	{ "lr_at", "sn", K_NUM, 0, L, false, fn_lr_at, LR },
	{ "lr_fit", "s", K_NUM, 0, L, false, fn_lr_fit, LR },
	{ "lr_drops", "s", K_NUM, 0, L, false, fn_lr_drops, FEW },
	{ "peers", "s", K_NUM, 0, 0, false, fn_peers, NULL },
	{ "peers_median", "s?w", K_NUM, 0, 0, false, fn_peers_median, FEW },
	{ "peers_min", "s?w", K_NUM, 0, 0, false, fn_peers_min, FEW },
	{ "peers_max", "s?w", K_NUM, 0, 0, false, fn_peers_max, FEW },
	{ "count", "i?w", K_NUM, 0, 0, false, fn_count, NULL },
	{ "seen", "i", K_BOOL, 0, 0, false, fn_seen, NULL },
	{ "since", "i", K_NUM, U_TIME, 0, false, fn_since, "no such event" },
	{ "steps_since", "i", K_NUM, U_STEPS, 0, false, fn_steps_since, "no such event" },
	{ "lines_since", "i", K_NUM, U_LINES, 0, false, fn_lines_since, "no such event" },
	{ "firing", "i", K_BOOL, 0, 0, false, fn_firing, NULL },
	{ "fired", "i", K_BOOL, 0, 0, false, fn_fired, NULL },
	{ "abs", "n", K_NUM, 0, 0, false, fn_abs, NULL },
	{ "ln", "n", K_NUM, 0, 0, false, fn_ln, "logarithm of a value that is not above 0" },
	{ "log10", "n", K_NUM, 0, 0, false, fn_log10, "logarithm of a value that is not above 0" },
	{ "exp", "n", K_NUM, 0, 0, false, fn_exp, NULL },
	{ "sqrt", "n", K_NUM, 0, 0, false, fn_sqrt, "root of a negative value" },
	{ "round", "n", K_NUM, 0, 0, false, fn_round, NULL },
	{ "floor", "n", K_NUM, 0, 0, false, fn_floor, NULL },
	{ "min", "nn", K_NUM, 0, 0, false, fn_lower, NULL },
	{ "max", "nn", K_NUM, 0, 0, false, fn_upper, NULL },
	{ "if", "baa", K_NUM, 0, 0, true, fn_if, NULL },
	{ "default", "aa", K_NUM, 0, 0, true, fn_default, NULL },
	{ "known", "a", K_BOOL, 0, 0, true, fn_known, NULL },
	{ "isnan", "n", K_BOOL, 0, 0, false, fn_isnan, NULL },
	{ "finite", "n", K_BOOL, 0, 0, false, fn_finite, NULL },
	{ "has", "tt", K_BOOL, 0, 0, false, fn_has, NULL },
	{ "off_integer", "n", K_NUM, 0, 0, false, fn_off_integer, "below 1" },
	{ "off_chance", "n", K_NUM, 0, 0, false, fn_off_chance, NULL },
	{ "streak", "b", K_NUM, 0, 0, true, NULL, NULL },
};

const struct func *
func_at(unsigned i)
{
	return i < sizeof funcs / sizeof *funcs ? &funcs[i] : NULL;
}

const struct func *
func_find(struct span name, bool series)
{
	const struct func *f, *other = NULL;

	for (unsigned i = 0; (f = func_at(i)); i++) {
		if (!span_is(name, f->name))
			continue;
		if ((f->args[0] == 's') == series)
			return f;
		other = f;
	}
	return other;
}

/* --- the run --- */

#define FIELD(name) \
	static struct value \
	field_##name(const struct facts *f)

FIELD(step) { return maybe(f->run->step, U_STEPS); }
FIELD(epoch) { return maybe(f->run->epoch, U_EPOCHS); }
FIELD(stride) { return maybe(f->run->stride, U_STEPS); }
FIELD(steps) { return maybe(f->run->steps, U_STEPS); }
FIELD(epochs) { return maybe(f->run->epochs, U_EPOCHS); }
FIELD(segment) { return value_num(f->run->segment); }
FIELD(resumed) { return value_bool(f->run->resumed); }
FIELD(age) { return maybe(f->now - f->run->start, U_TIME); }
FIELD(quiet) { return maybe(f->now - f->quiet_since - f->away, U_TIME); }
FIELD(last_gap) { return maybe(f->last_gap, U_TIME); }
FIELD(gap_before) { return f->gap_before > 0 ? maybe(f->gap_before, U_TIME) : VALUE_UNKNOWN; }
FIELD(silence) { return maybe(f->now - f->line_time, U_TIME); }
FIELD(furthest) { return maybe(f->run->furthest, U_STEPS); }
FIELD(crashes) { return value_num((double)f->crashes); }
FIELD(stuck_restarts) { return value_num(f->run->stuck); }
FIELD(limit_left) { return maybe(f->run->limit - f->now, U_TIME); }
FIELD(progress) { return maybe(run_progress(f->run), U_NONE); }
FIELD(quiet_lines) { return maybe((double)(f->line - f->quiet_line), U_LINES); }
FIELD(finished) { return value_bool(f->finished || f->run->finished); }
FIELD(ended) { return value_bool(f->run->ended); }
FIELD(live) { return value_bool(f->run->live); }
FIELD(asked) { return value_bool(f->run->asked); }
FIELD(left) { return f->run->held ? value_bool(f->run->left) : VALUE_UNKNOWN; }
FIELD(stopped) { return value_bool(f->run->stopped); }
FIELD(end) { return text(f->run->has_status ? f->run->end : NULL); }
FIELD(lines) { return maybe((double)f->run->lines, U_LINES); }
FIELD(profile) { return text(f->run->profile); }
FIELD(phase) { return text(mark_name(f->phase)); }

FIELD(lost_steps)
{
	const struct run *r = f->run;

	return r->segment ? maybe(r->resume_from - r->step, U_STEPS) : VALUE_UNKNOWN;
}

FIELD(longest_gap)
{
	return f->longest_gap > 0 ? maybe(f->longest_gap, U_TIME) : VALUE_UNKNOWN;
}

FIELD(status)
{
	if (!f->run->has_status || !WIFEXITED(f->run->status))
		return VALUE_UNKNOWN;
	return value_num(WEXITSTATUS(f->run->status));
}

FIELD(signal)
{
	if (!f->run->has_status)
		return VALUE_UNKNOWN;
	return value_num(WIFSIGNALED(f->run->status) ? WTERMSIG(f->run->status) : 0);
}

static const struct run_field fields[] = {
	{ "run.step", K_NUM, U_STEPS, field_step, "no step counter" },
	{ "run.epoch", K_NUM, U_EPOCHS, field_epoch, "no epoch counter" },
	{ "run.stride", K_NUM, U_STEPS, field_stride, "no second step" },
	{ "run.steps", K_NUM, U_STEPS, field_steps, "the planned number of steps is not known" },
	{ "run.epochs", K_NUM, U_EPOCHS, field_epochs, "the planned number of epochs is not known" },
	{ "run.progress", K_NUM, 0, field_progress, "the plan of the run is not known" },
	{ "run.segment", K_NUM, 0, field_segment, NULL },
	{ "run.resumed", K_BOOL, 0, field_resumed, NULL },
	{ "run.lost_steps", K_NUM, U_STEPS, field_lost_steps, "no restart" },
	{ "run.age", K_NUM, U_TIME, field_age, "no times" },
	{ "run.quiet", K_NUM, U_TIME, field_quiet, "no times" },
	{ "run.last_gap", K_NUM, U_TIME, field_last_gap, "no times" },
	{ "run.gap_before", K_NUM, U_TIME, field_gap_before, "the rhythm of the run is not known" },
	{ "run.silence", K_NUM, U_TIME, field_silence, "no times" },
	{ "run.furthest", K_NUM, U_STEPS, field_furthest, "no restart" },
	{ "run.crashes", K_NUM, 0, field_crashes, NULL },
	{ "run.stuck_restarts", K_NUM, 0, field_stuck_restarts, NULL },
	{ "run.limit_left", K_NUM, U_TIME, field_limit_left, "the time limit of the job is not known" },
	{ "run.quiet_lines", K_NUM, U_LINES, field_quiet_lines, NULL },
	{ "run.longest_gap", K_NUM, U_TIME, field_longest_gap, "the rhythm of the run is not known" },
	{ "run.phase", K_TEXT, 0, field_phase, NULL },
	{ "run.finished", K_BOOL, 0, field_finished, NULL },
	{ "run.ended", K_BOOL, 0, field_ended, NULL },
	{ "run.live", K_BOOL, 0, field_live, NULL },
	{ "run.status", K_NUM, 0, field_status, "the exit status is not known" },
	{ "run.signal", K_NUM, 0, field_signal, "the exit status is not known" },
	{ "run.end", K_TEXT, 0, field_end, "the exit status is not known" },
	{ "run.asked", K_BOOL, 0, field_asked, NULL },
	{ "run.left", K_BOOL, 0, field_left, "nobody was seen to hold the log open" },
	{ "run.stopped", K_BOOL, 0, field_stopped, NULL },
	{ "run.lines", K_NUM, U_LINES, field_lines, NULL },
	{ "run.profile", K_TEXT, 0, field_profile, "no profile reads this log" },
};

const struct run_field *
field_at(unsigned i)
{
	return i < sizeof fields / sizeof *fields ? &fields[i] : NULL;
}

int
field_find(struct span name)
{
	for (unsigned i = 0; field_at(i); i++)
		if (span_is(name, fields[i].name))
			return (int)i;
	return -1;
}
