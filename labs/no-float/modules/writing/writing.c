// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds the lock of no-float's parameters while it is being loaded, as the
 * kernel does for who writes to one of them, until its own "go" is set.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

static int go;
module_param(go, int, 0644);
MODULE_PARM_DESC(go, "1: the write is over");

static int __init writing_init(void)
{
	struct kobject *kobj;
	struct module *module;
	int i;

	kobj = kset_find_obj(THIS_MODULE->mkobj.kobj.kset, "no_float");
	if (!kobj)
		return -ENOENT;
	module = container_of(kobj, struct module_kobject, kobj)->mod;

	kernel_param_lock(module);
	pr_info("has the lock\n");
	for (i = 0; i < 10000 && !READ_ONCE(go); i++)
		usleep_range(500, 1000);
	kernel_param_unlock(module);
	kobject_put(kobj);
	return 0;
}

static void __exit writing_exit(void)
{
}

module_init(writing_init);
module_exit(writing_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Holds the lock of another module's parameters");
MODULE_LICENSE("GPL");
