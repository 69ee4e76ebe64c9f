/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "clock.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

static double
read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

double
clock_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}

double
clock_mono(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

void
clock_iso(double wall, char ret[static 32])
{
	struct tm tm;
	double    ms;
	time_t    t;
	size_t    n;

	ret[0] = '\0';
	if (!(wall > -62135596800.0 && wall < 253402300799.0))
		return; /* NaN, or not the years 1 to 9999 */
	ms = floor(wall * 1000 + 0.5);
	t = (time_t)floor(ms / 1000);
	ms -= (double)t * 1000;
	if (gmtime_r(&t, &tm) == NULL)
		return;
	n = strftime(ret, 32, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(ret + n, 32 - n, ".%03dZ", (int)ms);
}

void
clock_span(double seconds, char ret[static 24])
{
	const char *sign = seconds < 0 ? "-" : "";
	double      v = fabs(seconds);
	long        s;

	if (isnan(v) || v > 1e9) {
		snprintf(ret, 24, "%s", isnan(v) ? "?" : "forever");
		return;
	}
	s = lround(v);
	if (v < 0.9995)
		snprintf(ret, 24, "%s%ldms", sign, lround(v * 1000));
	else if (v < 9.95)
		snprintf(ret, 24, "%s%ld.%lds", sign, lround(v * 10) / 10,
		    lround(v * 10) % 10);
	else if (s < 60)
		snprintf(ret, 24, "%s%lds", sign, s);
	else if (s < 3600)
		snprintf(ret, 24, "%s%ldm%02lds", sign, s / 60, s % 60);
	else if (s < 2 * 86400)
		snprintf(ret, 24, "%s%ldh%02ldm", sign, s / 3600, s % 3600 / 60);
	else
		snprintf(ret, 24, "%s%ldd%02ldh", sign, s / 86400, s % 86400 / 3600);
}
