// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab blocking-read: /dev/mailbox, whose readers wait for bytes.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kfifo.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/wait.h>

#define MAILBOX_SIZE 1024

static DEFINE_KFIFO(mailbox, char, MAILBOX_SIZE);

/* TODO: a lock, and a place to wait. */

static ssize_t mailbox_read(struct file *file, char __user *buf, size_t count,
			    loff_t *ppos)
{
	unsigned int copied;
	int err;

	/* TODO: wait until there is something, unless the caller does not want to. */
	err = kfifo_to_user(&mailbox, buf, count, &copied);
	if (err)
		return err;
	return copied;
}

static ssize_t mailbox_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *ppos)
{
	unsigned int copied;
	int err;

	/* TODO: what if there is no room? And who should hear of this? */
	err = kfifo_from_user(&mailbox, buf, count, &copied);
	if (err)
		return err;
	return copied;
}

/* TODO: poll. */

static const struct file_operations mailbox_fops = {
	.owner = THIS_MODULE,
	.open = stream_open,
	.read = mailbox_read,
	.write = mailbox_write,
};

static struct miscdevice mailbox_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mailbox",
	.mode = 0666,
	.fops = &mailbox_fops,
};

static int __init mailbox_init(void)
{
	return misc_register(&mailbox_device);
}

static void __exit mailbox_exit(void)
{
	misc_deregister(&mailbox_device);
}

module_init(mailbox_init);
module_exit(mailbox_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("A mailbox whose readers wait");
MODULE_LICENSE("GPL");
