// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocates four times in its init function, and gives everything back when one of these fails: unless it is told to
 * make a mistake there.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

static char *mistake = "";
module_param(mistake, charp, 0444);
MODULE_PARM_DESC(mistake, "what its unwinding gets wrong: entry, unchecked, twice, hidden, positive");

static int nothing;
module_param(nothing, int, 0444);
MODULE_PARM_DESC(nothing, "1: it leaves out the four allocations");

static int areas;
module_param(areas, int, 0444);
MODULE_PARM_DESC(areas, "how many areas it takes from vmalloc()");

static int many;
module_param(many, int, 0444);
MODULE_PARM_DESC(many, "how many allocations it makes besides, of which none must succeed");

static char *first, *second, *third;

static bool makes(const char *what)
{
	return !strcmp(mistake, what);
}

static int __init unwinds_init(void)
{
	void *area;
	int i;

	for (i = 0; i < areas; i++) {
		area = vmalloc(3 * PAGE_SIZE);
		if (!area)
			return -ENOMEM;
		vfree(area);
	}
	for (i = 0; i < many; i++)
		kfree(kmalloc(32, GFP_KERNEL));
	if (nothing)
		return 0;
	first = kmalloc(64, GFP_KERNEL);
	if (!first && !makes("unchecked"))
		return -ENOMEM;
	first[0] = 1;
	if (!proc_mkdir("unwinds", NULL))
		goto free_first;
	second = kzalloc(128, GFP_KERNEL);
	if (!second) {
		if (makes("hidden"))
			return 0;
		if (makes("positive"))
			goto all_positive;
		goto remove_entry;
	}
	third = kstrdup("third", GFP_KERNEL);
	if (!third)
		goto free_second;
	return 0;

free_second:
	if (makes("twice"))
		kfree(second);
	kfree(second);
remove_entry:
	if (!makes("entry"))
		remove_proc_entry("unwinds", NULL);
free_first:
	kfree(first);
	return -ENOMEM;

all_positive:
	remove_proc_entry("unwinds", NULL);
	kfree(first);
	nothing = 1;
	return 1;
}

static void __exit unwinds_exit(void)
{
	if (nothing)
		return;
	second[1] = 1;
	kfree(third);
	kfree(second);
	remove_proc_entry("unwinds", NULL);
	kfree(first);
}

module_init(unwinds_init);
module_exit(unwinds_exit);

MODULE_DESCRIPTION("Unwinds when an allocation of its init function fails");
MODULE_LICENSE("GPL");
