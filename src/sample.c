/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "sample.h"

#include <math.h>
#include <stdlib.h>

#include "sample_impl.h"
#include "xalloc.h"

/*
 * A step may go back a little without a restart: lines of several loggers are
 * not always in order.  More than this share of the way back to the start is one.
 */
#define BACK_TOLERANCE 0.02
/*
 * Points of a bar that is the whole run: about as many as a log has lines, more of
 * them while it is young.  What did not change is a running mean more often than a
 * loss that stands still, which is seen after a whole bar.
 */
#define BAR_POINTS     1000
#define BAR_YOUNG      100
#define BAR_SAME       20
#define ADRIFT         2    /* lines: such a log tells no step but those it prints */
#define YEAR_2001      978307200
/* An epoch whose bar takes so many seconds is not waited for: points on the way, so many. */
#define BAR_LONG       600
#define BAR_PARTS      200
#define RESUMED_FROM   0.8  /* of where it stood: a checkpoint lies that near, a new run begins at 0 */

void
run_init(struct run *r, const char *name, const char *source)
{
	*r = (struct run){ .name = name, .source = source, .step = NAN, .epoch = NAN, .stride = NAN, .step_max = NAN,
	    .steps = NAN, .epochs = NAN, .iter = NAN, .iters = NAN, .resume_from = NAN,
	    .furthest = NAN, .limit = NAN,
	    .start = NAN, .last = NAN, .last_progress = NAN };
}

struct sampler *
sampler_new(struct run *run)
{
	struct sampler *s = xcalloc(1, sizeof *s);

	s->run = run;
	s->epoch_base = NAN;
	s->own.iters = s->own.iter = s->own.point = s->own.sum = NAN;
	s->lent.step = s->lent.epoch = NAN;
	s->lead_rank = -1;
	return s;
}

void
sampler_free(struct sampler *s)
{
	free(s);
}

/* --- positions --- */

static struct position
read_position(const struct match *m)
{
	struct position p = { NAN, NAN, NAN, NAN, NAN, NAN, NAN };

	for (unsigned i = 0; i < m->n; i++) {
		const struct field *f = &m->field[i];
		double *to = NULL;
		switch (f->kind) {
		case KEY_STEP:   to = &p.step; break;
		case KEY_STEPS:  to = &p.steps; break;
		case KEY_EPOCH:  to = &p.epoch; break;
		case KEY_EPOCHS: to = &p.epochs; break;
		case KEY_ITER:   to = &p.iter; break;
		case KEY_ITERS:  to = &p.iters; break;
		case KEY_LEFT:   to = &p.left; break;
		default: break;
		}
		if (to && isnan(*to))
			*to = f->value;
	}
	return p;
}

/* Epoch and batch make a step when the number of batches is known. */
static double
step_of(struct sampler *s, const struct position *p)
{
	if (!isnan(p->step))
		return p->step;
	double epoch = isnan(p->epoch) ? s->run->epoch : p->epoch;
	if (isnan(p->iter) || isnan(epoch))
		return p->iter;
	double iters = !isnan(p->iters) ? p->iters : s->run->iters;
	if (isnan(iters))
		return epoch == s->epoch_base ? p->iter : NAN;
	return (floor(epoch) - s->epoch_base) * iters + p->iter;
}

/* Whether a position lies before the run's own, and far enough to mean a restart. */
static bool
went_back(const struct run *r, const struct position *p, double step)
{
	if (!isnan(p->epoch) && !isnan(r->epoch)) {
		/* A fractional epoch (HF) may jitter; a whole one may not. */
		if (p->epoch < r->epoch - 1e-9)
			return r->epoch - p->epoch >= 1 || p->epoch < r->epoch * (1 - BACK_TOLERANCE) - 0.05;
		if (p->epoch > r->epoch)
			return false;
	}
	if (isnan(step) || isnan(r->step))
		return false;
	return step < r->step - fmax(2, r->step * BACK_TOLERANCE);
}

void
run_restart(struct run *r, double before, double now)
{
	if (!(before <= r->furthest + fmax(1, 0.01 * r->furthest))) {
		r->furthest = before;
		r->stuck = 0;
	}
	/* What ended because it was done is no failure. */
	r->stuck = r->finished || before >= 0.98 * r->steps ? 0 : r->stuck + 1;
	r->segment++;
	r->step_max = r->step;
	r->resume_from = r->step;
	r->resumed = before > 0 && now >= before * RESUMED_FROM;
	r->finished = false;
}

