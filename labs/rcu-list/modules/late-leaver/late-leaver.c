// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps the code of the module rcu_list a little longer: when its exit function
 * has returned, but before its memory is freed, all callbacks of RCU are waited
 * for. So one that the exit function did not wait for crashes nothing, and the
 * log is there to show what the exit function knew.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

static int on_change(struct notifier_block *block, unsigned long state,
		     void *data)
{
	struct module *module = data;

	if (state == MODULE_STATE_GOING && !strcmp(module->name, "rcu_list"))
		rcu_barrier();
	return NOTIFY_OK;
}

static struct notifier_block watch = {
	.notifier_call = on_change,
};

static int __init leaver_init(void)
{
	return register_module_notifier(&watch);
}

static void __exit leaver_exit(void)
{
	unregister_module_notifier(&watch);
}

module_init(leaver_init);
module_exit(leaver_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Keeps a module's code until RCU's callbacks have been called");
MODULE_LICENSE("GPL");
