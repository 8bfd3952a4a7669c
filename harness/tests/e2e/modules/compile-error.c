// SPDX-License-Identifier: GPL-2.0-only
/*
 * fixture: compile-error
 * verdict: build-failed
 * exit: 1
 * because: :18:
 *
 * A semicolon is missing at the end of line 18: the compiler's message names
 * the file as the user gave it, and that line.
 */
#include <linux/init.h>
#include <linux/module.h>

static int __init fixture_init(void)
{
	int answer;

	answer = 42
	return answer - 42;
}

static void __exit fixture_exit(void)
{
}

module_init(fixture_init);
module_exit(fixture_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Does not compile");
MODULE_LICENSE("GPL");
