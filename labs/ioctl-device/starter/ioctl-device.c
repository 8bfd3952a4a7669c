// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab ioctl-device: /dev/turtle, which is moved with ioctl().
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "turtle.h"

#define BOARD_MAX 1000
#define PEN_MAX 7

/* TODO: where the turtle is, and a lock. */

static long turtle_move(const struct turtle_step __user *user)
{
	struct turtle_step step;

	if (copy_from_user(&step, user, sizeof(step)))
		return -EFAULT;

	/* TODO: move, but not off the board. */
	return 0;
}

static long turtle_ioctl(struct file *file, unsigned int command,
			 unsigned long argument)
{
	void __user *user = (void __user *)argument;

	switch (command) {
	case TURTLE_MOVE:
		return turtle_move(user);
	/* TODO: the other commands, and what is none. */
	default:
		return 0;
	}
}

static const struct file_operations turtle_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = turtle_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice turtle_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "turtle",
	.mode = 0666,
	.fops = &turtle_fops,
};

static int __init turtle_init(void)
{
	return misc_register(&turtle_device);
}

static void __exit turtle_exit(void)
{
	misc_deregister(&turtle_device);
}

module_init(turtle_init);
module_exit(turtle_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("A turtle that is moved with ioctl()");
MODULE_LICENSE("GPL");
