/* SPDX-License-Identifier: MIT */
/* What `lossdog check` says of a pass: for people, for monitoring, for programs. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "check_impl.h"
#include "clock.h"
#include "show.h"
#include "translate.h"

static const char *const words[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };

static int
status_of(const struct sweep *s)
{
	if (s->firing[SEV_CRITICAL] > 0)
		return STATUS_CRITICAL;
	return s->firing[SEV_WARNING] > 0 || s->missing > 0 ? STATUS_WARNING : STATUS_OK;
}

/* "2 critical, 1 warning; 3 of 120 runs are active, 117 finished" */
static void
sum_up(const struct sweep *s, enum lang l, struct buf *b)
{
	const char *sep = "";

	if (s->firing[SEV_CRITICAL] + s->firing[SEV_WARNING] == 0)
		translate(l, "nothing wrong", b);
	if (s->firing[SEV_CRITICAL] > 0)
		translate_printf(l, b, "%u critical", s->firing[SEV_CRITICAL]);
	if (s->firing[SEV_WARNING] > 0)
		translate_printf(l, b, "%s%u warning%s", s->firing[SEV_CRITICAL] > 0 ? ", " : "",
		    s->firing[SEV_WARNING], s->firing[SEV_WARNING] > 1 ? "s" : "");
	translate_printf(l, b, " in %u run%s", s->runs, s->runs == 1 ? "" : "s");
	for (unsigned i = 0; i < RUN_STATUSES; i++) {
		if (s->status[i] == 0)
			continue;
		buf_printf(b, "%s%u ", *sep ? sep : " (", s->status[i]);
		translate(l, ledger_status_name((enum ledger_status)i), b);
		sep = ", ";
	}
	if (*sep)
		buf_char(b, ')');
	if (s->missing > 0)
		translate_printf(l, b, "; %u log%s gone", s->missing, s->missing == 1 ? " is" : "s are");
	if (s->late)
		translate(l, "; the time was up before all was read", b);
}

/* Text of others on a plugin's line: no line ends, no escapes, and no bar, which begins the figures. */
static void
add_plain(struct buf *b, const char *text)
{
	size_t at = b->n;

	buf_harmless(b, span_of(text), 300);
	for (; at < b->n; at++)
		if (b->p[at] == '|')
			b->p[at] = '/';
}

static void
add_figures(const struct sweep *s, double seconds, struct buf *b)
{
	buf_printf(b, " | 'critical'=%u;;0;0 'warning'=%u;0;;0 'runs'=%u;;;0 'logs'=%u;;;0 'read'=%u;;;0",
	    s->firing[SEV_CRITICAL], s->firing[SEV_WARNING], s->runs, s->logs, s->read);
	for (unsigned i = 1; i < RUN_STATUSES; i++)
		buf_printf(b, " '%s'=%u;;;0", ledger_status_name((enum ledger_status)i), s->status[i]);
	buf_printf(b, " 'time'=%.3fs;;;0\n", seconds);
}

static void
print_nagios(struct sweep *s, int status, double seconds)
{
	struct store_rows   *q = sweep_firing(s);
	struct sweep_finding f;
	struct buf           head, rest;
	bool                 first = true;

	buf_init(&head, 1 << 16);
	buf_init(&rest, 1 << 20);
	buf_printf(&head, "LOSSDOG %s - ", words[status]);
	sum_up(s, LANG_EN, &head); /* for programs */
	while (sweep_next(s, q, &f)) {
		if (first) {
			buf_str(&head, ": ");
			add_plain(&head, f.run);
			buf_str(&head, ": ");
			add_plain(&head, f.summary);
			buf_printf(&head, " [%s]", f.rule);
		}
		first = false;
		buf_printf(&rest, "%s: ", severity_name(f.severity));
		add_plain(&rest, f.run);
		buf_str(&rest, ": ");
		add_plain(&rest, f.summary);
		buf_printf(&rest, " [%s]\n", f.rule);
	}
	store_done(q, NULL);
	add_figures(s, seconds, &head);
	fputs(buf_cstr(&head), stdout);
	fputs(buf_cstr(&rest), stdout);
	buf_fini(&head);
	buf_fini(&rest);
}

