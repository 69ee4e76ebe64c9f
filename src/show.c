/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "show.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "translate.h"
#include "wrap.h"

#define SPARK_WIDTH 24
#define SERIES_SHOWN 8
#define CLEAN_SHOWN 12 /* more are only counted */

/* ANSI colours by severity; bold, and off. */
static const char *const severity_colour[] = { "\033[36m", "\033[34m", "\033[1;33m", "\033[1;31m" };
#define BOLD  "\033[1m"
#define DIM   "\033[2m"
#define GREEN "\033[32m"
#define OFF   "\033[0m"

static void
paint(const struct show *s, const char *code, const char *text, struct buf *out)
{
	if (s->colour)
		buf_str(out, code);
	buf_str(out, text);
	if (s->colour)
		buf_str(out, OFF);
}

/* "warning": names are names in English; in messages they are in capitals. */
static const char *
severity_word(const struct show *s, enum severity severity)
{
	static const enum phrase word[] = { PHRASE_INFO, PHRASE_NOTICE, PHRASE_WARNING, PHRASE_CRITICAL };

	return s->lang == LANG_EN ? severity_name(severity) : lang_phrase(s->lang, word[severity]);
}

/* A labelled paragraph, its further lines below the first. */
static void
paragraph(const struct show *s, const char *label, const char *text, struct buf *out)
{
	buf_str(out, label);
	wrap(out, text, span_width(span_of(label)), s->columns > 100 ? 100 : s->columns);
}

/* What belongs to a headline: one line below it, and where it happened. */
static void
show_part(const struct show *s, const struct finding *f, struct buf *out)
{
	buf_printf(out, "%7llu | ", (unsigned long long)f->line);
	paint(s, DIM, f->summary ? lang_pick(s->lang, f->summary, f->zh.summary) : f->rule, out);
	buf_printf(out, lang_phrase(s->lang, PHRASE_SHOW_OF), f->rule, f->under);
	if (f->evidence && *f->evidence)
		paragraph(s, lang_phrase(s->lang, PHRASE_SHOW_VALUES),
		    lang_pick(s->lang, f->evidence, f->zh.evidence), out);
}

static void
show_causes(const struct show *s, const struct finding *f, struct buf *out)
{
	for (unsigned i = 0; i < f->causes; i++) {
		const struct finding_cause *c = &f->cause[i], *zh = &f->zh.cause[i];
		const char *evidence = lang_pick(s->lang, c->evidence, zh->evidence);
		const char *advice = lang_pick(s->lang, c->advice, zh->advice);

		paragraph(s, lang_phrase(s->lang, i == 0 ? PHRASE_SHOW_LIKELY : PHRASE_SHOW_OR),
		    c->because ? lang_pick(s->lang, c->because, zh->because) : "?", out);
		if (evidence && *evidence)
			paragraph(s, lang_phrase(s->lang, PHRASE_SHOW_BECAUSE), evidence, out);
		if (advice && *advice)
			paragraph(s, lang_phrase(s->lang, PHRASE_SHOW_DO), advice, out);
	}
	if (f->causes == 0 && f->advice && *f->advice)
		paragraph(s, lang_phrase(s->lang, PHRASE_SHOW_DO_ALONE),
		    lang_pick(s->lang, f->advice, f->zh.advice), out);
}

void
show_finding(const struct show *s, const struct finding *f, struct buf *out)
{
	bool resolved = f->state == FINDING_RESOLVED;

	if (f->under && !resolved) {
		show_part(s, f, out);
		return;
	}
	buf_harmless(out, span_of(f->source && strcmp(f->source, "-") != 0 ? f->source : f->run), 200);
	if (f->line)
		buf_printf(out, ":%llu", (unsigned long long)f->line);
	buf_str(out, ": ");
	paint(s, resolved ? GREEN : severity_colour[f->severity], !resolved ? severity_word(s, f->severity) :
	    s->lang == LANG_EN ? "resolved" : lang_phrase(s->lang, PHRASE_RESOLVED), out);
	buf_str(out, ": ");
	paint(s, BOLD, f->summary ? lang_pick(s->lang, f->summary, f->zh.summary) : f->rule, out);
	buf_printf(out, " [%s]\n", f->rule);
	if (resolved)
		return;
	if (f->text && *f->text) {
		buf_printf(out, "%7llu | ", (unsigned long long)f->line);
		buf_harmless(out, span_of(f->text), s->columns > 60 ? s->columns - 12 : 48);
		buf_char(out, '\n');
	}
	if (f->evidence && *f->evidence)
		paragraph(s, lang_phrase(s->lang, PHRASE_SHOW_VALUES),
		    lang_pick(s->lang, f->evidence, f->zh.evidence), out);
	show_causes(s, f, out);
}

