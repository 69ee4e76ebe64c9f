/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "board.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "braille.h"
#include "clock.h"
#include "standing.h"
#include "translate.h"
#include "xalloc.h"

#define LABEL      10 /* columns left of a curve */
#define CURVE_ROWS 7  /* characters that a curve is high, at most */

void
board_init(struct board *b, bool utf8, enum lang lang)
{
	*b = (struct board){ .utf8 = utf8, .lang = lang };
}

void
board_fini(struct board *b)
{
	free(b->row);
}

const char *
board_sort_name(enum board_sort s)
{
	static const char *const name[SORTS] = { "state", "name", "step", "loss", "rate",
		"eta", "age" };

	return name[s];
}

/* --- rows --- */

/* How much a run needs a look. */
static int
urgency(const struct board_row *r)
{
	static const int of_status[RUN_STATUSES] = {
		[RUN_CRASHED] = 50, [RUN_SILENT] = 40, [RUN_STOPPED] = 30, [RUN_GONE] = 20,
		[RUN_ACTIVE] = 10, [RUN_NEW] = 5, [RUN_FINISHED] = 0 };

	return of_status[r->r.status] + (r->firing[SEV_CRITICAL] > 0 ? 200 : 0) +
	    (r->firing[SEV_WARNING] > 0 ? 100 : 0);
}

static double
sort_value(const struct board_row *r, enum board_sort key)
{
	switch (key) {
	case SORT_STATE: return -urgency(r);
	case SORT_STEP:  return -r->r.step;
	case SORT_LOSS:  return r->r.loss;
	case SORT_RATE:  return -r->r.rate;
	case SORT_ETA:   return r->r.eta;
	case SORT_AGE:   return -r->r.last;
	default:         return 0;
	}
}

/* What is not known comes last, whichever way. */
static int
compare_rows(const void *x, const void *y, void *arg)
{
	const struct board     *b = arg;
	const struct board_row *p = x, *q = y;
	double                  u = sort_value(p, b->sort), v = sort_value(q, b->sort);
	int                     c = 0;

	if (isnan(u) != isnan(v))
		return isnan(u) ? 1 : -1;
	if (u < v || u > v)
		c = u < v ? -1 : 1;
	if (c == 0)
		c = strverscmp(p->r.name, q->r.name);
	return b->reverse ? -c : c;
}

static bool
is_shown(const struct board *b, const struct board_row *r)
{
	if (b->bad_only && r->firing[SEV_WARNING] + r->firing[SEV_CRITICAL] == 0)
		return false;
	return b->filter[0] == '\0' || strcasestr(r->r.name, b->filter) != NULL;
}

/* Bytes at the start of all names that say nothing, up to a slash. */
static size_t
common_folder(const struct roster *r)
{
	const char *first = roster_count(r) > 0 ? roster_name(r, 0) : "";
	size_t      n = strlen(first);

	for (unsigned i = 1; i < roster_count(r); i++) {
		const char *name = roster_name(r, i);
		size_t      k = 0;

		while (k < n && name[k] == first[k])
			k++;
		n = k;
	}
	while (n > 0 && first[n - 1] != '/')
		n--;
	return n;
}

void
board_refresh(struct board *b, const struct roster *r, double now)
{
	b->all = roster_count(r);
	b->n = 0;
	for (unsigned i = 0; i < b->all; i++) {
		struct board_row row = { .run = i };

		roster_describe(r, i, now, &row.r);
		roster_firing(r, i, row.firing);
		if (!is_shown(b, &row))
			continue;
		XGROW(b->row, b->n, b->cap);
		b->row[b->n++] = row;
	}
	if (b->n > 1)
		qsort_r(b->row, b->n, sizeof *b->row, compare_rows, b);
	b->common = common_folder(r);
}

unsigned
board_cursor(const struct board *b)
{
	for (unsigned i = 0; i < b->n && b->has_selected; i++)
		if (b->row[i].run == b->selected)
			return i;
	return 0;
}

void
board_move(struct board *b, int by)
{
	int at = (int)board_cursor(b) + by;

	if (b->n == 0)
		return;
	if (at < 0)
		at = 0;
	if (at >= (int)b->n)
		at = (int)b->n - 1;
	b->selected = b->row[at].run;
	b->has_selected = true;
}

/* --- lines --- */

/* What was appended from `at` on, cut or filled up to width columns. */
static void
fit(struct buf *out, size_t at, unsigned width)
{
	unsigned columns = 0;

	for (size_t i = at; i < out->n;) {
		struct span rest = { out->p + i, out->n - i };
		size_t      n = span_utf8(rest);
		unsigned    w = span_columns(rest);

		if (columns + w > width) {
			out->n = i;
			out->p[i] = '\0';
			break;
		}
		columns += w;
		i += n ? n : 1;
	}
	while (columns++ < width)
		buf_char(out, ' ');
}

