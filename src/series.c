/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lrsched.h"
#include "series_impl.h"
#include "stats.h"
#include "xalloc.h"

#define SERIES_LIMIT 10000
#define MIXED_POINTS 40 /* looked at for mixed streams, every tenth point */

struct series_set {
	struct vocab  *vocab;
	struct series **at;
	size_t         size;
	unsigned       n, limit;
	int           *head;    /* by metric: newest series of it, -1: none */
	size_t         nhead;
	unsigned      *table;   /* open addressing: index + 1 */
	unsigned       mask;
	uint64_t       refused;
};

struct series_set *
series_set_new(struct vocab *v, unsigned limit)
{
	struct series_set *set = xcalloc(1, sizeof *set);

	set->vocab = v;
	set->limit = limit ? limit : SERIES_LIMIT;
	set->mask = 63;
	set->table = xcalloc(set->mask + 1, sizeof *set->table);
	return set;
}

static void
series_free(struct series *s)
{
	free(s->ring);
	free(s->history);
	free(s->blocks);
	free(s->jumps);
	free(s->lr);
	free(s);
}

void
series_set_clear(struct series_set *set)
{
	for (unsigned i = 0; i < set->n; i++)
		series_free(set->at[i]);
	set->n = 0;
	set->refused = 0;
	memset(set->table, 0, (set->mask + 1) * sizeof *set->table);
	for (size_t i = 0; i < set->nhead; i++)
		set->head[i] = -1;
}

void
series_set_free(struct series_set *set)
{
	if (!set)
		return;
	series_set_clear(set);
	free(set->at);
	free(set->head);
	free(set->table);
	free(set);
}

static unsigned
hash(int metric, int labels)
{
	uint64_t h = (uint64_t)(uint32_t)metric << 32 | (uint32_t)labels;

	h *= 0x9e3779b97f4a7c15u;
	return (unsigned)(h >> 40);
}

/* The slot of a series: its own, or the empty one where it would go. */
static unsigned
slot(const struct series_set *set, int metric, int labels)
{
	unsigned i = hash(metric, labels) & set->mask;

	while (set->table[i]) {
		const struct series *s = set->at[set->table[i] - 1];

		if (s->metric == metric && s->labels == labels)
			break;
		i = (i + 1) & set->mask;
	}
	return i;
}

struct series *
series_find(const struct series_set *set, int metric, int labels)
{
	unsigned i = set->table[slot(set, metric, labels)];

	return i ? set->at[i - 1] : NULL;
}

static void
table_grow(struct series_set *set)
{
	free(set->table);
	set->mask = set->mask * 2 + 1;
	set->table = xcalloc(set->mask + 1, sizeof *set->table);
	for (unsigned i = 0; i < set->n; i++)
		set->table[slot(set, set->at[i]->metric, set->at[i]->labels)] = i + 1;
}

/* Puts s at the head of the chain of its metric. */
static void
chain(struct series_set *set, struct series *s)
{
	size_t m = (size_t)s->metric, old = set->nhead;

	if (m >= old) {
		set->nhead = m + 32;
		set->head = xrealloc(set->head, set->nhead, sizeof *set->head);
		for (size_t i = old; i < set->nhead; i++)
			set->head[i] = -1;
	}
	s->next = set->head[m];
	set->head[m] = (int)s->index;
}

struct series *
series_new(struct series_set *set, int metric, int labels)
{
	struct series *s;

	if (set->n >= set->limit)
		return NULL;
	s = xcalloc(1, sizeof *s);
	s->metric = metric;
	s->labels = labels;
	s->index = set->n;
	s->info = vocab_metric_info(set->vocab, metric);
	s->set = set;
	s->per = 1;
	s->epoch_head = NAN;
	s->min = s->run_min = INFINITY;
	s->max = s->run_max = -INFINITY;
	XGROW(set->at, set->n, set->size);
	set->at[set->n++] = s;
	set->table[slot(set, metric, labels)] = set->n;
	chain(set, s);
	if (set->n * 2 > set->mask)
		table_grow(set);
	return s;
}

unsigned
series_count(const struct series_set *set)
{
	return set->n;
}

struct series *
series_at(const struct series_set *set, unsigned i)
{
	return i < set->n ? set->at[i] : NULL;
}

uint64_t
series_refused(const struct series_set *set)
{
	return set->refused;
}

