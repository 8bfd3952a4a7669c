// SPDX-License-Identifier: GPL-2.0-only
/*
 * A slab cache of one's own, whose constructor runs when a slab is made and
 * not when an object is handed out. The reference solution of labs/slab-cache.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>

#define CACHE_NAME "lab_ticket"
#define RIDES 10

struct ticket {
	struct list_head link;
	/* How often it can still be taken. */
	unsigned int rides;
	char text[80];
};

static struct kmem_cache *cache;

/* The kernel calls the functions of a module's parameters one at a time. */
static LIST_HEAD(taken);
static unsigned int nr_taken;
static unsigned int nr_made;

static void ticket_construct(void *object)
{
	struct ticket *ticket = object;

	ticket->rides = RIDES;
	nr_made++;
}

static int ticket_take(void)
{
	struct ticket *ticket;

	ticket = kmem_cache_alloc(cache, GFP_KERNEL);
	if (!ticket)
		return -ENOMEM;

	/* Nobody sets it here: it is what the last owner left, or RIDES. */
	ticket->rides--;
	list_add(&ticket->link, &taken);
	nr_taken++;
	return 0;
}

static void ticket_give(void)
{
	struct ticket *ticket;

	ticket = list_first_entry(&taken, struct ticket, link);
	list_del(&ticket->link);
	kmem_cache_free(cache, ticket);
	nr_taken--;
}

static int tickets_set(const char *text, const struct kernel_param *kp)
{
	int count, err;

	err = kstrtoint(text, 0, &count);
	if (err)
		return err;
	/* A parameter can be set before the init function has run. */
	if (!cache)
		return -ENODEV;
	if (count < 0 && nr_taken < -(long)count)
		return -EINVAL;

	for (; count < 0; count++)
		ticket_give();
	for (; count > 0 && !err; count--)
		err = ticket_take();
	return err;
}

static int tickets_get(char *buffer, const struct kernel_param *kp)
{
	struct ticket *ticket;
	unsigned int rides = RIDES;

	list_for_each_entry(ticket, &taken, link)
		rides = min(rides, ticket->rides);

	return sprintf(buffer, "taken %u\nmade %u\nrides %u\n", nr_taken,
		       nr_made, rides);
}

static const struct kernel_param_ops tickets_ops = {
	.set = tickets_set,
	.get = tickets_get,
};
module_param_cb(tickets, &tickets_ops, NULL, 0644);
MODULE_PARM_DESC(tickets, "write N to take N tickets, -N to give N back");

static int __init slab_cache_init(void)
{
	cache = kmem_cache_create(CACHE_NAME, sizeof(struct ticket), 0,
				  SLAB_HWCACHE_ALIGN, ticket_construct);
	return cache ? 0 : -ENOMEM;
}

static void __exit slab_cache_exit(void)
{
	while (nr_taken)
		ticket_give();
	kmem_cache_destroy(cache);
}

module_init(slab_cache_init);
module_exit(slab_cache_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A slab cache with a constructor");
MODULE_LICENSE("GPL");
