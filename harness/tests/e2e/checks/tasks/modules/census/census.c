// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/census/list has every process, /proc/census/tree the descendants of the
 * first one, depth first, a parent before its children and these by age.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>

static struct proc_dir_entry *folder;

static int list_show(struct seq_file *m, void *v)
{
	struct task_struct *task;

	rcu_read_lock();
	for_each_process(task)
		seq_printf(m, "%d\n", task_pid_nr(task));
	rcu_read_unlock();
	return 0;
}

/* The next child of the same parent, or NULL. */
static struct task_struct *younger(struct task_struct *task)
{
	return list_next_or_null_rcu(&task->real_parent->children,
				     &task->sibling, struct task_struct,
				     sibling);
}

static struct task_struct *eldest_child(struct task_struct *task)
{
	return list_first_or_null_rcu(&task->children, struct task_struct,
				      sibling);
}

/*
 * Without recursion, as the kernel's stack is small. The whole of it under RCU:
 * no task is freed meanwhile.
 */
static int tree_show(struct seq_file *m, void *v)
{
	struct task_struct *task = &init_task;
	struct task_struct *next;
	unsigned int depth = 0;

	rcu_read_lock();
	while (task) {
		seq_printf(m, "%u %d %s\n", depth, task_pid_nr(task),
			   task->comm);
		next = eldest_child(task);
		if (next)
			depth++;
		while (!next && task != &init_task) {
			next = younger(task);
			if (next)
				break;
			task = rcu_dereference(task->real_parent);
			depth--;
		}
		task = next;
	}
	rcu_read_unlock();
	return 0;
}

static int __init census_init(void)
{
	folder = proc_mkdir("census", NULL);
	if (!folder)
		return -ENOMEM;

	if (!proc_create_single("list", 0444, folder, list_show) ||
	    !proc_create_single("tree", 0444, folder, tree_show)) {
		proc_remove(folder);
		return -ENOMEM;
	}
	return 0;
}

static void __exit census_exit(void)
{
	proc_remove(folder);
}

module_init(census_init);
module_exit(census_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("All processes, as a list and as a tree");
MODULE_LICENSE("GPL");
