// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab work-queue: jobs that take long, and a work queue that does them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#define MAX_TEXT 31
#define MAX_WORD 15
#define MAX_MS 1000

struct job {
	/* TODO: what makes it a work item. */
	struct list_head entry;
	unsigned int ms;
	char word[MAX_WORD + 1];
	char doer[TASK_COMM_LEN];
};

/* Jobs that are done, in the order in which they were. */
static LIST_HEAD(done);
static DEFINE_MUTEX(done_lock);

static struct kmem_cache *job_cache;
/* TODO: the queue. */
static struct dentry *jobs_file;

/*
 * TODO: the function of a work item. Sleep for the job's milliseconds, note in
 * the job who did it, and append it to the list.
 */

static int jobs_show(struct seq_file *m, void *v)
{
	struct job *job;

	/* TODO: wait until all jobs are done that were written before. */

	mutex_lock(&done_lock);
	list_for_each_entry(job, &done, entry)
		seq_printf(m, "%s %s\n", job->word, job->doer);
	mutex_unlock(&done_lock);
	return 0;
}

static int jobs_open(struct inode *inode, struct file *file)
{
	return single_open(file, jobs_show, NULL);
}

static ssize_t jobs_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	char text[MAX_TEXT + 1];
	struct job *job;
	char rest;

	if (count > MAX_TEXT)
		return -EINVAL;
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	text[count] = '\0';

	job = kmem_cache_alloc(job_cache, GFP_KERNEL);
	if (!job)
		return -ENOMEM;
	if (sscanf(text, "%u %15s %c", &job->ms, job->word, &rest) != 2 ||
	    job->ms > MAX_MS) {
		kmem_cache_free(job_cache, job);
		return -EINVAL;
	}

	/* TODO: hand the job to the queue. Who frees it until then? */
	kmem_cache_free(job_cache, job);
	return count;
}

static const struct file_operations jobs_ops = {
	.owner = THIS_MODULE,
	.open = jobs_open,
	.read = seq_read,
	.write = jobs_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int __init jobs_init(void)
{
	job_cache = KMEM_CACHE(job, 0);
	if (!job_cache)
		return -ENOMEM;

	/* TODO: make the queue. If that fails, give back the cache. */

	/* Not checked, as usual with debugfs: nobody depends on its files. */
	jobs_file = debugfs_create_file("work-queue", 0644, NULL, NULL,
					&jobs_ops);
	return 0;
}

static void __exit jobs_exit(void)
{
	unsigned int count = 0;

	debugfs_remove(jobs_file);
	/* TODO: let all jobs end, then free and count them. */
	kmem_cache_destroy(job_cache);
	pr_info("%u jobs done\n", count);
}

module_init(jobs_init);
module_exit(jobs_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Jobs for a work queue of one's own");
MODULE_LICENSE("GPL");
