/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "live.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "host.h"
#include "sense.h"
#include "signals.h"
#include "standing.h"
#include "translate.h"

const char *const live_fail_on[] = { "never", "info", "notice", "warning", "critical", NULL };

/* Findings go where programs look for them only when nothing else is there. */
static bool
uses_stdout(const struct opts_output *o)
{
	return o->json && o->quiet;
}

void
live_prepare(struct live *l, const struct opts_output *o)
{
	FILE *out = uses_stdout(o) ? stdout : stderr;

	l->output = *o;
	l->output.color = cmd_color(o->color, out) ? COLOR_ALWAYS : COLOR_NEVER;
}

static bool
names_rules(const struct live *l)
{
	enum severity sev;

	if (l->hooks.on != NULL && l->hooks.on->n > 0)
		return true;
	for (size_t i = 0; l->stop_on != NULL && i < l->stop_on->n; i++)
		if (!severity_find(l->stop_on->v[i], &sev))
			return true;
	return false;
}

int
live_know(struct live *l, const struct opts_knowledge *o)
{
	*l->knowledge = (struct knowledge){ .rules = NULL };
	if (names_rules(l) || !know_is_sure(o))
		return know_open(l->knowledge, o, KNOW_RULES);
	l->load = o;
	return 0;
}

int
live_check(struct live *l, struct diag *d)
{
	for (size_t i = 0; l->stop_on != NULL && i < l->stop_on->n; i++)
		if (!hook_word_valid(l->knowledge, span_of(l->stop_on->v[i]), SEV_WARNING,
		    "--stop-on", d))
			return -1;
	for (size_t i = 0; l->hooks.on != NULL && i < l->hooks.on->n; i++)
		if (!hook_valid(l->knowledge, l->hooks.on->v[i], d))
			return -1;
	return monitors_new(l->with->files.v, l->with->files.n, NULL, MONITORS_FROM_NOW, &l->monitors, d);
}

void
live_fini(struct live *l)
{
	monitors_free(l->monitors);
	record_fini(&l->record);
}

static bool
is_stop(const struct live *l, const struct finding *f)
{
	for (size_t i = 0; l->stop_on != NULL && i < l->stop_on->n; i++)
		if (hook_means(l->knowledge, span_of(l->stop_on->v[i]), f))
			return true;
	return false;
}

static void
found(void *arg, const struct run *run, const struct finding *f)
{
	struct live *l = arg;
	char         why[200];

	tell_finding(&l->tell, run, f);
	record_finding(&l->record, run, f, clock_wall());
	hook_finding(&l->hooks, l->knowledge, f, clock_mono());
	if (f->state != FINDING_FIRING || !isnan(l->asked) || !is_stop(l, f))
		return;
	l->asked = clock_wall();
	snprintf(why, sizeof why, "%s: %s", f->rule, f->summary);
	feed_request_stop(l->feed, why);
}

static void
sampled(void *arg, const struct run *run, const struct sample *s)
{
	struct live *l = arg;

	tell_sample(&l->tell, run, s);
}

static void
lined(void *arg, const struct line *line, const struct match *m)
{
	struct live *l = arg;

	record_line(&l->record, line, hyper_measures(l->knowledge->vocab, m), pipeline_run(l->pipeline));
}

static void
gap(struct live *l, int64_t bytes)
{
	if (l->lost == 0)
		cmd_remark("output came faster than it could be analysed or kept");
	l->lost += (uint64_t)bytes;
}

/* --- what the command uses --- */

static void
start_sense(struct live *l)
{
	struct sense_spec spec = { .root = getppid(), .except = getpid(), .dirs = l->dirs };

	l->sense = sense_start(&spec);
	feed_also(l->feed, l->sense);
}

static void
add_reading(struct live *l, const struct sense_reading *r)
{
	struct vocab  *v = l->knowledge->vocab;
	struct sample  s = { .value = r->value, .step = pipeline_run(l->pipeline)->step,
		.epoch = pipeline_run(l->pipeline)->epoch, .time = r->wall,
		.segment = pipeline_run(l->pipeline)->segment };

	s.metric = vocab_metric_named(v, r->metric);
	s.labels = vocab_labels(v, span_of(r->labels));
	if (s.metric >= 0 && s.labels >= 0)
		pipeline_sample(l->pipeline, &s);
}