struct vocab *
series_set_vocab(const struct series_set *set)
{
	return set->vocab;
}

void
series_set_refused(struct series_set *set, uint64_t n)
{
	set->refused = n;
}

struct series *
series_peer(const struct series_set *set, int metric)
{
	if (metric < 0 || (size_t)metric >= set->nhead || set->head[metric] < 0)
		return NULL;
	return set->at[set->head[metric]];
}

/* --- blocks --- */

/* Points of a block that begins at point n of the segment. */
static unsigned
block_size(uint64_t n)
{
	return n < 100 ? 5 : n < 400 ? 10 : 20;
}

static void
block_end(struct series *s)
{
	struct blocks      *b = s->blocks;
	struct block        new;
	const struct series_point *p = series_back(s, 0);

	new.median = stats_median(b->value, b->fill);
	new.se = 1.2533 * stats_noise(b->value, b->fill) / sqrt(b->fill);
	new.step = isnan(p->step) ? p->epoch : p->step;
	new.line = p->line;
	if (b->n == 0)
		b->first = new;
	if (b->n == 0 || series_better(s, new.median, b->best.median)) {
		b->best = new;
		b->best_index = b->n;
	}
	b->ring[b->n++ % BLOCK_RING] = new;
	b->fill = 0;
	s->block_done = true;
}

static void
block_add(struct series *s, double v)
{
	struct blocks *b = s->blocks;

	if (b->fill == 0)
		b->size = block_size(s->nfinite - 1);
	b->value[b->fill++] = v;
	if (b->fill == b->size)
		block_end(s);
}

/* --- jumps --- */

#define JUMP_INIT  20   /* points that give the first location and scale */
#define JUMP_WAIT  30   /* points between alarms */
#define JUMP_LIMIT 15.0 /* of the sum; the clip at 4 makes that at least 5 points */
#define JUMP_CALM  5    /* quiet points that end an excursion */

static double
clip(double x, double by)
{
	return x > by ? by : x < -by ? -by : x;
}

/* The floor of the scale: a hundredth, in logarithms or of the level. */
static double
scale_floor(const struct jumps *j)
{
	return j->plain ? fmax(0.01 * fabs(j->m), 1e-12) : 0.01;
}

static void
jumps_init(struct series *s)
{
	struct jumps *j = s->jumps;
	double        y[JUMP_INIT];
	unsigned      n = 0;

	j->plain = false; /* until a value says so */
	for (unsigned i = JUMP_INIT; i-- > 0;) {
		const struct series_point *p = series_point(s, i);

		if (p && isfinite(p->value))
			y[n++] = p->value;
		if (p && p->value <= 0)
			j->plain = true;
	}
	if (n < 3)
		return;
	for (unsigned i = 0; i < n && !j->plain; i++)
		y[i] = log(y[i]);
	j->m = stats_median(y, n);
	j->s = fmax(stats_noise(y, n), scale_floor(j));
	j->up.base = j->down.base = j->m;
	j->ready = true;
}

static void
jump_step(struct jump *j, double z, double m)
{
	j->since_alarm++;
	if (j->sum <= 0 && !j->open)
		j->base = m;
	j->sum = fmax(0, j->sum + clip(z, 4) - 0.5);
	if (j->open) {
		j->calm = fabs(z) < 2 ? j->calm + 1 : 0;
		if (j->calm >= JUMP_CALM)
			j->open = false;
	} else if (j->sum > JUMP_LIMIT && j->since_alarm >= JUMP_WAIT) {
		j->open = true;
		j->sum = 0;
		j->since_alarm = 0;
		j->calm = 0;
		j->count++;
	}
}

static void
jumps_add(struct series *s, double v)
{
	struct jumps *j = s->jumps;
	double        r, z;

	if (j->ready && !j->plain && v <= 0) {
		unsigned up = j->up.count;

		memset(j, 0, sizeof *j); /* no logarithm any more: begin again */
		j->up.count = up;
	}
	if (!j->ready) {
		if (series_seg_n(s) >= JUMP_INIT)
			jumps_init(s);
		return;
	}
	r = (j->plain ? v : log(v)) - j->m;
	z = r / j->s;
	j->z[j->z_n++ % Z_RING] = (float)z;
	if (z > 6) {
		j->high++;
	} else {
		j->outliers += j->high >= 1 && j->high <= 4;
		j->high = 0;
	}
	jump_step(&j->up, z, j->m);
	jump_step(&j->down, -z, j->m);
	j->m += 0.05 * clip(r, 2.5 * j->s);
	j->s = 0.98 * j->s + 0.02 * 1.2533 * fmin(fabs(r), 4 * j->s);
	j->s = fmax(j->s, scale_floor(j));
}

