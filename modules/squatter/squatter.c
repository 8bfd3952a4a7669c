// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes the name of a misc device, so that a lab's module cannot have it. A
 * helper of labs/misc-device and labs/vmalloc-buffer.
 */
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

static char *name = "squatter";
module_param(name, charp, 0);
MODULE_PARM_DESC(name, "the name to take");

static const struct file_operations squatter_fops = {
	.owner = THIS_MODULE,
};

static struct miscdevice squatter = {
	.minor = MISC_DYNAMIC_MINOR,
	.fops = &squatter_fops,
};

static int __init squatter_init(void)
{
	squatter.name = name;
	return misc_register(&squatter);
}

static void __exit squatter_exit(void)
{
	misc_deregister(&squatter);
}

module_init(squatter_init);
module_exit(squatter_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Takes a name that another module needs");
MODULE_LICENSE("GPL");
