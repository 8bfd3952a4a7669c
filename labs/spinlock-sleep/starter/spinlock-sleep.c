// SPDX-License-Identifier: GPL-2.0-only
/*
 * A print spooler: a queue of lines. /proc/spool adds one at each write and
 * gives the oldest at each read; other modules use spool.h.
 *
 * Lab spinlock-sleep: it does all that it should, as long as the kernel does
 * not look too closely.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#include "spool.h"

struct line {
	struct list_head list;
	size_t length;
	char text[SPOOL_MAX + 1];
};

static struct kmem_cache *line_cache;

/* Protects the queue. */
static DEFINE_SPINLOCK(spool_lock);
static LIST_HEAD(spool);

int spool_add(const char *text)
{
	size_t length = strlen(text);
	struct line *line;
	int err = 0;

	if (length > SPOOL_MAX)
		return -EMSGSIZE;

	spin_lock(&spool_lock);
	line = kmem_cache_alloc(line_cache, GFP_KERNEL);
	if (!line) {
		err = -ENOMEM;
		goto out;
	}
	strcpy(line->text, text);
	line->length = length;
	list_add_tail(&line->list, &spool);
out:
	spin_unlock(&spool_lock);
	return err;
}
EXPORT_SYMBOL_GPL(spool_add);

int spool_print(void (*print)(const char *text, void *arg), void *arg)
{
	struct line *line;
	int printed = 0;

	spin_lock(&spool_lock);
	while (!list_empty(&spool)) {
		line = list_first_entry(&spool, struct line, list);
		list_del(&line->list);
		print(line->text, arg);
		kmem_cache_free(line_cache, line);
		printed++;
	}
	spin_unlock(&spool_lock);
	return printed;
}
EXPORT_SYMBOL_GPL(spool_print);

static ssize_t spool_write(struct file *file, const char __user *buf,
			   size_t count, loff_t *ppos)
{
	struct line *line;
	ssize_t result = count;

	if (count > SPOOL_MAX)
		return -EMSGSIZE;

	spin_lock(&spool_lock);
	line = kmem_cache_zalloc(line_cache, GFP_KERNEL);
	if (!line) {
		result = -ENOMEM;
		goto out;
	}
	if (copy_from_user(line->text, buf, count)) {
		kmem_cache_free(line_cache, line);
		result = -EFAULT;
		goto out;
	}
	line->length = count;
	list_add_tail(&line->list, &spool);
out:
	spin_unlock(&spool_lock);
	return result;
}

static ssize_t spool_read(struct file *file, char __user *buf, size_t count,
			  loff_t *ppos)
{
	struct line *line;
	ssize_t result = 0;

	spin_lock(&spool_lock);
	if (list_empty(&spool))
		goto out;
	line = list_first_entry(&spool, struct line, list);
	result = line->length;
	if (line->length > count) {
		result = -EMSGSIZE;
		goto out;
	}
	if (copy_to_user(buf, line->text, line->length)) {
		result = -EFAULT;
		goto out;
	}
	list_del(&line->list);
	kmem_cache_free(line_cache, line);
out:
	spin_unlock(&spool_lock);
	return result;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops spool_ops = {
	.proc_read = spool_read,
	.proc_write = spool_write,
};
#else
static const struct file_operations spool_ops = {
	.owner = THIS_MODULE,
	.read = spool_read,
	.write = spool_write,
};
#endif

static int __init spool_init(void)
{
	line_cache = kmem_cache_create("spool_line", sizeof(struct line), 0, 0,
				       NULL);
	if (!line_cache)
		return -ENOMEM;
	if (!proc_create("spool", 0600, NULL, &spool_ops)) {
		pr_err("cannot create /proc/spool\n");
		kmem_cache_destroy(line_cache);
		return -ENOMEM;
	}
	return 0;
}

static void __exit spool_exit(void)
{
	struct line *line, *next;

	remove_proc_entry("spool", NULL);
	list_for_each_entry_safe(line, next, &spool, list)
		kmem_cache_free(line_cache, line);
	kmem_cache_destroy(line_cache);
}

module_init(spool_init);
module_exit(spool_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("A print spooler");
MODULE_LICENSE("GPL");