/* What is news: in full.  What still fires: only where nothing else would explain the status. */
static void
print_findings(struct sweep *s, bool json)
{
	struct store_rows   *q = sweep_fresh(s);
	struct sweep_finding f;

	while (sweep_next(s, q, &f)) {
		if (!json && f.severity < SEV_WARNING)
			continue;
		fputs(json ? f.json : f.text, stdout);
		if (json)
			putchar('\n');
	}
	store_done(q, NULL);
}

/* What a text that was made for people says in its first line, behind "place: severity: ". */
static struct span
headline(const char *text)
{
	struct span line = { text, strcspn(text, "\n") };

	for (int i = 0; i < 2; i++) {
		size_t at = span_find(line, ": ");

		line = span_from(line, at == (size_t)-1 ? 0 : at + 2);
	}
	return line;
}

static void
print_open(struct sweep *s)
{
	enum lang            lang = cmd_lang();
	struct store_rows   *q = sweep_firing(s);
	struct sweep_finding f;
	struct buf           b;

	buf_init(&b, 1 << 16);
	while (sweep_next(s, q, &f)) {
		if (f.fresh)
			continue;
		buf_reset(&b);
		buf_harmless(&b, span_of(f.run), 200);
		translate_printf(lang, &b, ": still %s: ", severity_name(f.severity));
		buf_harmless(&b, lang == LANG_EN ? span_of(f.summary) : headline(f.text), 300);
		if (lang == LANG_EN)
			buf_printf(&b, " [%s]", f.rule);
		puts(buf_cstr(&b));
	}
	store_done(q, NULL);
	buf_fini(&b);
}

static void
number(double v, const char *fmt, char ret[static 24])
{
	if (isnan(v))
		snprintf(ret, 24, "-");
	else
		snprintf(ret, 24, fmt, v);
}

static void
print_run(const struct ledger_run *r, double now)
{
	char       step[24], steps[24], loss[24], eta[24], age[24];
	struct buf name;

	number(r->step, "%.0f", step);
	number(r->steps, "/%.0f", steps);
	number(r->loss, "%.5g", loss);
	clock_span(r->eta, eta);
	clock_span(now - r->last, age);
	buf_init(&name, 4096);
	buf_harmless(&name, span_of(r->name), 200);
	cmd_cell(stdout, ledger_status_name(r->status), 9);
	printf(" %10s%-8s %10s %8s %8s  %s  %s\n", step,
	    isnan(r->steps) ? "" : steps, loss, isnan(r->eta) ? "-" : eta,
	    isnan(r->last) ? "-" : age, r->curve, buf_cstr(&name));
	buf_fini(&name);
}

static void
print_table(struct sweep *s, double now)
{
	static const struct { const char *name; int columns; } head[] = { /* negative: on the right */
		{ "STATE", 9 }, { "STEP", -11 }, { "", 8 }, { "LOSS", -11 }, { "ETA", -9 }, { "AGE", -9 },
		{ "", 2 }, { "CURVE", 5 }, { "", 2 }, { "RUN", 0 },
	};
	struct store_rows *q = sweep_runs(s);
	struct ledger_run  r;

	for (size_t i = 0; i < sizeof head / sizeof *head; i++)
		cmd_cell(stdout, head[i].name, head[i].columns);
	putchar('\n');
	while (sweep_next_run(s, q, &r))
		print_run(&r, now);
	store_done(q, NULL);
}

int
check_print(struct sweep *s, enum check_format format, bool quiet, double seconds,
    double now)
{
	int        status = status_of(s);
	struct buf b;

	switch (format) {
	case FORMAT_NAGIOS:
		sweep_count(s, NULL);
		print_nagios(s, status, seconds);
		return status;
	case FORMAT_JSON:
		print_findings(s, true);
		return status;
	case FORMAT_TABLE:
		print_table(s, now);
		break;
	case FORMAT_TEXT:
		break;
	}
	print_findings(s, false);
	if (quiet || (status == STATUS_OK && !s->late && format == FORMAT_TEXT))
		return status; /* cron mails whatever is printed */
	sweep_count(s, NULL);
	print_open(s);
	buf_init(&b, 4096);
	sum_up(s, cmd_lang(), &b);
	printf("lossdog check: %s\n", buf_cstr(&b));
	buf_fini(&b);
	return status;
}
