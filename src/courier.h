/* SPDX-License-Identifier: MIT */
/*
 * courier: the process that delivers, from its first to its last instant.
 */
#ifndef COURIER_H
#define COURIER_H

#include "notifiers.h"

/*
 * Runs in a process of its own until fd (a datagram socket) says "close
 * SECONDS" or is at its end, then delivers what is due for so long (at an
 * end: 10 s) and returns.  Sentences for the user go to fd.
 */
void courier_run(struct channels *, const char *state_dir, const char *session,
    int fd);

#endif
