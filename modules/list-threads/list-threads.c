// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/threads lists all threads, one a line: the process, the thread, kernel
 * or user, how many threads its process has, its user and its name. The
 * reference solution of labs/list-threads.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>

#define ENTRY_NAME "threads"

static void show_thread(struct seq_file *m, struct task_struct *t, int count)
{
	/* Not "has no mm": that is also true of a user's thread that ends. */
	bool kernel = t->flags & PF_KTHREAD;
	/* Each thread has credentials of its own. */
	kuid_t user = __task_cred(t)->uid;
	char name[TASK_COMM_LEN];

	get_task_comm(name, t);
	seq_printf(m, "%d %d %s %d %u ", task_tgid_nr(t), task_pid_nr(t),
		   kernel ? "kernel" : "user", count,
		   from_kuid_munged(&init_user_ns, user));
	seq_escape(m, name, "\n\\");
	seq_putc(m, '\n');
}

static int threads_show(struct seq_file *m, void *v)
{
	struct task_struct *p, *t;

	rcu_read_lock();
	for_each_process(p) {
		int count = get_nr_threads(p);

		for_each_thread(p, t)
			show_thread(m, t, count);
	}
	rcu_read_unlock();
	return 0;
}

static int __init threads_init(void)
{
	if (!proc_create_single(ENTRY_NAME, 0444, NULL, threads_show))
		return -ENOMEM;
	return 0;
}

static void __exit threads_exit(void)
{
	remove_proc_entry(ENTRY_NAME, NULL);
}

module_init(threads_init);
module_exit(threads_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Lists all threads in /proc/threads");
MODULE_LICENSE("GPL");