/* --- a point --- */

static void
ring_push(struct series *s, const struct series_point *p)
{
	if (s->n == s->ring_size && s->ring_size < SERIES_RING) {
		s->ring_size = s->ring_size ? s->ring_size * 4 : 4;
		s->ring = xrealloc(s->ring, s->ring_size, sizeof *s->ring);
		/* all of it is part of the saved state */
		memset(s->ring + s->n, 0, (s->ring_size - s->n) * sizeof *s->ring);
	}
	s->ring[s->n & (s->ring_size - 1)] = *p;
	s->n++;
}

static void
bucket_join(struct bucket *a, const struct bucket *b)
{
	uint32_t n = a->n + b->n;

	if (b->n > 0 && a->n > 0) {
		a->mean = (float)(((double)a->mean * a->n + (double)b->mean * b->n) / n);
		a->min = fminf(a->min, b->min);
		a->max = fmaxf(a->max, b->max);
	} else if (b->n > 0) {
		a->min = b->min;
		a->mean = b->mean;
		a->max = b->max;
	}
	a->n = n;
	a->step = b->step;
	a->time = b->time;
	a->line = b->line;
}

/* Half as many buckets, each of twice the points. */
static void
history_halve(struct series *s)
{
	for (unsigned i = 0; i < s->nhistory / 2; i++) {
		s->history[i] = s->history[2 * i];
		bucket_join(&s->history[i], &s->history[2 * i + 1]);
	}
	s->nhistory /= 2;
	s->per *= 2;
}

static void
history_push(struct series *s, const struct series_point *p)
{
	struct bucket one = { NAN, NAN, NAN, 0, p->step, p->time, p->line };

	if (isfinite(p->value)) {
		one.min = one.mean = one.max = (float)p->value;
		one.n = 1;
	}
	if ((s->n - 1) % s->per != 0) {
		bucket_join(&s->history[s->nhistory - 1], &one);
		return;
	}
	if (s->nhistory == SERIES_HISTORY) {
		history_halve(s);
		if ((s->n - 1) % s->per != 0) {
			bucket_join(&s->history[s->nhistory - 1], &one);
			return;
		}
	}
	if (s->nhistory == s->history_size) {
		s->history_size = s->history_size ? s->history_size * 4 : 8;
		if (s->history_size > SERIES_HISTORY)
			s->history_size = SERIES_HISTORY;
		s->history = xrealloc(s->history, s->history_size, sizeof *s->history);
	}
	s->history[s->nhistory++] = one;
}

static void
finite_add(struct series *s, const struct series_point *p)
{
	double v = p->value, d;

	if (s->ninitial < 3)
		s->initial[s->ninitial++] = v;
	s->nfinite++;
	d = v - s->mean;
	s->mean += d / (double)s->nfinite;
	s->m2 += d * (v - s->mean);
	if (v < s->min)
		s->min = v;
	if (v > s->max)
		s->max = v;
	if (!s->has_best || series_better(s, v, s->best.value)) {
		s->best = *p;
		s->best_at = s->n - 1;
		s->has_best = true;
	}
	if (!s->has_run_best || series_better(s, v, s->run_best.value)) {
		s->run_best = *p;
		s->has_run_best = true;
	}
	s->run_min = fmin(s->run_min, v);
	s->run_max = fmax(s->run_max, v);
}

/* Gives a finite point, the newest one, to those of the detectors. */
static void
detectors_add(struct series *s, const struct series_point *p, unsigned which)
{
	if (which & SERIES_BLOCKS)
		block_add(s, p->value);
	if (which & SERIES_JUMPS)
		jumps_add(s, p->value);
	if (which & SERIES_LR)
		lrsched_add(s->lr, isnan(p->step) ? (double)series_seg_n(s) : p->step, p->value);
}

