// SPDX-License-Identifier: GPL-2.0-only
/*
 * A phone book: a list that is read without a lock, under RCU, while writers
 * change it one at a time. What a writer takes out is freed when no reader can
 * be looking at it any more. The reference solution of labs/rcu-list.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#define ENTRY_NAME "phonebook"
#define LONGEST_ORDER 60

enum who { NOBODY, READERS, WRITERS };

static int hold = NOBODY;
module_param(hold, int, 0644);
MODULE_PARM_DESC(hold, "who stops half-way: 0 nobody (default), 1 readers, 2 writers");

static int held = NOBODY;
module_param(held, int, 0444);
MODULE_PARM_DESC(held, "who has stopped half-way last");

static atomic_t freed = ATOMIC_INIT(0);
module_param_named(freed, freed.counter, int, 0444);
MODULE_PARM_DESC(freed, "how many contacts have been freed");

struct contact {
	struct list_head list;
	struct rcu_head rcu;
	unsigned int phone, room;
	char name[16];
};

static LIST_HEAD(contacts);
static DEFINE_MUTEX(contacts_lock);	/* for those who change the list */

/* Where a reader stops as long as root wants. It must not sleep there. */
static void reader_half_way(void)
{
	RCU_LOCKDEP_WARN(!rcu_read_lock_held(), "reader unknown to RCU");
	while (READ_ONCE(hold) == READERS) {
		WRITE_ONCE(held, READERS);
		cpu_relax();
	}
}

static void writer_half_way(void)
{
	while (READ_ONCE(hold) == WRITERS) {
		WRITE_ONCE(held, WRITERS);
		usleep_range(2000, 4000);
	}
}

static void free_contact(struct rcu_head *rcu)
{
	kfree(container_of(rcu, struct contact, rcu));
	atomic_inc(&freed);
}

/* For writers, who hold contacts_lock. */
static struct contact *find_contact(const char *name)
{
	struct contact *contact;

	list_for_each_entry(contact, &contacts, list) {
		if (!strcmp(contact->name, name))
			return contact;
	}
	return NULL;
}

static int add_contact(const struct contact *given)
{
	struct contact *new;

	if (find_contact(given->name))
		return -EEXIST;
	new = kmemdup(given, sizeof(*given), GFP_KERNEL);
	if (!new)
		return -ENOMEM;

	writer_half_way();
	list_add_tail_rcu(&new->list, &contacts);
	return 0;
}

/* Puts a new contact in place of the old one, of which readers keep all. */
static int set_contact(const struct contact *given)
{
	struct contact *old = find_contact(given->name), *new;

	if (!old)
		return -ENOENT;
	new = kmemdup(given, sizeof(*given), GFP_KERNEL);
	if (!new)
		return -ENOMEM;

	list_replace_rcu(&old->list, &new->list);
	call_rcu(&old->rcu, free_contact);
	return 0;
}

static int del_contact(const char *name)
{
	struct contact *old = find_contact(name);

	if (!old)
		return -ENOENT;

	list_del_rcu(&old->list);
	call_rcu(&old->rcu, free_contact);
	return 0;
}

static int book_show(struct seq_file *m, void *v)
{
	struct contact *contact;

	rcu_read_lock();
	list_for_each_entry_rcu(contact, &contacts, list) {
		seq_printf(m, "%s %u ", contact->name, contact->phone);
		reader_half_way();
		seq_printf(m, "%u\n", contact->room);
	}
	rcu_read_unlock();
	return 0;
}

static int book_open(struct inode *inode, struct file *file)
{
	return single_open(file, book_show, NULL);
}

static ssize_t book_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	char text[LONGEST_ORDER + 1] = "", verb[4] = "";
	struct contact given = {};
	int words, err;

	if (count > LONGEST_ORDER)
		return -EINVAL;
	if (copy_from_user(text, buf, count))
		return -EFAULT;

	words = sscanf(text, "%3s %15s %u %u", verb, given.name, &given.phone,
		       &given.room);

	mutex_lock(&contacts_lock);
	if (words == 4 && !strcmp(verb, "add"))
		err = add_contact(&given);
	else if (words == 4 && !strcmp(verb, "set"))
		err = set_contact(&given);
	else if (words == 2 && !strcmp(verb, "del"))
		err = del_contact(given.name);
	else
		err = -EINVAL;
	mutex_unlock(&contacts_lock);
	return err ? err : count;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops book_ops = {
	.proc_open = book_open,
	.proc_read = seq_read,
	.proc_write = book_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
#else
static const struct file_operations book_ops = {
	.owner = THIS_MODULE,
	.open = book_open,
	.read = seq_read,
	.write = book_write,
	.llseek = seq_lseek,
	.release = single_release,
};
#endif

static int __init book_init(void)
{
	if (!proc_create(ENTRY_NAME, 0644, NULL, &book_ops))
		return -ENOMEM;
	return 0;
}

static void __exit book_exit(void)
{
	struct contact *contact, *next;

	/* This waits for those who read or write; nobody comes after them. */
	remove_proc_entry(ENTRY_NAME, NULL);

	/* The list itself, at which nobody looks any more, is left as it is. */
	list_for_each_entry_safe(contact, next, &contacts, list)
		call_rcu(&contact->rcu, free_contact);

	/* free_contact() goes with the module: none may be still to come. */
	rcu_barrier();
	pr_info("%d contacts freed\n", atomic_read(&freed));
}

module_init(book_init);
module_exit(book_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A list that is read under RCU");
MODULE_LICENSE("GPL");
