/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "match_impl.h"
#include "pack.h"
#include "xalloc.h"

/* --- counts, by the names of readers --- */

static void
save_hits(const struct matcher *m, struct buf *b)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < m->readers; i++)
		n += m->hits[i] > 0;
	pack_u64(b, n);
	for (unsigned i = 0; i < m->readers; i++) {
		if (m->hits[i] == 0)
			continue;
		pack_u64(b, i);
		pack_str(b, profiles_reader_name(m->profiles, i));
		pack_u64(b, m->hits[i]);
	}
}

static struct reader *
load_reader(struct matcher *m, struct unpack *u)
{
	unsigned guess = (unsigned)unpack_u64(u);
	char    *name = unpack_str(u);
	int      i = profiles_reader_find(m->profiles, name, guess);

	free(name);
	return i < 0 ? NULL : profiles_reader(m->profiles, (unsigned)i);
}

static void
load_hits(struct matcher *m, struct unpack *u)
{
	uint64_t n = unpack_u64(u);

	for (uint64_t i = 0; i < n && !u->bad; i++) {
		struct reader *r = load_reader(m, u);
		uint64_t       hits = unpack_u64(u);

		if (r && !u->bad)
			m->hits[r->id] += hits;
	}
}

/* What speaks for each profile. */
static void
save_profiles(const struct matcher *m, struct buf *b)
{
	unsigned n = profiles_count(m->profiles);

	pack_u64(b, n);
	for (unsigned i = 0; i < n; i++) {
		pack_str(b, profiles_get(m->profiles, i)->name);
		pack_u64(b, m->lines[i]);
		pack_u64(b, m->score[i]);
		pack_u64(b, m->lean[i]);
	}
}

static void
load_profiles(struct matcher *m, struct unpack *u)
{
	uint64_t n = unpack_u64(u);

	for (uint64_t i = 0; i < n && !u->bad; i++) {
		char    *name = unpack_str(u);
		uint64_t lines = unpack_u64(u), score = unpack_u64(u), lean = unpack_u64(u);
		const struct profile *p = name && !u->bad ? profiles_find(m->profiles, name) : NULL;

		free(name);
		if (!p)
			continue;
		m->lines[p->index] = lines;
		m->score[p->index] = score;
		m->lean[p->index] = lean < UINT8_MAX ? (unsigned char)lean : UINT8_MAX;
		if (lines > 0)
			matcher_meet(m, p);
	}
}

/* Signs that have been seen, by the texts that they are. */
static const char *
sign_text(const struct matcher *m, unsigned i)
{
	unsigned k = i, of = m->sign_of[i] & ~SIGN_SEEN;

	while (k > 0 && (m->sign_of[k - 1] & ~SIGN_SEEN) == of)
		k--;
	return profiles_get(m->profiles, of)->sign[i - k];
}

static void
save_signs(const struct matcher *m, struct buf *b)
{
	uint64_t n = 0;

	for (unsigned i = 0; m->sign_of && i < m->t->signs; i++)
		n += m->sign_of[i] >= SIGN_SEEN;
	pack_u64(b, n);
	for (unsigned i = 0; n && i < m->t->signs; i++)
		if (m->sign_of[i] >= SIGN_SEEN)
			pack_str(b, sign_text(m, i));
}

static void
load_signs(struct matcher *m, struct unpack *u)
{
	uint64_t n = unpack_u64(u);

	for (uint64_t k = 0; k < n && !u->bad; k++) {
		char *text = unpack_str(u);

		for (unsigned i = 0; text && i < m->t->signs; i++)
			if (strcmp(sign_text(m, i), text) == 0)
				m->sign_of[i] |= SIGN_SEEN;
		free(text);
	}
}

/* --- blocks: columns by the keys that the header had --- */

static void
save_reader(const struct reader *r, struct buf *b)
{
	pack_u64(b, r->id);
	pack_str(b, r->full);
}

static void
save_block(const struct matcher *m, const struct block *k, struct buf *b)
{
	save_reader(k->opener, b);
	pack_str(b, k->labels > 0 ? vocab_labels_text(m->vocab, k->labels) : "");
	pack_u64(b, k->phase);
	pack_u64(b, k->columns);
	for (unsigned i = 0; i < k->columns; i++) {
		struct span key = reader_key(k->opener, k->column[i]);

		pack_u64(b, key.n);
		pack_raw(b, key.p, key.n);
	}
}

static void
load_block(struct matcher *m, struct unpack *u)
{
	struct reader *r = load_reader(m, u);
	char          *labels = unpack_str(u);
	uint64_t       phase = unpack_u64(u), n = unpack_u64(u);
	struct block   k = { .opener = r, .phase = phase <= PHASE_TEST ? (enum phase)phase : PHASE_NONE };

	for (uint64_t i = 0; i < n && !u->bad; i++) {
		uint64_t    len = unpack_u64(u);
		struct span key = { u->rest.p, (size_t)len };

		u->bad = u->bad || len > u->rest.n || n > COLUMNS_MAX;
		if (u->bad)
			break;
		if (r && r->rest == REST_COLUMNS)
			k.column[k.columns++] = reader_target(r, m->vocab, key);
		u->rest = span_from(u->rest, key.n);
	}
	if (r && !u->bad) {
		if (!r->ready)
			reader_prepare(r, m->vocab);
		k.name = r->opens ? r->opens : "";
		k.labels = labels && *labels ? vocab_labels(m->vocab, span_of(labels)) : 0;
		k.labels = k.labels < 0 ? 0 : k.labels;
		m->open += m->block[r->profile->index].name == NULL;
		m->block[r->profile->index] = k;
	}
	free(labels);
}

void
matcher_save(const struct matcher *m, struct buf *b)
{
	save_hits(m, b);
	save_profiles(m, b);
	save_signs(m, b);
	pack_u64(b, m->open);
	for (unsigned i = 0; i < profiles_count(m->profiles); i++)
		if (m->block[i].name)
			save_block(m, &m->block[i], b);
	pack_u64(b, m->phase);
	pack_u64(b, m->placed);
}

bool
matcher_load(struct matcher *m, struct unpack *u)
{
	uint64_t n, phase;

	if (!m->hit)
		matcher_ready(m);
	load_hits(m, u);
	load_profiles(m, u);
	load_signs(m, u);
	n = unpack_u64(u);
	for (uint64_t i = 0; i < n && !u->bad; i++)
		load_block(m, u);
	phase = unpack_u64(u);
	m->phase = phase <= PHASE_TEST ? (enum phase)phase : PHASE_NONE;
	m->placed = unpack_u64(u) != 0;
	return !u->bad;
}
