/* SPDX-License-Identifier: MIT */
/*
 * nest: is this run watched already, and which part of a larger run is it.
 */
#ifndef NEST_H
#define NEST_H

#include "diag.h"

#define NEST_MARK_MAX 320

/*
 * "LOSSDOG_RUN=pid@host" for the environment of what this process starts;
 * command.c appends ",device:inode" of the outputs.
 */
const char *nest_mark(char ret[static NEST_MARK_MAX]);
/*
 * Why a lossdog here would be one too many, NULL: it is not.  Inside of a run
 * whose lossdog lives and sees what we print, or printing into a filter.
 */
const char *nest_why(void);

/* Becomes the command.  Returns 126 or 127 when it cannot; d says why. */
int nest_exec(char *const *argv, struct diag *d);

/*
 * The rank of this process among those that were started together (torchrun,
 * srun, mpirun), by its environment; -1: there is none.  *ret_size: how many, -1: not known.
 */
int nest_rank(int *ret_size);

#define NEST_JOB_MAX 512
/*
 * What these processes share and others do not: the step of the scheduler, the
 * namespace of the launcher, or else who has started them on this machine.
 * NULL: there is no rank.
 */
const char *nest_job(char ret[static NEST_JOB_MAX]);

#endif
