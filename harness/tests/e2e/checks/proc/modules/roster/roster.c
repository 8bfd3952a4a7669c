// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/roster: a sorted list of numbers that is changed by commands, what has
 * been done so far as a table, one file that can only be read and one that can
 * only be written.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/version.h>

struct member {
	struct list_head link;
	int number;
};

static LIST_HEAD(members);
static unsigned int present;
static unsigned int added;
static unsigned int removed;
static unsigned int refused;
/* Guards all of the above. */
static DEFINE_MUTEX(roster_lock);

static struct proc_dir_entry *folder;

/* Keeps the list in ascending order; a number is in it once. */
static int add_member(int number)
{
	struct member *member, *next;

	list_for_each_entry(next, &members, link) {
		if (next->number == number)
			return -EEXIST;
		if (next->number > number)
			break;
	}

	member = kmalloc(sizeof(*member), GFP_KERNEL);
	if (!member)
		return -ENOMEM;

	member->number = number;
	/* Before next, which is the head where no number is greater. */
	list_add_tail(&member->link, &next->link);
	present++;
	added++;
	return 0;
}

static int remove_member(int number)
{
	struct member *member;

	list_for_each_entry(member, &members, link) {
		if (member->number != number)
			continue;
		list_del(&member->link);
		kfree(member);
		present--;
		removed++;
		return 0;
	}
	return -ENOENT;
}

static void forget_members(void)
{
	struct member *member, *next;

	list_for_each_entry_safe(member, next, &members, link) {
		list_del(&member->link);
		kfree(member);
	}
	present = 0;
}

static int obey(const char *command)
{
	int number;

	if (sscanf(command, "add %d", &number) == 1)
		return add_member(number);
	if (sscanf(command, "del %d", &number) == 1)
		return remove_member(number);
	if (!strcmp(command, "clear")) {
		forget_members();
		return 0;
	}
	return -EINVAL;
}

static ssize_t command_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *ppos)
{
	char command[32];
	int err;

	if (count >= sizeof(command))
		return -EINVAL;
	if (copy_from_user(command, buf, count))
		return -EFAULT;
	command[count] = '\0';

	mutex_lock(&roster_lock);
	err = obey(strim(command));
	if (err)
		refused++;
	mutex_unlock(&roster_lock);
	return err ? err : count;
}

static int list_show(struct seq_file *m, void *v)
{
	struct member *member;

	mutex_lock(&roster_lock);
	list_for_each_entry(member, &members, link)
		seq_printf(m, "%d\n", member->number);
	mutex_unlock(&roster_lock);
	return 0;
}

static int list_open(struct inode *inode, struct file *file)
{
	return single_open(file, list_show, NULL);
}

static int totals_show(struct seq_file *m, void *v)
{
	mutex_lock(&roster_lock);
	seq_puts(m, "what       times\n");
	seq_printf(m, "removed    %u\n", removed);
	seq_printf(m, "refused    %u\n", refused);
	seq_printf(m, "added      %u\n", added);
	seq_printf(m, "present    %u\n", present);
	mutex_unlock(&roster_lock);
	return 0;
}

static int format_show(struct seq_file *m, void *v)
{
	seq_puts(m, "one number a line\n");
	return 0;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops list_ops = {
	.proc_open = list_open,
	.proc_read = seq_read,
	.proc_write = command_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

/* No proc_read: whoever reads it gets EIO from proc itself. */
static const struct proc_ops commands_ops = {
	.proc_write = command_write,
	.proc_lseek = noop_llseek,
};
#else
static const struct file_operations list_ops = {
	.owner = THIS_MODULE,
	.open = list_open,
	.read = seq_read,
	.write = command_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/* No read: whoever reads it gets EIO from proc itself. */
static const struct file_operations commands_ops = {
	.owner = THIS_MODULE,
	.write = command_write,
	.llseek = noop_llseek,
};
#endif

static int __init roster_init(void)
{
	folder = proc_mkdir("roster", NULL);
	if (!folder)
		return -ENOMEM;

	if (!proc_create("list", 0600, folder, &list_ops))
		goto err_folder;
	if (!proc_create("commands", 0200, folder, &commands_ops))
		goto err_folder;
	if (!proc_create_single("totals", 0444, folder, totals_show))
		goto err_folder;
	if (!proc_create_single("format", 0444, folder, format_show))
		goto err_folder;

	pr_info("ready\n");
	return 0;

err_folder:
	proc_remove(folder);
	return -ENOMEM;
}

static void __exit roster_exit(void)
{
	proc_remove(folder);
	forget_members();
	pr_info("gone\n");
}

module_init(roster_init);
module_exit(roster_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A sorted list of numbers in /proc");
MODULE_LICENSE("GPL");
