// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab misc-device: /dev/slate0 and /dev/slate1, each over a buffer of its own.
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
	/* TODO: a lock. */
	char data[SLATE_SIZE];
};

static struct slate slates[2];

/* TODO: a function that finds the slate of an open file. */

static ssize_t slate_read(struct file *file, char __user *buf, size_t count,
			  loff_t *ppos)
{
	/* TODO: copy from the slate to the user, and move *ppos on. */
	return 0;
}

static ssize_t slate_write(struct file *file, const char __user *buf,
			   size_t count, loff_t *ppos)
{
	/* TODO: copy from the user to the slate, and move *ppos on. */
	return -ENOSPC;
}

/* TODO: lseek(), which knows where the slate ends. */

static const struct file_operations slate_fops = {
	.read = slate_read,
	.write = slate_write,
	/* TODO: what else? */
};

static int __init slate_init(void)
{
	slates[0].misc.minor = MISC_DYNAMIC_MINOR;
	slates[0].misc.name = "slate0";
	slates[0].misc.mode = SLATE_MODE;
	slates[0].misc.fops = &slate_fops;

	/* TODO: slate1 too; both are there, or none is. */
	return misc_register(&slates[0].misc);
}

static void __exit slate_exit(void)
{
	/* TODO: slate1 too. */
	misc_deregister(&slates[0].misc);
}

module_init(slate_init);
module_exit(slate_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Two misc devices over a buffer of fixed size each");
MODULE_LICENSE("GPL");
