// SPDX-License-Identifier: GPL-2.0-only
/*
 * A print spooler: a queue of lines. /proc/spool adds one at each write and
 * gives the oldest at each read; other modules use spool.h. The reference
 * solution of labs/spinlock-sleep.
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

/*
 * Protects the queue, and nothing else: a line that is not in it belongs to who
 * took it out. A spinlock, because spool_add() may not sleep.
 */
static DEFINE_SPINLOCK(spool_lock);
static LIST_HEAD(spool);

/* Held by who prints. A mutex, because printing sleeps. Before spool_lock. */
static DEFINE_MUTEX(print_lock);

static void queue_line(struct line *line)
{
	spin_lock(&spool_lock);
	list_add_tail(&line->list, &spool);
	spin_unlock(&spool_lock);
}

int spool_add(const char *text)
{
	size_t length = strlen(text);
	struct line *line;

	if (length > SPOOL_MAX)
		return -EMSGSIZE;
	/* The caller may hold a spinlock, of which we know nothing. */
	line = kmem_cache_alloc(line_cache, GFP_ATOMIC);
	if (!line)
		return -ENOMEM;

	strcpy(line->text, text);
	line->length = length;
	queue_line(line);
	return 0;
}
EXPORT_SYMBOL_GPL(spool_add);

int spool_print(void (*print)(const char *text, void *arg), void *arg)
{
	struct line *line;
	int printed = 0;

	mutex_lock(&print_lock);
	for (;;) {
		spin_lock(&spool_lock);
		line = list_first_entry_or_null(&spool, struct line, list);
		if (line)
			list_del(&line->list);
		spin_unlock(&spool_lock);
		if (!line)
			break;

		print(line->text, arg);
		kmem_cache_free(line_cache, line);
		printed++;
	}
	mutex_unlock(&print_lock);
	return printed;
}
EXPORT_SYMBOL_GPL(spool_print);

static ssize_t spool_write(struct file *file, const char __user *buf,
			   size_t count, loff_t *ppos)
{
	struct line *line;

	if (count > SPOOL_MAX)
		return -EMSGSIZE;
	line = kmem_cache_zalloc(line_cache, GFP_KERNEL);
	if (!line)
		return -ENOMEM;
	if (copy_from_user(line->text, buf, count)) {
		kmem_cache_free(line_cache, line);
		return -EFAULT;
	}

	line->length = count;
	queue_line(line);
	return count;
}

static ssize_t spool_read(struct file *file, char __user *buf, size_t count,
			  loff_t *ppos)
{
	struct line *line;
	ssize_t length;

	spin_lock(&spool_lock);
	line = list_first_entry_or_null(&spool, struct line, list);
	if (line && line->length > count) {
		spin_unlock(&spool_lock);
		return -EMSGSIZE;
	}
	if (line)
		list_del(&line->list);
	spin_unlock(&spool_lock);
	if (!line)
		return 0;

	if (copy_to_user(buf, line->text, line->length)) {
		/* Nobody has read it: it is the oldest again. */
		spin_lock(&spool_lock);
		list_add(&line->list, &spool);
		spin_unlock(&spool_lock);
		return -EFAULT;
	}
	length = line->length;
	kmem_cache_free(line_cache, line);
	return length;
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
		goto destroy_cache;
	}
	return 0;

destroy_cache:
	kmem_cache_destroy(line_cache);
	return -ENOMEM;
}

static void __exit spool_exit(void)
{
	struct line *line, *next;

	remove_proc_entry("spool", NULL);
	/* Nobody is left who could come in: no lock. */
	list_for_each_entry_safe(line, next, &spool, list)
		kmem_cache_free(line_cache, line);
	kmem_cache_destroy(line_cache);
}

module_init(spool_init);
module_exit(spool_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A print spooler that never sleeps with a spinlock held");
MODULE_LICENSE("GPL");
