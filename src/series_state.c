/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "pack.h"
#include "series_impl.h"
#include "xalloc.h"

#define MAGIC 0x3153534f4cu /* "LOSS1" */

/* What a state of another build would differ in. */
static void
sizes(uint64_t ret[static 6])
{
	ret[0] = MAGIC;
	ret[1] = sizeof(struct series);
	ret[2] = sizeof(struct blocks);
	ret[3] = sizeof(struct jumps);
	ret[4] = sizeof(struct lrsched);
	ret[5] = sizeof(struct bucket) << 16 | sizeof(struct series_point);
}

static void
save_one(const struct vocab *v, const struct series *s, struct buf *b)
{
	pack_str(b, vocab_metric_name(v, s->metric));
	pack_str(b, s->labels ? vocab_labels_text(v, s->labels) : "");
	pack_raw(b, s, sizeof *s);
	pack_raw(b, s->ring, s->ring_size * sizeof *s->ring);
	pack_raw(b, s->history, s->nhistory * sizeof *s->history);
	if (s->blocks)
		pack_raw(b, s->blocks, sizeof *s->blocks);
	if (s->jumps)
		pack_raw(b, s->jumps, sizeof *s->jumps);
	if (s->lr)
		pack_raw(b, s->lr, sizeof *s->lr);
}

void
series_set_save(const struct series_set *set, struct buf *b)
{
	uint64_t head[6];
	unsigned n = series_count(set);

	sizes(head);
	pack_raw(b, head, sizeof head);
	pack_u64(b, series_refused(set));
	pack_u64(b, n);
	for (unsigned i = 0; i < n; i++)
		save_one(series_set_vocab(set), series_at(set, i), b);
}

/* Room of size bytes, filled; NULL when the state does not want it or is broken. */
static void *
part(struct unpack *u, bool wanted, size_t size)
{
	void *p;

	if (!wanted || size > u->rest.n)
		return NULL;
	p = xmalloc(size ? size : 1);
	unpack_raw(u, p, size);
	return p;
}

/* Are the numbers of a state such that nothing is read or written outside? */
static bool
is_sane(const struct series *s)
{
	unsigned r = s->ring_size;

	return (r == 4 || r == 16 || r == 64) && s->nhistory <= SERIES_HISTORY && s->per > 0 &&
	    s->start <= s->n && s->n > 0 && s->ninitial <= 3 && !(s->wants & ~7u) &&
	    (s->n <= r || r == SERIES_RING) &&
	    (s->nhistory - 1) * s->per < s->n && s->nhistory * s->per >= s->n;
}

/* What was read raw and must be true or false. */
static void
flags(struct series *s)
{
	bool *const of_series[] = { &s->mixed, &s->has_best, &s->has_run_best, &s->before.known, &s->block_done };

	for (size_t i = 0; i < sizeof of_series / sizeof *of_series; i++)
		unpack_flag(of_series[i]);
	if (!s->jumps)
		return;
	unpack_flag(&s->jumps->ready);
	unpack_flag(&s->jumps->plain);
	unpack_flag(&s->jumps->up.open);
	unpack_flag(&s->jumps->down.open);
}

static bool
is_sane_detail(const struct series *s)
{
	return (!s->blocks || (s->blocks->fill < BLOCK_MAX && s->blocks->size <= BLOCK_MAX)) &&
	    (!s->lr || (s->lr->kept <= LR_PAIRS && s->lr->every > 0));
}

static bool
load_one(struct series_set *set, struct unpack *u)
{
	char          *metric = unpack_str(u), *labels = unpack_str(u);
	struct series  raw, *s = NULL;
	struct vocab  *v = series_set_vocab(set);
	int            m = metric ? vocab_metric_named(v, metric) : -1;
	int            l = labels && *labels ? vocab_labels(v, span_of(labels)) : 0;

	unpack_raw(u, &raw, sizeof raw);
	if (!u->bad && m >= 0 && l >= 0 && is_sane(&raw) && !series_find(set, m, l))
		s = series_new(set, m, l);
	free(metric);
	free(labels);
	if (!s)
		return false;
	raw.metric = s->metric;
	raw.labels = s->labels;
	raw.index = s->index;
	raw.next = s->next;
	raw.info = s->info;
	raw.set = s->set;
	raw.history_size = raw.nhistory;
	raw.ring = part(u, true, raw.ring_size * sizeof *raw.ring);
	raw.history = part(u, true, raw.nhistory * sizeof *raw.history);
	raw.blocks = part(u, raw.wants & SERIES_BLOCKS, sizeof *raw.blocks);
	raw.jumps = part(u, raw.wants & SERIES_JUMPS, sizeof *raw.jumps);
	raw.lr = part(u, raw.wants & SERIES_LR, sizeof *raw.lr);
	flags(&raw);
	*s = raw;
	return !u->bad && s->ring && s->history && is_sane_detail(s) &&
	    !s->blocks == !(s->wants & SERIES_BLOCKS) && !s->jumps == !(s->wants & SERIES_JUMPS) &&
	    !s->lr == !(s->wants & SERIES_LR);
}

int
series_set_load(struct series_set *set, struct span state)
{
	struct unpack u = { state, false };
	uint64_t      want[6], head[6], n;

	sizes(want);
	unpack_raw(&u, head, sizeof head);
	series_set_clear(set);
	if (u.bad || memcmp(want, head, sizeof head) != 0)
		return -1;
	series_set_refused(set, unpack_u64(&u));
	n = unpack_u64(&u);
	for (uint64_t i = 0; i < n; i++)
		if (!load_one(set, &u)) {
			series_set_clear(set);
			return -1;
		}
	return u.bad ? -1 : 0;
}
