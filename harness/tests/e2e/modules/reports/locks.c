// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mistakes with locks and contexts, one chosen with kind=.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

static char *kind = "none";
module_param(kind, charp, 0444);
MODULE_PARM_DESC(kind, "the mistake");

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(counter_lock);
static DEFINE_SPINLOCK(outer_lock);
static int __rcu *shared;

struct guarded {
	struct mutex lock;
	spinlock_t spin;
	int value;
};

static noinline void take_first_then_second(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
}

static noinline void take_second_then_first(void)
{
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static noinline void circular(void)
{
	take_first_then_second();
	take_second_then_first();
}

static struct guarded *make_guarded(void)
{
	struct guarded *guarded = kzalloc(sizeof(*guarded), GFP_KERNEL);

	if (guarded) {
		mutex_init(&guarded->lock);
		spin_lock_init(&guarded->spin);
	}
	return guarded;
}

static noinline void recursive(void)
{
	struct guarded *one = make_guarded();
	struct guarded *other = make_guarded();

	mutex_lock(&one->lock);
	mutex_lock(&other->lock);
	mutex_unlock(&other->lock);
	mutex_unlock(&one->lock);
}

static void in_interrupt_do(void (*act)(unsigned long data))
{
	struct tasklet_struct tasklet;

	tasklet_init(&tasklet, act, 0);
	tasklet_schedule(&tasklet);
	msleep(20);
	tasklet_kill(&tasklet);
}

static void count_in_tasklet(unsigned long data)
{
	spin_lock(&counter_lock);
	spin_unlock(&counter_lock);
}

static noinline void inconsistent_state(void)
{
	spin_lock(&counter_lock);
	spin_unlock(&counter_lock);
	in_interrupt_do(count_in_tasklet);
}

static noinline void unsafe_order(void)
{
	in_interrupt_do(count_in_tasklet);
	spin_lock(&outer_lock);
	spin_unlock(&outer_lock);
	spin_lock_bh(&counter_lock);
	spin_lock(&outer_lock);
	spin_unlock(&outer_lock);
	spin_unlock_bh(&counter_lock);
}

static noinline void irq_inversion(void)
{
	spin_lock_bh(&counter_lock);
	spin_lock(&outer_lock);
	spin_unlock(&outer_lock);
	spin_unlock_bh(&counter_lock);
	spin_lock(&outer_lock);
	spin_unlock(&outer_lock);
	in_interrupt_do(count_in_tasklet);
}

static noinline void unlock_twice(void)
{
	spin_lock(&counter_lock);
	spin_unlock(&counter_lock);
	spin_unlock(&counter_lock);
}

static noinline void held_lock_freed(void)
{
	struct guarded *guarded = make_guarded();

	mutex_lock(&guarded->lock);
	kfree(guarded);
}

static noinline void lock_kept(void)
{
	mutex_lock(&first);
}

static int leave_with_lock(void *data)
{
	mutex_lock(&second);
	return 0;
}

static noinline void held_at_exit(void)
{
	kthread_run(leave_with_lock, NULL, "lab-leaver");
	msleep(100);
}

static noinline void never_initialised(void)
{
	struct guarded *guarded = kzalloc(sizeof(*guarded), GFP_KERNEL);

	spin_lock(&guarded->spin);
	spin_unlock(&guarded->spin);
	kfree(guarded);
}

static noinline void suspicious_rcu(void)
{
	int *seen = rcu_dereference(shared);

	pr_info("shared %s\n", seen ? "set" : "unset");
}

static noinline void sleep_in_atomic(void)
{
	char *buffer;

	spin_lock(&counter_lock);
	buffer = kmalloc(64, GFP_KERNEL);
	spin_unlock(&counter_lock);
	kfree(buffer);
}

static noinline void schedule_in_atomic(void)
{
	preempt_disable();
	schedule_timeout_uninterruptible(1);
	preempt_enable();
}

static noinline void which_cpu(void)
{
	pr_info("on CPU %d\n", smp_processor_id());
}

static noinline void mutex_under_spinlock(void)
{
	spin_lock(&counter_lock);
	mutex_lock(&first);
	mutex_unlock(&first);
	spin_unlock(&counter_lock);
}

static noinline void unlock_of_unlocked_mutex(void)
{
	mutex_unlock(&first);
}

static void leak_atomic(struct work_struct *work)
{
	preempt_disable();
}

static DECLARE_WORK(leaking, leak_atomic);

static noinline void work_leaks_atomic(void)
{
	schedule_work(&leaking);
	msleep(50);
}

static noinline void too_many_locks(void)
{
	static struct mutex many[60];
	static struct lock_class_key keys[ARRAY_SIZE(many)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(many); i++) {
		__mutex_init(&many[i], "many", &keys[i]);
		mutex_lock(&many[i]);
	}
}

static void keep_lock_in_tasklet(unsigned long data)
{
	spin_lock_bh(&counter_lock);
}

static noinline void tasklet_leaks_atomic(void)
{
	in_interrupt_do(keep_lock_in_tasklet);
}

static void keep_lock_in_timer(struct timer_list *timer)
{
	spin_lock_bh(&counter_lock);
}

static DEFINE_TIMER(leaking_timer, keep_lock_in_timer);

static noinline void timer_leaks_atomic(void)
{
	mod_timer(&leaking_timer, jiffies + 1);
	msleep(50);
	del_timer_sync(&leaking_timer);
}

static const struct {
	const char *name;
	void (*act)(void);
} mistakes[] = {
	{ "circular", circular },
	{ "recursive", recursive },
	{ "inconsistent-state", inconsistent_state },
	{ "unsafe-order", unsafe_order },
	{ "irq-inversion", irq_inversion },
	{ "unlock-twice", unlock_twice },
	{ "held-lock-freed", held_lock_freed },
	{ "lock-kept", lock_kept },
	{ "held-at-exit", held_at_exit },
	{ "never-initialised", never_initialised },
	{ "suspicious-rcu", suspicious_rcu },
	{ "sleep-in-atomic", sleep_in_atomic },
	{ "schedule-in-atomic", schedule_in_atomic },
	{ "which-cpu", which_cpu },
	{ "mutex-under-spinlock", mutex_under_spinlock },
	{ "unlocked-mutex", unlock_of_unlocked_mutex },
	{ "work-leaks-atomic", work_leaks_atomic },
	{ "too-many", too_many_locks },
	{ "tasklet-leaks-atomic", tasklet_leaks_atomic },
	{ "timer-leaks-atomic", timer_leaks_atomic },
};

static int __init locks_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		if (!strcmp(kind, mistakes[i].name))
			mistakes[i].act();
	}
	pr_info("%s done\n", kind);
	return 0;
}

static void __exit locks_exit(void)
{
}

module_init(locks_init);
module_exit(locks_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Mistakes with locks and contexts that a kernel reports");