/* The relation of the new value to the one before it. */
static void
neighbours(struct series *s, const struct series_point *p)
{
	const struct series_point *q = series_seg_n(s) ? series_back(s, 0) : NULL;

	s->same = q && p->value == q->value ? s->same + 1 : 1;
	s->rises = q && p->value > q->value ? s->rises + 1 : 0;
	s->falls = q && p->value < q->value ? s->falls + 1 : 0;
	if (q && p->time - q->time > s->gap)
		s->gap = p->time - q->time;
}

static void
mixed_test(struct series *s)
{
	double   x[MIXED_POINTS];
	unsigned n = 0;

	if (s->mixed || series_seg_n(s) < MIXED_POINTS || s->n % 10 != 0)
		return;
	for (unsigned i = MIXED_POINTS; i-- > 0;)
		if (isfinite(series_back(s, i)->value))
			x[n++] = series_back(s, i)->value;
	s->mixed = n == MIXED_POINTS && stats_mixed(x, n);
}

#define TOOTH      5   /* points on either side of the boundary of an epoch */
#define TOOTH_SE   3   /* standard errors that the level falls by */
#define TOOTH_FLAT 0.5 /* of that fall at most is what the epoch itself brought */

static double
level_back(const struct series *s, unsigned from, double *noise)
{
	double x[TOOTH];

	for (unsigned i = 0; i < TOOTH; i++) {
		x[i] = series_back(s, from + i)->value;
		if (i > 0)
			*noise += fabs(x[i] - x[i - 1]) / (2 * (TOOTH - 1));
	}
	return stats_median(x, TOOTH);
}

/* Five points into an epoch: did the level fall at its beginning, and not in the epoch before? */
static void
teeth_test(struct series *s)
{
	const struct series_point *new, *old;
	double                     noise = 0, head, tail, fall;
	bool                       flat;

	if (series_seg_n(s) <= 2 * TOOTH || s->ring_size < 2 * TOOTH)
		return;
	new = series_back(s, TOOTH - 1);
	old = series_back(s, TOOTH);
	if (!(floor(new->epoch) > floor(old->epoch)) || floor(series_back(s, 0)->epoch) > floor(new->epoch))
		return;
	head = level_back(s, 0, &noise);
	tail = level_back(s, TOOTH, &noise);
	fall = tail - head;
	flat = fabs(s->epoch_head - tail) < TOOTH_FLAT * fall;
	s->teeth = flat && fall > TOOTH_SE * 1.2533 * noise / 0.954 * sqrt(2.0 / TOOTH) && fall > 0.01 * fabs(tail) ?
	    s->teeth + 1 : 0;
	s->epoch_head = head;
}

/* Keeps what the resume rules need and begins anew. */
static void
segment_begin(struct series *s, unsigned segment)
{
	s->before.known = series_seg_n(s) > 0;
	if (s->before.known) {
		struct jumps *j = s->jumps;

		s->before.last = series_back(s, 0)->value;
		s->before.best = s->has_best ? s->best.value : NAN;
		s->before.level = j && j->ready ? (j->plain ? j->m : exp(j->m)) : NAN;
		s->before.scale = j && j->ready ? j->s : NAN;
	}
	s->segment = segment;
	s->start = s->n;
	s->nonfinite = s->nfinite = 0;
	s->ninitial = 0;
	s->mean = s->m2 = s->gap = 0;
	s->min = INFINITY;
	s->max = -INFINITY;
	s->same = s->rises = s->falls = s->teeth = 0;
	s->epoch_head = NAN;
	s->mixed = s->has_best = false;
	if (s->blocks)
		memset(s->blocks, 0, sizeof *s->blocks);
	if (s->jumps)
		memset(s->jumps, 0, sizeof *s->jumps);
	if (s->lr)
		lrsched_init(s->lr);
}

/* Sizes are compared with each other and over time, whatever unit each is printed in: in bytes. */
static double
amount(const struct sample *new)
{
	return new->unit ? new->value * match_unit_bytes(new->unit) : new->value;
}

/* Progress bars and reprints say the same thing again: no new point. */
static bool
is_repeat(const struct series *s, const struct sample *new)
{
	const struct series_point *p;

	if (s->n == 0 || s->segment != new->segment)
		return false;
	p = series_back(s, 0);
	if (p->value != amount(new) && !(isnan(p->value) && isnan(new->value)))
		return false;
	if (new->line == 0 && new->time != p->time)
		return false; /* from beside the log: what the machine did meanwhile */
	return isnan(new->step) ? new->epoch == p->epoch : new->step == p->step;
}