/* Text in a column of its own, followed by a blank. */
static void
cell(struct buf *out, unsigned width, bool right, const char *text)
{
	unsigned columns = span_width(span_of(text));
	size_t   at = out->n;

	for (unsigned i = columns; right && i < width; i++)
		buf_char(out, ' ');
	buf_str(out, text);
	fit(out, at, width);
	buf_char(out, ' ');
}

/* The same of what is said in the reader's language. */
static void
head(const struct board *b, struct buf *out, unsigned width, bool right, const char *english)
{
	char *text = translated(b->lang, english);

	cell(out, width, right, text);
	free(text);
}

/* A count as people say it: 950, 12.3k, 4.5M. */
static void
short_number(double v, char ret[static 16])
{
	static const char unit[] = " kMGT";
	unsigned          i = 0;

	if (isnan(v)) {
		snprintf(ret, 16, "-");
		return;
	}
	while (fabs(v) >= 10000 && i < 4) {
		v /= 1000;
		i++;
	}
	if (i == 0)
		snprintf(ret, 16, fabs(v) < 100 && v != floor(v) ? "%.2f" : "%.0f", v);
	else
		snprintf(ret, 16, "%.1f%c", v, unit[i]);
}

static void
progress(const struct ledger_run *r, char ret[static 40])
{
	char a[16], b[16];
	bool epochs = isnan(r->step);

	short_number(epochs ? r->epoch : r->step, a);
	short_number(epochs ? r->epochs : r->steps, b);
	snprintf(ret, 40, "%s%s%s%s", epochs && !isnan(r->epoch) ? "ep " : "", a,
	    strcmp(b, "-") != 0 ? "/" : "", strcmp(b, "-") != 0 ? b : "");
}

static void
span_or_dash(double seconds, char ret[static 24])
{
	if (isnan(seconds))
		snprintf(ret, 24, "-");
	else
		clock_span(seconds < 1 ? 0 : floor(seconds), ret);
	if (strcmp(ret, "0ms") == 0)
		snprintf(ret, 24, "0s");
}

static void
findings(const unsigned firing[4], char ret[static 24])
{
	int n = 0;

	ret[0] = '\0';
	if (firing[SEV_CRITICAL] > 0)
		n = snprintf(ret, 24, "%u crit", firing[SEV_CRITICAL]);
	if (firing[SEV_WARNING] > 0)
		snprintf(ret + n, 24 - (size_t)n, "%s%u warn", n > 0 ? " " : "", firing[SEV_WARNING]);
}

/* The last part of a name says most, so a long one loses its beginning. */
static void
add_name(struct buf *out, const char *name, unsigned width)
{
	struct buf  b;
	const char *p;
	size_t      at = out->n;

	buf_init(&b, 4096);
	buf_harmless(&b, span_of(name), 1000);
	p = buf_cstr(&b);
	if (span_width(span_of(p)) > width && width > 2) {
		while (span_width(span_of(p)) > width - 2)
			p += span_utf8(span_of(p)) ? span_utf8(span_of(p)) : 1;
		buf_str(out, "..");
	}
	buf_str(out, p);
	fit(out, at, width);
	buf_fini(&b);
}

static unsigned
name_width(unsigned width)
{
	/* what board_line takes besides: 9 + 12 + 7 + 9 + 16 + 7 + 7 + 13, and a blank each */
	return width > 80 + 9 + 20 ? width - 80 - 9 : 20;
}

void
board_title(const struct board *b, unsigned width, struct buf *out)
{
	unsigned of[RUN_STATUSES] = { 0 }, critical = 0, warning = 0;
	size_t   at = out->n;

	for (unsigned i = 0; i < b->n; i++) {
		of[b->row[i].r.status]++;
		critical += b->row[i].firing[SEV_CRITICAL];
		warning += b->row[i].firing[SEV_WARNING];
	}
	buf_str(out, " lossdog  ");
	translate_printf(b->lang, out, "%u run%s", b->all, b->all == 1 ? "" : "s");
	for (unsigned i = 0; i < RUN_STATUSES; i++)
		if (of[i] > 0) {
			buf_printf(out, "  %u ", of[i]);
			translate(b->lang, ledger_status_name((enum ledger_status)i), out);
		}
	if (critical + warning > 0) {
		buf_str(out, "  |  ");
		translate_printf(b->lang, out, "%u critical, %u warning%s", critical, warning, warning == 1 ? "" : "s");
	}
	buf_str(out, "  |  ");
	translate_printf(b->lang, out, "by %s%s", board_sort_name(b->sort), b->reverse ? ", reversed" : "");
	if (b->bad_only) {
		buf_str(out, "  |  ");
		translate(b->lang, "only with findings", out);
	}
	if (b->filter[0] != '\0')
		buf_printf(out, "  |  /%s", b->filter);
	fit(out, at, width);
}

