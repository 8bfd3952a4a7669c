// SPDX-License-Identifier: GPL-2.0-only
/*
 * What stops the CPU, a task or the whole machine, one chosen with kind=.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kobject.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timer.h>

static char *kind = "none";
module_param(kind, charp, 0444);
MODULE_PARM_DESC(kind, "the mistake");

static int bits = 40;
static const char motto[] = "read only";
static int zero;
static int nine = 9;
static int numbers[4];
static int *pointer;
static void (*function)(void);
static struct timer_list late;
static struct kobject *object;

static noinline void null_write(void)
{
	WRITE_ONCE(*(pointer + 2), 1);
}

static noinline void null_call(void)
{
	function();
}

static noinline void bad_address(void)
{
	WRITE_ONCE(*(int *)(0xffffc90000fff000 + (unsigned long)pointer), 1);
}

static noinline void bad_read(void)
{
	pr_info("read %d\n", READ_ONCE(*(int *)(0x5000000 + (unsigned long)pointer)));
}

static noinline void poisoned(void)
{
	pr_info("read %d\n", READ_ONCE(*(int *)(0xdead000000000108 + (unsigned long)pointer)));
}

static noinline void write_constant(void)
{
	WRITE_ONCE(*(char *)(unsigned long)&motto[3], 'x');
}

static noinline void divide(void)
{
	pr_info("%d\n", 100 / READ_ONCE(zero));
}

static noinline void undefined(void)
{
	asm volatile(".byte 0x0f, 0xff, 0xc0");
}

static noinline void breakpoint(void)
{
	pr_info("stops at %d\n", READ_ONCE(zero));
	asm volatile("int3");
}

static noinline void bug(void)
{
	BUG_ON(!zero);
}

static noinline void warn(void)
{
	WARN_ON(!zero);
}

static noinline void warn_with_message(void)
{
	WARN(1, "the level is %d, that is too low\n", zero);
}

static noinline void shift(void)
{
	pr_info("%d\n", 1 << READ_ONCE(bits));
}

static noinline void past_array(void)
{
	pr_info("%d\n", numbers[READ_ONCE(nine)]);
}

static noinline int deeper(int level)
{
	char room[512];

	WRITE_ONCE(room[0], (char)level);
	if (level < 1000000)
		return deeper(level + 1) + READ_ONCE(room[0]);
	return READ_ONCE(room[level % 512]);
}

static noinline void stack_overflow(void)
{
	pr_info("%d\n", deeper(zero));
}

static noinline void smashed(void)
{
	char line[16];
	char *at = line;
	int i;

	for (i = 0; i < 48; i++)
		WRITE_ONCE(at[i], 'x');
}

static noinline void give_up(void)
{
	panic("lab gives up after %d\n", zero);
}

static int wait_for_ever(void *data)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule();
	return 0;
}

static noinline void hung_task(void)
{
	kthread_run(wait_for_ever, NULL, "lab-waiter");
	msleep(5000);
}

static noinline void lockup(void)
{
	unsigned long end = jiffies + 5 * HZ;

	preempt_disable();
	while (time_before(jiffies, end))
		cpu_relax();
	preempt_enable();
}

static int keep_rcu_waiting(void *data)
{
	while (!kthread_should_stop())
		synchronize_rcu();
	return 0;
}

/* With a second CPU, on which RCU waits for this one. */
static noinline void rcu_stall(void)
{
	struct task_struct *waiter = kthread_run(keep_rcu_waiting, NULL, "lab-rcu");
	unsigned long end;

	if (IS_ERR(waiter))
		return;
	msleep(100);
	end = jiffies + 7 * HZ;
	preempt_disable();
	while (time_before(jiffies, end))
		cpu_relax(); /* without a pause for RCU */
	preempt_enable();
	kthread_stop(waiter);
}

static noinline void proc_leak(void)
{
	struct proc_dir_entry *folder = proc_mkdir("lab", NULL);

	proc_mkdir("left", folder);
	remove_proc_entry("lab", NULL);
}

static noinline void proc_twice(void)
{
	proc_mkdir("lab", NULL);
	proc_mkdir("lab", NULL);
}

static noinline void proc_unknown(void)
{
	remove_proc_entry("never_made", NULL);
}

