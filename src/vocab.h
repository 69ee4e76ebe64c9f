/* SPDX-License-Identifier: MIT */
/*
 * vocab: the vocabulary of metrics (rules/metrics.yaml) and the names of a run.
 *
 * One place says what a key of a log means: its canonical name, which way is
 * better, its unit, its kind.  Profiles and rules ask here; nobody else knows
 * synonyms.  Metric names and label sets are interned: small numbers that
 * travel in samples and index the tables of series.
 *
 * A canonical name is phase "/" base ("train/loss", "val/accuracy") for what is
 * measured per phase, and base alone ("lr", "grad_norm", "step_time", "gpu/util")
 * for what is not.
 */
#ifndef VOCAB_H
#define VOCAB_H

#include <stdbool.h>

#include "diag.h"
#include "number.h"
#include "span.h"
#include "ydoc.h"

#define VOCAB_NAME_MAX 96 /* most bytes of a metric's name */

enum phase { PHASE_NONE, PHASE_TRAIN, PHASE_VAL, PHASE_TEST };
extern const char *const vocab_phase_name[4]; /* "", "train", "val", "test" */
enum direction { DIR_NONE, DIR_LOWER, DIR_HIGHER };

/* What a metric is: rules choose by it ("class: loss"). */
enum metric_class {
	CLASS_OTHER,
	CLASS_LOSS,        /* a loss that is to fall: loss, nll, lm_loss, l2, rmse, ppl ... */
	CLASS_PART,        /* a part of a loss (loss_bbox, aux) */
	CLASS_ADVERSARIAL, /* d_loss, g_loss, policy, value, entropy, kl: not judged as falling */
	CLASS_SCORE,       /* accuracy, f1, map, bleu: to rise */
	CLASS_ERROR,       /* wer, cer, error rates: to fall */
	CLASS_LR, CLASS_GRAD, CLASS_SCALE, /* learning rate; gradient norm; loss scale */
	CLASS_TIME, CLASS_RATE, CLASS_REWARD, CLASS_RESOURCE, CLASS_DATA, CLASS_COUNTER
};

/* What a key of a log turned out to be. */
enum key_kind {
	KEY_UNKNOWN, /* not in the vocabulary: profiles may take it, the generic reader may not */
	KEY_METRIC,
	KEY_STEP, KEY_STEPS,   /* position and total */
	KEY_EPOCH, KEY_EPOCHS,
	KEY_ITER, KEY_ITERS,   /* batch within an epoch and batches of an epoch */
	KEY_SAMPLES, KEY_TOKENS, /* positions counted in samples or tokens consumed */
	KEY_RANK, KEY_GPU,     /* labels */
	KEY_TIME,              /* wall time of the line */
	KEY_LEFT,              /* time that a bar has left until it is complete */
	KEY_IGNORE             /* known not to be a metric: eta, timestamp, pid, version */
};

struct key_meaning {
	enum key_kind kind;
	enum phase    phase;  /* said by the key itself (val_loss); PHASE_NONE: not */
	bool          phased; /* the metric has a phase */
	struct span   base;   /* canonical base name; borrowed from the vocabulary or the key (lower case copy in buf) */
	bool          has_unit;
	struct unit   unit;   /* the unit meant without being printed behind the value (ms) */
	bool          setting; /* KEY_UNKNOWN, and like the name of a hyper-parameter */
	bool          likely; /* KEY_UNKNOWN, but its name is like a metric's ("*loss*") */
	char          buf[VOCAB_NAME_MAX];
};

struct vocab;

struct vocab *vocab_new(void);
void          vocab_free(struct vocab *);
/*
 * Adds a metrics.yaml, a document that is taken (NULL: it could not be parsed); later ones
 * add and override.  -1: mistakes are in diags.
 */
int vocab_load(struct vocab *, struct ydoc *, struct diags *);

/*
 * Reads a key as printed ("lm loss", "Train_Loss", "eval/acc@1", "gnorm",
 * "elapsed time per iteration (ms)").  Case, blanks, - and _ at word borders do not matter
 * to the look-up; the canonical name of an unknown key is its lower-case text.
 */
void vocab_key(const struct vocab *, struct span key, struct key_meaning *ret);

/* A word for a phase ("Validation", "dev", "tr"); class and position by their names in YAML. */
bool vocab_phase(const struct vocab *, struct span word, enum phase *ret);
bool vocab_class(const char *name, enum metric_class *ret);
bool vocab_position(struct span name, enum key_kind *ret);
/* The canonical names of metrics and positions, at most max of them, borrowed: their number. */
size_t vocab_bases(const struct vocab *, const char **ret, size_t max);

/* --- names of a run --- */

/* Interns phase/base (or base); the number is dense from 0.  -1 when the table is full. */
int         vocab_metric(struct vocab *, enum phase, bool phased, struct span base);
/* The same from a canonical name. */
int         vocab_metric_named(struct vocab *, const char *name);
const char *vocab_metric_name(const struct vocab *, int metric);
unsigned    vocab_metric_count(const struct vocab *);

struct metric_info {
	enum metric_class cls;
	enum direction    dir;
	enum quantity     unit;
	bool may_be_negative, may_be_zero, may_be_nan; /* normal for it */
	bool running_mean;  /* the framework prints a mean since the epoch's start */
	enum phase phase;
};
const struct metric_info *vocab_metric_info(const struct vocab *, int metric);

/* Label sets: "rank=3", "gpu=0", "group=1,rank=3"; 0 is the empty one.  -1: table full. */
int         vocab_labels(struct vocab *, struct span text);
const char *vocab_labels_text(const struct vocab *, int labels);
/* The value of one label of a set, or NULL; borrowed. */
struct span vocab_label(const struct vocab *, int labels, const char *name);
/* The set with one label added or replaced. */
int         vocab_labels_with(struct vocab *, int labels, const char *name, struct span value);

#endif
