// SPDX-License-Identifier: GPL-2.0-only
/* /sys/kernel/lamp: brightness can be set, state be read, reset be pulled. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/sysfs.h>

static unsigned int brightness;
static struct kobject *lamp;

static ssize_t brightness_show(struct kobject *kobj,
			       struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(brightness));
}

static ssize_t brightness_store(struct kobject *kobj,
				struct kobj_attribute *attr, const char *buf,
				size_t count)
{
	unsigned int value;
	int err;

	err = kstrtouint(buf, 0, &value);
	if (err)
		return err;
	if (value > 255)
		return -ERANGE;

	WRITE_ONCE(brightness, value);
	return count;
}

static ssize_t state_show(struct kobject *kobj, struct kobj_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%s\n", READ_ONCE(brightness) ? "on" : "off");
}

static ssize_t reset_store(struct kobject *kobj, struct kobj_attribute *attr,
			   const char *buf, size_t count)
{
	WRITE_ONCE(brightness, 0);
	return count;
}

static struct kobj_attribute brightness_attribute = __ATTR_RW(brightness);
static struct kobj_attribute state_attribute = __ATTR_RO(state);
static struct kobj_attribute reset_attribute = __ATTR_WO(reset);

static struct attribute *lamp_attributes[] = {
	&brightness_attribute.attr,
	&state_attribute.attr,
	&reset_attribute.attr,
	NULL,
};

static const struct attribute_group lamp_group = {
	.attrs = lamp_attributes,
};

static int __init lamp_init(void)
{
	int err;

	lamp = kobject_create_and_add("lamp", kernel_kobj);
	if (!lamp)
		return -ENOMEM;

	err = sysfs_create_group(lamp, &lamp_group);
	if (err)
		kobject_put(lamp);
	return err;
}

static void __exit lamp_exit(void)
{
	kobject_put(lamp);
}

module_init(lamp_init);
module_exit(lamp_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("A lamp in sysfs");
MODULE_LICENSE("GPL");
