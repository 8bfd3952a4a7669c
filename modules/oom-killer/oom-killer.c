// SPDX-License-Identifier: GPL-2.0-only
/*
 * A reserve of memory that is given back when there is none left, before
 * anybody is killed; and how bad a process looks to the OOM killer. The
 * reference solution of labs/oom-killer.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/notifier.h>
#include <linux/oom.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>

/* The reserve is in blocks of 1 MiB. */
#define BLOCK_ORDER (20 - PAGE_SHIFT)
#define BLOCKS_AT_ONCE 8

/*
 * Protects the reserve. Whoever needs memory may find none, on any CPU, and
 * then gets here: so nothing is allocated while it is held.
 */
static DEFINE_SPINLOCK(reserve_lock);
static LIST_HEAD(reserve);
static unsigned int nr_blocks;
static unsigned int nr_calls;

static int add_block(void)
{
	struct page *block;

	/* It is not worth killing anybody for a reserve. */
	block = alloc_pages(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN,
			    BLOCK_ORDER);
	if (!block)
		return -ENOMEM;

	spin_lock(&reserve_lock);
	list_add(&block->lru, &reserve);
	nr_blocks++;
	spin_unlock(&reserve_lock);
	return 0;
}

/* Says how many pages that were. */
static unsigned long drop_block(void)
{
	struct page *block;

	spin_lock(&reserve_lock);
	block = list_first_entry_or_null(&reserve, struct page, lru);
	if (block) {
		list_del(&block->lru);
		nr_blocks--;
	}
	spin_unlock(&reserve_lock);

	if (!block)
		return 0;
	__free_pages(block, BLOCK_ORDER);
	return 1UL << BLOCK_ORDER;
}

static int out_of_memory_now(struct notifier_block *nb, unsigned long unused,
			     void *freed)
{
	unsigned int i;

	nr_calls++;
	/* If this is more than before, nobody needs to be killed. */
	for (i = 0; i < BLOCKS_AT_ONCE; i++)
		*(unsigned long *)freed += drop_block();
	return NOTIFY_OK;
}

static struct notifier_block oom_notifier = {
	.notifier_call = out_of_memory_now,
};

static int reserve_set(const char *text, const struct kernel_param *kp)
{
	unsigned int wanted;
	int err;

	err = kstrtouint(text, 0, &wanted);
	if (err)
		return err;

	while (nr_blocks > wanted)
		drop_block();
	while (nr_blocks < wanted && !err)
		err = add_block();
	return err;
}

static int reserve_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "reserve %u\ncalls %u\n", nr_blocks, nr_calls);
}

static const struct kernel_param_ops reserve_ops = {
	.set = reserve_set,
	.get = reserve_get,
};
module_param_cb(reserve, &reserve_ops, NULL, 0644);
MODULE_PARM_DESC(reserve, "how many MiB to hold in reserve");

static int pid;

static int process_get(char *buffer, const struct kernel_param *kp)
{
	struct task_struct *task;
	struct mm_struct *mm = NULL;
	unsigned long rss, tables;
	long adj = 0;

	rcu_read_lock();
	task = pid_task(find_vpid(pid), PIDTYPE_PID);
	if (task) {
		adj = task->signal->oom_score_adj;
		mm = get_task_mm(task);
	}
	rcu_read_unlock();

	if (!task)
		return -ESRCH;
	/* Who has no memory of its own gives none back when it is killed. */
	if (!mm)
		return -EINVAL;

	rss = get_mm_rss(mm);
	tables = mm_pgtables_bytes(mm) / PAGE_SIZE;
	mmput(mm);
	if (adj == OOM_SCORE_ADJ_MIN)
		return sprintf(buffer, "adj %ld\nrss %lu\ntables %lu\nnever\n",
			       adj, rss, tables);
	return sprintf(buffer, "adj %ld\nrss %lu\ntables %lu\nbadness %ld\n",
		       adj, rss, tables, (long)(rss + tables) +
		       adj * (long)(totalram_pages() / 1000));
}

static const struct kernel_param_ops process_ops = {
	.set = param_set_int,
	.get = process_get,
};
module_param_cb(process, &process_ops, &pid, 0644);
MODULE_PARM_DESC(process, "write a PID, read how bad the process looks");

static int __init oom_killer_init(void)
{
	return register_oom_notifier(&oom_notifier);
}

static void __exit oom_killer_exit(void)
{
	unregister_oom_notifier(&oom_notifier);
	while (drop_block())
		;
}

module_init(oom_killer_init);
module_exit(oom_killer_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A reserve for when memory has run out");
MODULE_LICENSE("GPL");