void
show_sparkline(const struct series *x, unsigned width, struct buf *out)
{
	static const char *const bar[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	struct series_bucket b[SERIES_HISTORY];
	unsigned n = series_history(x, b);
	double low = INFINITY, high = -INFINITY;

	for (unsigned i = 0; i < n; i++)
		if (isfinite(b[i].mean)) {
			low = fmin(low, b[i].mean);
			high = fmax(high, b[i].mean);
		}
	if (width > n)
		width = n;
	for (unsigned i = 0; i < width; i++) {
		double v = b[(size_t)i * n / width].mean;
		if (!isfinite(v))
			buf_str(out, "×");
		else
			buf_str(out, bar[high > low ? (unsigned)(7 * (v - low) / (high - low) + 0.5) : 0]);
	}
}

static void
number(double v, struct buf *out)
{
	if (isnan(v))
		buf_str(out, "NaN");
	else if (v == floor(v) && fabs(v) < 1e6)
		buf_printf(out, "%.0f", v);
	else
		buf_printf(out, "%.4g", v);
}

/* 21600 as 21,600. */
static void
count(double v, struct buf *out)
{
	char text[32];
	int n = snprintf(text, sizeof text, "%.0f", v);

	for (int i = 0; i < n; i++) {
		buf_char(out, text[i]);
		if (i + 1 < n && (n - i - 1) % 3 == 0 && text[i] != '-')
			buf_char(out, ',');
	}
}

static void
position(const struct show *s, const struct series_point *p, struct buf *out)
{
	struct buf text;

	buf_init(&text, 64);
	if (!isnan(p->step)) {
		count(p->step, &text);
		buf_printf(out, lang_phrase(s->lang, PHRASE_V_AT_STEP), buf_cstr(&text));
	} else if (!isnan(p->epoch)) {
		buf_printf(&text, "%.4g", p->epoch);
		buf_printf(out, lang_phrase(s->lang, PHRASE_V_AT_EPOCH), buf_cstr(&text));
	}
	buf_fini(&text);
}

/* Where it stands, and of how much: phrase, and the one behind it for a total. */
static void
progress(const struct show *s, enum phrase phrase, double at, double all, bool step, struct buf *out)
{
	struct buf one, total;

	if (isnan(at))
		return;
	buf_init(&one, 64);
	buf_init(&total, 64);
	if (step)
		count(at, &one);
	else
		buf_printf(&one, "%.4g", at);
	if (isnan(all))
		buf_printf(out, lang_phrase(s->lang, phrase), buf_cstr(&one));
	else {
		if (step)
			count(all, &total);
		else
			buf_printf(&total, "%.4g", all);
		buf_printf(out, lang_phrase(s->lang, phrase + 1), buf_cstr(&one), buf_cstr(&total));
	}
	buf_fini(&one);
	buf_fini(&total);
}

static void
show_head(const struct show *s, const struct run *r, struct buf *out)
{
	char span[24], *title = r->title ? translated(s->lang, r->title) : NULL;

	paint(s, BOLD, title ? title : lang_phrase(s->lang, PHRASE_V_NOTHING_READ), out);
	free(title);
	progress(s, PHRASE_V_STEP, r->step, r->steps, true, out);
	progress(s, PHRASE_V_EPOCH, r->epoch, r->epochs, false, out);
	if (r->segment)
		buf_printf(out, lang_phrase(s->lang, r->segment == 1 ? PHRASE_V_RESTART : PHRASE_V_RESTARTS), r->segment);
	if (r->last > r->start) {
		clock_span(r->last - r->start, span);
		buf_printf(out, "%s%s", s->lang == LANG_ZH ? "，" : ", ", span);
	}
	buf_printf(out, lang_phrase(s->lang, PHRASE_V_COUNTS), (unsigned long long)r->lines, (unsigned long long)r->samples);
	buf_str(out, r->finished ? lang_phrase(s->lang, PHRASE_V_FINISHED) : "");
	buf_char(out, '\n');
}

/* The series that say most: losses, scores, rate, norm, speed, in this order. */
static int
interest(const struct vocab *v, const struct series *x)
{
	const struct metric_info *i = vocab_metric_info(v, series_metric(x));

	if (series_labels(x) != 0)
		return 0;
	switch (i->cls) {
	case CLASS_LOSS:  return i->phase == PHASE_TRAIN ? 9 : 8;
	case CLASS_SCORE: case CLASS_ERROR: case CLASS_REWARD: return i->phase == PHASE_TRAIN ? 6 : 7;
	case CLASS_LR:    return 5;
	case CLASS_GRAD:  return 4;
	case CLASS_RATE:  return 3;
	case CLASS_TIME:  return 2;
	default:          return 0;
	}
}

static void
show_series(const struct show *s, const struct series *x, const struct vocab *v, struct buf *out)
{
	struct series_point first, last, best;
	const struct metric_info *i = vocab_metric_info(v, series_metric(x));

	if (!series_first(x, &first) || !series_recent(x, 0, &last))
		return;
	buf_printf(out, "  %-20s ", vocab_metric_name(v, series_metric(x)));
	if (s->utf8) {
		show_sparkline(x, SPARK_WIDTH, out);
		buf_char(out, ' ');
	}
	number(first.value, out);
	buf_str(out, s->utf8 ? " → " : " -> ");
	number(last.value, out);
	if (i->dir != DIR_NONE && i->cls != CLASS_LR && series_best(x, &best)) {
		buf_str(out, lang_phrase(s->lang, PHRASE_V_BEST));
		number(best.value, out);
		position(s, &best, out);
	}
	if (series_nonfinite(x))
		buf_printf(out, lang_phrase(s->lang, PHRASE_V_NONFINITE), (unsigned long long)series_nonfinite(x));
	buf_char(out, '\n');
}

static void
show_all_series(const struct show *s, const struct series_set *set, const struct vocab *v, struct buf *out)
{
	unsigned shown = 0;

	for (int want = 9; want > 0 && shown < SERIES_SHOWN; want--)
		for (unsigned i = 0; i < series_count(set) && shown < SERIES_SHOWN; i++) {
			const struct series *x = series_at(set, i);
			if (interest(v, x) != want)
				continue;
			show_series(s, x, v, out);
			shown++;
		}
	if (series_count(set) > shown)
		buf_printf(out, lang_phrase(s->lang, PHRASE_V_MORE), series_count(set) - shown);
	if (series_refused(set))
		buf_printf(out, lang_phrase(s->lang, PHRASE_V_REFUSED),
		    (unsigned long long)series_refused(set));
}

/* Checks of one state, by name; more than CLEAN_SHOWN are only counted. */
static void
list_clean(const struct show *s, const struct check *c, unsigned n, struct buf *out)
{
	struct buf text;
	unsigned found = 0;

	buf_init(&text, 16 << 10);
	for (unsigned i = 0; i < n; i++)
		if (c[i].state == CHECK_CLEAN)
			buf_printf(&text, "%s%s", found++ ? ", " : "", c[i].rule);
	if (found > CLEAN_SHOWN)
		buf_printf(out, lang_phrase(s->lang, PHRASE_V_CLEAN_COUNT), found);
	else if (found)
		paragraph(s, lang_phrase(s->lang, PHRASE_V_CLEAN), buf_cstr(&text), out);
	buf_fini(&text);
}

/* "17 of 50 points": each rule has its own numbers, but the reason is one. */
static bool
few_points(const char *why)
{
	size_t n = strlen(why);

	return n > 7 && strcmp(why + n - 7, " points") == 0;
}

static bool
same_reason(const char *a, const char *b)
{
	return (few_points(a) && few_points(b)) || strcmp(a, b) == 0;
}

/*
 * What could not be checked, a reason a line: those that would have been heard
 * (warning, critical) by name, the others counted, so that the list can be read.
 */
static void
list_not_checked(const struct show *s, const struct check *c, unsigned n, struct buf *out)
{
	struct buf text;
	char     *why;
	unsigned minor = 0;

	for (unsigned i = 0; i < n; i++) {
		bool first = c[i].state == CHECK_NOT && c[i].why && c[i].severity >= SEV_WARNING;
		minor += c[i].state == CHECK_NOT && c[i].severity < SEV_WARNING;
		for (unsigned k = 0; k < i && first; k++)
			first = c[k].state != CHECK_NOT || !c[k].why || c[k].severity < SEV_WARNING ||
			    !same_reason(c[k].why, c[i].why);
		if (!first)
			continue;
		buf_init(&text, 16 << 10);
		why = translated(s->lang, few_points(c[i].why) ? "too few points yet" : c[i].why);
		buf_printf(&text, "%s:", why);
		free(why);
		for (unsigned k = i, found = 0; k < n; k++)
			if (c[k].state == CHECK_NOT && c[k].why && c[k].severity >= SEV_WARNING &&
			    same_reason(c[k].why, c[i].why))
				buf_printf(&text, "%s %s", found++ ? "," : "", c[k].rule);
		paragraph(s, lang_phrase(s->lang, PHRASE_V_NOT), buf_cstr(&text), out);
		buf_fini(&text);
	}
	if (minor)
		buf_printf(out, lang_phrase(s->lang, PHRASE_V_LESSER), minor);
}

/* What a log may lack, by what the reasons name; in the order in which it is said. */
static const struct topic { enum phrase name; const char *const starts[8]; } topics[] = {
	{ PHRASE_V_OF_LOSS, { "training loss", "train/loss", "loss ", "training score" } },
	{ PHRASE_V_OF_VALIDATION, { "validation ", "val/" } },
	{ PHRASE_V_OF_RATE, { "lr " } },
	{ PHRASE_V_OF_GRADIENT, { "gradient norm", "loss scale" } },
	{ PHRASE_V_OF_TIME, { "step_time", "data_time", "throughput", "train/mfu" } },
	{ PHRASE_V_OF_MACHINE, { "gpu/", "mem/", "proc/", "disk/", "cpu/", "host/", "net/" } },
};
#define TOPICS  (sizeof topics / sizeof *topics)
#define MACHINE (TOPICS - 1)
#define FEW     TOPICS       /* too few points */
#define ELSE    (TOPICS + 1)

static size_t
topic_of(const char *why)
{
	if (!why || few_points(why))
		return why ? FEW : ELSE;
	if (strncmp(why, "no ", 3) != 0)
		return ELSE;
	for (size_t i = 0; i < TOPICS; i++)
		for (size_t k = 0; k < 8 && topics[i].starts[k]; k++)
			if (strncmp(why + 3, topics[i].starts[k], strlen(topics[i].starts[k])) == 0)
				return i;
	return ELSE;
}

static const char *
comma(const struct show *s, const struct buf *text)
{
	return text->n ? lang_phrase(s->lang, PHRASE_V_COMMA) : "";
}

/* The same in a few lines: what the log lacks, and what would bring it. */
static void
count_not_checked(const struct show *s, const struct check *c, unsigned n, struct buf *out)
{
	unsigned count[TOPICS + 2] = { 0 };
	struct buf text;
	bool watched = true; /* the process: then it was started with run */

	for (unsigned i = 0; i < n; i++)
		if (c[i].state == CHECK_NOT) {
			count[topic_of(c[i].why)]++;
			watched &= !c[i].why || strncmp(c[i].why, "no proc/", 8) != 0;
		}
	buf_init(&text, 16 << 10);
	for (size_t i = 0; i < MACHINE; i++)
		if (count[i])
			buf_printf(&text, "%s%s (%u)", comma(s, &text), lang_phrase(s->lang, topics[i].name), count[i]);
	if (text.n)
		paragraph(s, lang_phrase(s->lang, PHRASE_V_ABSENT), buf_cstr(&text), out);
	buf_reset(&text);
	for (size_t i = MACHINE; i <= ELSE; i++)
		if (count[i]) {
			buf_str(&text, comma(s, &text));
			buf_printf(&text, lang_phrase(s->lang, i == MACHINE ? (watched ? PHRASE_V_OF_GPU : PHRASE_V_OF_MACHINE) :
			    i == FEW ? PHRASE_V_OF_FEW : PHRASE_V_OF_ELSE), count[i]);
		}
	if (text.n)
		paragraph(s, lang_phrase(s->lang, PHRASE_V_NOT_GROUPS), buf_cstr(&text), out);
	buf_fini(&text);
}

static void
show_judgement(const struct show *s, const struct judge *j, struct buf *out)
{
	const struct finding *const *f;
	const struct check *c;
	unsigned n = judge_findings(j, &f);

	if (n == 0)
		paint(s, GREEN, lang_phrase(s->lang, PHRASE_V_GOOD), out);
	for (int sev = SEV_CRITICAL; sev >= SEV_INFO; sev--)
		for (unsigned i = 0; i < n; i++) {
			if ((int)f[i]->severity != sev || f[i]->under)
				continue; /* what hangs below another is said with that */
			buf_str(out, "  ");
			paint(s, severity_colour[sev], severity_word(s, (enum severity)sev), out);
			buf_printf(out, ": %s [%s]%s\n", f[i]->summary ? lang_pick(s->lang, f[i]->summary, f[i]->zh.summary) : "",
			    f[i]->rule, f[i]->state == FINDING_RESOLVED ? lang_phrase(s->lang, PHRASE_V_RESOLVED) : "");
		}
	n = judge_checks(j, &c);
	list_clean(s, c, n, out);
	if (s->unchecked)
		list_not_checked(s, c, n, out);
	else if (!s->brief)
		count_not_checked(s, c, n, out);
}

void
show_verdict(const struct show *s, const struct run *r, const struct series_set *set, const struct vocab *v,
    const struct judge *j, struct buf *out)
{
	if (!s->brief)
		paint(s, DIM, "lossdog: ", out);
	show_head(s, r, out);
	show_all_series(s, set, v, out);
	if (j)
		show_judgement(s, j, out);
}
