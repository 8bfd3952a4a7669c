/* SPDX-License-Identifier: GPL-2.0-only */
/* What the module stacking offers to others. */
#ifndef STACKING_H
#define STACKING_H

/* Takes a ticket: its number. Every call gets another one. For GPL modules. */
int stacking_next(void);

/* The number that the next caller of stacking_next() gets. For every module. */
int stacking_peek(void);

#endif