void
board_head(const struct board *b, unsigned width, struct buf *out)
{
	size_t at = out->n;

	buf_char(out, ' ');
	head(b, out, 8, false, "STATE");
	head(b, out, name_width(width), false, "RUN");
	head(b, out, 12, true, "STEP");
	head(b, out, 7, true, "ETA");
	head(b, out, 9, true, "LOSS");
	head(b, out, 16, false, "CURVE");
	head(b, out, 7, true, "STEPS/S");
	head(b, out, 7, true, "AGE");
	head(b, out, 13, false, "FINDINGS");
	fit(out, at, width);
}

void
board_line(const struct board *b, const struct board_row *row, unsigned width, double now,
    struct buf *out)
{
	const struct ledger_run *r = &row->r;
	char   steps[40], eta[24], loss[24], rate[16], age[24], found[24];
	size_t at = out->n;

	progress(r, steps);
	span_or_dash(r->eta, eta);
	span_or_dash(isnan(r->last) ? NAN : fmax(now - r->last, 0), age);
	short_number(r->rate, rate);
	findings(row->firing, found);
	snprintf(loss, sizeof loss, isnan(r->loss) && r->lines == 0 ? "-" : "%.5g", r->loss);
	buf_char(out, ' ');
	head(b, out, 8, false, ledger_status_name(r->status));
	add_name(out, r->name + b->common, name_width(width));
	buf_char(out, ' ');
	cell(out, 12, true, steps);
	cell(out, 7, true, eta);
	cell(out, 9, true, loss);
	cell(out, 16, false, b->utf8 ? r->curve : "");
	cell(out, 7, true, rate);
	cell(out, 7, true, age);
	head(b, out, 13, false, found);
	fit(out, at, width);
}

/* --- one run --- */

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/*
 * Between what values the curve is drawn; false: there are none.  A few that
 * are far from all others would flatten the rest: they run out of the picture.
 */
static bool
value_range(const double *y, unsigned n, double *lo, double *hi)
{
	double   v[SERIES_HISTORY], low, high;
	unsigned k = 0;

	for (unsigned i = 0; i < n; i++)
		if (isfinite(y[i]))
			v[k++] = y[i];
	if (k == 0)
		return false;
	qsort(v, k, sizeof *v, by_value);
	*lo = v[0];
	*hi = v[k - 1];
	low = v[k / 20];
	high = v[k - 1 - k / 20];
	if (k >= 20 && *hi - *lo > 20 * (high - low) && high > low) {
		*lo = fmax(*lo, low - 0.5 * (high - low));
		*hi = fmin(*hi, high + 0.5 * (high - low));
	}
	if (*hi - *lo < 1e-12 * (fabs(*hi) + 1)) {
		*lo -= 0.5;
		*hi += 0.5;
	}
	return true;
}

static unsigned
points(const struct series *s, double *x, double *y)
{
	struct series_bucket h[SERIES_HISTORY];
	unsigned             n = series_history(s, h);

	for (unsigned i = 0; i < n; i++) {
		x[i] = isnan(h[i].step) ? i : h[i].step;
		y[i] = h[i].mean;
	}
	return n;
}

static void
curve_lines(const struct braille *plot, double lo, double hi, unsigned width, struct buf *out)
{
	for (unsigned i = 0; i < plot->rows; i++) {
		char   label[24] = "";
		size_t at = out->n;

		if (i == 0)
			snprintf(label, sizeof label, "%.4g", hi);
		else if (i + 1 == plot->rows)
			snprintf(label, sizeof label, "%.4g", lo);
		buf_printf(out, "%*s ", LABEL - 1, label);
		braille_row(plot, i, out);
		fit(out, at, width);
		buf_char(out, '\n');
	}
}