/* Looked at when the command begins and ends: what is killed last is what matters. */
static void
count_kills(struct live *l, double wall)
{
	struct sense_reading r = { .metric = "mem/oom_kills", .value = host_oom_kills(), .wall = wall };

	if (!isnan(r.value))
		add_reading(l, &r);
}

static void
read_sense(struct live *l)
{
	struct sense_reading r;
	bool                 ended = false;

	while (l->sense >= 0 && sense_next(l->sense, &r, &ended))
		add_reading(l, &r);
	if (ended) {
		feed_also(l->feed, -1);
		close(l->sense);
		l->sense = -1;
	}
}

#define LOOK_EVERY 0.5 /* at the files beside the run */

static void
look_beside(struct live *l, double wall, double now)
{
	if (l->with->files.n == 0 || now < l->looked + LOOK_EVERY)
		return;
	l->looked = now;
	monitors_look(l->monitors, wall);
	know_monitors(l->monitors);
}

/* --- the line below the output --- */

#define STATUS_EVERY 0.5

/* The mean of the newest values of a metric over its label sets; NaN: there are none. */
static double
mean_of(const struct pipeline *p, const char *metric)
{
	const struct series_set *set = pipeline_series(p);
	double                   sum = 0;
	unsigned                 n = 0;

	for (unsigned i = 0; i < series_count(set); i++) {
		const struct series *s = series_at(set, i);
		struct series_point  last;

		if (strcmp(vocab_metric_name(pipeline_vocab(p), series_metric(s)), metric) != 0 ||
		    !series_recent(s, 0, &last))
			continue;
		sum += last.value;
		n++;
	}
	return n > 0 ? sum / n : NAN;
}

/* The time left, as a range where the whole run and its last steps differ. */
static void
put_eta(const struct live *l, const struct ledger_run *r, struct buf *b)
{
	double now = clock_wall(), whole, least, most;
	char   from[24], to[24];

	whole = (now - l->started) / r->step * (r->steps - r->step);
	if (isnan(r->eta) || isnan(whole) || r->step <= 0)
		return;
	least = fmin(whole, r->eta);
	most = fmax(whole, r->eta);
	clock_span(least, from);
	clock_span(most, to);
	if (most > 1.05 * least)
		translate_printf(l->tell.show.lang, b, " | ETA %s to %s", from, to);
	else
		translate_printf(l->tell.show.lang, b, " | ETA %s", to);
}

static void
put_status(const struct live *l, struct buf *b)
{
	struct ledger_run r;
	double            gpu = mean_of(l->pipeline, "gpu/util");
	enum lang         lang = l->tell.show.lang;
	unsigned          bad = l->tell.firing[SEV_CRITICAL], odd = l->tell.firing[SEV_WARNING];

	standing_of(l->pipeline, NAN, clock_wall(), &r);
	buf_printf(b, "lossdog: %s", r.name);
	if (!isnan(r.step))
		translate_printf(lang, b, " | step %.0f", r.step);
	if (!isnan(r.steps) && r.steps > 0)
		buf_printf(b, "/%.0f %.0f%%", r.steps, 100 * r.step / r.steps);
	if (!isnan(r.loss))
		translate_printf(lang, b, " | loss %.4g %s", r.loss, l->tell.show.utf8 ? r.curve : "");
	if (!isnan(r.rate))
		translate_printf(lang, b, " | %.3g steps/s", r.rate);
	put_eta(l, &r, b);
	if (!isnan(gpu))
		buf_printf(b, " | GPU %.0f%%", 100 * gpu);
	if (bad + odd > 0)
		translate_printf(lang, b, " | %u critical, %u warnings", bad, odd);
}

