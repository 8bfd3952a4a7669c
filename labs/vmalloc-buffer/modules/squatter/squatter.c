// SPDX-License-Identifier: GPL-2.0-only
/* Takes the name vmalloc-buffer, so that the lab's module cannot have it. */
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

static const struct file_operations squatter_fops = {
	.owner = THIS_MODULE,
};

static struct miscdevice squatter = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "vmalloc-buffer",
	.fops = &squatter_fops,
};

static int __init squatter_init(void)
{
	return misc_register(&squatter);
}

static void __exit squatter_exit(void)
{
	misc_deregister(&squatter);
}

module_init(squatter_init);
module_exit(squatter_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Takes a name that the lab's module needs");
MODULE_LICENSE("GPL");
