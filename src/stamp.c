/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "stamp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAY  86400.0
#define HOUR 3600.0

struct parts {
	int    year, month, day; /* -1: not printed */
	int    hour, minute;
	double second; /* with its fraction */
	double epoch;  /* NaN: not printed */
	double zone;   /* NaN: not printed */
	bool   pm, am;
};

struct reader {
	const char        *p, *end;
	struct stamp_memo *memo;
	struct parts       t;
};

/* Between least and most digits. */
static bool
digits(struct reader *r, int least, int most, int *ret)
{
	int n = 0, v = 0;

	for (; n < most && r->p < r->end && (unsigned)(*r->p - '0') < 10; n++)
		v = v * 10 + (*r->p++ - '0');
	*ret = v;
	return n >= least;
}

static bool
fraction(struct reader *r)
{
	double unit = 1;

	if (r->p == r->end || (*r->p != '.' && *r->p != ','))
		return true;
	for (r->p++; r->p < r->end && (unsigned)(*r->p - '0') < 10; r->p++)
		r->t.second += (*r->p - '0') * (unit /= 10);
	return unit < 1;
}

static bool
month_name(struct reader *r)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	if (r->end - r->p < 3)
		return false;
	for (int i = 0; i < 12; i++)
		if (memcmp(r->p, names + 3 * i, 3) == 0) {
			r->t.month = i + 1;
			r->p += 3;
			return true;
		}
	return false;
}

/* 12/09 with the month first, as the C locale has it, until a first number over 12 was seen. */
static bool
month_and_day(struct reader *r)
{
	int a, b;

	if (!digits(r, 1, 2, &a) || r->p == r->end || *r->p++ != '/' || !digits(r, 1, 2, &b))
		return false;
	if (a > 12)
		r->memo->day_first = true;
	else if (b > 12)
		r->memo->day_first = false;
	r->t.month = r->memo->day_first ? b : a;
	r->t.day = r->memo->day_first ? a : b;
	return true;
}

static bool
month_day_together(struct reader *r)
{
	const char *start = r->p;
	int         v;

	if (!digits(r, 3, 4, &v) || r->p - start > 4)
		return false;
	r->t.month = v / 100;
	r->t.day = v % 100;
	return true;
}

static bool
half_day(struct reader *r)
{
	if (r->end - r->p < 2 || (r->p[1] != 'M' && r->p[1] != 'm'))
		return false;
	r->t.pm = (*r->p | 0x20) == 'p';
	r->t.am = (*r->p | 0x20) == 'a';
	r->p += 2;
	return r->t.pm || r->t.am;
}

static bool
zone(struct reader *r)
{
	int  hours, minutes = 0;
	char sign;

	while (r->p < r->end && *r->p == ' ')
		r->p++;
	if (r->p == r->end)
		return true;
	r->t.zone = 0;
	if (*r->p == 'Z') {
		r->p++;
		return true;
	}
	if (r->end - r->p >= 3 && (memcmp(r->p, "UTC", 3) == 0 || memcmp(r->p, "GMT", 3) == 0)) {
		r->p += 3;
		return true;
	}
	sign = *r->p++;
	if ((sign != '+' && sign != '-') || !digits(r, 2, 2, &hours))
		return false;
	if (r->p < r->end && *r->p == ':')
		r->p++;
	if (!digits(r, 0, 2, &minutes))
		return false;
	r->t.zone = (sign == '-' ? -1 : 1) * (hours * HOUR + minutes * 60);
	return true;
}

/* Seconds since 1970, or thousandths and so on of them: told by their size. */
static bool
epoch(struct reader *r)
{
	double v = 0, unit = 1;
	int    n = 0;

	for (; n < 20 && r->p < r->end && (unsigned)(*r->p - '0') < 10; n++)
		v = v * 10 + (*r->p++ - '0');
	if (n < 9 || n == 20)
		return false;
	if (r->p < r->end && *r->p == '.')
		for (r->p++; r->p < r->end && (unsigned)(*r->p - '0') < 10; r->p++)
			v += (*r->p - '0') * (unit /= 10);
	while (v > 2e10) /* past the year 2600 */
		v /= 1000;
	r->t.epoch = v;
	return true;
}

