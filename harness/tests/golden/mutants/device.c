// SPDX-License-Identifier: GPL-2.0-only
/*
 * A source with everything that mutants are made of; it is read, never built. In comments kfree(this); is no statement.
 */
#include <linux/module.h>
#define TWICE(x) do { twice(x); \
	twice(x); } while (0)

static int level = 3;
static struct item { int number; } *items;

static const struct file_operations device_ops = {
	.read = device_read,
};

static int helper(struct item *item)
{
	int result = 0;
	struct item *next = item + 1;
	u32 left, right;

	left = item->number;
	right <<= 2;
	if (left == right)
		return 1;
	for (result = 0; result < 3; result++)
		items[result].number--;
	(void)next;
	return result;
}

static ssize_t device_read(struct file *file, char __user *buf, size_t count,
			   loff_t *ppos)
{
	struct item *item;
	ssize_t copied;

	if (mutex_lock_interruptible(&device_lock))
		return -ERESTARTSYS;
	list_for_each_entry(item, &list, node) {
		pr_info("item { %d; }\n", item->number);
		item->number += helper(item);
	}
	list_for_each_entry(item, &list, node)
		touch(item);
	copied = simple_read_from_buffer(buf, count, ppos, text,
					 sizeof(text));
	mutex_unlock(&device_lock);
	return copied;
}

static ssize_t device_write(struct file *file, const char __user *buf,
			    size_t count, loff_t *ppos)
{
	WARN_ON(!count);
	switch (level) {
	case 1:
		*ppos = 0;
		break;
	default:
		do {
			level--;
		} while (level > 1);
	}
	return count;
}

static void *device_start(struct seq_file *m, loff_t *pos)
	__acquires(device_lock)
{
	spin_lock_irqsave(&other_lock, flags);
	return seq_list_start(&list, *pos);
}

static irqreturn_t device_interrupt(int irq, void *data)
{
	return spin_trylock(&other_lock) ? IRQ_HANDLED : IRQ_NONE;
}

static void device_tick(struct timer_list *t)
{
	mod_timer(&timer, jiffies + HZ);
}

static int __init device_init(void)
{
	int err;

	items = kcalloc(3, sizeof(*items), GFP_KERNEL);
	if (!items)
		return -ENOMEM;
	err = misc_register(&device);
	if (err)
		goto free_items;
	return 0;

free_items:
	kfree(items);
	return err;
}

static void __exit device_exit(void)
{
	misc_deregister(&device);
	kfree(items);
	kfree(items);
	pr_info("gone\n");
}

module_init(device_init);
module_exit(device_exit);

MODULE_LICENSE("GPL");
