/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the module multi-source know of each other. */
#ifndef MULTI_H
#define MULTI_H

#include <linux/types.h>

/* multi_store.c: the values so far. */
void multi_add(int value);
/* TODO: multi_count(), multi_sum() and multi_largest(). */

/* TODO: what multi_report.c has for the others. */

#endif
