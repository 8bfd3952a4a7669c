// SPDX-License-Identifier: GPL-2.0-only
/*
 * A large buffer of vmalloc() that programs read, write and map, and where in
 * physical memory its pages are. The reference solution of labs/vmalloc-buffer.
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
	if (is_vmalloc_addr(address))
		return vmalloc_to_pfn(address);
	/* What kmalloc() gives is in the kernel's map of physical memory. */
	return page_to_pfn(virt_to_page(address));
}

static int describe(char *text, const void *start, size_t bytes)
{
	unsigned long first = frame_of(start);
	unsigned long frame = first;
	unsigned long next;
	unsigned int runs = 1;
	size_t at;

	for (at = PAGE_SIZE; at < bytes; at += PAGE_SIZE) {
		next = frame_of(start + at);
		if (next != frame + 1)
			runs++;
		frame = next;
	}

	return sprintf(text,
		       "from %s\nbytes %zu\nruns %u\nfirst %lu\nlast %lu\n",
		       is_vmalloc_addr(start) ? "vmalloc" : "kmalloc", bytes,
		       runs, first, frame);
}

static int pages_get(char *text, const struct kernel_param *kp)
{
	return buffer ? describe(text, buffer, buffer_bytes) : -ENODATA;
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
	void *fresh;
	int err;

	err = kstrtoul(text, 0, &bytes);
	if (err)
		return err;
	if (!bytes)
		return -EINVAL;
	fresh = kvmalloc(bytes, GFP_KERNEL | __GFP_NOWARN);
	if (!fresh)
		return -ENOMEM;

	kvfree(kv);
	kv = fresh;
	kv_bytes = bytes;
	return 0;
}

static int kv_get(char *text, const struct kernel_param *kp)
{
	return kv ? describe(text, kv, kv_bytes) : -ENODATA;
}

static const struct kernel_param_ops kv_ops = {
	.set = kv_set,
	.get = kv_get,
};
module_param_cb(kv, &kv_ops, NULL, 0644);
MODULE_PARM_DESC(kv, "write BYTES for a block of kvmalloc()");

static loff_t buffer_llseek(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence, buffer_bytes);
}

static ssize_t buffer_read(struct file *file, char __user *to, size_t count,
			   loff_t *ppos)
{
	return simple_read_from_buffer(to, count, ppos, buffer, buffer_bytes);
}

static ssize_t buffer_write(struct file *file, const char __user *from,
			    size_t count, loff_t *ppos)
{
	/* 0 would tell the writer to try again, for ever. */
	if (*ppos >= buffer_bytes)
		return -ENOSPC;
	return simple_write_to_buffer(buffer, buffer_bytes, ppos, from, count);
}

static int buffer_mmap(struct file *file, struct vm_area_struct *vma)
{
	/* It refuses what goes beyond the buffer. */
	return remap_vmalloc_range(vma, buffer, vma->vm_pgoff);
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

	if (!pages || pages > MAX_PAGES) {
		pr_err("pages out of range: %u is not in 1..%u\n", pages,
		       MAX_PAGES);
		return -EINVAL;
	}

	buffer_bytes = pages * PAGE_SIZE;
	/* Zeroed, and may be mapped into programs. */
	buffer = vmalloc_user(buffer_bytes);
	if (!buffer)
		return -ENOMEM;

	err = misc_register(&buffer_device);
	if (err)
		vfree(buffer);
	return err;
}

static void __exit vmalloc_buffer_exit(void)
{
	misc_deregister(&buffer_device);
	vfree(buffer);
	kvfree(kv);
}

module_init(vmalloc_buffer_init);
module_exit(vmalloc_buffer_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A buffer of vmalloc(), as a file");
MODULE_LICENSE("GPL");
