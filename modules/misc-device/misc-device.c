// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/slate0 and /dev/slate1: two character devices, each over a buffer of
 * fixed size of its own. The reference solution of labs/misc-device.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>

#define SLATE_SIZE 65536
#define SLATE_MODE 0664

struct slate {
	struct miscdevice misc;
	/* Whoever reads must see all of a write or nothing of it. */
	struct mutex lock;
	char data[SLATE_SIZE];
};

static struct slate slates[2];

/* The misc core leaves its own part of the device in every open file. */
static struct slate *slate_of(struct file *file)
{
	return container_of(file->private_data, struct slate, misc);
}

static ssize_t slate_read(struct file *file, char __user *buf, size_t count,
			  loff_t *ppos)
{
	struct slate *slate = slate_of(file);
	unsigned long missed;

	if (*ppos >= SLATE_SIZE)
		return 0;
	count = min_t(size_t, count, SLATE_SIZE - *ppos);

	/* A mutex and not a spinlock: the user's page may not be there yet. */
	mutex_lock(&slate->lock);
	missed = copy_to_user(buf, slate->data + *ppos, count);
	mutex_unlock(&slate->lock);
	if (missed)
		return -EFAULT;

	*ppos += count;
	return count;
}

static ssize_t slate_write(struct file *file, const char __user *buf,
			   size_t count, loff_t *ppos)
{
	struct slate *slate = slate_of(file);
	unsigned long missed;

	if (*ppos >= SLATE_SIZE)
		return -ENOSPC;
	count = min_t(size_t, count, SLATE_SIZE - *ppos);

	mutex_lock(&slate->lock);
	missed = copy_from_user(slate->data + *ppos, buf, count);
	mutex_unlock(&slate->lock);
	if (missed)
		return -EFAULT;

	*ppos += count;
	return count;
}

static loff_t slate_llseek(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence, SLATE_SIZE);
}

static const struct file_operations slate_fops = {
	.owner = THIS_MODULE,
	.read = slate_read,
	.write = slate_write,
	.llseek = slate_llseek,
};

static int __init slate_add(struct slate *slate, const char *name)
{
	mutex_init(&slate->lock);
	slate->misc.minor = MISC_DYNAMIC_MINOR;
	slate->misc.name = name;
	slate->misc.mode = SLATE_MODE;
	slate->misc.fops = &slate_fops;
	return misc_register(&slate->misc);
}

static int __init slate_init(void)
{
	int err;

	err = slate_add(&slates[0], "slate0");
	if (err)
		return err;

	err = slate_add(&slates[1], "slate1");
	if (err) {
		pr_err("no slate1, so no slate0 either: error %d\n", err);
		misc_deregister(&slates[0].misc);
	}
	return err;
}

static void __exit slate_exit(void)
{
	misc_deregister(&slates[1].misc);
	misc_deregister(&slates[0].misc);
}

module_init(slate_init);
module_exit(slate_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Two misc devices over a buffer of fixed size each");
MODULE_LICENSE("GPL");
