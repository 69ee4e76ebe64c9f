/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "finding.h"

#include <stdlib.h>
#include <string.h>

#include "jsonw.h"
#include "xalloc.h"

static const char *const severities[] = { "info", "notice", "warning", "critical" };

const char *
severity_name(enum severity s)
{
	return severities[s];
}

bool
severity_find(const char *name, enum severity *ret)
{
	for (size_t i = 0; i < sizeof(severities) / sizeof(*severities); i++)
		if (strcmp(severities[i], name) == 0) {
			*ret = (enum severity)i;
			return true;
		}
	return false;
}

static const char **
cause_text(struct finding_cause *c, unsigned i)
{
	const char **const at[] = { &c->because, &c->evidence, &c->advice };

	return at[i];
}

const char **
finding_text(struct finding *f, unsigned i)
{
	const char **const at[] = {
		&f->rule, &f->under, &f->run, &f->source, &f->metric, &f->labels, &f->text,
		&f->summary, &f->advice, &f->evidence,
		&f->zh.summary, &f->zh.advice, &f->zh.evidence,
	};
	unsigned n = sizeof(at) / sizeof(*at);

	if (i < n)
		return at[i];
	i -= n;
	if (i >= 6 * f->causes)
		return NULL;
	return cause_text(i % 6 < 3 ? &f->cause[i / 6] : &f->zh.cause[i / 6], i % 3);
}

static void
own(const char **text)
{
	if (*text)
		*text = xstrdup(*text);
}

static void
disown(const char *text)
{
	free((char *)(size_t)text);
}

struct finding *
finding_copy(const struct finding *from)
{
	struct finding *f = xmalloc(sizeof(*f));
	const char **text;

	*f = *from;
	for (unsigned i = 0; (text = finding_text(f, i)) != NULL; i++)
		own(text);
	return f;
}

void
finding_free(struct finding *f)
{
	const char **text;

	if (!f)
		return;
	for (unsigned i = 0; (text = finding_text(f, i)) != NULL; i++)
		disown(*text);
	free(f);
}

static void
write_causes(struct jsonw *w, const struct finding *f)
{
	if (f->causes == 0)
		return;
	jsonw_key(w, "causes");
	jsonw_array(w);
	for (unsigned i = 0; i < f->causes; i++) {
		jsonw_object(w);
		jsonw_opt_str(w, "because", f->cause[i].because);
		jsonw_opt_str(w, "evidence", f->cause[i].evidence);
		jsonw_opt_str(w, "do", f->cause[i].advice);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

void
finding_json(const struct finding *f, struct buf *b)
{
	struct jsonw w;

	jsonw_init(&w, b);
	jsonw_object(&w);
	jsonw_key(&w, "schema");
	jsonw_uint(&w, FINDING_SCHEMA);
	jsonw_opt_str(&w, "id", f->id);
	jsonw_opt_str(&w, "rule", f->rule);
	jsonw_opt_str(&w, "under", f->under);
	jsonw_opt_str(&w, "severity", severity_name(f->severity));
	jsonw_opt_str(&w, "state", f->state == FINDING_FIRING ? "firing" : "resolved");
	jsonw_opt_str(&w, "run", f->run);
	jsonw_opt_str(&w, "source", f->source);
	jsonw_opt_str(&w, "metric", f->metric);
	jsonw_opt_pairs(&w, "labels", f->labels);
	jsonw_opt_num(&w, "step", f->step);
	jsonw_opt_num(&w, "epoch", f->epoch);
	jsonw_opt_num(&w, "time", f->time);
	if (f->line > 0) {
		jsonw_key(&w, "line");
		jsonw_uint(&w, f->line);
	}
	jsonw_opt_str(&w, "text", f->text);
	jsonw_opt_num(&w, "value", f->value);
	jsonw_opt_str(&w, "summary", f->summary);
	write_causes(&w, f);
	jsonw_opt_str(&w, "advice", f->advice);
	jsonw_object_end(&w);
}