static void
new_segment(struct sampler *s, const struct position *p, double step)
{
	struct run *r = s->run;
	double before = r->step, now = step;

	if (isnan(now) || isnan(before)) {
		before = r->epoch;
		now = p->epoch;
	}
	run_restart(r, before, now);
	if (isnan(step)) /* seen by the epoch alone: the step and its total are those of the run before */
		r->step = r->steps = NAN;
	s->epoch_base = isnan(p->epoch) ? NAN : fmin(floor(p->epoch), 1);
	s->iter_max = 0;
}

/* Step and epoch move on; true: they went back, and a new segment has begun. */
static bool
move(struct sampler *s, const struct line *line, const struct match *m, const struct position *p, double step)
{
	struct run *r = s->run;
	bool reset = m->bar && p->iter == 0; /* a bar that is drawn empty once more says nothing */
	bool up = !isnan(p->epoch) && !isnan(r->epoch) && p->epoch > r->epoch;
	bool back = m->starts ? r->samples > 0 : m->phase == PHASE_TRAIN && !reset && went_back(r, p, step);
	bool segment = back && r->samples > 0; /* before the first sample nothing had begun */

	if (segment)
		new_segment(s, p, step);
	if (!isnan(p->epoch) && (back || isnan(r->epoch) || p->epoch > r->epoch)) {
		if (up)
			s->iter_max = 0;
		r->epoch = p->epoch;
		r->last_progress = line->time;
	}
	if (!isnan(step) && (back || up || isnan(r->step) || step > r->step)) {
		r->stride = step > r->step ? step - r->step : NAN;
		r->step = step;
		r->last_progress = line->time;
	}
	return segment;
}

/*
 * "Epoch [2/16], Step [1/43]": a step beside a whole epoch counts within it when it
 * begins anew with the epoch, or is further in its total than the epoch allows.
 */
static bool
counts_in_epoch(const struct sampler *s, const struct position *p)
{
	const struct run *r = s->run;
	double last = p->epoch + (s->epoch_base == 0); /* the epochs done when this one is */

	if (isnan(p->epoch) || isnan(p->step) || p->epoch != floor(p->epoch))
		return false;
	if (p->epoch > r->epoch && p->step < 0.5 * r->step)
		return true;
	return p->epochs > 1 && p->steps > 1 && p->step / p->steps > last / p->epochs + 0.02;
}

static void
step_to_iter(struct sampler *s, struct position *p)
{
	struct run *r = s->run;

	if (isnan(p->step) || isnan(p->epoch) || !isnan(p->iter))
		return;
	if (!s->step_in_epoch && counts_in_epoch(s, p)) {
		s->step_in_epoch = true;
		s->iter_max = fmax(r->step, p->step);
		r->iters = !isnan(p->steps) ? p->steps : s->iter_max;
		r->steps = NAN;
	}
	if (!s->step_in_epoch)
		return;
	p->iter = p->step;
	p->iters = p->steps;
	p->step = p->steps = NAN;
}

/* Moves the run to where this line stands; true: a new segment has begun. */
static bool
advance(struct sampler *s, const struct line *line, const struct match *m, struct position *p)
{
	struct run *r = s->run;
	bool back = false;

	if (isnan(s->epoch_base) && !isnan(p->epoch))
		s->epoch_base = fmin(floor(p->epoch), 1);
	step_to_iter(s, p);
	if (m->main_bar && isnan(r->steps) && r->step > p->steps)
		p->step = p->steps = NAN; /* the run is further than this bar is long */
	if (!isnan(p->steps) && p->steps > 0 && (isnan(r->steps) || !m->main_bar || p->steps >= r->steps))
		r->steps = p->steps;
	if (m->main_bar && p->steps < r->steps)
		p->step = NAN; /* another bar: evaluation, loading */
	if (m->bar && !m->main_bar && m->phase != PHASE_TRAIN)
		return false;
	/* Evaluation counts its own batches; they are not the run's position. */
	if (m->phase != PHASE_TRAIN) {
		p->iter = NAN;
		p->iters = NAN;
	}
	if (line->rank >= 0) {
		if (s->lead_rank < 0)
			s->lead_rank = line->rank;
		if (line->rank != s->lead_rank)
			return false;
	}
	if (!isnan(p->iters) && p->iters > 0)
		r->iters = p->iters;
	else if (!isnan(p->epoch) && !isnan(r->epoch) && p->epoch > r->epoch && s->iter_max > 0 && isnan(r->iters))
		r->iters = s->iter_max + 1;
	double step = step_of(s, p);
	if (m->phase == PHASE_TRAIN || !isnan(p->step) || !isnan(p->epoch))
		back = move(s, line, m, p, step);
	if (!isnan(p->iter)) {
		r->iter = p->iter;
		s->iter_max = fmax(s->iter_max, p->iter);
	}
	if (!isnan(p->epochs) && p->epochs > 0)
		r->epochs = p->epochs;
	if (isnan(p->step))
		p->step = step;
	return back;
}

