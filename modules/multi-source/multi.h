/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the module multi-source know of each other. */
#ifndef MULTI_H
#define MULTI_H

#include <linux/types.h>

/* multi_store.c: the values so far. */
void multi_add(int value);
unsigned int multi_count(void);
s64 multi_sum(void);
int multi_largest(void); /* only where there is one */

/* multi_report.c: prints a line about them. */
void multi_report(const char *when);

#endif
