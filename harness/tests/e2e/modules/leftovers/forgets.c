// SPDX-License-Identifier: GPL-2.0-only
/* Takes one thing of each kind from the kernel and gives all of them back, but for those that it is told to forget. */
#include <linux/cdev.h>
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/kobject.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#define IRQ_LINE 7 /* of the two legacy controllers; nothing in the machine uses it */

static char *forget[16];
static int forget_count;
module_param_array(forget, charp, &forget_count, 0444);
MODULE_PARM_DESC(forget, "What stays: proc, kobject, debugfs, device, major, kthread, ...");

static bool fail;
module_param(fail, bool, 0444);
MODULE_PARM_DESC(fail, "Refuse to load, after all has been taken");

static dev_t number;
static struct class *class;
static struct dentry *folder;
static struct kobject *kobject;
static struct kmem_cache *cache;
static void *object, *area, *memory;
static struct task_struct *sleeper;
static struct workqueue_struct *queue;
static struct timer_list timer;
static int cookie;

static int show(struct seq_file *m, void *v)
{
	seq_puts(m, "nothing\n");
	return 0;
}

static irqreturn_t handle(int irq, void *data)
{
	return IRQ_NONE;
}

static void expired(struct timer_list *unused)
{
}

/* Asleep until it is told to stop. */
static int sleep_on(void *unused)
{
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

static noinline void take_memory(void)
{
	memory = kmalloc(100, GFP_KERNEL);
}

static struct platform_driver driver = {.driver = {.name = "forgets_driver"}};

static bool forgets(const char *what)
{
	int i;

	for (i = 0; i < forget_count; i++)
		if (!strcmp(forget[i], what))
			return true;
	return false;
}

static void give_back(void)
{
	if (!forgets("timer"))
		del_timer_sync(&timer);
	if (!forgets("irq"))
		free_irq(IRQ_LINE, &cookie);
	if (!forgets("driver"))
		platform_driver_unregister(&driver);
	if (!forgets("workqueue"))
		destroy_workqueue(queue);
	if (!forgets("kthread"))
		kthread_stop(sleeper);
	if (!forgets("device"))
		device_destroy(class, number);
	if (!forgets("device") && !forgets("class"))
		class_destroy(class);
	if (!forgets("major"))
		unregister_chrdev_region(number, 1);
	if (!forgets("debugfs"))
		debugfs_remove_recursive(folder);
	if (!forgets("kobject"))
		kobject_put(kobject);
	if (!forgets("object"))
		kmem_cache_free(cache, object);
	if (!forgets("cache"))
		kmem_cache_destroy(cache);
	if (!forgets("vmalloc"))
		vfree(area);
	if (!forgets("memory"))
		kfree(memory);
	if (!forgets("proc"))
		remove_proc_entry("forgets", NULL);
}

static int __init forgets_init(void)
{
	/* Of a machine with so little to do none of these fails. */
	if (!proc_create_single("forgets", 0444, NULL, show))
		return -ENOMEM;
	area = vmalloc(3 * PAGE_SIZE);
	take_memory();
	/* Its pages, and its name in /sys, go a moment after it is destroyed. */
	cache = kmem_cache_create("forgets_cache", 200, 0, SLAB_TYPESAFE_BY_RCU, NULL);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	kobject = kobject_create_and_add("forgets_object", kernel_kobj);
	folder = debugfs_create_dir("forgets", NULL);
	if (alloc_chrdev_region(&number, 0, 1, "forgets_major"))
		return -EBUSY;
	class = class_create(THIS_MODULE, "forgets_class");
	if (IS_ERR(device_create(class, NULL, number, NULL, "forgets0")))
		return -ENODEV;
	sleeper = kthread_run(sleep_on, NULL, "forgets_thread");
	queue = alloc_workqueue("forgets_queue", WQ_MEM_RECLAIM, 0);
	if (platform_driver_register(&driver) ||
	    request_irq(IRQ_LINE, handle, IRQF_SHARED, "forgets_irq", &cookie))
		return -EBUSY;
	timer_setup(&timer, expired, 0);
	mod_timer(&timer, jiffies + 100 * HZ);
	if (!fail)
		return 0;
	give_back();
	return -ENODEV;
}

static void __exit forgets_exit(void)
{
	give_back();
}

module_init(forgets_init);
module_exit(forgets_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Gives back what it has taken, or forgets some of it");
