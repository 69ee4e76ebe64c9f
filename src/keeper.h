/* SPDX-License-Identifier: MIT */
/*
 * keeper: the bytes' path, and nothing that could stop it.
 *
 * This process passes the bytes on and owns the command; the analyser is a
 * fork that reads a copy (feed.h).  Whatever becomes of the analyser, the bytes
 * flow and the status is right; that nothing is checked any more is said once.
 * Memory is constant, nothing waits but one poll.
 *
 * What the analyser prints on its standard error comes here and goes out
 * between lines (voice.h), so it must be one write (one fflush) per finding, and
 * whether there are colours is decided before, by the real standard error.
 */
#ifndef KEEPER_H
#define KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "analyser.h"
#include "diag.h"

#define KEEPER_SPOOL (4ULL << 30)
#define KEEPER_HANG  30.0
/*
 * When nothing is left to pass on, somebody waits for us: an analyser that gives
 * no sign of life for so many seconds is left to itself.
 */
#define KEEPER_LEAVE 3.0

/*
 * A pipe that brings more than any training prints is read as fast as the
 * analysis goes, once KEEPER_AHEAD bytes wait and while it takes KEEPER_PACE
 * bytes a second: nobody waits there but another program, and nothing is lost.
 * A slower analysis is never waited for.
 */
#define KEEPER_AHEAD (256ULL << 20)
#define KEEPER_PACE  64e6

struct keeper_opts {
	const char *name;            /* before the keeper's own words: "lossdog" */
	bool        quiet;           /* the bytes are not passed on */
	bool        analyser_stdout; /* the analyser keeps standard output (with quiet) */
	uint64_t    spool;           /* most bytes that wait on disk; 0: KEEPER_SPOOL */
	double      hang;            /* seconds without progress that mean that it hangs; 0: KEEPER_HANG */
};

/* What the result of keeper_filter and keeper_run tells besides a status of 0 to 255. */
#define KEEPER_FAILED    (-1000) /* it did not begin; the diag says why */
#define KEEPER_SIGNAL(n) (-(n))  /* a negative result: die of this signal (signals_die) */

/*
 * Standard input to standard output until its end.  The result is the
 * analyser's, or 3 when it died or standard output could not be written.
 * The first SIGINT, SIGTERM or SIGHUP is left to those who write to us: the input
 * is read to its end.  The second one asks for the verdict on what is known,
 * the third ends all.
 */
int keeper_filter(const struct keeper_opts *, analyse_fn *, void *arg, struct diag *d);

#endif
