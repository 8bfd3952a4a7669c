/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the print spooler offers to other modules.
 */
#ifndef SPOOL_H
#define SPOOL_H

/* A line has at most so many bytes. */
#define SPOOL_MAX 120

/*
 * Adds a line. May be called where one must not sleep, such as with a spinlock
 * held, but not by an interrupt. -EMSGSIZE: it is too long. -ENOMEM.
 */
int spool_add(const char *text);

/*
 * Takes one line after the other, the oldest first, and has print() print it,
 * until there is none. print() may sleep. The spooler is there for everybody
 * meanwhile; only who prints as well has to wait. Returns how many lines were
 * printed.
 */
int spool_print(void (*print)(const char *text, void *arg), void *arg);

#endif
