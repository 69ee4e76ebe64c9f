/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "monitor.h"

#include <math.h>
#include <stdlib.h>

#include "stamp.h"
#include "xalloc.h"

struct monitor {
	struct lines     *lines;
	struct matcher   *matcher;
	struct sampler   *sampler;
	struct run        run;    /* of nobody: a position that its lines may print */
	struct stamp_memo memo;
	double            time;   /* of the newest line that had one */
	struct line       line;
	struct match      match;
	bool              pushed; /* the sampler has seen the line */
};

struct monitor *
monitor_new(const struct knowledge *k, struct matcher *matcher)
{
	struct monitor *m = xcalloc(1, sizeof *m);

	m->lines = lines_new(k->prefixes);
	m->matcher = matcher;
	m->sampler = sampler_new(&m->run);
	run_init(&m->run, "", "");
	m->time = NAN;
	return m;
}

void
monitor_free(struct monitor *m)
{
	if (!m)
		return;
	lines_free(m->lines);
	matcher_free(m->matcher);
	sampler_free(m->sampler);
	free(m);
}

void
monitor_near(struct monitor *m, double wall)
{
	if (m->memo.last == 0)
		m->memo.last = wall;
}

void
monitor_push(struct monitor *m, struct span bytes, double arrival)
{
	lines_push(m->lines, bytes, arrival);
}

void
monitor_end(struct monitor *m)
{
	lines_end(m->lines);
}

bool
monitor_next(struct monitor *m, struct line *ret, const struct match **match)
{
	struct line *line = &m->line;

	if (!lines_next(m->lines, line))
		return false;
	(void)match_line(m->matcher, line, &m->match);
	if (!line->printed_time && m->match.stamp.n > 0)
		line->printed_time = stamp_guess(m->match.stamp, true, line->arrival, &m->memo, &line->time);
	if (isnan(line->time))
		line->time = m->time;
	m->time = line->time;
	m->pushed = false;
	*ret = *line;
	*match = &m->match;
	return true;
}

bool
monitor_sample(struct monitor *m, struct sample *ret)
{
	if (!m->pushed)
		(void)sampler_push(m->sampler, &m->line, &m->match);
	m->pushed = true;
	if (!sampler_next(m->sampler, ret))
		return false;
	ret->line = 0;
	return true;
}