/* At most so many columns of UTF-8: the parts that fit whole, or a piece of the first. */
static void
fit_columns(struct buf *b, unsigned columns)
{
	unsigned n = 0;
	size_t   end = 0;

	for (size_t i = 0; i < b->n;) {
		struct span rest = { b->p + i, b->n - i };
		size_t      size = span_utf8(rest);

		if (span_starts(rest, " | "))
			end = i;
		n += span_columns(rest);
		if (n > columns) {
			b->n = end > 0 ? end : i;
			b->p[b->n] = '\0';
		}
		i += size ? size : 1;
	}
}

static void
show_status(struct live *l, double now)
{
	struct buf b;

	if (!l->status || now < l->drawn + STATUS_EVERY)
		return;
	l->drawn = now;
	buf_init(&b, FEED_TEXT - 1);
	put_status(l, &b);
	fit_columns(&b, l->tell.show.columns - 1);
	feed_status(l->feed, buf_cstr(&b));
	buf_fini(&b);
}

/* --- the feed --- */

/* Who wants the command to end is what its owner asks first; the filter's own signals are its own. */
static void
signalled(struct live *l, int number, int from)
{
	char name[16], path[32], who[32] = "";
	FILE *f;

	if (isnan(l->started))
		return;
	pipeline_asked(l->pipeline);
	if (from <= 0)
		return; /* a key, or the terminal has gone */
	snprintf(path, sizeof path, "/proc/%d/comm", from);
	f = fopen(path, "re");
	if (f != NULL && fgets(who, sizeof who, f) == NULL)
		who[0] = '\0';
	if (f != NULL)
		fclose(f);
	who[strcspn(who, "\n")] = '\0';
	cmd_remark("SIG%s came from process %d%s%s%s", signals_name(number, name), from,
	    who[0] != '\0' ? " (" : "", who, who[0] != '\0' ? ")" : "");
}

static void
take(struct live *l, const struct feed_record *r)
{
	switch (r->type) {
	case FEED_DATA:
		pipeline_feed(l->pipeline, r->stream < PIPELINE_STREAMS ? r->stream : 0,
		    r->bytes, r->wall);
		break;
	case FEED_GAP:
		gap(l, r->a);
		break;
	case FEED_STARTED:
		l->started = r->wall;
		record_started(&l->record, (int)r->a);
		count_kills(l, r->wall);
		start_sense(l);
		break;
	case FEED_SIGNAL:
		signalled(l, (int)r->a, (int)r->b);
		break;
	case FEED_EXIT:
		count_kills(l, r->wall);
		pipeline_status(l->pipeline, (int)r->a, r->b != 0);
		break;
	case FEED_TERM:
		l->tell.show.columns = r->b < 40 ? 40 : (unsigned)r->b;
		break;
	default:
		break;
	}
}

static double
next_wait(const struct live *l)
{
	double wait = pipeline_deadline(l->pipeline) - clock_wall();

	if (l->hooks.n > 0)
		wait = fmin(wait, 0.05);
	if (l->status)
		wait = fmin(wait, STATUS_EVERY);
	if (l->with->files.n > 0)
		wait = fmin(wait, LOOK_EVERY);
	return wait;
}

/* Reads the feed to its end. */
static void
follow(struct live *l)
{
	struct feed_record r;

	for (;;) {
		double wait = next_wait(l);
		int    got = feed_next(l->feed, wait < 0 ? 0 : wait, &r);

		if (got < 0)
			return;
		look_beside(l, clock_wall(), clock_mono());
		if (got == 0)
			pipeline_tick(l->pipeline, clock_wall());
		else
			take(l, &r);
		read_sense(l);
		record_tick(&l->record, pipeline_run(l->pipeline), clock_wall());
		hook_step(&l->hooks, clock_mono());
		show_status(l, clock_mono());
		fflush(stderr);
	}
}

