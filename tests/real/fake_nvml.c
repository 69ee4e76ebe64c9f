/* SPDX-License-Identifier: MIT */
/*
 * Two GPUs that are not there: answers as NVIDIA's library does, for the calls
 * that lossdog makes.  FAKE_NVML=hang: looking at them never ends; none: no driver;
 * ill: the first does little, its memory grows, and it counts memory errors.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OK, NOT_SUPPORTED = 3, TOO_SMALL = 7, DRIVER_NOT_LOADED = 9, INVALID = 2 };

struct rates { unsigned gpu, memory; };
struct memory { unsigned long long total, free, used; };

static int gpus[2];

static int
number(void *g)
{
	return (int)((int *)g - gpus);
}

static int
is(const char *mode)
{
	const char *m = getenv("FAKE_NVML");

	return m != NULL && strcmp(m, mode) == 0;
}

int nvmlInit_v2(void) { return is("none") ? DRIVER_NOT_LOADED : OK; }
int nvmlShutdown(void) { return OK; }

int
nvmlSystemGetDriverVersion(char *p, unsigned n)
{
	strncpy(p, "535.104.05", n);
	return OK;
}

int
nvmlDeviceGetCount_v2(unsigned *n)
{
	*n = 3; /* the third one has fallen off the bus */
	return OK;
}

int
nvmlDeviceGetHandleByIndex_v2(unsigned i, void **g)
{
	if (i >= 2)
		return INVALID;
	*g = &gpus[i];
	return OK;
}

int
nvmlDeviceGetName(void *g, char *p, unsigned n)
{
	(void)g;
	strncpy(p, "NVIDIA A100-SXM4-80GB", n);
	return OK;
}

int
nvmlDeviceGetUtilizationRates(void *g, struct rates *u)
{
	while (is("hang"))
		sleep(100);
	u->gpu = is("ill") ? 12 : number(g) == 0 ? 93 : 7;
	u->memory = 40;
	return OK;
}

int
nvmlDeviceGetMemoryInfo(void *g, struct memory *m)
{
	static unsigned long long looks;

	m->total = 80ULL << 30;
	m->used = 40ULL << 30;
	if (is("ill") && number(g) == 0)
		m->used = (10ULL << 30) + (looks++ << 26);
	m->free = m->total - m->used;
	return OK;
}

int
nvmlDeviceGetTemperature(void *g, int sensor, unsigned *t)
{
	*t = number(g) == 0 ? 71 : 88;
	return sensor == 0 ? OK : INVALID;
}

int
nvmlDeviceGetPowerUsage(void *g, unsigned *mw)
{
	*mw = 312500;
	return number(g) == 0 ? OK : NOT_SUPPORTED;
}

int
nvmlDeviceGetEnforcedPowerLimit(void *g, unsigned *mw)
{
	(void)g;
	*mw = 400000;
	return OK;
}

int
nvmlDeviceGetClockInfo(void *g, int which, unsigned *mhz)
{
	(void)g;
	*mhz = 1410;
	return which == 1 ? OK : INVALID;
}

int
nvmlDeviceGetCurrentClocksThrottleReasons(void *g, unsigned long long *r)
{
	*r = number(g) == 0 ? 0x4 : 0x44; /* the power cap; and heat */
	return OK;
}

int
nvmlDeviceGetTotalEccErrors(void *g, int type, int counter, unsigned long long *n)
{
	static unsigned long long looks;

	*n = number(g) == 0 ? (is("ill") ? looks++ / 60 : 0) : 2;
	return type == 1 && counter == 0 ? OK : INVALID;
}

int
nvmlDeviceGetComputeRunningProcesses_v3(void *g, unsigned *n, void *infos)
{
	unsigned room = *n;

	(void)infos;
	*n = number(g) == 0 ? 3 : 0;
	return room >= *n ? OK : TOO_SMALL;
}
