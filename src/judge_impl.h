/* SPDX-License-Identifier: MIT */
/*
 * judge_impl: the fields of the judge, for judge*.c.
 *
 * An instance is one rule bound to its series: by numbers, so that its state
 * can be written out; the pointers in it are made from them.
 */
#ifndef JUDGE_IMPL_H
#define JUDGE_IMPL_H

#include "buf.h"
#include "expr_eval.h"
#include "facts.h"
#include "judge.h"
#include "rule_impl.h"
#include "series_impl.h"
#include "trace.h"

#define CLUSTER_SECONDS 120 /* events this near belong together (diagnostics 1.2) */
#define CLUSTER_LINES   200 /* the same where times are not known */
#define QUIET_CLOSE     600 /* seconds that a condition must be false to end an episode */
#define PART_LINES      12  /* an exception says what it was within so many lines of its end */
#define EPISODES_FREE   2   /* what comes again more often is the nature of this run */
#define CAUGHT_POINTS   3   /* points after a traceback that show that it was caught */
#define SETTLE_SECONDS  10  /* without a line: no root will come any more */
#define FINDINGS_MAX    1000
#define INSTANCES_MAX   200000
#define CAPTURE_SIZE    256

struct instance {
	unsigned rule;                 /* its place in the rules */
	int      labels, metric;       /* of `each`; metric -1: none */
	int      series[SCOPE_NEEDS];  /* -1: there is none */
	unsigned char cost[SCOPE_NEEDS]; /* how far from the best choice */
	bool     shadowed;             /* a better series of its list exists */
	bool     open;
	enum severity severity;
	uint32_t trues, falses;        /* evaluations in a row */
	double   false_since;          /* wall time */
	unsigned episode;
	uint64_t rest;                 /* no further episode before that many points */
	enum severity worst;           /* of its episodes */
	double   first_time, last_time;
	int      finding;              /* its place in the findings, -1: none */
	uint32_t streak[SCOPE_STREAKS];
	unsigned keep, min_points;
	/* made anew after loading: */
	bool     off;                  /* by the user's configuration */
	int      fixed;                /* the severity that it gives; -1: the rule's own */
	const struct series *s[SCOPE_NEEDS];
	struct value *param;           /* own; NULL: those of the rule */
};

/* What became of a rule, for the verdict. */
struct outcome {
	bool  fired, known, silent;
	bool  off;                     /* the user wants nothing of it, in this run */
	const struct node *unknown;    /* could not tell, last */
	const char *why;               /* of the silence */
	unsigned causes;               /* bits of the causes whose evidence was true */
	unsigned open;                 /* instances that fire */
	unsigned single;               /* instance + 1 of a rule that has just one */
	struct value *param;
	unsigned *instance;            /* all of the rule */
	size_t    size;
	unsigned  n;
};

/* Which needs of which rules a metric can fill. */
struct fit { unsigned rule; unsigned char need, rank; };
struct plan { bool made; struct fit *fit; unsigned n; };

/* Instances to be evaluated with a series. */
struct bound { unsigned *v; size_t size; unsigned n, nblock; unsigned *block; size_t block_size; };

/* An event that waits for its root. */
struct waiting {
	struct finding *finding;       /* NULL: none */
	unsigned instance;
	uint64_t line;
	double   time, arrival;
};

struct judge {
	const struct rules *rules;
	struct vocab  *vocab;
	struct series_set *set;
	const struct run *run;
	judge_fn *fn;
	void     *arg;
	struct facts facts;
	struct outcome *outcome;       /* by rule */
	struct instance *inst;
	size_t    inst_size;
	unsigned  ninst;
	struct plan *plan;             /* by metric */
	unsigned  nplan;
	struct bound *bound;           /* by series */
	unsigned  nbound;
	unsigned *tick, ntick;         /* rules evaluated as time passes */
	unsigned **watcher, *nwatcher; /* by id: rules whose conditions name it */

	char     capture[RULE_CAPTURES][CAPTURE_SIZE];
	const char *captured[RULE_CAPTURES];
	const struct line *line;       /* in hand */
	uint64_t line_number;
	double   last_arrival, next_tick;

	struct trace trace;
	int       trace_rule, restart_rule; /* -1: none */
	struct waiting cascade, crash; /* an event without its root; a traceback */
	double    crash_step;
	bool      crash_early;         /* nothing had been trained before it */
	bool      crash_thread;        /* it ended a thread, not the program */
	unsigned  crash_points;        /* points since the traceback */
	uint64_t  root_line;           /* of the newest root; 0: none */
	int       root_rule;           /* its rule; -1: none */
	int       noted_rule, noted_id; /* of the newest event; -1: none */
	uint64_t  noted_line;
	unsigned  telling;             /* the rule whose finding is handed on */
	const char *under;             /* the headline of what is told now; NULL: it is its own */
	double    root_time;

	double    progress;            /* run->last_progress as it was */
	double    step, epoch;         /* the position as it was */
	enum mark last_phase;          /* phase before the newest line */
	unsigned  progressed;          /* lines with progress of the segment */
	double    gap[MARK_FINISH + 1];/* longest silence by phase */

	struct finding **found;
	size_t    found_size;
	unsigned  nfound;
	struct check *check;
	char    **check_why;
	unsigned  ncheck;
	struct buf buf;
	bool      ended;
};

/* judge_bind.c */
void judge_bind(struct judge *, struct series *);
void judge_bind_single(struct judge *);
/* Metric -1: a rule about the run.  The number of the new one. */
unsigned instance_add(struct judge *, unsigned rule, int metric, int labels);
struct instance *instance_find(struct judge *, unsigned rule, int metric, int labels);
bool judge_live_sample(struct judge *, const struct sample *);

/* judge_eval.c */
void instance_evaluate(struct judge *, unsigned instance);
void judge_env(struct judge *, const struct instance *, struct env *ret);
/* The user's severity, or that of the first level whose condition is true; false: none is. */
bool instance_level(const struct judge *, const struct instance *, struct env *, enum severity *ret);
/* Opens the episode and hands the finding on, unless it is inhibited. */
void instance_fire(struct judge *, unsigned instance);
void instance_close(struct judge *, unsigned instance, bool tell);
bool judge_inhibited(const struct judge *, unsigned rule);

/* judge_find.c */
/* The finding of an instance as it stands now; free with finding_free. */
struct finding *instance_finding(struct judge *, unsigned instance);
/* Keeps f (taken) as the newest state of the instance's episode and hands it on. */
void judge_tell(struct judge *, unsigned instance, struct finding *f);

/* judge_event.c */
void judge_settle(struct judge *, bool all);
/* The event of a rule has happened now; its groups are in captured. */
void judge_happened(struct judge *, unsigned rule);
void judge_trace(struct judge *, const struct line *);
void judge_progressed(struct judge *, const struct series *);

#endif