/* What was not spent on a run that nobody would have wanted. */
static void
say_saved(const struct live *l)
{
	const struct run *r = pipeline_run(l->pipeline);
	double            left = r->steps - r->step, saved;
	struct ledger_run now;
	char              span[24];

	/* as fast as it was of late: that of the whole holds the start as well */
	standing_of(l->pipeline, NAN, clock_wall(), &now);
	saved = left / now.rate;
	if (isnan(saved))
		saved = (l->asked - l->started) / r->step * left;
	if (isnan(l->asked) || isnan(saved) || left <= 0)
		return;
	clock_span(saved, span);
	if (l->cost > 0)
		cmd_remark("ended with %.0f of %.0f steps to go: about %s saved, %.2f at %.2f an hour", left, r->steps,
		    span, saved / 3600 * l->cost, l->cost);
	else
		cmd_remark("ended with %.0f of %.0f steps to go: about %s saved", left, r->steps, span);
}

static void
say_lost(const struct live *l)
{
	if (l->lost > 0)
		cmd_remark("%llu bytes of the output were not analysed", (unsigned long long)l->lost);
}

static int
fail_status(const struct live *l)
{
	for (int sev = SEV_CRITICAL; l->fail_on > 0 && sev >= l->fail_on - 1; sev--)
		if (l->tell.firing[sev])
			return sev == SEV_CRITICAL ? STATUS_CRITICAL : STATUS_WARNING;
	return STATUS_OK;
}

static int
judge_all(struct live *l)
{
	int status;

	look_beside(l, clock_wall(), clock_mono());
	pipeline_tick(l->pipeline, clock_wall()); /* what is in the monitors' files is older than what comes */
	follow(l);
	look_beside(l, clock_wall(), INFINITY);
	pipeline_end(l->pipeline, clock_wall());
	/* one of many processes speaks only when it has something to say */
	if (record_speaks(&l->record, pipeline_run(l->pipeline)) || l->tell.firing[SEV_WARNING] + l->tell.firing[SEV_CRITICAL] > 0)
		tell_verdict(&l->tell, l->pipeline);
	say_saved(l);
	say_lost(l);
	fflush(stderr);
	feed_busy(l->feed, RECORD_LAST);
	record_end(&l->record, l->pipeline, !isnan(l->asked), clock_wall());
	feed_busy(l->feed, HOOK_LAST);
	hook_end(&l->hooks, clock_mono());
	status = fail_status(l);
	if (know_unreadable(l->pipeline, l->source))
		status = STATUS_UNKNOWN;
	return status;
}

/* When Slurm ends the job, in seconds since 1970; 0: nobody says. */
static double
job_end(void)
{
	const char *text = getenv("SLURM_JOB_END_TIME");
	double v = text ? strtod(text, NULL) : 0;

	return isfinite(v) && v > 0 ? v : 0;
}

int
live_analyse(struct feed *feed, void *arg)
{
	static char  words[16 << 10];
	struct live *l = arg;
	struct diag  d = { .text = "" };
	int          status = STATUS_UNKNOWN;
	struct pipeline_opts po = { .knowledge = l->knowledge, .run = l->run,
		.source = l->source, .profile = l->profile, .live = true, .arg = l,
		.sample = sampled, .finding = found, .limit = job_end(), .rank = l->record.rank,
		.ranks = l->ranks };

	/* one write for what belongs together: the keeper prints it between lines */
	setvbuf(stderr, words, _IOFBF, sizeof words);
	l->feed = feed;
	l->looked = -INFINITY;
	l->started = l->asked = NAN;
	l->sense = -1;
	if (l->record.argv != NULL)
		po.line = lined;
	if (l->load != NULL && know_open(l->knowledge, l->load, KNOW_RULES) == -1) {
		feed_free(feed);
		return status;
	}
	if (tell_init(&l->tell, uses_stdout(&l->output) ? stdout : stderr, &l->output, l->to,
	    l->knowledge) == 0) {
		po.monitor = monitors_sources(l->monitors, &po.monitors);
		l->pipeline = pipeline_new(&po, &d);
		if (l->pipeline != NULL) {
			record_open(&l->record, l->run, clock_wall());
			status = judge_all(l);
		}
		else
			cmd_diag(&d);
		pipeline_free(l->pipeline);
	}
	tell_fini(&l->tell);
	fflush(stderr);
	feed_free(feed);
	return status;
}
