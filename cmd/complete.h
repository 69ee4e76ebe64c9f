/* SPDX-License-Identifier: MIT */
/*
 * complete: completions for shells, written from the tables of options.
 */
#ifndef COMPLETE_H
#define COMPLETE_H

#include <stdio.h>

/* The script for shell: "bash", "zsh" or "fish". */
void complete_write(const char *shell, FILE *);

/* The names that the scripts ask for: kind is "profile" or "rule"; one a line. */
void complete_words(const char *kind, FILE *);

#endif
