// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/guests is a guest book: a line that is written to it adds a name, and
 * reading gives all names, however many there are. The reference solution of
 * labs/seqfile-list.
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
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#define ENTRY_NAME "guests"
#define NAME_LEN 63

struct guest {
	struct list_head node;
	char name[NAME_LEN + 1];
};

static LIST_HEAD(guests);
static DEFINE_MUTEX(guests_lock);

/* Between start and stop the list must not change under the reader's feet. */
static void *guests_start(struct seq_file *m, loff_t *pos)
{
	mutex_lock(&guests_lock);
	return seq_list_start(&guests, *pos);
}

static void *guests_next(struct seq_file *m, void *v, loff_t *pos)
{
	return seq_list_next(v, &guests, pos);
}

/* Called after every start, also after one that found nothing. */
static void guests_stop(struct seq_file *m, void *v)
{
	mutex_unlock(&guests_lock);
}

static int guests_show(struct seq_file *m, void *v)
{
	const struct guest *guest = list_entry(v, struct guest, node);

	seq_printf(m, "%s\n", guest->name);
	return 0;
}

static const struct seq_operations guests_seq_ops = {
	.start = guests_start,
	.next = guests_next,
	.stop = guests_stop,
	.show = guests_show,
};

static int guests_open(struct inode *inode, struct file *file)
{
	return seq_open(file, &guests_seq_ops);
}

static int guests_add(const char *name)
{
	struct guest *guest = kmalloc(sizeof(*guest), GFP_KERNEL);

	if (!guest)
		return -ENOMEM;

	strscpy(guest->name, name, sizeof(guest->name));
	list_add_tail(&guest->node, &guests);
	return 0;
}

static void guests_clear(void)
{
	struct guest *guest, *next;

	list_for_each_entry_safe(guest, next, &guests, node) {
		list_del(&guest->node);
		kfree(guest);
	}
}

static ssize_t guests_write(struct file *file, const char __user *buf,
			    size_t count, loff_t *ppos)
{
	char name[NAME_LEN + 2];
	size_t len = count;
	int err = 0;

	/* A name and a newline at most, with room for a 0 byte behind. */
	if (len > NAME_LEN + 1)
		return -EINVAL;
	if (copy_from_user(name, buf, len))
		return -EFAULT;
	if (len > 0 && name[len - 1] == '\n')
		len--;
	name[len] = '\0';
	if (len == 0 || len > NAME_LEN || strchr(name, '\n'))
		return -EINVAL;

	mutex_lock(&guests_lock);
	if (strcmp(name, "-") == 0)
		guests_clear();
	else
		err = guests_add(name);
	mutex_unlock(&guests_lock);
	return err ? err : count;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops guests_ops = {
	.proc_open = guests_open,
	.proc_read = seq_read,
	.proc_write = guests_write,
	.proc_lseek = seq_lseek,
	.proc_release = seq_release,
};
#else
static const struct file_operations guests_ops = {
	.owner = THIS_MODULE,
	.open = guests_open,
	.read = seq_read,
	.write = guests_write,
	.llseek = seq_lseek,
	.release = seq_release,
};
#endif

static int __init guests_init(void)
{
	if (!proc_create(ENTRY_NAME, 0644, NULL, &guests_ops))
		return -ENOMEM;
	return 0;
}

static void __exit guests_exit(void)
{
	/* First nobody can come any more, then the names can go. */
	remove_proc_entry(ENTRY_NAME, NULL);
	guests_clear();
}

module_init(guests_init);
module_exit(guests_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A guest book in /proc, read with the iterator of seq_file");
MODULE_LICENSE("GPL");
