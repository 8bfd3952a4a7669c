// SPDX-License-Identifier: GPL-2.0-only
/*
 * fixture: include-shadow
 * verdict: build-failed
 * exit: 1
 * because: shadow
 *
 * Includes a file that is none of its business. The sandbox has no such file,
 * or nobody may read it: the compiler says so, and no line of that file
 * appears in any output.
 */
#include <linux/init.h>
#include <linux/module.h>

#include "/etc/shadow"

static int __init fixture_init(void)
{
	return 0;
}

static void __exit fixture_exit(void)
{
}

module_init(fixture_init);
module_exit(fixture_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Includes a private file");
MODULE_LICENSE("GPL");
