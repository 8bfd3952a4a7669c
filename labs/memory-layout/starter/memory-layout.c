// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab memory-layout: where things are. A module's own code and data, which
 * region of the address space an address is in, and the parts of a process.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

/* Landmarks of the module: one thing in each place that it has memory in. */
static unsigned long text;
static unsigned long data = 1;
static unsigned long heap;
static unsigned long area;

static unsigned long address;
static int pid;

/* TODO: a block of kmalloc() and an area of vmalloc(). */

static int landmark_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "0x%lx\n", *(unsigned long *)kp->arg);
}

static const struct kernel_param_ops landmark_ops = {
	.set = param_set_ulong,
	.get = landmark_get,
};
module_param_cb(text, &landmark_ops, &text, 0444);
MODULE_PARM_DESC(text, "address of a function");
module_param_cb(data, &landmark_ops, &data, 0444);
MODULE_PARM_DESC(data, "address of a variable");
module_param_cb(heap, &landmark_ops, &heap, 0444);
MODULE_PARM_DESC(heap, "address of a block of kmalloc()");
module_param_cb(area, &landmark_ops, &area, 0444);
MODULE_PARM_DESC(area, "address of an area of vmalloc()");

static const char *region_of(unsigned long at)
{
	/*
	 * TODO: "user", "direct map", "vmalloc", "kernel" or "module", if it is
	 * in one of these.
	 */
	return "none";
}

static int address_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%s\n", region_of(address));
}

static const struct kernel_param_ops address_ops = {
	.set = param_set_ulong,
	.get = address_get,
};
module_param_cb(address, &address_ops, &address, 0644);
MODULE_PARM_DESC(address, "write an address, read its region");

static int process_get(char *buffer, const struct kernel_param *kp)
{
	/* TODO: find the process, and its memory. */
	/* TODO: print where its parts are. */
	/* TODO: let go of what you hold. */
	return -ESRCH;
}

static const struct kernel_param_ops process_ops = {
	.set = param_set_int,
	.get = process_get,
};
module_param_cb(process, &process_ops, &pid, 0644);
MODULE_PARM_DESC(process, "write a PID, read where the parts of its memory are");

static int __init memory_layout_init(void)
{
	/* TODO: get the block and the area, and note the four addresses. */
	return 0;
}

static void __exit memory_layout_exit(void)
{
	/* TODO: give back what init has got. */
}

module_init(memory_layout_init);
module_exit(memory_layout_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Regions of the address space, and the parts of a process");
MODULE_LICENSE("GPL");
