// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab slab-cache: a slab cache of one's own, whose constructor runs when a slab
 * is made and not when an object is handed out.
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

/* TODO: the cache. */

/* The kernel calls the functions of a module's parameters one at a time. */
static LIST_HEAD(taken);
static unsigned int nr_taken;
static unsigned int nr_made;

/* TODO: the constructor, which is given a pointer to one new object. */

static int ticket_take(void)
{
	/* TODO: take a ticket, use one of its rides, and count it as taken. */
	return -ENOMEM;
}

static void ticket_give(void)
{
	/* TODO: give the ticket back that was taken last. */
}

static int tickets_set(const char *text, const struct kernel_param *kp)
{
	int count, err;

	err = kstrtoint(text, 0, &count);
	if (err)
		return err;
	/* TODO: a parameter can be set before the init function has run. */
	/* TODO: can so many be given back? */

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
	/* TODO: make the cache. */
	return 0;
}

static void __exit slab_cache_exit(void)
{
	/* TODO: destroy the cache. When can that be done? */
}

module_init(slab_cache_init);
module_exit(slab_cache_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("A slab cache with a constructor");
MODULE_LICENSE("GPL");
