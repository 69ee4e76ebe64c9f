/* SPDX-License-Identifier: MIT */
/*
 * terminal: what a command sees as its terminal, and whose turn it is there.
 *
 * The command keeps the real terminal as its standard input and controlling
 * terminal: keys, echo, modes, job control are the kernel's business, as without
 * us.  Only what it prints goes through a pseudo terminal, which is nobody's
 * controlling terminal and passes bytes as they are; when the command changes
 * modes there (curses), they are carried over to the real one.
 *
 * The command is a process group of its own.  It gets the real terminal when it
 * asks for it, by being stopped for reading or setting it; until then keys for a
 * program beside us (a pager) are not taken away.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>
#include <sys/types.h>

#include "diag.h"

/*
 * A pseudo terminal like the real one that fd is, or of the size that COLUMNS
 * and LINES say.  Two descriptors, ours in packet mode and the command's.
 */
int  terminal_pair(int fd, int *ret_ours, int *ret_theirs, struct diag *d);
/* Copies the size of the terminal fd to ours; true: it was another. */
bool terminal_resize(int fd, int ours);
/* Copies the modes that the command has set on ours to the terminal fd. */
void terminal_copy_modes(int fd, int ours);

/* The controlling terminal, and who has it. */
struct terminal {
	int   fd;    /* -1: there is none */
	pid_t group; /* of the command */
	bool  lent;  /* to the command */
};

void terminal_open(struct terminal *, pid_t group);
void terminal_close(struct terminal *);
/* Our process group is the one that the user is talking to. */
bool terminal_is_ours(const struct terminal *);
/* Neither we nor the command are in the background. */
bool terminal_is_near(const struct terminal *);
bool terminal_lend(struct terminal *);
/* Takes it back if the command still has it. */
void terminal_take_back(struct terminal *);

#endif