static noinline void sysfs_twice(void)
{
	object = kobject_create_and_add("lab", kernel_kobj);
	object = kobject_create_and_add("lab", kernel_kobj);
}

static noinline void kobject_twice(void)
{
	static struct kobj_type type;
	static struct kobject twice;

	kobject_init(&twice, &type);
	kobject_init(&twice, &type);
}

/* On the second CPU: the first, which keeps the time, must ask it where it is. */
static noinline void rcu_stall_without_interrupts(void)
{
	struct task_struct *waiter = kthread_run(keep_rcu_waiting, NULL, "lab-rcu");
	int ms;

	if (IS_ERR(waiter))
		return;
	msleep(100);
	set_cpus_allowed_ptr(current, cpumask_of(1));
	local_irq_disable();
	for (ms = 0; ms < 7000; ms++)
		udelay(1000);
	local_irq_enable();
	kthread_stop(waiter);
}

static irqreturn_t answer_wrongly(int number, void *data)
{
	return -EINVAL;
}

static noinline void wrong_answer(void)
{
	static struct irq_chip chip = { .name = "lab" };
	int number = irq_alloc_desc(NUMA_NO_NODE);

	if (number < 0)
		return;
	irq_set_chip_and_handler(number, &chip, handle_simple_irq);
	irq_clear_status_flags(number, IRQ_NOREQUEST);
	if (!request_irq(number, answer_wrongly, 0, "lab", &chip)) {
		local_irq_disable();
		generic_handle_irq(number);
		local_irq_enable();
		free_irq(number, &chip);
	}
	irq_free_desc(number);
}

static noinline void negative_timeout(void)
{
	unsigned long end = jiffies - 5;

	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_timeout(end - jiffies);
}

static noinline void closed_twice(void)
{
	struct file *file = filp_open("/proc/version", O_RDONLY, 0);

	if (IS_ERR(file))
		return;
	filp_close(file, NULL);
	filp_close(file, NULL);
}

/* Is only there when the interrupt comes. */
static noinline void innocent(void)
{
	mdelay(100);
}

static noinline void overwritten_timer(void)
{
	timer_setup(&late, NULL, 0);
	late.function = (void *)(0xdead000000000100 + (unsigned long)pointer);
	mod_timer(&late, jiffies + 1);
	innocent();
}

static void rang(struct timer_list *timer)
{
}

static noinline void timer_left(void)
{
	timer_setup(&late, rang, 0);
	mod_timer(&late, jiffies + HZ / 2);
}

static const struct {
	const char *name;
	void (*act)(void);
} mistakes[] = {
	{ "null-write", null_write },
	{ "null-call", null_call },
	{ "bad-address", bad_address },
	{ "bad-read", bad_read },
	{ "poisoned", poisoned },
	{ "write-constant", write_constant },
	{ "divide", divide },
	{ "undefined", undefined },
	{ "breakpoint", breakpoint },
	{ "bug", bug },
	{ "warn", warn },
	{ "warn-message", warn_with_message },
	{ "shift", shift },
	{ "index", past_array },
	{ "stack-overflow", stack_overflow },
	{ "smashed", smashed },
	{ "panic", give_up },
	{ "hung-task", hung_task },
	{ "lockup", lockup },
	{ "rcu-stall", rcu_stall },
	{ "rcu-stall-without-interrupts", rcu_stall_without_interrupts },
	{ "wrong-answer", wrong_answer },
	{ "negative-timeout", negative_timeout },
	{ "closed-twice", closed_twice },
	{ "overwritten-timer", overwritten_timer },
	{ "proc-leak", proc_leak },
	{ "proc-twice", proc_twice },
	{ "proc-unknown", proc_unknown },
	{ "sysfs-twice", sysfs_twice },
	{ "kobject-twice", kobject_twice },
	{ "timer-left", timer_left },
};

static int __init traps_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		if (!strcmp(kind, mistakes[i].name))
			mistakes[i].act();
	}
	pr_info("%s done\n", kind);
	return !strcmp(kind, "positive") ? 1 : 0;
}

static void __exit traps_exit(void)
{
}

module_init(traps_init);
module_exit(traps_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Faults that stop a CPU, a task or the machine");
