/* SPDX-License-Identifier: MIT */
/*
 * manual: the manual's sections of commands and options, from the tables.
 */
#ifndef MANUAL_H
#define MANUAL_H

#include <stdio.h>

void manual_write(FILE *);

#endif
