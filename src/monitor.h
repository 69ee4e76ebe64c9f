/* SPDX-License-Identifier: MIT */
/*
 * monitor: a file beside a run's own output, which tells of the machine.
 *
 * nvidia-smi, vmstat, dcgmi, a kernel log.  Its lines have readers, tables and a
 * clock of their own, so that they never move the run, count as its life or
 * become its framework.  Who takes its samples gives them the run's position.
 */
#ifndef MONITOR_H
#define MONITOR_H

#include "knowledge.h"
#include "line.h"
#include "match.h"
#include "sample.h"

struct monitor;

/* Knowledge is borrowed; the matcher is taken. */
struct monitor *monitor_new(const struct knowledge *, struct matcher *);
void            monitor_free(struct monitor *);

/* About when: for stamps without a day.  Once. */
void monitor_near(struct monitor *, double wall);
/* As lines_push and lines_end. */
void monitor_push(struct monitor *, struct span bytes, double arrival);
void monitor_end(struct monitor *);

/*
 * The next line, and what was read of it; false: none yet.  Its time is its
 * own, else that of the line before it: a block has its time in its head.  Both
 * are valid until the next call.
 */
bool monitor_next(struct monitor *, struct line *ret, const struct match **match);
/* Samples of that line, without a number of the line; a position only where the line says one. */
bool monitor_sample(struct monitor *, struct sample *ret);

#endif
