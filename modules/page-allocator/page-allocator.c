// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two ways to get whole pages: a block of 2^order of them, and exactly as many
 * as are needed. The reference solution of labs/page-allocator.
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

/* Too large a request is the user's mistake, not the kernel's: no warning. */
#define FLAGS (GFP_KERNEL | __GFP_NOWARN)

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
	/* get_order() has no answer for 0. */
	if (!value)
		return -EINVAL;

	*bytes = value;
	return 0;
}

static void free_block(void)
{
	/* Nobody but its owner knows how many pages a block has. */
	if (block)
		__free_pages(block, get_order(block_bytes));
}

static int block_set(const char *text, const struct kernel_param *kp)
{
	struct page *fresh;
	size_t bytes;
	int err;

	err = bytes_from(text, &bytes);
	if (err)
		return err;
	fresh = alloc_pages(FLAGS, get_order(bytes));
	if (!fresh)
		return -ENOMEM;

	free_block();
	block = fresh;
	block_bytes = bytes;
	return 0;
}

static int block_get(char *buffer, const struct kernel_param *kp)
{
	phys_addr_t physical;
	int order;

	if (!block)
		return -ENODATA;

	order = get_order(block_bytes);
	physical = page_to_phys(block);
	return sprintf(buffer,
		       "bytes %zu\norder %d\npages %lu\nframe %lu\nphysical 0x%llx\nvirtual 0x%lx\n",
		       block_bytes, order, 1UL << order, page_to_pfn(block),
		       (u64)physical, (unsigned long)page_address(block));
}

static const struct kernel_param_ops block_ops = {
	.set = block_set,
	.get = block_get,
};
module_param_cb(block, &block_ops, NULL, 0644);
MODULE_PARM_DESC(block, "write BYTES for a new block of 2^order pages");

static void free_exact(void)
{
	if (exact)
		free_pages_exact(exact, exact_bytes);
}

static int exact_set(const char *text, const struct kernel_param *kp)
{
	size_t bytes;
	void *fresh;
	int err;

	err = bytes_from(text, &bytes);
	if (err)
		return err;
	fresh = alloc_pages_exact(bytes, FLAGS);
	if (!fresh)
		return -ENOMEM;

	free_exact();
	exact = fresh;
	exact_bytes = bytes;
	return 0;
}

static int exact_get(char *buffer, const struct kernel_param *kp)
{
	size_t pages;

	if (!exact)
		return -ENODATA;

	pages = PAGE_ALIGN(exact_bytes) / PAGE_SIZE;
	return sprintf(buffer, "bytes %zu\npages %zu\nframe %lu\nsaves %zu\n",
		       exact_bytes, pages, PHYS_PFN(virt_to_phys(exact)),
		       (1UL << get_order(exact_bytes)) - pages);
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

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Blocks of whole pages, by order and exactly");
MODULE_LICENSE("GPL");
