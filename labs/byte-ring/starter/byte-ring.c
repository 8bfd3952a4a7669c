// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab byte-ring: a library in a module. The header has the contract.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include "byte-ring.h"

struct byte_ring {
	/* TODO: what a ring needs to know, and its bytes. */
	unsigned int capacity;
};

/* TODO: the five functions of the header, each exported. */

/*
 * No init and no exit function: a library does nothing of its own accord. A
 * module that has neither can be loaded, and unloaded too.
 */
MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Rings of bytes for other modules");
MODULE_LICENSE("GPL");
