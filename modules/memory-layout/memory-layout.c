// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where things are: a module's own code and data, which region of the address
 * space an address is in, and the parts of a process. The reference solution
 * of labs/memory-layout.
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

static void *heap_block;
static void *area_block;

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
	if (at < TASK_SIZE_MAX)
		return "user";
	if (at >= PAGE_OFFSET && at < (unsigned long)high_memory)
		return "direct map";
	if (at >= VMALLOC_START && at <= VMALLOC_END)
		return "vmalloc";
	if (at >= __START_KERNEL_map && at < MODULES_VADDR)
		return "kernel";
	if (at >= MODULES_VADDR && at < MODULES_END)
		return "module";
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
	struct task_struct *task;
	struct mm_struct *mm = NULL;
	int length;

	/* The task may end at any time; its memory stays while we hold it. */
	rcu_read_lock();
	task = pid_task(find_vpid(pid), PIDTYPE_PID);
	if (task)
		mm = get_task_mm(task);
	rcu_read_unlock();

	if (!task)
		return -ESRCH;
	/* A kernel thread has no user space, and a zombie none any more. */
	if (!mm)
		return -EINVAL;

	length = sprintf(buffer,
			 "start_code 0x%lx\nend_code 0x%lx\nstart_data 0x%lx\nend_data 0x%lx\n",
			 mm->start_code, mm->end_code, mm->start_data,
			 mm->end_data);
	length += sprintf(buffer + length,
			  "start_brk 0x%lx\nbrk 0x%lx\nstart_stack 0x%lx\n",
			  mm->start_brk, mm->brk, mm->start_stack);
	mmput(mm);
	return length;
}

static const struct kernel_param_ops process_ops = {
	.set = param_set_int,
	.get = process_get,
};
module_param_cb(process, &process_ops, &pid, 0644);
MODULE_PARM_DESC(process, "write a PID, read where the parts of its memory are");

static int __init memory_layout_init(void)
{
	heap_block = kmalloc(100, GFP_KERNEL);
	if (!heap_block)
		return -ENOMEM;
	area_block = vmalloc(PAGE_SIZE);
	if (!area_block)
		goto free_heap;

	text = (unsigned long)region_of;
	data = (unsigned long)&data;
	heap = (unsigned long)heap_block;
	area = (unsigned long)area_block;
	return 0;

free_heap:
	kfree(heap_block);
	return -ENOMEM;
}

static void __exit memory_layout_exit(void)
{
	vfree(area_block);
	kfree(heap_block);
}

module_init(memory_layout_init);
module_exit(memory_layout_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Regions of the address space, and the parts of a process");
MODULE_LICENSE("GPL");
