// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab vmalloc-buffer: a large buffer of vmalloc() that programs read, write and
 * map, and where in physical memory its pages are.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#define MAX_PAGES 1024

static unsigned int pages = 64;
static void *buffer;
static size_t buffer_bytes;

/* The kernel calls the functions of a module's parameters one at a time. */
static void *kv;
static size_t kv_bytes;

static unsigned long frame_of(const void *address)
{
	/* TODO: the frame of the page that this address is in. */
	return 0;
}

static int describe(char *text, const void *start, size_t bytes)
{
	unsigned long first, frame;
	unsigned int runs = 1;

	if (!start)
		return -ENODATA;

	/*
	 * TODO: the frames of the first and the last page, and how many runs of
	 * frames that follow each other there are from one to the other.
	 */
	first = frame_of(start);
	frame = first;

	return sprintf(text,
		       "from %s\nbytes %zu\nruns %u\nfirst %lu\nlast %lu\n",
		       "kmalloc", bytes, runs, first, frame); /* TODO: is it? */
}

static int pages_get(char *text, const struct kernel_param *kp)
{
	return describe(text, buffer, buffer_bytes);
}

/* Set as any other number, and read as a description. */
static const struct kernel_param_ops pages_ops = {
	.set = param_set_uint,
	.get = pages_get,
};
module_param_cb(pages, &pages_ops, &pages, 0444);
MODULE_PARM_DESC(pages, "size of the buffer, 1 to 1024 pages (default 64)");

static int kv_set(const char *text, const struct kernel_param *kp)
{
	unsigned long bytes;
	int err;

	err = kstrtoul(text, 0, &bytes);
	if (err)
		return err;
	if (!bytes)
		return -EINVAL;

	/* TODO: get a block of any kind, and put it in the old one's place. */
	return -ENOMEM;
}

static int kv_get(char *text, const struct kernel_param *kp)
{
	return describe(text, kv, kv_bytes);
}

static const struct kernel_param_ops kv_ops = {
	.set = kv_set,
	.get = kv_get,
};
module_param_cb(kv, &kv_ops, NULL, 0644);
MODULE_PARM_DESC(kv, "write BYTES for a block of kvmalloc()");

static loff_t buffer_llseek(struct file *file, loff_t offset, int whence)
{
	/* TODO: move within the buffer. */
	return -ESPIPE;
}

static ssize_t buffer_read(struct file *file, char __user *to, size_t count,
			   loff_t *ppos)
{
	/* TODO: copy what there is from *ppos on. */
	return 0;
}

static ssize_t buffer_write(struct file *file, const char __user *from,
			    size_t count, loff_t *ppos)
{
	/* TODO: copy what there is room for. What if there is none? */
	return -EINVAL;
}

static int buffer_mmap(struct file *file, struct vm_area_struct *vma)
{
	/* TODO: show the program the pages of the buffer. */
	return -ENODEV;
}

static const struct file_operations buffer_fops = {
	.owner = THIS_MODULE,
	.llseek = buffer_llseek,
	.read = buffer_read,
	.write = buffer_write,
	.mmap = buffer_mmap,
};

static struct miscdevice buffer_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "vmalloc-buffer",
	.fops = &buffer_fops,
	.mode = 0600,
};

static int __init vmalloc_buffer_init(void)
{
	int err;

	/* TODO: refuse a number of pages that is not in 1..MAX_PAGES. */

	buffer_bytes = pages * PAGE_SIZE;
	/* TODO: get the buffer. It must be zeroed, and fit for mmap. */

	err = misc_register(&buffer_device);
	return err;
}

static void __exit vmalloc_buffer_exit(void)
{
	misc_deregister(&buffer_device);
	/* TODO: give everything back. */
}

module_init(vmalloc_buffer_init);
module_exit(vmalloc_buffer_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("A buffer of vmalloc(), as a file");
MODULE_LICENSE("GPL");
