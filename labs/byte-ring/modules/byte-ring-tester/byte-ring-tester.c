// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uses two rings of the module byte-ring, by way of files:
 *
 * /proc/byte_ring/0, 1   what is written is put into the ring, and a read takes
 *                        out what it has room for
 * /proc/byte_ring/used   how many bytes are in each
 *
 * Every call is made as the library's contract allows, with a spinlock held.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#include "library.h"

#define BYTES_AT_ONCE 4096

static unsigned int capacity = 16;
module_param(capacity, uint, 0444);
MODULE_PARM_DESC(capacity, "of both rings, in bytes (default 16)");

static unsigned int cycles;
module_param(cycles, uint, 0444);
MODULE_PARM_DESC(cycles, "how many more rings to make and destroy at load (default 0)");

static struct byte_ring *rings[2];
static DEFINE_SPINLOCK(lock);
static struct proc_dir_entry *folder;

static struct byte_ring *ring_of(struct file *file)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 17, 0)
	return pde_data(file_inode(file));
#else
	return PDE_DATA(file_inode(file));
#endif
}

static ssize_t tester_write(struct file *file, const char __user *from,
			    size_t count, loff_t *ppos)
{
	unsigned int done;
	void *bytes;

	count = min_t(size_t, count, BYTES_AT_ONCE);
	bytes = memdup_user(from, count);
	if (IS_ERR(bytes))
		return PTR_ERR(bytes);

	spin_lock(&lock);
	done = byte_ring_put(ring_of(file), bytes, count);
	spin_unlock(&lock);
	kfree(bytes);

	if (done > count) {
		pr_err("byte_ring_put() took %u of %zu bytes\n", done, count);
		return -EPROTO;
	}
	if (count && !done)
		return -ENOSPC;
	return done;
}

static ssize_t tester_read(struct file *file, char __user *to, size_t count,
			   loff_t *ppos)
{
	ssize_t result;
	void *bytes;

	count = min_t(size_t, count, BYTES_AT_ONCE);
	bytes = kzalloc(count, GFP_KERNEL);
	if (!bytes)
		return -ENOMEM;

	spin_lock(&lock);
	result = byte_ring_get(ring_of(file), bytes, count);
	spin_unlock(&lock);

	if (result > count) {
		pr_err("byte_ring_get() gave %zd of %zu bytes\n", result,
		       count);
		result = -EPROTO;
	} else if (copy_to_user(to, bytes, result)) {
		result = -EFAULT;
	}
	kfree(bytes);
	return result;
}

static int tester_show(struct seq_file *m, void *v)
{
	unsigned int used[2];

	spin_lock(&lock);
	used[0] = byte_ring_used(rings[0]);
	used[1] = byte_ring_used(rings[1]);
	spin_unlock(&lock);
	seq_printf(m, "%u %u\n", used[0], used[1]);
	return 0;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops tester_ops = {
	.proc_read = tester_read,
	.proc_write = tester_write,
};
#else
static const struct file_operations tester_ops = {
	.owner = THIS_MODULE,
	.read = tester_read,
	.write = tester_write,
};
#endif

static int __init make_ring(struct byte_ring **ring)
{
	struct byte_ring *made = byte_ring_create(capacity);

	if (!made) {
		pr_err("byte_ring_create() returned NULL\n");
		return -EPROTO;
	}
	if (IS_ERR(made))
		return PTR_ERR(made);
	*ring = made;
	return 0;
}

static void clean_up(void)
{
	/* What was never made is NULL. */
	proc_remove(folder);
	byte_ring_destroy(rings[1]);
	byte_ring_destroy(rings[0]);
}

static int __init make_files(void)
{
	folder = proc_mkdir("byte_ring", NULL);
	if (!folder ||
	    !proc_create_data("0", 0600, folder, &tester_ops, rings[0]) ||
	    !proc_create_data("1", 0600, folder, &tester_ops, rings[1]) ||
	    !proc_create_single("used", 0400, folder, tester_show))
		return -ENOMEM;
	return 0;
}

static int __init tester_init(void)
{
	struct byte_ring *more;
	int err = 0;

	for (; cycles && !err; cycles--) {
		err = make_ring(&more);
		if (!err)
			byte_ring_destroy(more);
	}
	if (err)
		return err;

	err = make_ring(&rings[0]);
	if (!err)
		err = make_ring(&rings[1]);
	if (!err)
		err = make_files();
	if (err)
		clean_up();
	return err;
}

static void __exit tester_exit(void)
{
	clean_up();
}

module_init(tester_init);
module_exit(tester_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Uses rings of the module byte-ring");
MODULE_LICENSE("GPL");
