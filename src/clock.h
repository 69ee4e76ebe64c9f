/* SPDX-License-Identifier: MIT */
/*
 * clock: the only file that asks the system what time it is.
 *
 * All times in lossdog are seconds in a double: wall time since 1970 (a double
 * holds it to a quarter of a microsecond) or monotonic time since some start.
 * Stages are handed the time; none asks.
 */
#ifndef CLOCK_H
#define CLOCK_H

double clock_wall(void);
double clock_mono(void);

/*
 * "2026-11-24T03:12:09.250Z" into ret (at least 32 bytes); "" for NaN.
 */
void clock_iso(double wall, char ret[static 32]);
/* "3m12s", "2h05m", "450ms" into ret: a duration in seconds as people say it. */
void clock_span(double seconds, char ret[static 24]);

#endif
