// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/mailbox: bytes that are written wait for a reader, and readers wait for
 * bytes. The reference solution of labs/blocking-read.
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

/* A fifo does without a lock for one reader and one writer, not for more. */
static DEFINE_MUTEX(mailbox_lock);

/* Who waits for bytes, and who waits in poll() for bytes or for room. */
static DECLARE_WAIT_QUEUE_HEAD(mailbox_changed);

/* Returns 0 with the lock held and something in the mailbox, or an error. */
static int mailbox_lock_filled(struct file *file)
{
	mutex_lock(&mailbox_lock);
	/* Again and again: another reader may have been faster. */
	while (kfifo_is_empty(&mailbox)) {
		mutex_unlock(&mailbox_lock);
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(mailbox_changed,
					     !kfifo_is_empty(&mailbox)))
			return -ERESTARTSYS;
		mutex_lock(&mailbox_lock);
	}
	return 0;
}

static ssize_t mailbox_read(struct file *file, char __user *buf, size_t count,
			    loff_t *ppos)
{
	unsigned int copied;
	int err;

	err = mailbox_lock_filled(file);
	if (err)
		return err;

	err = kfifo_to_user(&mailbox, buf, count, &copied);
	mutex_unlock(&mailbox_lock);
	if (err)
		return err;

	wake_up_interruptible(&mailbox_changed);
	return copied;
}

static ssize_t mailbox_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *ppos)
{
	unsigned int copied;
	int err;

	mutex_lock(&mailbox_lock);
	if (kfifo_is_full(&mailbox))
		err = -ENOSPC;
	else
		err = kfifo_from_user(&mailbox, buf, count, &copied);
	mutex_unlock(&mailbox_lock);
	if (err)
		return err;

	wake_up_interruptible(&mailbox_changed);
	return copied;
}

static __poll_t mailbox_poll(struct file *file, poll_table *table)
{
	__poll_t ready = 0;

	/* First say where to wait, then look, or a change between is lost. */
	poll_wait(file, &mailbox_changed, table);
	if (!kfifo_is_empty(&mailbox))
		ready |= EPOLLIN | EPOLLRDNORM;
	if (!kfifo_is_full(&mailbox))
		ready |= EPOLLOUT | EPOLLWRNORM;
	return ready;
}

static const struct file_operations mailbox_fops = {
	.owner = THIS_MODULE,
	.open = stream_open,
	.read = mailbox_read,
	.write = mailbox_write,
	.poll = mailbox_poll,
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

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A mailbox whose readers wait");
MODULE_LICENSE("GPL");
