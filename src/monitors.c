/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "monitors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "follow.h"
#include "input.h"
#include "runname.h"
#include "xalloc.h"

/* One file: either in or follow. */
struct file {
	char           *name;
	struct monitors *all;
	struct input   *in;
	struct follow  *follow;
	char           *buf;
	bool            looking; /* a look is not over */
	bool            looked;  /* and one was before */
	uint64_t        old;     /* bytes that were there before the run */
	struct span     rest;    /* of a piece that was in part */
	struct diag     said;
};

struct monitors {
	enum monitors_how        how;
	struct pipeline_monitor *source;
	struct file             *file;
	unsigned                 n;
	double                   now;
};

static bool
next_recorded(void *arg, struct span *ret, double *arrival)
{
	struct file *f = arg;
	ssize_t n;

	if (!f->in || (n = input_read(f->in, f->buf, FOLLOW_BUF, &f->said)) <= 0)
		return false;
	*ret = (struct span){ f->buf, (size_t)n };
	*arrival = NAN;
	return true;
}

/* When a piece was written: what came since the last look is spread over the time in between. */
static double
written(const struct file *f, const struct follow_event *e)
{
	struct fileinfo info;
	double end, part;

	if (f->looked || f->all->how == MONITORS_FROM_NOW || !follow_info(f->follow, &info) || info.id.birth == 0 || info.size == 0)
		return f->all->now;
	end = fmin((double)info.mtime * 1e-9, f->all->now);
	part = (double)(e->offset + e->bytes.n) / (double)info.size;
	return end - (end - fmin((double)info.id.birth * 1e-9, end)) * (1 - fmin(part, 1));
}

static bool
next_followed(void *arg, struct span *ret, double *arrival)
{
	struct file *f = arg;
	struct follow_event e;

	if (f->rest.n > 0) {
		*ret = f->rest;
		*arrival = f->all->now;
		f->rest = SPAN_NONE;
		return true;
	}
	while (f->looking && follow_next(f->follow, f->all->now, f->buf, &e)) {
		if (e.kind == FOLLOW_ERROR)
			diag_set(&f->said, "%s", e.text);
		if (e.kind != FOLLOW_DATA)
			continue;
		*ret = e.bytes;
		*arrival = written(f, &e);
		if (!f->looked && e.offset < f->old) {
			ret->n = e.bytes.n < f->old - e.offset ? e.bytes.n : (size_t)(f->old - e.offset);
			f->rest = span_from(e.bytes, ret->n);
			*arrival = NAN;
		}
		return true;
	}
	if (f->looking) {
		f->looked = true;
		follow_close(f->follow);
	}
	f->looking = false;
	return false;
}

int
monitors_new(const char *const *names, size_t n, const char *log, enum monitors_how how,
    struct monitors **ret, struct diag *d)
{
	struct monitors *m = xcalloc(1, sizeof *m);
	struct stat sb;

	if (n > PIPELINE_MONITORS) {
		free(m);
		return diag_set(d, "a run has at most %d monitors", PIPELINE_MONITORS);
	}
	m->how = how;
	m->source = xcalloc(n + 1, sizeof *m->source);
	m->file = xcalloc(n + 1, sizeof *m->file);
	for (; m->n < n; m->n++) {
		struct file *f = &m->file[m->n];
		f->all = m;
		f->name = strchr(names[m->n], '{') && log ? run_name(names[m->n], log) : xstrdup(names[m->n]);
		f->buf = xmalloc(FOLLOW_BUF);
		m->source[m->n] = (struct pipeline_monitor){
		    how == MONITORS_RECORDED ? next_recorded : next_followed, f };
		if (how == MONITORS_FROM_NOW && stat(f->name, &sb) == 0)
			f->old = (uint64_t)sb.st_size;
		if (how != MONITORS_RECORDED)
			f->follow = follow_new(f->name, NULL);
		else if (!(f->in = input_open(f->name, &f->said))) {
			diag_set(d, "%s: %s", f->name, f->said.text);
			m->n++;
			monitors_free(m);
			return -1;
		}
	}
	*ret = m;
	return 0;
}

void
monitors_free(struct monitors *m)
{
	if (!m)
		return;
	for (unsigned i = 0; i < m->n; i++) {
		if (m->file[i].in)
			input_close(m->file[i].in);
		if (m->file[i].follow)
			follow_free(m->file[i].follow);
		free(m->file[i].name);
		free(m->file[i].buf);
	}
	free(m->file);
	free(m->source);
	free(m);
}

const struct pipeline_monitor *
monitors_sources(const struct monitors *m, unsigned *n)
{
	*n = m->n;
	return m->source;
}

const char *
monitors_name(const struct monitors *m, unsigned i)
{
	return m->file[i].name;
}

void
monitors_look(struct monitors *m, double now)
{
	m->now = now;
	for (unsigned i = 0; i < m->n; i++)
		if (m->file[i].follow && !m->file[i].looking) {
			follow_look(m->file[i].follow, now);
			m->file[i].looking = true;
		}
}

bool
monitors_said(struct monitors *m, struct diag *d)
{
	for (unsigned i = 0; i < m->n; i++)
		if (m->file[i].said.text[0] != '\0') {
			*d = m->file[i].said;
			if (!d->file)
				d->file = m->file[i].name;
			m->file[i].said.text[0] = '\0';
			return true;
		}
	return false;
}
