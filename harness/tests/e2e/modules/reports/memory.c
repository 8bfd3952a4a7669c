// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mistakes with memory, one chosen with kind=. What the kernel says of each is in harness/tests/golden/diagnose.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>

static char *kind = "none";
module_param(kind, charp, 0444);
MODULE_PARM_DESC(kind, "the mistake");

static struct kmem_cache *cache;
static struct address_space nowhere;
static char table[10];
static int last = 10;
static char *kept;

struct armed {
	char name[40];
	struct timer_list timer;
};

static noinline char *make_buffer(size_t bytes)
{
	return kzalloc(bytes, GFP_KERNEL);
}

static noinline void drop_buffer(char *buffer)
{
	kfree(buffer);
}

static noinline void use_after_free_read(void)
{
	char *buffer = make_buffer(80);

	drop_buffer(buffer);
	pr_info("read %d\n", READ_ONCE(buffer[16]));
}

static noinline void use_after_free_write(void)
{
	char *buffer = make_buffer(80);

	drop_buffer(buffer);
	WRITE_ONCE(*(long *)(buffer + 24), 1);
}

static noinline void cache_use_after_free(void)
{
	char *item;

	cache = kmem_cache_create("lab_item", 48, 0, SLAB_HWCACHE_ALIGN, NULL);
	if (!cache)
		return;
	item = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_free(cache, item);
	WRITE_ONCE(item[8], 1);
	kmem_cache_destroy(cache);
}

static noinline void slab_right(void)
{
	char *buffer = make_buffer(100);

	WRITE_ONCE(buffer[100], 1);
	kfree(buffer);
}

static noinline void slab_left(void)
{
	char *buffer = make_buffer(128);

	pr_info("read %d\n", READ_ONCE(buffer[-1]));
	kfree(buffer);
}

static noinline void stack_out_of_bounds(void)
{
	char line[10];

	memset(line, 0, sizeof(line));
	pr_info("read %d\n", READ_ONCE(line[last]));
}

static noinline void global_out_of_bounds(void)
{
	pr_info("read %d\n", READ_ONCE(table[last]));
}

static noinline void vmalloc_out_of_bounds(void)
{
	char *pages = vmalloc(PAGE_SIZE);

	if (!pages)
		return;
	WRITE_ONCE(pages[PAGE_SIZE], 1);
	vfree(pages);
}

static noinline void double_free(void)
{
	char *buffer = make_buffer(80);

	drop_buffer(buffer);
	drop_buffer(buffer);
}

static noinline void invalid_free(void)
{
	char *buffer = make_buffer(80);

	drop_buffer(buffer + 8);
}

static noinline void page_use_after_free(void)
{
	unsigned long page = __get_free_page(GFP_KERNEL);

	free_page(page);
	pr_info("read %d\n", READ_ONCE(*(char *)page));
}

static noinline void page_freed_mapped(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (!page)
		return;
	page->mapping = &nowhere;
	__free_page(page);
}

static noinline void null_read(void)
{
	pr_info("read %d\n", READ_ONCE(*(int *)(kept + 16)));
}

static noinline void user_access(void)
{
	WRITE_ONCE(*(int *)(kept + 0x12345000), 1);
}

static noinline void wild_access(void)
{
	pr_info("read %d\n", READ_ONCE(*(int *)(0xdead000000000100 + (unsigned long)kept)));
}

static noinline void refcount(void)
{
	refcount_t count = REFCOUNT_INIT(0);

	refcount_inc(&count);
}

static noinline void refcount_underflow(void)
{
	refcount_t count = REFCOUNT_INIT(0);

	if (refcount_sub_and_test(1, &count))
		pr_info("last\n");
}

static noinline void refcount_saturated(void)
{
	refcount_t count = REFCOUNT_INIT(REFCOUNT_SATURATED);

	refcount_inc(&count);
}

static noinline void list_add_corruption(void)
{
	LIST_HEAD(head);
	LIST_HEAD(other);
	LIST_HEAD(entry);

	head.next = &other;
	list_add(&entry, &head);
}

static noinline void list_del_twice(void)
{
	LIST_HEAD(head);
	struct list_head entry;

	list_add(&entry, &head);
	list_del(&entry);
	list_del(&entry);
}

static void rang(struct timer_list *timer)
{
}

static noinline void armed_timer_freed(void)
{
	struct armed *armed = kzalloc(sizeof(*armed), GFP_KERNEL);

	if (!armed)
		return;
	timer_setup(&armed->timer, rang, 0);
	mod_timer(&armed->timer, jiffies + 100 * HZ);
	kfree(armed);
}

static noinline void cache_leak(void)
{
	cache = kmem_cache_create("lab_item", 48, 0, SLAB_HWCACHE_ALIGN, NULL);
	if (!cache)
		return;
	kept = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_destroy(cache);
}

static noinline void too_large(void)
{
	kfree(kmalloc(4 << 20, GFP_KERNEL | __GFP_NORETRY));
	free_pages(__get_free_pages(GFP_KERNEL, 10), 10);
	free_pages(__get_free_pages(GFP_KERNEL, 10), 10);
	while (__get_free_pages(GFP_ATOMIC, 9))
		;
}

static noinline void hog(void)
{
	unsigned long **pages = NULL;
	unsigned long **page;

	while ((page = (void *)__get_free_page(GFP_KERNEL))) {
		*page = (void *)pages;
		pages = page;
	}
}

static const struct {
	const char *name;
	void (*act)(void);
} mistakes[] = {
	{ "use-after-free-read", use_after_free_read },
	{ "use-after-free-write", use_after_free_write },
	{ "cache-use-after-free", cache_use_after_free },
	{ "slab-right", slab_right },
	{ "slab-left", slab_left },
	{ "stack-out-of-bounds", stack_out_of_bounds },
	{ "global-out-of-bounds", global_out_of_bounds },
	{ "vmalloc-out-of-bounds", vmalloc_out_of_bounds },
	{ "double-free", double_free },
	{ "invalid-free", invalid_free },
	{ "page-use-after-free", page_use_after_free },
	{ "page-freed-mapped", page_freed_mapped },
	{ "null-read", null_read },
	{ "user-access", user_access },
	{ "wild-access", wild_access },
	{ "refcount-addition", refcount },
	{ "refcount-underflow", refcount_underflow },
	{ "refcount-saturated", refcount_saturated },
	{ "list-add", list_add_corruption },
	{ "list-del", list_del_twice },
	{ "armed-timer", armed_timer_freed },
	{ "cache-leak", cache_leak },
	{ "too-large", too_large },
	{ "hog", hog },
};

static int __init memory_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		if (!strcmp(kind, mistakes[i].name))
			mistakes[i].act();
	}
	pr_info("%s done\n", kind);
	return 0;
}

static void __exit memory_exit(void)
{
}

module_init(memory_init);
module_exit(memory_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Mistakes with memory that a kernel reports");