static void
curve(const struct board *b, const struct series *s, const struct vocab *v, unsigned width,
    unsigned rows, struct buf *out)
{
	double              x[SERIES_HISTORY], y[SERIES_HISTORY], lo, hi;
	unsigned            n = points(s, x, y);
	struct series_point newest, best;
	struct braille      plot;
	size_t              at = out->n;
	const char         *labels = vocab_labels_text(v, series_labels(s));
	const struct metric_info *info = vocab_metric_info(v, series_metric(s));

	buf_printf(out, " %s%s%s", vocab_metric_name(v, series_metric(s)),
	    labels[0] != '\0' ? " " : "", labels);
	if (series_recent(s, 0, &newest))
		translate_printf(b->lang, out, "  now %.6g", newest.value);
	if (info != NULL && info->dir != DIR_NONE && series_best(s, &best)) {
		translate_printf(b->lang, out, "  best %.6g", best.value);
		if (!isnan(best.step))
			translate_printf(b->lang, out, " at step %.0f", best.step);
	}
	if (series_nonfinite(s) > 0)
		translate_printf(b->lang, out, "  %llu not finite", (unsigned long long)series_nonfinite(s));
	fit(out, at, width);
	buf_char(out, '\n');
	if (!b->utf8 || width <= LABEL || !value_range(y, n, &lo, &hi))
		return;
	braille_init(&plot, width - LABEL, rows);
	braille_curve(&plot, x, y, n, lo, hi);
	curve_lines(&plot, lo, hi, width, out);
}

static void
run_head(const struct board *b, const struct board_row *row, unsigned width, double now, struct buf *out)
{
	const struct ledger_run *r = &row->r;
	char   steps[40], eta[24], age[24];
	size_t at = out->n;

	progress(r, steps);
	span_or_dash(r->eta, eta);
	span_or_dash(isnan(r->last) ? NAN : now - r->last, age);
	buf_char(out, ' ');
	buf_harmless(out, span_of(r->name), 300);
	buf_str(out, "  ");
	translate(b->lang, ledger_status_name(r->status), out);
	translate_printf(b->lang, out, "  step %s  eta %s  last line %s ago", steps, eta, age);
	buf_printf(out, "%s%s", r->profile != NULL ? "  " : "", r->profile != NULL ? r->profile : "");
	fit(out, at, width);
	buf_str(out, "\n\n");
}

static void
run_findings(const struct board *b, const struct pipeline *p, unsigned width, unsigned height, struct buf *out)
{
	const struct finding *const *f;
	unsigned n = pipeline_judge(p) != NULL ? judge_findings(pipeline_judge(p), &f) : 0;
	unsigned lines = 0;

	for (unsigned i = n; i-- > 0 && lines < height;) {
		size_t at = out->n;

		if (f[i]->severity < SEV_WARNING)
			continue;
		buf_char(out, ' ');
		translate_printf(b->lang, out, "%s%s", severity_name(f[i]->severity),
		    f[i]->state == FINDING_RESOLVED ? " (resolved)" : "");
		buf_str(out, ": ");
		buf_harmless(out, span_of(lang_pick(b->lang, f[i]->summary, f[i]->zh.summary)), 300);
		buf_printf(out, " [%s]", f[i]->rule);
		fit(out, at, width);
		buf_char(out, '\n');
		if (++lines == height || f[i]->advice == NULL)
			continue;
		at = out->n;
		translate(b->lang, "    do: ", out);
		buf_harmless(out, span_of(lang_pick(b->lang, f[i]->advice, f[i]->zh.advice)), 300);
		fit(out, at, width);
		buf_char(out, '\n');
		lines++;
	}
}

static unsigned
serious(const struct pipeline *p)
{
	const struct finding *const *f;
	unsigned n = pipeline_judge(p) != NULL ? judge_findings(pipeline_judge(p), &f) : 0;
	unsigned k = 0;

	for (unsigned i = 0; i < n; i++)
		k += f[i]->severity >= SEV_WARNING;
	return k;
}

/* The main series first, then the others in the order of their coming. */
static void
run_curves(const struct board *b, const struct pipeline *p, unsigned width, unsigned height,
    struct buf *out)
{
	const struct series_set *set = pipeline_series(p);
	const struct series     *first = standing_series(p);
	unsigned n = series_count(set), rows = CURVE_ROWS, used = 0;

	if (first == NULL)
		return;
	while (rows > 2 && (rows + 1) * n > height)
		rows--;
	for (unsigned i = 0; i <= n && used + rows + 1 <= height; i++) {
		const struct series *s = i == 0 ? first : series_at(set, i - 1);

		if (i > 0 && s == first)
			continue;
		curve(b, s, pipeline_vocab(p), width, rows, out);
		used += rows + 1;
	}
}

void
board_run(const struct board *b, const struct board_row *row, const struct pipeline *p,
    unsigned width, unsigned height, double now, struct buf *out)
{
	unsigned words;

	run_head(b, row, width, now, out);
	if (p == NULL || height < 6)
		return;
	words = 2 * serious(p);
	if (words > height / 3)
		words = height / 3;
	run_curves(b, p, width, height - 3 - words, out);
	if (words > 0)
		buf_char(out, '\n');
	run_findings(b, p, width, words, out);
}
