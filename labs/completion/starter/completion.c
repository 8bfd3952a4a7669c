// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab completion: an oracle. Whoever writes a number to /proc/oracle waits
 * until somebody else has squared it; for ever, if need be.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/version.h>
#include <linux/workqueue.h>

#define ENTRY_NAME "oracle"
#define LARGEST 30000
#define LONGEST_ORDER 15

static unsigned int patience_ms = 10000;
module_param(patience_ms, uint, 0644);
MODULE_PARM_DESC(patience_ms, "how long an asker waits, in milliseconds (default 10000)");

static int hold;
module_param(hold, int, 0644);
MODULE_PARM_DESC(hold, "about this number the oracle thinks on and on (default 0, none)");

static int held;
module_param(held, int, 0444);
MODULE_PARM_DESC(held, "the number that it thought on and on about last");

struct question {
	struct list_head list;
	struct completion answered;
	int number, answer;
};

static DEFINE_SPINLOCK(lock);		/* protects the next two */
static LIST_HEAD(questions);		/* that the oracle has not begun with */
static struct question *thinking_of;	/* the one it has, if still wanted */

static DECLARE_COMPLETION(opened);

/* Leave this as it is. With hold it takes as long as a test wants. */
static int think(int number)
{
	while (READ_ONCE(hold) == number) {
		WRITE_ONCE(held, number);
		usleep_range(2000, 4000);
	}
	return number * number;
}

/* The number to think about next; 0 if nobody has asked. */
static int next_number(void)
{
	lockdep_assert_held(&lock);
	thinking_of = list_first_entry_or_null(&questions, struct question,
					       list);
	if (!thinking_of)
		return 0;
	list_del_init(&thinking_of->list);
	return thinking_of->number;
}

static void give_answer(int answer)
{
	lockdep_assert_held(&lock);
	/* The asker may have left, and the question with it. */
	if (!thinking_of)
		return;
	thinking_of->answer = answer;
	complete(&thinking_of->answered);
}

/* The oracle's side, in a thread of the kernel's work queue. */
static void answer_questions(struct work_struct *work)
{
	int number, answer;

	for (;;) {
		spin_lock(&lock);
		number = next_number();
		spin_unlock(&lock);
		if (!number)
			break;

		answer = think(number);

		spin_lock(&lock);
		give_answer(answer);
		spin_unlock(&lock);
	}
}

static DECLARE_WORK(oracle, answer_questions);

/* The asker's side. Returns the answer, which is positive, or an error. */
static int ask(int number)
{
	struct question question = { .number = number };

	/* TODO: wait for patience_ms at most, and let signals interrupt it. */
	wait_for_completion(&opened);

	init_completion(&question.answered);
	spin_lock(&lock);
	list_add_tail(&question.list, &questions);
	spin_unlock(&lock);
	schedule_work(&oracle);

	/*
	 * TODO: wait for what is left of patience_ms. Who still knows the
	 * question when you leave without an answer?
	 */
	wait_for_completion(&question.answered);
	spin_lock(&lock);
	thinking_of = NULL;
	spin_unlock(&lock);
	return question.answer;
}

static ssize_t oracle_write(struct file *file, const char __user *buf,
			    size_t count, loff_t *ppos)
{
	char text[LONGEST_ORDER + 1] = "";
	int number, answer;

	if (count > LONGEST_ORDER)
		return -EINVAL;
	if (copy_from_user(text, buf, count))
		return -EFAULT;

	if (sysfs_streq(text, "open")) {
		complete(&opened);
	} else if (sysfs_streq(text, "close")) {
		/* TODO */
	} else {
		if (kstrtoint(text, 10, &number))
			return -EINVAL;
		if (number < 1 || number > LARGEST)
			return -EINVAL;
		answer = ask(number);
		if (answer < 0)
			return answer;
		file->private_data = (void *)(long)answer;
	}
	return count;
}

/* The answer to what was asked through the same open file, once. */
static ssize_t oracle_read(struct file *file, char __user *buf, size_t count,
			   loff_t *ppos)
{
	char text[LONGEST_ORDER + 1];
	size_t length;

	if (!file->private_data)
		return 0;
	length = scnprintf(text, sizeof(text), "%ld\n",
			   (long)file->private_data);
	if (count < length)
		return -EINVAL;
	if (copy_to_user(buf, text, length))
		return -EFAULT;
	file->private_data = NULL;
	return length;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops oracle_ops = {
	.proc_read = oracle_read,
	.proc_write = oracle_write,
	.proc_lseek = no_llseek,
};
#else
static const struct file_operations oracle_ops = {
	.owner = THIS_MODULE,
	.read = oracle_read,
	.write = oracle_write,
	.llseek = no_llseek,
};
#endif

static int __init oracle_init(void)
{
	if (!proc_create(ENTRY_NAME, 0600, NULL, &oracle_ops))
		return -ENOMEM;
	return 0;
}

static void __exit oracle_exit(void)
{
	remove_proc_entry(ENTRY_NAME, NULL);
	/* TODO: may the oracle still be thinking? */
}

module_init(oracle_init);
module_exit(oracle_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Waiting for somebody else with completions");
MODULE_LICENSE("GPL");
