/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "buf.h"
#include "pack.h"
#include "sample_impl.h"

static void
save_sample(const struct sample *s, const struct vocab *v, struct buf *b)
{
	const double num[] = { s->value, s->step, s->epoch, s->time };

	pack_str(b, vocab_metric_name(v, s->metric));
	pack_str(b, s->labels > 0 ? vocab_labels_text(v, s->labels) : "");
	pack_str(b, s->profile);
	pack_str(b, s->unit);
	pack_raw(b, num, sizeof num);
	pack_u64(b, s->line);
	pack_u64(b, s->segment);
	pack_u64(b, s->live);
}

static struct sample
load_sample(struct vocab *v, const struct profiles *profiles, struct unpack *u)
{
	char  *metric = unpack_str(u), *labels = unpack_str(u), *profile = unpack_str(u), *unit = unpack_str(u);
	double num[4];
	const struct profile *p = profile ? profiles_find(profiles, profile) : NULL;
	struct sample s = { .metric = metric ? vocab_metric_named(v, metric) : -1,
	    .labels = labels && *labels ? vocab_labels(v, span_of(labels)) : 0,
	    .profile = p ? profile_name(p) : "", .unit = match_unit(unit) };

	unpack_raw(u, num, sizeof num);
	s.value = num[0];
	s.step = num[1];
	s.epoch = num[2];
	s.time = num[3];
	s.line = unpack_u64(u);
	s.segment = (unsigned)unpack_u64(u);
	s.live = unpack_u64(u) != 0;
	u->bad = u->bad || s.metric < 0 || s.labels < 0;
	free(metric);
	free(labels);
	free(profile);
	free(unit);
	return s;
}

static void
save_run(const struct run *r, struct buf *b)
{
	struct run copy = *r;

	copy.name = copy.source = copy.profile = copy.title = NULL;
	copy.expect_lr = NULL;
	copy.baseline = NULL;
	pack_raw(b, &copy, sizeof copy);
	pack_str(b, r->profile);
}

static void
load_run(struct run *r, const struct profiles *profiles, struct unpack *u)
{
	struct run raw;
	char      *profile;
	const struct profile *p;

	unpack_raw(u, &raw, sizeof raw);
	profile = unpack_str(u);
	p = profile ? profiles_find(profiles, profile) : NULL;
	free(profile);
	unpack_flag(&raw.resumed);
	unpack_flag(&raw.finished);
	unpack_flag(&raw.has_status);
	unpack_flag(&raw.asked);
	unpack_flag(&raw.stopped);
	unpack_flag(&raw.held);
	unpack_flag(&raw.left);
	raw.end[sizeof raw.end - 1] = '\0';
	raw.name = r->name;
	raw.source = r->source;
	raw.profile = p ? profile_name(p) : NULL;
	raw.title = p ? profile_title(p) : NULL;
	raw.live = r->live;
	raw.expect_lr = r->expect_lr;
	raw.baseline = r->baseline;
	raw.limit = r->limit;
	raw.ended = false;
	if (!u->bad)
		*r = raw;
}

void
sampler_save(const struct sampler *s, const struct vocab *v, const struct profiles *profiles, struct buf *b)
{
	save_run(s->run, b);
	pack_u64(b, s->held);
	pack_u64(b, s->holding);
	for (unsigned i = s->tail - s->held; i < s->tail; i++)
		save_sample(&s->queue[i], v, b);
	pack_u64(b, s->npending);
	for (unsigned i = 0; i < s->npending; i++)
		save_sample(&s->pending[i], v, b);
	pack_raw(b, &s->pending_at, sizeof s->pending_at);
	pack_u64(b, s->pending_reader);
	pack_str(b, s->npending ? profiles_reader_name(profiles, s->pending_reader) : NULL);
	pack_u64(b, s->pending_done);
	pack_u64(b, s->bar);
	pack_num(b, s->bar_iters);
	pack_num(b, s->bar_value);
	pack_u64(b, s->bar_values);
	pack_num(b, s->epoch_base);
	pack_num(b, s->iter_max);
	pack_u64(b, s->step_in_epoch);
	pack_raw(b, &s->own, sizeof s->own);
	pack_num(b, s->lent.step);
	pack_num(b, s->lent.epoch);
	pack_u64(b, s->lent.over);
	pack_u64(b, (uint64_t)(s->lead_rank + 1));
}

bool
sampler_load(struct sampler *s, struct vocab *v, const struct profiles *profiles, struct unpack *u)
{
	uint64_t n, guess;
	char    *name;
	int      reader;

	load_run(s->run, profiles, u);
	n = unpack_u64(u);
	u->bad = u->bad || n > QUEUE_MAX;
	s->holding = unpack_u64(u) != 0;
	for (uint64_t i = 0; i < n && !u->bad; i++)
		s->queue[s->tail++] = load_sample(v, profiles, u);
	s->held = s->tail;
	n = unpack_u64(u);
	u->bad = u->bad || n > PENDING;
	for (uint64_t i = 0; i < n && !u->bad; i++)
		s->pending[s->npending++] = load_sample(v, profiles, u);
	unpack_raw(u, &s->pending_at, sizeof s->pending_at);
	guess = unpack_u64(u);
	name = unpack_str(u);
	reader = profiles_reader_find(profiles, name, (unsigned)guess);
	free(name);
	s->pending_reader = (unsigned)(reader < 0 ? 0 : reader);
	if (reader < 0)
		s->npending = 0;
	s->pending_done = unpack_u64(u) != 0;
	n = unpack_u64(u);
	s->bar = n == BAR_DUE ? BAR_DUE : n == BAR_OVER ? BAR_OVER : BAR_ANY;
	s->bar_iters = unpack_num(u);
	s->bar_value = unpack_num(u);
	s->bar_values = (unsigned)unpack_u64(u);
	s->epoch_base = unpack_num(u);
	s->iter_max = unpack_num(u);
	s->step_in_epoch = unpack_u64(u) != 0;
	unpack_raw(u, &s->own, sizeof s->own);
	s->lent.step = unpack_num(u);
	s->lent.epoch = unpack_num(u);
	s->lent.over = (unsigned)unpack_u64(u);
	s->lead_rank = (int)unpack_u64(u) - 1;
	return !u->bad;
}
