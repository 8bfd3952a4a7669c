/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * What programs need to know of /dev/turtle. Once a program has been built
 * with it, nothing here can be changed any more: only added to.
 */
#ifndef TURTLE_H
#define TURTLE_H

#include <linux/ioctl.h>
#include <linux/types.h>

struct turtle_step {
	__s32 dx;
	__s32 dy;
};

/* Without holes, and the same for programs of 32 and of 64 bits. */
struct turtle_state {
	__s32 x;
	__s32 y;
	__u64 moves;
	__u32 pen;
	__u32 reserved;		/* 0 */
};

#define TURTLE_RESET	_IO('t', 0)
#define TURTLE_MOVE	_IOW('t', 1, struct turtle_step)
#define TURTLE_STATE	_IOR('t', 2, struct turtle_state)
#define TURTLE_PEN	_IOWR('t', 3, __u32)

#endif
