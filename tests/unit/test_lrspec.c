/* SPDX-License-Identifier: MIT */
/* Schedules as they are declared: their rates, and what is no schedule. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "lrspec.h"
#include "tap.h"

static const struct { const char *text; double step, rate; } rates[] = {
	{ "constant peak=1e-3", 500, 1e-3 },
	{ "constant peak=1e-3 warmup=100", 50, 5e-4 },
	{ "linear peak=3e-4 total=1000", 500, 1.5e-4 },
	{ "linear peak=3e-4 total=1000 min=1e-4", 2000, 1e-4 },
	{ "linear peak=3e-4 warmup=200 total=1000 start=1e-5", 100, 1.55e-4 },
	{ "cosine peak=2 total=100", 50, 1 },
	{ "cosine peak=2 total=100 min=1", 100, 1 },
	{ "cosine peak=2", 500, 1 }, /* the plan, 1000 steps, is its total */
	{ "polynomial peak=1 total=100 power=2", 50, 0.25 },
	{ "exponential peak=1 factor=0.5 every=10", 20, 0.25 },
	{ "inverse-sqrt peak=1 warmup=100", 400, 0.5 },
	{ "step peak=1 every=10 factor=0.1", 25, 0.01 },
	{ "multistep peak=1 at=10,30 factor=0.1", 20, 0.1 },
	{ "multistep peak=1 at=10,30 factor=0.1 min=0.05", 40, 0.05 },
	{ "wsd peak=1 warmup=10 total=100 decay=20", 80, 1 },
	{ "wsd peak=1 warmup=10 total=100 decay=20", 90, 0.5 },
	{ "one-cycle peak=1 total=100", 30, 1 },
	{ "one-cycle peak=1 total=100", 0, 0.04 },
	{ "cyclic peak=1 min=0 every=20", 10, 1 },
	{ "cosine-restarts peak=1 every=20", 40, 1 },
};

static const struct { const char *text, *says; } wrong[] = {
	{ "", "a family and its numbers" },
	{ "cosin peak=1", "did you mean cosine" },
	{ "cosine", "peak is missing" },
	{ "cosine peak=high", "peak is a number" },
	{ "cosine peak=1 peek=2", "has no \"peek\"" },
	{ "cosine peak", "no key=value" },
	{ "step peak=1", "every is missing" },
	{ "multistep peak=1", "at is missing" },
	{ "multistep peak=1 at=1,x", "list of steps" },
	{ "wsd peak=1", "decay is missing" },
};

int
main(void)
{
	struct lr_spec s;
	struct diag d;

	for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
		double rate = NAN;

		if (lr_spec_parse(rates[i].text, &s, &d) == 0)
			rate = lr_spec_rate(&s, rates[i].step, 1000);
		OK(fabs(rate / rates[i].rate - 1) < 1e-9, "%s at %g: %g", rates[i].text, rates[i].step, rate);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		OK(lr_spec_parse(wrong[i].text, &s, &d) == -1 && strstr(d.text, wrong[i].says), "\"%s\": %s", wrong[i].text, d.text);
	DONE();
}
