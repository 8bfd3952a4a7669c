// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module of most examples in docs/lab-language.md.
 *
 * /proc/counter counts how often it is opened for reading; a number from 0 to
 * 1000 that is written to it is what it counts on from. /dev/counter keeps one
 * message of at most 64 bytes, and a reader waits for it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/fs.h>
#include <linux/ioctl.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/timer.h>
#include <linux/uaccess.h>
#include <linux/version.h>
#include <linux/wait.h>

#define LIMIT 1000
#define MESSAGE_BYTES 64
#define WORD_BYTES 8
#define TICK_MS 20

#define COUNTER_CLEAR _IO('c', 0)
#define COUNTER_GET _IOR('c', 1, int)
#define COUNTER_SET _IOW('c', 2, int)
#define COUNTER_ADD _IOWR('c', 3, int)
#define COUNTER_SET_VALUE _IO('c', 4)
#define COUNTER_UPPER _IOWR('c', 5, char[WORD_BYTES])

static int start;
module_param(start, int, 0444);
MODULE_PARM_DESC(start, "what to count on from, 0 to 1000 (default 0)");

static char *label = "counter";
module_param(label, charp, 0444);
MODULE_PARM_DESC(label, "a text to greet with");

static int steps[8];
static unsigned int steps_count;
module_param_array(steps, int, &steps_count, 0444);
MODULE_PARM_DESC(steps, "numbers to add at load");

static int ticks;
module_param(ticks, int, 0444);
MODULE_PARM_DESC(ticks, "how often to print a tick after load (default 0)");

static DEFINE_MUTEX(lock);
static DECLARE_WAIT_QUEUE_HEAD(readers);
static char message[MESSAGE_BYTES];
static size_t message_size;
static int value;
static struct timer_list timer;
static int ticked;

static int counter_show(struct seq_file *file, void *unused)
{
	seq_printf(file, "%d\n", value);
	return 0;
}

static int counter_open(struct inode *inode, struct file *file)
{
	if (file->f_mode & FMODE_READ) {
		mutex_lock(&lock);
		value++;
		mutex_unlock(&lock);
	}
	return single_open(file, counter_show, NULL);
}

static ssize_t counter_write(struct file *file, const char __user *from,
			     size_t count, loff_t *at)
{
	int wanted, error;

	error = kstrtoint_from_user(from, count, 10, &wanted);
	if (error)
		return error;
	if (wanted < 0 || wanted > LIMIT)
		return -ERANGE;
	mutex_lock(&lock);
	value = wanted;
	mutex_unlock(&lock);
	return count;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops proc_operations = {
	.proc_open = counter_open,
	.proc_read = seq_read,
	.proc_write = counter_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
#else
static const struct file_operations proc_operations = {
	.owner = THIS_MODULE,
	.open = counter_open,
	.read = seq_read,
	.write = counter_write,
	.llseek = seq_lseek,
	.release = single_release,
};
#endif

static ssize_t device_read(struct file *file, char __user *to, size_t count,
			   loff_t *at)
{
	ssize_t got;

	if (!READ_ONCE(message_size)) {
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(readers, READ_ONCE(message_size)))
			return -ERESTARTSYS;
	}
	mutex_lock(&lock);
	got = simple_read_from_buffer(to, count, at, message, message_size);
	mutex_unlock(&lock);
	return got;
}

static ssize_t device_write(struct file *file, const char __user *from,
			    size_t count, loff_t *at)
{
	ssize_t put;

	mutex_lock(&lock);
	if (*at > message_size)
		*at = message_size;
	put = simple_write_to_buffer(message, sizeof(message), at, from, count);
	if (put > 0)
		WRITE_ONCE(message_size, *at);
	mutex_unlock(&lock);
	wake_up(&readers);
	return put ? put : -ENOSPC;
}

static loff_t device_seek(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence, message_size);
}

static __poll_t device_poll(struct file *file, poll_table *table)
{
	poll_wait(file, &readers, table);
	return READ_ONCE(message_size) ? EPOLLIN | EPOLLOUT : EPOLLOUT;
}

static long upper(char __user *argument)
{
	char word[WORD_BYTES];
	int i;

	if (copy_from_user(word, argument, sizeof(word)))
		return -EFAULT;
	for (i = 0; i < WORD_BYTES; i++)
		word[i] = toupper(word[i]);
	return copy_to_user(argument, word, sizeof(word)) ? -EFAULT : 0;
}

static long device_control(struct file *file, unsigned int request,
			   unsigned long argument)
{
	int __user *number = (int __user *)argument;
	long result = 0;
	int given = 0;

	if (request == COUNTER_UPPER)
		return upper((char __user *)argument);
	if (request == COUNTER_SET || request == COUNTER_ADD)
		if (get_user(given, number))
			return -EFAULT;
	mutex_lock(&lock);
	switch (request) {
	case COUNTER_CLEAR:
		value = 0;
		WRITE_ONCE(message_size, 0);
		break;
	case COUNTER_GET:
		result = put_user(value, number);
		break;
	case COUNTER_SET:
		value = given;
		break;
	case COUNTER_ADD:
		value += given;
		result = put_user(value, number) ? -EFAULT : value;
		break;
	case COUNTER_SET_VALUE:
		value = argument;
		break;
	default:
		result = -ENOTTY;
	}
	mutex_unlock(&lock);
	return result;
}

static const struct file_operations device_operations = {
	.owner = THIS_MODULE,
	.read = device_read,
	.write = device_write,
	.llseek = device_seek,
	.poll = device_poll,
	.unlocked_ioctl = device_control,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "counter",
	.fops = &device_operations,
	.mode = 0640,
};

static void on_timer(struct timer_list *unused)
{
	pr_info("tick %d of %d\n", ++ticked, ticks);
	if (ticked < ticks)
		mod_timer(&timer, jiffies + msecs_to_jiffies(TICK_MS));
	else
		pr_info("timer done\n");
}

static int __init counter_init(void)
{
	unsigned int i;
	int error;

	if (start < 0 || start > LIMIT) {
		pr_err("start is %d, not from 0 to %d\n", start, LIMIT);
		return -EINVAL;
	}
	value = start;
	for (i = 0; i < steps_count; i++)
		value += steps[i];
	timer_setup(&timer, on_timer, 0);

	error = misc_register(&device);
	if (error)
		return error;
	if (!proc_create("counter", 0644, NULL, &proc_operations)) {
		misc_deregister(&device);
		return -ENOMEM;
	}
	pr_info("loaded, %s starts at %d\n", label, value);
	if (ticks > 0) {
		pr_info("timer armed\n");
		mod_timer(&timer, jiffies + msecs_to_jiffies(TICK_MS));
	}
	return 0;
}

static void __exit counter_exit(void)
{
	remove_proc_entry("counter", NULL);
	misc_deregister(&device);
	del_timer_sync(&timer);
	pr_info("unloaded\n");
}

module_init(counter_init);
module_exit(counter_exit);

MODULE_DESCRIPTION("A counter in /proc and a message in /dev");
MODULE_LICENSE("GPL");
