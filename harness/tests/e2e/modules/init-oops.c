// SPDX-License-Identifier: GPL-2.0-only
/*
 * fixture: init-oops
 * verdict: crashed
 * exit: 1
 * because: NULL pointer dereference
 *
 * Its init function writes through a NULL pointer. The kernel kills the
 * process that loads it and goes on; the report names the address.
 */
#include <linux/compiler.h>
#include <linux/init.h>
#include <linux/module.h>

/* READ_ONCE() below keeps the compiler from knowing that it is NULL. */
static int *fixture_pointer;

static int __init fixture_init(void)
{
	*READ_ONCE(fixture_pointer) = 42;
	return 0;
}

static void __exit fixture_exit(void)
{
}

module_init(fixture_init);
module_exit(fixture_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Init writes through a NULL pointer");
MODULE_LICENSE("GPL");
