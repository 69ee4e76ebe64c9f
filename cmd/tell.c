/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tell.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

static void
sink_failed(void *arg, const char *name, const struct diag *d)
{
	(void)arg;
	cmd_remark("sink %s: %s; it gets nothing more", name, d->text);
}

void
tell_lang(struct tell *t, const struct knowledge *k)
{
	if (k)
		t->show.lang = cmd_spoken(k->lang);
}

int
tell_init(struct tell *t, FILE *out, const struct opts_output *o, const struct opt_list *specs,
    const struct knowledge *k)
{
	struct diag d = { .text = "" };

	memset(t, 0, sizeof *t);
	t->out = out;
	t->json = o->json;
	t->show.colour = cmd_color(o->color, out);
	t->show.columns = cmd_columns(out);
	if (t->show.columns < 40)
		t->show.columns = 40;
	t->show.utf8 = cmd_utf8();
	t->show.unchecked = o->unchecked;
	tell_lang(t, k);
	buf_init(&t->buf, 1 << 20);
	if (!specs || specs->n == 0)
		return 0;
	t->sinks = sinks_new(k ? k->vocab : NULL, sink_failed, NULL);
	for (size_t i = 0; i < specs->n; i++)
		if (sinks_open(t->sinks, specs->v[i], &d) == -1) {
			cmd_diag(&d);
			return -1;
		}
	return 0;
}

void
tell_behind(const struct opt_list *specs, struct opt_list *ret)
{
	char **v = xcalloc(specs->n + 1, sizeof *v);

	for (size_t i = 0; i < specs->n; i++) {
		const char *spec = specs->v[i], *dest = spec + strcspn(spec, "=");
		bool file = *dest == '=' && dest[1] != '\0' && !strchr("+-", dest[1]) &&
		    (strncmp(spec, "jsonl=", 6) == 0 || strncmp(spec, "csv=", 4) == 0);

		v[i] = file ? xasprintf("%.*s=+%s", (int)(dest - spec), spec, dest + 1) : xstrdup(spec);
	}
	*ret = (struct opt_list){ .v = (const char **)v, .n = specs->n };
}

void
tell_behind_free(struct opt_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free((char *)(uintptr_t)l->v[i]);
	free(l->v);
}

void
tell_fini(struct tell *t)
{
	(void)sinks_free(t->sinks);
	buf_fini(&t->buf);
}

void
tell_sample(void *arg, const struct run *run, const struct sample *s)
{
	struct tell *t = arg;

	if (t->sinks)
		sinks_sample(t->sinks, run, s);
}

static void
flush(struct tell *t)
{
	fwrite(t->buf.p, 1, t->buf.n, t->out);
	fflush(t->out);
}

void
tell_finding(void *arg, const struct run *run, const struct finding *f)
{
	struct tell *t = arg;

	if (t->sinks)
		sinks_finding(t->sinks, run, f);
	if (f->state == FINDING_FIRING)
		t->firing[f->severity]++;
	buf_reset(&t->buf);
	if (t->json) {
		finding_json(f, &t->buf);
		buf_char(&t->buf, '\n');
	} else if (f->severity >= SEV_WARNING)
		show_finding(&t->show, f, &t->buf);
	if (t->buf.n)
		flush(t);
}

void
tell_verdict(struct tell *t, const struct pipeline *p)
{
	if (t->json)
		return;
	buf_reset(&t->buf);
	show_verdict(&t->show, pipeline_run(p), pipeline_series(p), pipeline_vocab(p), pipeline_judge(p), &t->buf);
	flush(t);
}

int
tell_status(const struct tell *t)
{
	return t->firing[SEV_CRITICAL] ? STATUS_CRITICAL : t->firing[SEV_WARNING] ? STATUS_WARNING : STATUS_OK;
}
