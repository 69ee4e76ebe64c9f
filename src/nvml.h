/* SPDX-License-Identifier: MIT */
/*
 * nvml: GPUs, through NVIDIA's library if the machine has it.
 *
 * Loaded when first needed; a machine without it has no GPUs for us.  Its calls
 * may hang when a GPU is lost: only a process that may hang uses this.
 */
#ifndef NVML_H
#define NVML_H

#include <stdbool.h>
#include <sys/types.h>

/* NaN: the GPU does not tell. */
struct nvml_use {
	double util, memory_util;     /* shares of the time */
	double memory, memory_total;  /* bytes */
	double temperature;           /* degrees Celsius */
	double power, power_limit;    /* watts */
	double clock;                 /* of the multiprocessors, Hz */
	double throttled;             /* 1: slowed down by heat or power */
	double ecc;                   /* uncorrected errors since the driver was loaded */
	double processes;             /* that compute on it */
};

struct nvml;

/* NULL: there is no library, driver or GPU. */
struct nvml *nvml_open(void);
void         nvml_close(struct nvml *);
unsigned     nvml_count(const struct nvml *);
/* "NVIDIA A100-SXM4-80GB"; borrowed; "" when not known. */
const char  *nvml_name(const struct nvml *, unsigned i);
const char  *nvml_driver(const struct nvml *);
void         nvml_look(const struct nvml *, unsigned i, struct nvml_use *ret);

#endif
