/* SPDX-License-Identifier: MIT */
/*
 * notice: one thing to tell people, complete in itself.
 *
 * What is stored in the outbox and what messages are made of.  A notice is
 * packed when it is stored and unpacked when it is sent, perhaps by another
 * process and after a restart.  Packing is where texts become harmless: no
 * control characters, no terminal escapes, valid UTF-8, each cut to its cap.
 */
#ifndef NOTICE_H
#define NOTICE_H

#include "buf.h"
#include "finding.h"
#include "lang.h"
#include "run.h"
#include "span.h"

/* ORDER NOTICES: as in notice.c and the phrases of lang.h. */
enum notice_kind {
	NOTICE_FIRING, NOTICE_RESOLVED, NOTICE_STARTED, NOTICE_PROGRESS,
	NOTICE_FINISHED, NOTICE_CRASHED, NOTICE_TEST, NOTICE_KINDS
};

#define NOTICE_BIT(kind) (1u << (kind))
#define NOTICE_SPARK     FINDING_CURVE
#define NOTICE_PACKED    32768 /* bytes of a packed notice */

struct notice {
	enum notice_kind kind;
	enum severity    severity;
	const char *id;      /* of this message: a retry keeps it */
	const char *episode; /* of the finding: firing and resolved share it */
	const char *rule, *run, *source, *host, *metric, *labels;
	const char *summary, *text, *because, *evidence, *advice, *values;
	const char *link, *verdict;
	/* The same in Chinese, where there is one; what is to be shown is asked for with lang_pick. */
	const char *summary_zh, *because_zh, *evidence_zh, *advice_zh, *values_zh, *verdict_zh;
	const char *json;    /* of a finding: its documented form */
	double      step, epoch, time, value, first_time, left, lost;
	double      line, status;
	double      again;   /* a reminder: how often it was told before */
	double      told;    /* of an end: as how severe it was told, 1 << severity each */
	double      spark[NOTICE_SPARK]; /* the metric's recent course */
	unsigned    sparks;
	char       *memory;  /* of an unpacked one: what the texts point into */
};

/* Empty: every number NaN, every text NULL. */
void notice_init(struct notice *, enum notice_kind);
void notice_fini(struct notice *);

/*
 * Fills in what a run and a finding say (the finding may be NULL); texts are
 * borrowed from them.  id, host and link are the caller's.
 */
void notice_fill(struct notice *, const struct run *, const struct finding *);

void notice_pack(const struct notice *, struct buf *);
/* -1: that is no packed notice. */
int  notice_unpack(struct span, struct notice *ret);

const char *notice_kind_name(enum notice_kind); /* "firing" */
/* The word in front: the severity of a firing, else the kind. */
const char *notice_word(const struct notice *, enum lang);
/* The same as a sign, for where colours are wanted: an emoji. */
const char *notice_sign(const struct notice *);
/* 0xRRGGBB */
unsigned    notice_colour(const struct notice *);
/* The values of the course, or their logarithms where those of it that are finite differ 100 times. */
void        notice_curve(const struct notice *, double ret[static NOTICE_SPARK]);
/* Bars of eight heights for the course of the metric. */
void        notice_spark(const struct notice *, struct buf *);

#endif
