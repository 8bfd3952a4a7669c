/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * What programs need to know of /dev/turtle.
 */
#ifndef TURTLE_H
#define TURTLE_H

#include <linux/ioctl.h>
#include <linux/types.h>

struct turtle_step {
	__s32 dx;
	__s32 dy;
};

/* TODO: struct turtle_state. */

#define TURTLE_RESET _IO('t', 0)
#define TURTLE_MOVE _IOW('t', 1, struct turtle_step)
/* TODO: TURTLE_STATE and TURTLE_PEN. */

#endif
