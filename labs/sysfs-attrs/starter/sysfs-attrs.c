// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab sysfs-attrs: /sys/kernel/sign, an electronic sign with four attributes.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#define BRIGHTNESS_MAX 100
#define TEXT_MAX 1000

static unsigned int brightness = 50;

static ssize_t brightness_show(struct kobject *kobj,
			       struct kobj_attribute *attr, char *buf)
{
	/* TODO: print the value and a newline, with the function for this. */
	return 0;
}

static ssize_t brightness_store(struct kobject *kobj,
				struct kobj_attribute *attr,
				const char *buf, size_t count)
{
	/* TODO: convert, check, and only then change something. */
	return count;
}

/* TODO: on, text and changes. */

static struct kobj_attribute brightness_attr = __ATTR_RW(brightness);

static struct attribute *sign_attrs[] = {
	&brightness_attr.attr,
	NULL,
};

static const struct attribute_group sign_group = {
	.attrs = sign_attrs,
};

static struct kobject *sign;

static int __init sign_init(void)
{
	sign = kobject_create_and_add("sign", kernel_kobj);
	if (!sign)
		return -ENOMEM;

	/* TODO: what if this fails? */
	return sysfs_create_group(sign, &sign_group);
}

static void __exit sign_exit(void)
{
	/* TODO: undo what sign_init() did. */
}

module_init(sign_init);
module_exit(sign_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("An electronic sign with its settings in sysfs");
MODULE_LICENSE("GPL");
