// SPDX-License-Identifier: GPL-2.0-only
/*
 * fixture: exit-hang
 * verdict: timeout
 * exit: 1
 * because: unload
 *
 * Greets as labs/hello-lkm asks, so that the load is judged good; then its
 * exit function never ends.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched.h>

static int __init fixture_init(void)
{
	pr_info("Hello, kernel world\n");
	return 0;
}

static void __exit fixture_exit(void)
{
	for (;;)
		cpu_relax();
}

module_init(fixture_init);
module_exit(fixture_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Exit never ends");
MODULE_LICENSE("GPL");
