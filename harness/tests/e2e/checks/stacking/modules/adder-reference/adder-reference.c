// SPDX-License-Identifier: GPL-2.0-only
/* What adder does, under other names, so that both can be loaded. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

static atomic_long_t sum = ATOMIC_LONG_INIT(0);
static atomic_long_t calls = ATOMIC_LONG_INIT(0);

/* Declared here, as it has no header: its user is another module. */
long adder_reference_add(long number);

long adder_reference_add(long number)
{
	atomic_long_inc(&calls);
	return atomic_long_add_return(number, &sum);
}
EXPORT_SYMBOL_GPL(adder_reference_add);

static int adder_show(struct seq_file *m, void *v)
{
	seq_printf(m, "sum %ld\n", atomic_long_read(&sum));
	seq_printf(m, "calls %ld\n", atomic_long_read(&calls));
	return 0;
}

static int __init adder_init(void)
{
	if (!proc_create_single("adder_reference", 0444, NULL, adder_show))
		return -ENOMEM;

	pr_info("ready\n");
	return 0;
}

static void __exit adder_exit(void)
{
	remove_proc_entry("adder_reference", NULL);
}

module_init(adder_init);
module_exit(adder_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Adds for other modules");
MODULE_LICENSE("GPL");
