// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/mailbox holds up to 64 letters of up to 64 bytes: a write posts one, a
 * read takes the oldest. ioctl() keeps a list of process ids. A second device
 * has a major number of its own.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/ioctl.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#define MAILBOX_ADD_PID		_IOW('m', 1, int)
#define MAILBOX_REMOVE_PID	_IOW('m', 2, int)
#define MAILBOX_COUNT_PIDS	_IOR('m', 3, int)

#define MAX_LETTERS	64
#define MAX_LENGTH	64
#define MAX_PIDS	16

struct letter {
	size_t length;
	char text[MAX_LENGTH];
};

static struct letter letters[MAX_LETTERS];
static unsigned int first;
static unsigned int posted;
static int pids[MAX_PIDS];
static int known;
/* Guards all of the above. */
static DEFINE_MUTEX(mailbox_lock);
static DECLARE_WAIT_QUEUE_HEAD(readers);
static DECLARE_WAIT_QUEUE_HEAD(writers);

static int raw_major;

static ssize_t mailbox_read(struct file *file, char __user *buf, size_t count,
			    loff_t *ppos)
{
	struct letter *letter;
	ssize_t ret;

	mutex_lock(&mailbox_lock);
	while (!posted) {
		mutex_unlock(&mailbox_lock);
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(readers, READ_ONCE(posted)))
			return -ERESTARTSYS;
		mutex_lock(&mailbox_lock);
	}

	letter = &letters[first];
	ret = min(count, letter->length);
	if (copy_to_user(buf, letter->text, ret)) {
		ret = -EFAULT;
		goto out;
	}
	first = (first + 1) % MAX_LETTERS;
	WRITE_ONCE(posted, posted - 1);
	wake_up_interruptible(&writers);
out:
	mutex_unlock(&mailbox_lock);
	return ret;
}

static ssize_t mailbox_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *ppos)
{
	struct letter *letter;
	ssize_t ret = count;

	if (!count || count > MAX_LENGTH)
		return -EMSGSIZE;

	mutex_lock(&mailbox_lock);
	while (posted == MAX_LETTERS) {
		mutex_unlock(&mailbox_lock);
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(writers,
					     READ_ONCE(posted) < MAX_LETTERS))
			return -ERESTARTSYS;
		mutex_lock(&mailbox_lock);
	}

	letter = &letters[(first + posted) % MAX_LETTERS];
	if (copy_from_user(letter->text, buf, count)) {
		ret = -EFAULT;
		goto out;
	}
	letter->length = count;
	WRITE_ONCE(posted, posted + 1);
	wake_up_interruptible(&readers);
out:
	mutex_unlock(&mailbox_lock);
	return ret;
}

static __poll_t mailbox_poll(struct file *file, poll_table *table)
{
	__poll_t ready = 0;

	poll_wait(file, &readers, table);
	poll_wait(file, &writers, table);

	mutex_lock(&mailbox_lock);
	if (posted)
		ready |= EPOLLIN | EPOLLRDNORM;
	if (posted < MAX_LETTERS)
		ready |= EPOLLOUT | EPOLLWRNORM;
	mutex_unlock(&mailbox_lock);
	return ready;
}

static int find_pid(int pid)
{
	int i;

	for (i = 0; i < known; i++)
		if (pids[i] == pid)
			return i;
	return -1;
}

static int add_pid(int pid)
{
	if (find_pid(pid) >= 0)
		return -EEXIST;
	if (known == MAX_PIDS)
		return -ENOSPC;
	pids[known++] = pid;
	return 0;
}

static int remove_pid(int pid)
{
	int at = find_pid(pid);

	if (at < 0)
		return -ESRCH;
	pids[at] = pids[--known];
	return 0;
}

static long mailbox_ioctl(struct file *file, unsigned int request,
			  unsigned long argument)
{
	int __user *place = (int __user *)argument;
	int pid = 0;
	long ret;

	if (request == MAILBOX_ADD_PID || request == MAILBOX_REMOVE_PID)
		if (get_user(pid, place))
			return -EFAULT;

	mutex_lock(&mailbox_lock);
	switch (request) {
	case MAILBOX_ADD_PID:
		ret = add_pid(pid);
		break;
	case MAILBOX_REMOVE_PID:
		ret = remove_pid(pid);
		break;
	case MAILBOX_COUNT_PIDS:
		ret = put_user(known, place);
		break;
	default:
		ret = -ENOTTY;
	}
	mutex_unlock(&mailbox_lock);
	return ret;
}

static const struct file_operations mailbox_ops = {
	.owner = THIS_MODULE,
	.read = mailbox_read,
	.write = mailbox_write,
	.poll = mailbox_poll,
	.unlocked_ioctl = mailbox_ioctl,
	.llseek = no_llseek,
};

static struct miscdevice mailbox_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mailbox",
	.fops = &mailbox_ops,
	.mode = 0660,
};

static int __init mailbox_init(void)
{
	int err;

	err = misc_register(&mailbox_device);
	if (err)
		return err;

	raw_major = register_chrdev(0, "mailbox_raw", &mailbox_ops);
	if (raw_major < 0) {
		err = raw_major;
		goto err_misc;
	}

	pr_info("raw devices have major %d\n", raw_major);
	return 0;

err_misc:
	misc_deregister(&mailbox_device);
	return err;
}

static void __exit mailbox_exit(void)
{
	unregister_chrdev(raw_major, "mailbox_raw");
	misc_deregister(&mailbox_device);
}

module_init(mailbox_init);
module_exit(mailbox_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A character device that keeps letters");
MODULE_LICENSE("GPL");