/* --- samples --- */

static void
enqueue(struct sampler *s, const struct sample *one)
{
	if (s->tail == QUEUE_MAX) {
		/* A held block without an end: what it holds goes as it is. */
		s->holding = false;
		s->held = 0;
		memmove(s->queue, s->queue + s->head, (s->tail - s->head) * sizeof *s->queue);
		s->tail -= s->head;
		s->head = 0;
		if (s->tail == QUEUE_MAX)
			return;
	}
	s->queue[s->tail++] = *one;
}

static struct sample
make(struct sampler *s, const struct line *line, const struct match *m, const struct field *f,
    const struct position *p)
{
	struct run *r = s->run;
	double step = p->step, epoch = p->epoch;

	if (isnan(step) && isnan(p->iter) && !s->adrift)
		step = r->step;
	if (isnan(epoch))
		epoch = r->epoch;
	return (struct sample){ .metric = f->metric, .labels = f->labels, .value = f->value, .step = step,
	    .epoch = epoch, .time = line->time, .line = line->number, .profile = profile_name(m->profile),
	    .unit = f->unit, .segment = r->segment };
}

/*
 * A program whose output is a file writes its lines late and its bars at once: lines
 * whose epochs differ then come behind the same step, which is not theirs.  Once is
 * chance; a log that did it twice tells no step but those it prints.
 */
static bool
is_adrift(struct sampler *s, const struct position *p)
{
	const struct run *r = s->run;
	bool fine = p->epoch != floor(p->epoch) || s->lent.epoch != floor(s->lent.epoch);

	if (!isnan(p->step) || isnan(p->epoch) || isnan(r->step))
		return false;
	bool other = fine && r->step == s->lent.step && p->epoch != s->lent.epoch;
	if (other && s->lent.over < ADRIFT)
		s->lent.over++;
	s->lent.step = r->step;
	s->lent.epoch = p->epoch;
	return other || s->lent.over == ADRIFT;
}

/* A bar of training with values in it, where no epoch was ever named. */
static bool
is_own_bar(const struct sampler *s, const struct match *m, const struct position *p)
{
	if (!m->bar || m->main_bar || m->phase != PHASE_TRAIN || !isnan(p->epoch) || !isnan(s->run->epoch) ||
	    isnan(p->iter) || isnan(p->iters))
		return false;
	for (unsigned i = 0; i < m->n; i++)
		if (m->field[i].kind == KEY_METRIC)
			return true;
	return false;
}

/*
 * Such a bar is the run, or one of many alike: its batches are the steps, counted on from
 * bar to bar.  A shorter one between them is of an evaluation; false: it tells nothing.
 */
static bool
take_own_bar(struct sampler *s, struct position *p)
{
	if (p->iters < s->own.iters)
		return false;
	if (p->iters > s->own.iters)
		s->own.base = 0;
	else if (p->iter < s->own.iter && s->own.iter >= s->own.iters)
		s->own.base += s->own.iters;
	else if (p->iter < s->own.iter)
		s->own.base = 0; /* it was not at its end: the run begins anew */
	s->own.iters = p->iters;
	s->own.iter = p->iter;
	p->step = s->own.base + p->iter;
	if (s->own.base == 0)
		p->steps = p->iters;
	else
		s->run->steps = NAN; /* how many bars there will be is not said */
	return true;
}

