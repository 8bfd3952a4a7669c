// SPDX-License-Identifier: GPL-2.0-only
/*
 * fixture: port-forge
 * verdict: tampered
 * exit: 1
 * because: cannot have sent
 *
 * Fails to load, and before that sends the host a well-formed answer which
 * says that the load succeeded. Its id is not that of any request: the host
 * knows that the agent cannot have sent it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/uaccess.h>

/* AGENT_REPLY with id 0x1111111111111111: errno 0, took 1000 microseconds. */
static const u8 answer[] = {
	0x4c, 0x42, 0x43, 0x31, 0x03, 0x00, 0x00, 0x00,
	0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
	0x1c, 0x00, 0x00, 0x00, 0x5a, 0x79, 0x9e, 0x2c,
	0xd1, 0x33, 0x55, 0x6c, 0x20, 0x00, 0x08, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x27, 0x00, 0x08, 0x00, 0x00, 0x00,
	0xe8, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
};

/* Writes to an open file as its owner would, from this process's own memory. */
static void scribble(struct file *file)
{
	unsigned long address;
	void __user *user;
	loff_t position = 0;

	address = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(address))
		return;

	user = (void __user *)address;
	if (!copy_to_user(user, answer, sizeof(answer)))
		file->f_op->write(file, user, sizeof(answer), &position);
	vm_munmap(address, PAGE_SIZE);
}

/* Finds the virtio ports among the files that a process has open. */
static void scribble_on_ports(struct task_struct *task)
{
	struct files_struct *files = task->files;
	struct file *ports[4];
	unsigned int count = 0;
	unsigned int fd;

	if (!files)
		return;

	spin_lock(&files->file_lock);
	for (fd = 0; fd < files_fdtable(files)->max_fds; fd++) {
		struct file *file = files_fdtable(files)->fd[fd];

		if (!file || !file->f_op->write || count == ARRAY_SIZE(ports))
			continue;
		if (strncmp(file->f_path.dentry->d_name.name, "vport", 5))
			continue;
		ports[count++] = get_file(file);
	}
	spin_unlock(&files->file_lock);

	pr_info("%u ports\n", count);
	while (count > 0) {
		scribble(ports[--count]);
		fput(ports[count]);
	}
}

static int __init fixture_init(void)
{
	struct pid *pid = find_get_pid(1);
	struct task_struct *agent = get_pid_task(pid, PIDTYPE_PID);

	put_pid(pid);
	scribble_on_ports(current);
	if (agent) {
		scribble_on_ports(agent);
		put_task_struct(agent);
	}
	return -ENODEV;
}

static void __exit fixture_exit(void)
{
}

module_init(fixture_init);
module_exit(fixture_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Forges an answer of the agent");
MODULE_LICENSE("GPL");
