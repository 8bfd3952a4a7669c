// SPDX-License-Identifier: GPL-2.0-only
/* Objects from a slab cache of their own, and one area from vmalloc(). */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

static unsigned int objects = 40;
module_param(objects, uint, 0444);
MODULE_PARM_DESC(objects, "how many objects to take (default: 40)");

static unsigned int pages = 16;
module_param(pages, uint, 0444);
MODULE_PARM_DESC(pages, "how many pages vmalloc() is asked for (default: 16)");

struct object {
	struct list_head link;
	char content[208];
};

static LIST_HEAD(taken);
static struct kmem_cache *cache;
static void *area;

/* A cache with a constructor is not merged with another of the same size. */
static void object_construct(void *place)
{
	memset(place, 0, sizeof(struct object));
}

static void free_objects(void)
{
	struct object *object, *next;

	list_for_each_entry_safe(object, next, &taken, link) {
		list_del(&object->link);
		kmem_cache_free(cache, object);
	}
}

static int take_objects(void)
{
	struct object *object;
	unsigned int i;

	for (i = 0; i < objects; i++) {
		object = kmem_cache_alloc(cache, GFP_KERNEL);
		if (!object)
			return -ENOMEM;
		list_add(&object->link, &taken);
	}
	return 0;
}

/* Not in the init section: /proc/vmallocinfo names the caller for good. */
static noinline int take_area(void)
{
	area = vmalloc(pages * PAGE_SIZE);
	return area ? 0 : -ENOMEM;
}

static int __init pool_init(void)
{
	int err;

	cache = kmem_cache_create("pool_object", sizeof(struct object), 0, 0,
				  object_construct);
	if (!cache)
		return -ENOMEM;

	err = take_objects();
	if (err)
		goto err_objects;

	err = take_area();
	if (err)
		goto err_objects;

	pr_info("%u objects of %zu bytes\n", objects, sizeof(struct object));
	return 0;

err_objects:
	free_objects();
	kmem_cache_destroy(cache);
	return err;
}

static void __exit pool_exit(void)
{
	vfree(area);
	free_objects();
	kmem_cache_destroy(cache);
}

module_init(pool_init);
module_exit(pool_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Objects from a slab cache, and an area from vmalloc()");
MODULE_LICENSE("GPL");