/* The bar of an epoch that takes long; its first steps are slower than the others, and tell nothing of it. */
static bool
is_long_bar(const struct line *line, const struct match *m, const struct position *p)
{
	return (m->bar || line->redraw) && !m->main_bar && m->phase == PHASE_TRAIN &&
	    p->iter >= fmax(5, 4 * p->iters / BAR_PARTS) && p->iter < p->iters &&
	    p->left * p->iters / (p->iters - p->iter) >= BAR_LONG;
}

/* Waiting for the end of a bar that is the run would be waiting for the end of the run. */
static bool
is_point(struct sampler *s, const struct match *m, const struct position *p, bool own)
{
	double stride = own ? fmin(p->step / BAR_YOUNG, p->iters / BAR_POINTS) : p->iters / BAR_PARTS, sum = 0;

	for (unsigned i = 0; i < m->n; i++)
		if (m->field[i].kind == KEY_METRIC)
			sum += m->field[i].value;
	if (sum == s->own.sum)
		stride = own ? p->iters / BAR_SAME : 2 * stride;
	if (p->step >= s->own.point && p->step < s->own.point + fmax(1, stride))
		return false;
	s->own.point = p->step;
	s->own.sum = sum;
	return true;
}

/* A bar has begun anew or the stream has ended: its last state was a point. */
static void
settle(struct sampler *s)
{
	for (unsigned i = 0; i < s->npending; i++) {
		s->pending[i].live = false;
		enqueue(s, &s->pending[i]);
	}
	s->npending = 0;
}

static bool
same_bar(const struct sampler *s, const struct match *m, const struct position *p)
{
	const struct position *q = &s->pending_at;

	if (m->reader_id != s->pending_reader)
		return false;
	/* No bar, and a step is printed: each step is a point, however it is drawn. */
	if (!isnan(p->epoch) && !isnan(q->epoch) && p->epoch != q->epoch)
		return false;
	if (!m->bar && isnan(p->iter) && p->step != q->step)
		return isnan(p->step);
	if (!isnan(p->iters) && !isnan(q->iters) && p->iters != q->iters)
		return false;
	return isnan(p->iter) || isnan(q->iter) || p->iter >= q->iter;
}

/* A redraw: its numbers are looked at now, and count when nothing overwrites them. */
static void
redraw(struct sampler *s, const struct line *line, const struct match *m, const struct position *p)
{
	if (s->npending && !same_bar(s, m, p)) {
		bool moved = !isnan(p->epoch) && !isnan(s->pending_at.epoch) && p->epoch != s->pending_at.epoch;
		if (s->pending_done && (moved || m->reader_id == s->pending_reader))
			settle(s);
		else if (m->reader_id == s->pending_reader)
			s->npending = 0;
	}
	/* One that stays on its line may be a batch short: the end of the epoch was printed behind it. */
	bool done = !m->bar || (!isnan(p->iter) && !isnan(p->iters) && p->iters > 0 && p->iter >= p->iters - !line->redraw);
	bool nothing = m->n == 0 || (m->bar && p->iter == 0);
	if (nothing)
		return;
	s->npending = 0;
	for (unsigned i = 0; i < m->n; i++) {
		if (m->field[i].kind != KEY_METRIC)
			continue;
		struct sample one = make(s, line, m, &m->field[i], p);
		one.live = true;
		enqueue(s, &one);
		if (s->npending < PENDING)
			s->pending[s->npending++] = one;
	}
	s->pending_at = *p;
	s->pending_reader = m->reader_id;
	s->pending_done = done;
}

/* A bar that went on in the next line: what stands there belongs to its newest state. */
static void
redraw_more(struct sampler *s, const struct line *line, const struct match *m)
{
	unsigned known = s->npending;

	for (unsigned i = 0, k; known > 0 && i < m->n; i++) {
		if (m->field[i].kind != KEY_METRIC)
			continue;
		struct sample one = make(s, line, m, &m->field[i], &s->pending_at);
		one.live = true;
		enqueue(s, &one);
		for (k = 0; k < known && (s->pending[k].metric != one.metric || s->pending[k].labels != one.labels); k++)
			;
		if (k == known && s->npending < PENDING)
			s->pending[s->npending++] = one;
	}
}

/* The block has closed: the positions printed anywhere in it hold for all its samples. */
static void
release(struct sampler *s)
{
	for (unsigned i = s->tail - s->held; i < s->tail; i++) {
		s->queue[i].step = s->run->step;
		s->queue[i].epoch = s->run->epoch;
		s->queue[i].segment = s->run->segment;
	}
	s->held = 0;
	s->holding = false;
}

