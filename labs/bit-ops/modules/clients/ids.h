/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the allocator of ids offers to other modules. All of it may be called
 * anywhere, also by interrupts, and on several CPUs at once.
 */
#ifndef IDS_H
#define IDS_H

/* The ids are 0 to IDS - 1. */
#define IDS 128

/* An id that was free, the lowest there is, without a mark. -ENOSPC: none. */
int id_get(void);

/* Gives an id back. -EINVAL: it is none. -ENOENT: it was free. */
int id_put(unsigned int id);

/*
 * These set and clear the mark of an id that the caller has, or shares with
 * others. They return what was before, 1 for marked and 0 for not. So of
 * several that mark an id at once, one is told 0. -EINVAL: it is none.
 */
int id_mark(unsigned int id);
int id_unmark(unsigned int id);

#endif
