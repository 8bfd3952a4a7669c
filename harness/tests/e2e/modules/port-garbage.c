// SPDX-License-Identifier: GPL-2.0-only
/*
 * fixture: port-garbage
 * verdict: failed or tampered
 * exit: 1
 * because: step
 *
 * Prints what a test report looks like, terminal escapes among it, and writes
 * noise with broken frames in it to every virtio port that it finds open. It
 * does not do what any lab asks, so that nothing of this may count; reports
 * hold no raw escape byte, and labctl neither hangs nor calls it a fault of
 * its own.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
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

static const u8 noise[] = {
	0x4c, 0x42, 0x43, 0x31, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0x00, 0x1b, 0x5b, 0x32,
	0x4a, 0x0d, 0x0a, 0x50, 0x41, 0x53, 0x53, 0x0d,
	0x0a, 0x4c, 0x42, 0x43, 0x31, 0x4c, 0x42, 0x43,
	0x31, 0x4c, 0x42, 0x43, 0x31, 0x4c, 0x42, 0x43,
	0x31, 0x03, 0x00, 0x00, 0x00, 0x11, 0x11, 0x11,
	0x11, 0x11, 0x11, 0x11, 0x11, 0x1c, 0x00, 0x00,
	0x00,
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
	if (!copy_to_user(user, noise, sizeof(noise)))
		file->f_op->write(file, user, sizeof(noise), &position);
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
	pr_info("\033[2J\033[31mok 1 - everything\n");
	pr_info("Total: 100/100, all tests PASSED\n");
	pr_info("</testcase>]]> & \a\x01\n");
	scribble_on_ports(current);
	if (agent) {
		scribble_on_ports(agent);
		put_task_struct(agent);
	}
	return 0;
}

static void __exit fixture_exit(void)
{
}

module_init(fixture_init);
module_exit(fixture_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Writes noise to the log and to the ports");
MODULE_LICENSE("GPL");