static bool
part(struct reader *r, char c)
{
	int v;

	switch (c) {
	case 'Y': return digits(r, 4, 4, &r->t.year);
	case 'y':
		if (!digits(r, 2, 2, &v))
			return false;
		r->t.year = 2000 + v;
		return true;
	case 'm': return digits(r, 1, 2, &r->t.month);
	case 'd': return digits(r, 1, 2, &r->t.day);
	case 'b': return month_name(r);
	case 'D': return month_and_day(r);
	case 'e': return month_day_together(r);
	case 'H': return digits(r, 1, 2, &r->t.hour);
	case 'M': return digits(r, 2, 2, &r->t.minute);
	case 'S':
		if (!digits(r, 2, 2, &v))
			return false;
		r->t.second = v;
		return true;
	case 'f': return fraction(r);
	case 'p': return half_day(r);
	case 'z': return zone(r);
	case 's': return epoch(r);
	default: return false;
	}
}

bool
stamp_check(const char *form, char *bad)
{
	for (; *form != '\0'; form++)
		if (*form == '%' && (form[1] == '\0' || strchr("YymdbDeHMSfpzs", *++form) == NULL)) {
			*bad = *form;
			return false;
		}
	return true;
}

/* Days since 1970 of a date of the Gregorian calendar. */
static double
day_number(int y, int m, int d)
{
	int era, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097.0 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int
year_of(double wall)
{
	int y = 1970 + (int)(wall / DAY / 365.2425);

	return day_number(y + 1, 1, 1) * DAY <= wall ? y + 1
	    : day_number(y, 1, 1) * DAY > wall       ? y - 1 : y;
}

/* The newest time that is known: of the stream, else of the arrival; NaN: none. */
static double
newest(const struct stamp_memo *memo, double arrival)
{
	return memo->last > 0 ? memo->last : arrival;
}

/* A date without a year: in that year which brings it nearest to what is known. */
static double
without_year(const struct parts *t, double clock, double known)
{
	double best = NAN, v;
	int    y;

	if (isnan(known)) /* a leap year */
		return day_number(2000, t->month, t->day) * DAY + clock;
	y = year_of(known);
	for (int i = y - 1; i <= y + 1; i++) {
		v = day_number(i, t->month, t->day) * DAY + clock;
		if (isnan(best) || fabs(v - known) < fabs(best - known))
			best = v;
	}
	return best;
}

/*
 * A time of day alone: a log goes forward, so it is the next such time, little
 * disorder allowed; without a stamp before it, the one nearest to the arrival.
 */
static double
without_day(double clock, const struct stamp_memo *memo, double arrival)
{
	if (memo->last > 0)
		return clock + DAY * ceil((memo->last - memo->zone - 2 * HOUR - clock) / DAY);
	if (isnan(arrival))
		return DAY + clock;
	return clock + DAY * floor((arrival - clock) / DAY + 0.5);
}

static bool
in_range(struct parts *t)
{
	if (t->pm || t->am) {
		if (t->hour < 1 || t->hour > 12)
			return false;
		t->hour = t->hour % 12 + (t->pm ? 12 : 0);
	}
	return (t->day < 0 || (t->day >= 1 && t->day <= 31 && t->month >= 1 && t->month <= 12)) &&
	    (t->year < 0 || (t->year >= 1970 && t->year <= 2599)) &&
	    t->hour < 24 && t->minute < 60 && t->second < 61;
}

/* The zone of a stream whose lines come as they are written. */
static void
learn_zone(struct stamp_memo *memo, double wall, double arrival)
{
	double off = arrival - wall;

	if (memo->zone_known || isnan(arrival))
		return;
	memo->zone_known = true;
	if (fabs(off) <= 14 * HOUR + 60)
		memo->zone = floor(off / 900 + 0.5) * 900;
}

bool
stamp_read(struct span s, const char *form, double arrival, struct stamp_memo *memo, double *ret)
{
	struct reader r = { s.p, s.p + s.n, memo,
		{ -1, -1, -1, 0, 0, 0, NAN, NAN, false, false } };
	double wall, clock;

	for (; *form != '\0'; form++) {
		if (*form == '%') {
			if (!part(&r, *++form))
				return false;
		} else if (r.p == r.end || *r.p++ != *form)
			return false;
		if (*form == ' ')
			while (r.p < r.end && *r.p == ' ')
				r.p++;
	}
	if (r.p != r.end || !in_range(&r.t))
		return false;
	clock = r.t.hour * HOUR + r.t.minute * 60 + r.t.second;
	wall = !isnan(r.t.epoch) ? r.t.epoch
	    : r.t.day < 0  ? without_day(clock, memo, arrival)
	    : r.t.year < 0 ? without_year(&r.t, clock, newest(memo, arrival))
	                   : day_number(r.t.year, r.t.month, r.t.day) * DAY + clock;
	if (!isnan(r.t.zone))
		wall -= r.t.zone;
	else if (isnan(r.t.epoch)) {
		learn_zone(memo, wall, arrival);
		wall += memo->zone;
	}
	memo->last = wall;
	*ret = wall;
	return true;
}

/* "Feb  9 00:38:31 CST 2026" without its zone, which would need a table of the world. */
static struct span
without_zone(struct span s, char *buf, size_t size)
{
	for (size_t i = 1; i < s.n && s.n < size; i++) {
		size_t n = 0;
		while (i + n < s.n && s.p[i + n] >= 'A' && s.p[i + n] <= 'Z')
			n++;
		if (s.p[i - 1] == ' ' && n >= 3 && n <= 5 && i + n < s.n && s.p[i + n] == ' ') {
			memcpy(buf, s.p, i);
			memcpy(buf + i, s.p + i + n, s.n - i - n);
			return (struct span){ buf, s.n - n };
		}
	}
	return s;
}

static bool
read_any(struct span s, const char *const *forms, double arrival, struct stamp_memo *memo, double *ret)
{
	for (; *forms; forms++)
		if (stamp_read(s, *forms, arrival, memo, ret))
			return true;
	return false;
}

bool
stamp_guess(struct span s, bool of_day, double arrival, struct stamp_memo *memo, double *ret)
{
	static const char *const full[] = { "%Y-%m-%d %H:%M:%S%f%z", "%Y-%m-%dT%H:%M:%S%f%z",
	    "%Y/%m/%d %H:%M:%S%f", "%Y%m%d %H:%M:%S%f", "%D/%Y %H:%M:%S%f", "%D/%Y %H:%M:%S %p",
	    "%D/%y %H:%M:%S", "%D/%y %H:%M:%S %p", "%b %d %H:%M:%S %Y", "%s", NULL };
	static const char *const partial[] = { "%b %d %H:%M:%S", "%H:%M:%S%f", "%H:%M:%S %p", NULL };
	static const char *const days[] = { "%D/%Y", "%D/%y", "%Y-%m-%d", NULL };
	struct stamp_memo day = *memo;
	char buf[64];

	s = without_zone(span_trim(s), buf, sizeof buf);
	if (s.n >= sizeof buf)
		return false;
	if (read_any(s, full, arrival, memo, ret) || (of_day && read_any(s, partial, arrival, memo, ret)))
		return true;
	/* A day alone is no time, but that of those which follow. */
	double midnight;
	if (of_day && read_any(s, days, NAN, &day, &midnight))
		memo->last = midnight + 2 * HOUR;
	return false;
}
