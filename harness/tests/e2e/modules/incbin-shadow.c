// SPDX-License-Identifier: GPL-2.0-only
/*
 * fixture: incbin-shadow
 * verdict: build-failed
 * exit: 1
 * because: shadow
 *
 * Asks the assembler to put a private file into the module. It must not be
 * found or not be readable, and no .ko may appear.
 */
#include <linux/init.h>
#include <linux/module.h>

asm(".pushsection .rodata\n"
	".incbin \"/etc/shadow\"\n"
	".popsection");

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
MODULE_DESCRIPTION("Embeds a private file");
MODULE_LICENSE("GPL");