/*
 * An epoch that was named by a line of its own has one bar, which may be printed
 * more than once when it is complete.  One that begins anew after that is of an
 * evaluation or a prediction, whose losses are not those of training.
 */
static bool
is_other_bar(struct sampler *s, const struct match *m, const struct position *p)
{
	double first = NAN;
	unsigned n = 0;

	if (!m->bar) {
		if (!isnan(p->epoch))
			s->bar = BAR_DUE;
		return false;
	}
	if (s->bar == BAR_ANY || !isnan(p->epoch) || m->phase != PHASE_TRAIN || m->main_bar)
		return false;
	for (unsigned i = 0; i < m->n; i++)
		if (m->field[i].kind == KEY_METRIC && n++ == 0)
			first = m->field[i].value;
	bool over = p->iter >= p->iters && n > 0;
	if (s->bar == BAR_OVER)
		return !over || p->iters != s->bar_iters ||
		    (n <= s->bar_values && first != s->bar_value && !isnan(first));
	if (over) {
		s->bar = BAR_OVER;
		s->bar_iters = p->iters;
		s->bar_value = first;
		s->bar_values = n;
	}
	return false;
}

/*
 * Stamps without a year stand in 2000 until one has it (stamp.h).  How long it was
 * between these two is not known, and counts as nothing.
 */
static void
move_clock(struct run *r, double time)
{
	if (isnan(r->start))
		r->start = time;
	if (r->last < YEAR_2001 && time >= YEAR_2001)
		r->start += time - r->last;
	r->last = time;
}

static void
take_samples(struct sampler *s, const struct line *line, const struct match *m, const struct position *p, bool live)
{
	for (unsigned i = 0; i < m->n; i++) {
		if (m->field[i].kind != KEY_METRIC)
			continue;
		struct sample one = make(s, line, m, &m->field[i], p);
		one.live = live;
		enqueue(s, &one);
		s->held += m->hold;
		s->run->samples++;
	}
	s->holding = m->hold;
}

bool
sampler_push(struct sampler *s, const struct line *line, const struct match *m)
{
	struct run *r = s->run;
	bool back = false;

	if (!isnan(line->time))
		move_clock(r, line->time);
	r->lines = line->number;
	if (m->release)
		release(s);
	if (!m->profile)
		return false;
	if (m->finish)
		r->finished = true;
	struct position p = read_position(m);
	bool own = is_own_bar(s, m, &p);
	if (own && !take_own_bar(s, &p))
		return false;
	if (m->bar && isnan(p.iter) && isnan(p.step)) {
		redraw_more(s, line, m);
		return false;
	}
	double bar_iter = p.iter, bar_iters = p.iters;
	if (is_other_bar(s, m, &p))
		return false;
	back = advance(s, line, m, &p);
	s->adrift = !m->bar && is_adrift(s, &p);
	bool point = (own || is_long_bar(line, m, &p)) && is_point(s, m, &p, own);
	/* A bar's last state may be printed again with the validation in it: it waits as a redraw does. */
	if (!point && (line->redraw || (m->bar && !m->main_bar && m->phase == PHASE_TRAIN))) {
		struct position q = p;
		q.iter = bar_iter;
		q.iters = bar_iters;
		if (isnan(q.epoch))
			q.epoch = r->epoch;
		redraw(s, line, m, &q);
		return back;
	}
	/* The line that ends a bar takes the place of its redraws. */
	if (s->npending && m->reader_id == s->pending_reader) {
		struct position q = p;
		q.iter = bar_iter;
		if (!same_bar(s, m, &q) && s->pending_done)
			settle(s);
		s->npending = 0;
	}
	take_samples(s, line, m, &p, m->bar && !point && !isnan(bar_iters) && bar_iter < bar_iters);
	return back;
}

void
sampler_end(struct sampler *s)
{
	if (s->holding)
		release(s);
	if (s->pending_done)
		settle(s);
}

bool
sampler_next(struct sampler *s, struct sample *ret)
{
	if (s->head + s->held >= s->tail) {
		if (s->held == 0)
			s->head = s->tail = 0;
		return false;
	}
	*ret = s->queue[s->head++];
	return true;
}
