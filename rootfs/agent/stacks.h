/* SPDX-License-Identifier: GPL-2.0-only */
/* Where tasks are in the kernel, for an action that does not end. */
#ifndef LABCTL_AGENT_STACKS_H
#define LABCTL_AGENT_STACKS_H

#include <sys/types.h>

#include "buffer.h"

/*
 * Adds TASK, NAME, STATE, OWN, STACK of every task in the session, and of others that run or wait without being
 * interruptible: one of them may be the one that the first waits for. oldest: the first process that is not the kernel's
 * own; those before it are looked at as far as a quarter of a second takes.
 */
void put_stacks(pid_t session, pid_t oldest, struct buffer *to);

/*
 * Has the kernel write to its log what each CPU does, unless there is only the one that this runs on, and, where it keeps
 * track of them, which locks are held.
 */
void show_cpus_and_locks(void);

#endif
