// SPDX-License-Identifier: GPL-2.0
/* Makes one action never end, as its parameter says, so that where it hangs can be asked for. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/version.h>
#include <linux/wait.h>

static char *kind = "";
module_param(kind, charp, 0444);
MODULE_PARM_DESC(kind, "what never ends");

static bool never;
static DEFINE_MUTEX(kept);
static DECLARE_COMPLETION(started);
static DECLARE_COMPLETION(what_never_comes);
static DECLARE_WAIT_QUEUE_HEAD(readers);
static DEFINE_SPINLOCK(held);
static struct task_struct *thread;
static struct proc_dir_entry *entry;

static noinline void spin(void)
{
	while (!READ_ONCE(never))
		;
}

static void spin_without_interrupts(void)
{
	local_irq_disable();
	spin();
}

static noinline void take_again(void)
{
	spin_lock(&held);
	spin_lock(&held);
}

static int keep_mutex(void *unused)
{
	mutex_lock(&kept);
	complete(&started);
	while (!READ_ONCE(never))
		msleep(10000);
	mutex_unlock(&kept);
	return 0;
}

static void wait_for_mutex(void)
{
	thread = kthread_run(keep_mutex, NULL, "keeper");
	if (IS_ERR(thread))
		return;
	wait_for_completion(&started);
	mutex_lock(&kept);
	mutex_unlock(&kept);
}

static void wait_for_nothing(void)
{
	wait_for_completion(&what_never_comes);
}

static noinline void poll_for_nothing(void)
{
	while (!READ_ONCE(never))
		msleep(20);
}

static int deaf(void *unused)
{
	complete(&started);
	while (!READ_ONCE(never))
		cond_resched();
	return 0;
}

static void start_deaf_thread(void)
{
	thread = kthread_run(deaf, NULL, "deaf");
	if (!IS_ERR(thread))
		wait_for_completion(&started);
}

static ssize_t wait_to_read(struct file *file, char __user *to, size_t count, loff_t *at)
{
	return wait_event_interruptible(readers, READ_ONCE(never)) ? -ERESTARTSYS : 0;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops operations = {
	.proc_read = wait_to_read,
};
#else
static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.read = wait_to_read,
};
#endif

static void make_file(void)
{
	entry = proc_create("hangs", 0444, NULL, &operations);
}

static const struct {
	const char *name;
	void (*act)(void);
} hangs[] = {
	{ "loop", spin },
	{ "loop-without-interrupts", spin_without_interrupts },
	{ "spinlock", take_again },
	{ "mutex", wait_for_mutex },
	{ "completion", wait_for_nothing },
	{ "poll", poll_for_nothing },
	{ "deaf-thread", start_deaf_thread },
	{ "read", make_file },
};

static int __init hangs_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hangs); i++) {
		if (!strcmp(kind, hangs[i].name))
			hangs[i].act();
	}
	return 0;
}

static void __exit hangs_exit(void)
{
	if (entry)
		proc_remove(entry);
	if (!IS_ERR_OR_NULL(thread))
		kthread_stop(thread);
}

module_init(hangs_init);
module_exit(hangs_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Actions that never end");
