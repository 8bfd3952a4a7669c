// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that goes wrong as it is told to, for examples of tests that expect it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/processor.h>
#include <linux/slab.h>
#include <linux/string.h>

static char *mistake = "none";
module_param(mistake, charp, 0444);
MODULE_PARM_DESC(mistake, "null, use-after-free, endless or panic");

static int *nowhere;

static noinline void write_to_null(void)
{
	WRITE_ONCE(*nowhere, 1);
}

static noinline void read_freed(void)
{
	int *number = kzalloc(sizeof(*number), GFP_KERNEL);

	kfree(number);
	pr_info("read %d\n", READ_ONCE(*number));
}

static noinline void never_return(void)
{
	while (!READ_ONCE(nowhere))
		cpu_relax();
}

static int __init faulty_init(void)
{
	if (!strcmp(mistake, "null"))
		write_to_null();
	if (!strcmp(mistake, "use-after-free"))
		read_freed();
	if (!strcmp(mistake, "endless"))
		never_return();
	if (!strcmp(mistake, "panic"))
		panic("told to");
	return 0;
}

static void __exit faulty_exit(void)
{
}

module_init(faulty_init);
module_exit(faulty_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Mistakes on demand");