struct series *
series_add(struct series_set *set, const struct sample *new)
{
	struct series      *s;
	struct series_point p = { amount(new), new->step, new->epoch, new->time, new->line };

	if (new->live || new->metric < 0 || new->labels < 0)
		return NULL;
	s = series_find(set, new->metric, new->labels);
	if (!s && !(s = series_new(set, new->metric, new->labels))) {
		set->refused++;
		return NULL;
	}
	if (is_repeat(s, new))
		return NULL;
	if (s->segment != new->segment)
		segment_begin(s, new->segment);
	s->block_done = false;
	neighbours(s, &p);
	ring_push(s, &p);
	history_push(s, &p);
	if (s->n == 1)
		s->first = p;
	if (series_seg_n(s) == 1)
		s->start_step = p.step;
	if (isfinite(p.value)) {
		finite_add(s, &p);
		if (s->wants)
			detectors_add(s, &p, s->wants);
	} else {
		s->nonfinite++;
		s->nonfinite_run++;
	}
	mixed_test(s);
	teeth_test(s);
	return s;
}

/* Feeds what the ring holds of the segment to detectors that are new. */
static void
replay(struct series *s, unsigned which)
{
	uint64_t n = s->n, nfinite = s->nfinite;
	bool     done = s->block_done;

	s->nfinite = 0;
	for (s->n = s->start + 1; s->n <= n; s->n++) {
		const struct series_point *p = series_back(s, 0);

		if (n - s->n >= s->ring_size || !isfinite(p->value))
			continue;
		s->nfinite++;
		detectors_add(s, p, which);
	}
	s->n = n;
	s->nfinite = nfinite;
	s->block_done = done;
}

void
series_want(struct series *s, unsigned wants)
{
	wants &= ~s->wants;
	if (!wants)
		return;
	s->wants |= wants;
	if (wants & SERIES_BLOCKS)
		s->blocks = xcalloc(1, sizeof *s->blocks);
	if (wants & SERIES_JUMPS)
		s->jumps = xcalloc(1, sizeof *s->jumps);
	if (wants & SERIES_LR) {
		s->lr = xcalloc(1, sizeof *s->lr);
		lrsched_init(s->lr);
	}
	replay(s, wants);
}

void
series_single(struct series *s, struct series_point *room, const struct sample *new,
    const struct metric_info *info)
{
	memset(s, 0, sizeof *s);
	*room = (struct series_point){ new->value, new->step, new->epoch, new->time, new->line };
	s->metric = new->metric;
	s->labels = new->labels;
	s->next = -1;
	s->info = info;
	s->segment = new->segment;
	s->ring = room;
	s->ring_size = 1;
	s->n = 1;
	s->per = 1;
	s->same = 1;
	s->first = *room;
	s->start_step = room->step;
	if (isfinite(new->value))
		finite_add(s, room);
	else
		s->nonfinite = s->nonfinite_run = 1;
}

/* --- what others ask --- */

int
series_metric(const struct series *s)
{
	return s->metric;
}

int
series_labels(const struct series *s)
{
	return s->labels;
}

uint64_t
series_n(const struct series *s)
{
	return s->n;
}

bool
series_recent(const struct series *s, unsigned i, struct series_point *ret)
{
	if (i >= s->n || i >= s->ring_size)
		return false;
	*ret = *series_back(s, i);
	return true;
}

bool
series_best(const struct series *s, struct series_point *ret)
{
	if (s->has_run_best)
		*ret = s->run_best;
	return s->has_run_best;
}

bool
series_first(const struct series *s, struct series_point *ret)
{
	if (s->n > 0)
		*ret = s->first;
	return s->n > 0;
}

double
series_min(const struct series *s)
{
	return s->run_min <= s->run_max ? s->run_min : NAN;
}

double
series_max(const struct series *s)
{
	return s->run_min <= s->run_max ? s->run_max : NAN;
}

uint64_t
series_nonfinite(const struct series *s)
{
	return s->nonfinite_run;
}

unsigned
series_history(const struct series *s, struct series_bucket ret[static SERIES_HISTORY])
{
	for (unsigned i = 0; i < s->nhistory; i++) {
		const struct bucket *b = &s->history[i];

		ret[i] = (struct series_bucket){ (double)b->min, (double)b->mean,
			(double)b->max, b->step, b->time, b->n };
	}
	return s->nhistory;
}
