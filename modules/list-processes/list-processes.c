// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/processes lists all processes, one a line: pid, parent, user, state
 * and name. The reference solution of labs/list-processes.
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

#define ENTRY_NAME "processes"

static void show_process(struct seq_file *m, struct task_struct *p)
{
	/* Not ->parent, which is the debugger of a process that has one. */
	struct task_struct *parent = rcu_dereference(p->real_parent);
	char name[TASK_COMM_LEN];

	get_task_comm(name, p);
	/* The parent is a thread, if a thread has forked: hence its tgid. */
	seq_printf(m, "%d %d %u %c ", task_pid_nr(p), task_tgid_nr(parent),
		   from_kuid_munged(&init_user_ns, task_uid(p)),
		   task_state_to_char(p));
	/* A process chooses its name, and could make lines of its own. */
	seq_escape(m, name, "\n\\");
	seq_putc(m, '\n');
}

static int processes_show(struct seq_file *m, void *v)
{
	struct task_struct *p;

	/* What ends meanwhile is freed only after rcu_read_unlock(). */
	rcu_read_lock();
	for_each_process(p)
		show_process(m, p);
	rcu_read_unlock();
	return 0;
}

static int __init processes_init(void)
{
	if (!proc_create_single(ENTRY_NAME, 0444, NULL, processes_show))
		return -ENOMEM;
	return 0;
}

static void __exit processes_exit(void)
{
	remove_proc_entry(ENTRY_NAME, NULL);
}

module_init(processes_init);
module_exit(processes_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Lists all processes in /proc/processes");
MODULE_LICENSE("GPL");
