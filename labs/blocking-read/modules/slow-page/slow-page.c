// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/slow-page: who maps it has a page that comes late. The kernel needs it
 * at the first use, be it by the program or by a copy_to_user() of another
 * module, and whoever needs it sleeps here until it is let on. So a test can
 * stop somebody in the middle of a copy for as long as it likes, and need not
 * hope that two meet there.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sched/signal.h>

static atomic_t came = ATOMIC_INIT(0);
module_param_named(came, came.counter, int, 0444);
MODULE_PARM_DESC(came, "how many have come for a page");

static int let;
module_param(let, int, 0644);
MODULE_PARM_DESC(let, "how many of them have been let on");

static vm_fault_t slow_fault(struct vm_fault *vmf)
{
	int ticket = atomic_inc_return(&came);
	struct page *page;

	while (READ_ONCE(let) < ticket) {
		if (fatal_signal_pending(current))
			return VM_FAULT_SIGBUS;
		usleep_range(1000, 2000);
	}

	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!page)
		return VM_FAULT_OOM;
	memcpy(page_address(page), "slow!", 5);
	vmf->page = page;
	return 0;
}

static const struct vm_operations_struct slow_vm_ops = {
	.fault = slow_fault,
};

static int slow_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &slow_vm_ops;
	return 0;
}

static const struct file_operations slow_fops = {
	.owner = THIS_MODULE,
	.mmap = slow_mmap,
};

static struct miscdevice slow_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "slow-page",
	.mode = 0600,
	.fops = &slow_fops,
};

module_misc_device(slow_device);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Pages that come late");
MODULE_LICENSE("GPL");
