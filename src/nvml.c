/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "nvml.h"

#include <dlfcn.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

#define GPUS_MAX 64

/* The part of NVIDIA's interface that we use, as its manual describes it. */
typedef int nvml_result; /* 0: it worked */
struct nvml_rates { unsigned gpu, memory; };
struct nvml_memory { unsigned long long total, free, used; };
enum { TEMPERATURE_GPU = 0, CLOCK_SM = 1, ECC_UNCORRECTED = 1, ECC_VOLATILE = 0 };
/* Reasons for lower clocks that nobody has asked for: hardware, heat (twice), power brake. */
#define THROTTLE_REASONS (0x08ULL | 0x20ULL | 0x40ULL | 0x80ULL)

struct calls {
	nvml_result (*init)(void);
	nvml_result (*shutdown)(void);
	nvml_result (*driver)(char *, unsigned);
	nvml_result (*count)(unsigned *);
	nvml_result (*handle)(unsigned, void **);
	nvml_result (*name)(void *, char *, unsigned);
	nvml_result (*rates)(void *, struct nvml_rates *);
	nvml_result (*memory)(void *, struct nvml_memory *);
	nvml_result (*temperature)(void *, int, unsigned *);
	nvml_result (*power)(void *, unsigned *);
	nvml_result (*power_limit)(void *, unsigned *);
	nvml_result (*clock)(void *, int, unsigned *);
	nvml_result (*throttle)(void *, unsigned long long *);
	nvml_result (*ecc)(void *, int, int, unsigned long long *);
	nvml_result (*processes)(void *, unsigned *, void *);
};

#define CALL(member, name_, needed_) { offsetof(struct calls, member), name_, needed_ }
static const struct {
	size_t      at;
	const char *name;
	bool        needed;
} symbols[] = {
	CALL(init, "nvmlInit_v2", true),
	CALL(shutdown, "nvmlShutdown", true),
	CALL(driver, "nvmlSystemGetDriverVersion", false),
	CALL(count, "nvmlDeviceGetCount_v2", true),
	CALL(handle, "nvmlDeviceGetHandleByIndex_v2", true),
	CALL(name, "nvmlDeviceGetName", false),
	CALL(rates, "nvmlDeviceGetUtilizationRates", false),
	CALL(memory, "nvmlDeviceGetMemoryInfo", false),
	CALL(temperature, "nvmlDeviceGetTemperature", false),
	CALL(power, "nvmlDeviceGetPowerUsage", false),
	CALL(power_limit, "nvmlDeviceGetEnforcedPowerLimit", false),
	CALL(clock, "nvmlDeviceGetClockInfo", false),
	CALL(throttle, "nvmlDeviceGetCurrentClocksThrottleReasons", false),
	CALL(ecc, "nvmlDeviceGetTotalEccErrors", false),
	CALL(processes, "nvmlDeviceGetComputeRunningProcesses_v3", false),
};

struct gpu {
	void *handle;
	char  name[96];
};

struct nvml {
	void        *library;
	struct calls call;
	char         driver[80];
	unsigned     n;
	struct gpu   gpu[GPUS_MAX];
};

static bool
find_symbols(struct nvml *v)
{
	for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
		void *p = dlsym(v->library, symbols[i].name);

		if (p == NULL && symbols[i].needed)
			return false;
		memcpy((char *)&v->call + symbols[i].at, &p, sizeof p);
	}
	return true;
}

static void
find_gpus(struct nvml *v)
{
	unsigned count = 0;

	if (v->call.count(&count) != 0)
		return;
	for (unsigned i = 0; i < count && v->n < GPUS_MAX; i++) {
		struct gpu *g = &v->gpu[v->n];

		if (v->call.handle(i, &g->handle) != 0)
			continue;
		if (v->call.name != NULL && v->call.name(g->handle, g->name, sizeof g->name) != 0)
			g->name[0] = '\0';
		v->n++;
	}
}

struct nvml *
nvml_open(void)
{
	struct nvml *v = xcalloc(1, sizeof *v);

	v->library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
	if (v->library == NULL || !find_symbols(v) || v->call.init() != 0) {
		if (v->library != NULL)
			dlclose(v->library);
		free(v);
		return NULL;
	}
	if (v->call.driver != NULL && v->call.driver(v->driver, sizeof v->driver) != 0)
		v->driver[0] = '\0';
	find_gpus(v);
	if (v->n > 0)
		return v;
	nvml_close(v);
	return NULL;
}

void
nvml_close(struct nvml *v)
{
	if (v == NULL)
		return;
	v->call.shutdown();
	dlclose(v->library);
	free(v);
}

unsigned
nvml_count(const struct nvml *v)
{
	return v != NULL ? v->n : 0;
}

const char *
nvml_name(const struct nvml *v, unsigned i)
{
	return v->gpu[i].name;
}

const char *
nvml_driver(const struct nvml *v)
{
	return v->driver;
}

void
nvml_look(const struct nvml *v, unsigned i, struct nvml_use *u)
{
	const struct calls *c = &v->call;
	void               *g = v->gpu[i].handle;
	struct nvml_rates   rates;
	struct nvml_memory  memory;
	unsigned            n;
	unsigned long long  l;

	*u = (struct nvml_use){ NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
	if (c->rates != NULL && c->rates(g, &rates) == 0) {
		u->util = rates.gpu / 100.0;
		u->memory_util = rates.memory / 100.0;
	}
	if (c->memory != NULL && c->memory(g, &memory) == 0) {
		u->memory = (double)memory.used;
		u->memory_total = (double)memory.total;
	}
	if (c->temperature != NULL && c->temperature(g, TEMPERATURE_GPU, &n) == 0)
		u->temperature = n;
	if (c->power != NULL && c->power(g, &n) == 0)
		u->power = n / 1000.0;
	if (c->power_limit != NULL && c->power_limit(g, &n) == 0)
		u->power_limit = n / 1000.0;
	if (c->clock != NULL && c->clock(g, CLOCK_SM, &n) == 0)
		u->clock = n * 1e6;
	if (c->throttle != NULL && c->throttle(g, &l) == 0)
		u->throttled = (l & THROTTLE_REASONS) != 0;
	if (c->ecc != NULL && c->ecc(g, ECC_UNCORRECTED, ECC_VOLATILE, &l) == 0)
		u->ecc = (double)l;
	n = 0; /* asks for the number alone; the answer is "too small" when there are some */
	if (c->processes != NULL && (c->processes(g, &n, NULL) == 0 || n > 0))
		u->processes = n;
}
