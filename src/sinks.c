/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "sinks.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

#define SINKS_MAX 16

static const struct sink_ops *const table[] = { &sink_jsonl, &sink_csv };

struct sinks {
	const struct vocab *vocab;
	void (*failed)(void *, const char *, const struct diag *);
	void *arg;
	struct { const struct sink_ops *ops; void *self; bool bad; } open[SINKS_MAX];
	unsigned n, bad;
};

const struct sink_ops *
sinks_at(unsigned i)
{
	return i < sizeof table / sizeof *table ? table[i] : NULL;
}

struct sinks *
sinks_new(const struct vocab *vocab, void (*failed)(void *, const char *, const struct diag *), void *arg)
{
	struct sinks *s = xcalloc(1, sizeof *s);

	s->vocab = vocab;
	s->failed = failed;
	s->arg = arg;
	return s;
}

int
sinks_open(struct sinks *s, const char *spec, struct diag *d)
{
	size_t n = strcspn(spec, "=");
	const char *names[sizeof table / sizeof *table];
	char word[32];

	if (s->n == SINKS_MAX)
		return diag_set(d, "at most %d sinks can be open", SINKS_MAX);
	for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
		names[i] = table[i]->name;
		if (strlen(table[i]->name) != n || strncmp(table[i]->name, spec, n) != 0)
			continue;
		void *self = table[i]->open(spec[n] ? spec + n + 1 : "", s->vocab, d);
		if (!self)
			return -1;
		s->open[s->n].ops = table[i];
		s->open[s->n++].self = self;
		return 0;
	}
	snprintf(word, sizeof word, "%.*s", (int)n, spec);
	const char *near = diag_nearest(word, names, sizeof names / sizeof *names);
	return diag_set(d, "no sink is called \"%s\"%s%s%s", word, near ? "; did you mean \"" : "",
	    near ? near : "", near ? "\"?" : "");
}

static void
fail(struct sinks *s, unsigned i, const struct diag *d)
{
	s->open[i].bad = true;
	s->bad++;
	if (s->failed)
		s->failed(s->arg, s->open[i].ops->name, d);
}

void
sinks_sample(struct sinks *s, const struct run *run, const struct sample *x)
{
	struct diag d = { .text = "" };

	for (unsigned i = 0; i < s->n; i++)
		if (!s->open[i].bad && s->open[i].ops->sample &&
		    s->open[i].ops->sample(s->open[i].self, run, x, &d) == -1)
			fail(s, i, &d);
}

void
sinks_finding(struct sinks *s, const struct run *run, const struct finding *f)
{
	struct diag d = { .text = "" };

	for (unsigned i = 0; i < s->n; i++)
		if (!s->open[i].bad && s->open[i].ops->finding &&
		    s->open[i].ops->finding(s->open[i].self, run, f, &d) == -1)
			fail(s, i, &d);
}

void
sinks_flush(struct sinks *s)
{
	struct diag d = { .text = "" };

	for (unsigned i = 0; i < s->n; i++)
		if (!s->open[i].bad && s->open[i].ops->flush && s->open[i].ops->flush(s->open[i].self, &d) == -1)
			fail(s, i, &d);
}

unsigned
sinks_free(struct sinks *s)
{
	struct diag d = { .text = "" };

	if (!s)
		return 0;
	for (unsigned i = 0; i < s->n; i++)
		if (s->open[i].ops->close(s->open[i].self, &d) == -1 && !s->open[i].bad)
			fail(s, i, &d);
	unsigned bad = s->bad;
	free(s);
	return bad;
}
