// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab page-allocator: two ways to get whole pages, a block of 2^order of them,
 * and exactly as many as are needed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

/* TODO: too large a request is the user's mistake, not the kernel's. */
#define FLAGS GFP_KERNEL

/* The kernel calls the functions of a module's parameters one at a time. */
static struct page *block;
static size_t block_bytes;
static void *exact;
static size_t exact_bytes;

static int bytes_from(const char *text, size_t *bytes)
{
	unsigned long value;
	int err;

	err = kstrtoul(text, 0, &value);
	if (err)
		return err;
	/* TODO: is there an answer for every number? */
	*bytes = value;
	return 0;
}

static void free_block(void)
{
	/* TODO: if there is a block, give it back, all of its pages. */
}

static int block_set(const char *text, const struct kernel_param *kp)
{
	size_t bytes;
	int err;

	err = bytes_from(text, &bytes);
	if (err)
		return err;

	/* TODO: get a block for so many bytes, in place of the old one. */
	return -ENOMEM;
}

static int block_get(char *buffer, const struct kernel_param *kp)
{
	phys_addr_t physical;
	int order;

	if (!block)
		return -ENODATA;

	/*
	 * TODO: its order, how many pages that is, the frame of the first page,
	 * and its physical and virtual address.
	 */
	order = 0;
	physical = 0;
	return sprintf(buffer,
		       "bytes %zu\norder %d\npages %lu\nframe %lu\nphysical 0x%llx\nvirtual 0x%lx\n",
		       block_bytes, order, 0UL, 0UL, (u64)physical, 0UL);
}

static const struct kernel_param_ops block_ops = {
	.set = block_set,
	.get = block_get,
};
module_param_cb(block, &block_ops, NULL, 0644);
MODULE_PARM_DESC(block, "write BYTES for a new block of 2^order pages");

static void free_exact(void)
{
	/* TODO: if there is something, give it back. */
}

static int exact_set(const char *text, const struct kernel_param *kp)
{
	size_t bytes;
	int err;

	err = bytes_from(text, &bytes);
	if (err)
		return err;

	/* TODO: the same as in block_set(), but without waste. */
	return -ENOMEM;
}

static int exact_get(char *buffer, const struct kernel_param *kp)
{
	size_t pages;

	if (!exact)
		return -ENODATA;

	/* TODO: how many pages, from which frame on, and how many saved? */
	pages = 0;
	return sprintf(buffer, "bytes %zu\npages %zu\nframe %lu\nsaves %zu\n",
		       exact_bytes, pages, 0UL, (size_t)0);
}

static const struct kernel_param_ops exact_ops = {
	.set = exact_set,
	.get = exact_get,
};
module_param_cb(exact, &exact_ops, NULL, 0644);
MODULE_PARM_DESC(exact, "write BYTES for a new block of just enough pages");

static int __init page_allocator_init(void)
{
	return 0;
}

static void __exit page_allocator_exit(void)
{
	free_exact();
	free_block();
}

module_init(page_allocator_init);
module_exit(page_allocator_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Blocks of whole pages, by order and exactly");
MODULE_LICENSE("GPL");
