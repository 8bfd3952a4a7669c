// SPDX-License-Identifier: GPL-2.0-only
/*
 * Meeting rooms: objects that live as long as somebody has a reference to them.
 * /proc/rooms shows which are open, and how many references there are.
 *
 * Lab atomic-refcount: the references are counted, but not in a way that one
 * could rely on.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "rooms.h"

struct room {
	struct list_head list;
	int users;
	unsigned int number;
	void (*close)(unsigned int number);
};

static struct kmem_cache *room_cache;

/* Protects the list. */
static DEFINE_SPINLOCK(rooms_lock);
static LIST_HEAD(rooms);

/* How many rooms there are. */
static int nr_rooms;

/* With rooms_lock held. The room may be one that is being closed. */
static struct room *lookup(unsigned int number)
{
	struct room *room;

	list_for_each_entry(room, &rooms, list)
		if (room->number == number)
			return room;
	return NULL;
}

struct room *room_open(unsigned int number, void (*close)(unsigned int number))
{
	struct room *room;

	if (nr_rooms == ROOMS_MAX)
		return ERR_PTR(-ENOSPC);
	nr_rooms++;

	room = kmem_cache_alloc(room_cache, GFP_KERNEL);
	if (!room)
		return ERR_PTR(-ENOMEM);
	room->users = 1;
	room->number = number;
	room->close = close;

	spin_lock(&rooms_lock);
	if (lookup(number)) {
		spin_unlock(&rooms_lock);
		kmem_cache_free(room_cache, room);
		return ERR_PTR(-EEXIST);
	}
	list_add_tail(&room->list, &rooms);
	spin_unlock(&rooms_lock);
	return room;
}
EXPORT_SYMBOL_GPL(room_open);

struct room *room_find(unsigned int number)
{
	struct room *room;

	spin_lock(&rooms_lock);
	room = lookup(number);
	spin_unlock(&rooms_lock);
	if (room)
		room->users++;
	return room;
}
EXPORT_SYMBOL_GPL(room_find);

unsigned int room_number(const struct room *room)
{
	return room->number;
}
EXPORT_SYMBOL_GPL(room_number);

void room_put(struct room *room)
{
	room->users--;
	if (room->users > 0)
		return;

	room->close(room->number);
	spin_lock(&rooms_lock);
	list_del(&room->list);
	spin_unlock(&rooms_lock);
	kmem_cache_free(room_cache, room);
	nr_rooms--;
}
EXPORT_SYMBOL_GPL(room_put);

static int rooms_show(struct seq_file *m, void *v)
{
	struct room *room;

	spin_lock(&rooms_lock);
	list_for_each_entry(room, &rooms, list)
		seq_printf(m, "%u: %d\n", room->number, room->users);
	spin_unlock(&rooms_lock);
	return 0;
}

static int __init rooms_init(void)
{
	room_cache = kmem_cache_create("room", sizeof(struct room), 0, 0, NULL);
	if (!room_cache)
		return -ENOMEM;
	if (!proc_create_single("rooms", 0444, NULL, rooms_show)) {
		kmem_cache_destroy(room_cache);
		return -ENOMEM;
	}
	return 0;
}

static void __exit rooms_exit(void)
{
	remove_proc_entry("rooms", NULL);
	kmem_cache_destroy(room_cache);
}

module_init(rooms_init);
module_exit(rooms_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Rooms that are closed by who leaves last");
MODULE_LICENSE("GPL");
