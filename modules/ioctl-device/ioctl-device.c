// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/turtle: a turtle on a board of 2001 by 2001 squares, which is moved
 * with ioctl(). The reference solution of labs/ioctl-device.
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

/* A command is done as a whole before the next one begins. */
static DEFINE_MUTEX(turtle_lock);
static struct turtle_state turtle;

static long turtle_reset(void)
{
	/* Whoever is root in a container, or has given this up, may not. */
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;

	memset(&turtle, 0, sizeof(turtle));
	return 0;
}

static long turtle_move(const struct turtle_step __user *user)
{
	struct turtle_step step;
	s64 x, y;

	if (copy_from_user(&step, user, sizeof(step)))
		return -EFAULT;

	/* In 64 bits nothing that a user can say overflows. */
	x = (s64)turtle.x + step.dx;
	y = (s64)turtle.y + step.dy;
	if (x < -BOARD_MAX || x > BOARD_MAX || y < -BOARD_MAX || y > BOARD_MAX)
		return -ERANGE;

	turtle.x = x;
	turtle.y = y;
	turtle.moves++;
	return 0;
}

static long turtle_get_state(struct turtle_state __user *user)
{
	if (copy_to_user(user, &turtle, sizeof(turtle)))
		return -EFAULT;
	return 0;
}

static long turtle_swap_pen(u32 __user *user)
{
	u32 pen;

	if (get_user(pen, user))
		return -EFAULT;
	if (pen > PEN_MAX)
		return -EINVAL;

	/* The answer first: a command that fails has changed nothing. */
	if (put_user(turtle.pen, user))
		return -EFAULT;
	turtle.pen = pen;
	return 0;
}

static long turtle_ioctl(struct file *file, unsigned int command,
			 unsigned long argument)
{
	void __user *user = (void __user *)argument;
	long result;

	mutex_lock(&turtle_lock);
	switch (command) {
	case TURTLE_RESET:
		result = turtle_reset();
		break;
	case TURTLE_MOVE:
		result = turtle_move(user);
		break;
	case TURTLE_STATE:
		result = turtle_get_state(user);
		break;
	case TURTLE_PEN:
		result = turtle_swap_pen(user);
		break;
	default:
		result = -ENOTTY;
	}
	mutex_unlock(&turtle_lock);
	return result;
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

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A turtle that is moved with ioctl()");
MODULE_LICENSE("GPL");
