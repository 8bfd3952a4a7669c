// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/sign: an electronic sign whose settings are attributes, one
 * value a file. The reference solution of labs/sysfs-attrs.
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
static bool on;
static atomic_t changes = ATOMIC_INIT(0);

/* A number is read in one piece, a text is not. */
static DEFINE_MUTEX(text_lock);
static char text[TEXT_MAX + 1];

static ssize_t brightness_show(struct kobject *kobj,
			       struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(brightness));
}

static ssize_t brightness_store(struct kobject *kobj,
				struct kobj_attribute *attr,
				const char *buf, size_t count)
{
	unsigned int value;
	int err;

	err = kstrtouint(buf, 10, &value);
	if (err)
		return err;
	if (value > BRIGHTNESS_MAX)
		return -EINVAL;

	WRITE_ONCE(brightness, value);
	atomic_inc(&changes);
	return count;
}

static ssize_t on_show(struct kobject *kobj, struct kobj_attribute *attr,
		       char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(on));
}

static ssize_t on_store(struct kobject *kobj, struct kobj_attribute *attr,
			const char *buf, size_t count)
{
	bool value;
	int err;

	err = kstrtobool(buf, &value);
	if (err)
		return err;

	WRITE_ONCE(on, value);
	atomic_inc(&changes);
	return count;
}

static ssize_t text_show(struct kobject *kobj, struct kobj_attribute *attr,
			 char *buf)
{
	ssize_t len;

	mutex_lock(&text_lock);
	len = sysfs_emit(buf, "%s\n", text);
	mutex_unlock(&text_lock);
	return len;
}

static ssize_t text_store(struct kobject *kobj, struct kobj_attribute *attr,
			  const char *buf, size_t count)
{
	size_t len = count;

	/* The newline is echo's and not a part of the text. */
	if (len > 0 && buf[len - 1] == '\n')
		len--;
	if (len > TEXT_MAX)
		return -EINVAL;

	mutex_lock(&text_lock);
	memcpy(text, buf, len);
	text[len] = '\0';
	mutex_unlock(&text_lock);
	atomic_inc(&changes);

	/* All of it is dealt with, or echo would write the newline again. */
	return count;
}

static ssize_t changes_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%d\n", atomic_read(&changes));
}

static struct kobj_attribute brightness_attr = __ATTR_RW(brightness);
static struct kobj_attribute on_attr = __ATTR_RW(on);
static struct kobj_attribute text_attr = __ATTR_RW(text);
static struct kobj_attribute changes_attr = __ATTR_RO(changes);

static struct attribute *sign_attrs[] = {
	&brightness_attr.attr,
	&on_attr.attr,
	&text_attr.attr,
	&changes_attr.attr,
	NULL,
};

static const struct attribute_group sign_group = {
	.attrs = sign_attrs,
};

static struct kobject *sign;

static int __init sign_init(void)
{
	int err;

	sign = kobject_create_and_add("sign", kernel_kobj);
	if (!sign)
		return -ENOMEM;

	err = sysfs_create_group(sign, &sign_group);
	if (err)
		kobject_put(sign);
	return err;
}

static void __exit sign_exit(void)
{
	/* Takes the files too, and waits for who is in one of our functions. */
	kobject_put(sign);
}

module_init(sign_init);
module_exit(sign_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("An electronic sign with its settings in sysfs");
MODULE_LICENSE("GPL");
