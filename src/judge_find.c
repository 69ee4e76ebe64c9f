/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge_impl.h"
#include "translate.h"
#include "xalloc.h"

#define TEXT_MAX 300 /* bytes of the line that a finding shows */

/* The text rendered, as a string of its own; NULL when there is none in that language. */
static char *
rendered(struct judge *j, const struct text *t, struct env *env, const struct instance *in, enum lang l)
{
	if (l == LANG_ZH)
		t = t->zh;
	if (!t || t->n == 0)
		return NULL;
	buf_reset(&j->buf);
	text_render(t, env, in->metric < 0 ? NULL : vocab_metric_name(j->vocab, in->metric), l, &j->buf);
	return xstrdup(buf_cstr(&j->buf));
}

/* What stands for a cause: 0 its evidence is true, 1 it has none, 2 cannot be told, 3 it is false. */
static unsigned
standing(const struct cause *c, struct env *env)
{
	struct value v;

	if (c->when.n == 0)
		return 1;
	v = expr_eval(&c->when, env);
	return v.kind == K_UNKNOWN ? 2 : v.num != 0 ? 0 : 3;
}

/* Advice with the flags of the framework that prints this log. */
static char *
advice_of(struct judge *j, const struct cause *c, struct env *env, const struct instance *in, enum lang l)
{
	char       *text = rendered(j, &c->advice, env, in, l), *title;
	const char *flags = NULL, *with = j->run->title ? j->run->title : j->run->profile;

	for (unsigned i = 0; i < c->nhow; i++)
		if (strcmp(c->how[i].profile, "any") == 0 ||
		    (j->run->profile && strcmp(c->how[i].profile, j->run->profile) == 0))
			flags = c->how[i].flags;
	if (flags && (text || l == LANG_EN)) {
		bool zh = l == LANG_ZH;
		title = with ? translated(l, with) : NULL;
		char *both = title ? xasprintf(zh ? "%s（%s：%s）" : "%s (%s: %s)", text ? text : "", title, flags) :
		    xasprintf(zh ? "%s（%s）" : "%s (%s)", text ? text : "", flags);

		free(title);
		free(text);
		text = both;
	}
	return text;
}

static void
cause(struct judge *j, struct finding_cause *to, const struct cause *c, bool proven,
    struct env *env, const struct instance *in, enum lang l)
{
	to->because = rendered(j, &c->because, env, in, l);
	to->evidence = proven ? rendered(j, &c->evidence, env, in, l) : NULL;
	to->advice = advice_of(j, c, env, in, l);
}

static void
causes(struct judge *j, struct finding *f, struct env *env, const struct instance *in)
{
	const struct rule *r = j->rules->at[in->rule];
	unsigned           rank[FINDING_CAUSES], most = 3;

	for (unsigned i = 0; i < r->ncause; i++) {
		rank[i] = standing(&r->cause[i], env);
		if (rank[i] <= 2)
			most = 2; /* what is refuted is worth a line when there is nothing else */
	}
	for (unsigned want = 0; want <= most; want++)
		for (unsigned i = 0; i < r->ncause; i++) {
			if (rank[i] != want)
				continue;
			if (want <= 1)
				j->outcome[in->rule].causes |= 1u << i;
			for (int l = 0; l < LANGS; l++)
				cause(j, l == LANG_ZH ? &f->zh.cause[f->causes] : &f->cause[f->causes],
				    &r->cause[i], want == 0, env, in, (enum lang)l);
			f->causes++;
		}
}

/* Where and when: of the point that decided, else of the line in hand. */
static void
place(struct judge *j, struct finding *f, const struct instance *in)
{
	const struct rule         *r = j->rules->at[in->rule];
	const struct series       *s = in->s[r->each];
	const struct series_point *p = s && in->metric >= 0 && series_seg_n(s) ? series_back(s, 0) : NULL;

	f->step = p ? p->step : j->run->step;
	f->epoch = p ? p->epoch : j->run->epoch;
	f->time = p && !isnan(p->time) ? p->time : j->facts.now;
	f->value = p ? p->value : NAN;
	f->line = p && p->line ? p->line : j->line_number;
	if (j->line && j->line->number == f->line && j->line->text.n > 0) {
		buf_reset(&j->buf);
		buf_harmless(&j->buf, j->line->text, TEXT_MAX);
		f->text = xstrdup(buf_cstr(&j->buf));
	}
}

static void
curve(struct finding *f, const struct series *s)
{
	struct series_bucket b[SERIES_HISTORY];
	unsigned n = s ? series_history(s, b) : 0;

	f->points = n < FINDING_CURVE ? n : FINDING_CURVE;
	for (unsigned i = 0; i < f->points; i++) /* the last is the last */
		f->curve[i] = b[f->points > 1 ? (size_t)i * (n - 1) / (f->points - 1) : 0].mean;
}

/* Of one episode of one run: the next run of the same name has others. */
static void
identity(const struct judge *j, struct finding *f, const struct instance *in)
{
	char key[400];

	snprintf(key, sizeof key, "%.3f\n%u\n%s\n%s\n%s\n%s", j->run->start, in->episode, f->rule,
	    f->metric ? f->metric : "", f->labels ? f->labels : "", f->run ? f->run : "");
	snprintf(f->id, sizeof f->id, "f-%016llx", span_hash(span_of(key)));
}

struct finding *
instance_finding(struct judge *j, unsigned instance)
{
	const struct instance *in = &j->inst[instance];
	const struct rule     *r = j->rules->at[in->rule];
	struct finding        *f = xcalloc(1, sizeof *f);
	struct env             env;

	judge_env(j, in, &env);
	f->rule = xstrdup(rule_told(r));
	f->under = xcopy(j->under);
	f->severity = in->severity;
	f->state = FINDING_FIRING;
	f->run = xcopy(j->run->name);
	f->source = xcopy(j->run->source);
	f->metric = in->metric < 0 ? NULL : xcopy(vocab_metric_name(j->vocab, in->metric));
	f->labels = in->labels > 0 ? xcopy(vocab_labels_text(j->vocab, in->labels)) : NULL;
	place(j, f, in);
	f->summary = rendered(j, &r->summary, &env, in, LANG_EN);
	f->evidence = rendered(j, &r->evidence, &env, in, LANG_EN);
	f->zh.summary = rendered(j, &r->summary, &env, in, LANG_ZH);
	f->zh.evidence = rendered(j, &r->evidence, &env, in, LANG_ZH);
	causes(j, f, &env, in);
	if (f->causes && f->cause[0].advice) {
		f->advice = xcopy(f->cause[0].advice);
		f->zh.advice = xcopy(f->zh.cause[0].advice);
	} else {
		f->advice = rendered(j, &r->advice, &env, in, LANG_EN);
		f->zh.advice = rendered(j, &r->advice, &env, in, LANG_ZH);
	}
	f->first_time = in->first_time;
	f->last_time = in->last_time;
	curve(f, in->metric < 0 ? NULL : in->s[r->each]);
	identity(j, f, in);
	return f;
}

void
judge_tell(struct judge *j, unsigned instance, struct finding *f)
{
	struct instance *in = &j->inst[instance];

	if (in->finding < 0 && j->nfound < FINDINGS_MAX) {
		XGROW(j->found, j->nfound, j->found_size);
		in->finding = (int)j->nfound;
		j->found[j->nfound++] = NULL;
	}
	j->telling = in->rule;
	if (j->fn)
		j->fn(j->arg, f);
	if (in->finding < 0) {
		finding_free(f);
		return;
	}
	finding_free(j->found[in->finding]);
	j->found[in->finding] = f;
}
