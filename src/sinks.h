/* SPDX-License-Identifier: MIT */
/*
 * sinks: the table of sinks; hands each sample and finding to all that are open.
 *
 * One that fails is told once, with the reason, and gets nothing more; the
 * others go on.
 */
#ifndef SINKS_H
#define SINKS_H

#include "sink.h"

extern const struct sink_ops sink_jsonl, sink_csv;

struct sinks;

/* vocab is borrowed.  failed is told of a sink that fails, once: its name and why. */
struct sinks *sinks_new(const struct vocab *, void (*failed)(void *arg, const char *sink, const struct diag *),
    void *arg);
/* spec: NAME or NAME=DEST.  -1: d says why. */
int  sinks_open(struct sinks *, const char *spec, struct diag *d);
void sinks_sample(struct sinks *, const struct run *, const struct sample *);
void sinks_finding(struct sinks *, const struct run *, const struct finding *);
void sinks_flush(struct sinks *);
/* Flushes and closes all; returns the number that failed at any time. */
unsigned sinks_free(struct sinks *);

/* Row i of the table, NULL past its end. */
const struct sink_ops *sinks_at(unsigned i);

#endif
