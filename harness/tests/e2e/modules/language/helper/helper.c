// SPDX-License-Identifier: GPL-2.0-only
/*
 * The second module of the examples in docs/lab-language.md.
 *
 * /proc/helper sorts: numbers with commas between that are written to it are
 * read in order. /proc/helper_table and /proc/helper_status never change.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#define MAX_NUMBERS 64
#define MAX_BYTES 1024

static int start;
module_param(start, int, 0444);
MODULE_PARM_DESC(start, "must not be negative (default 0)");

static DEFINE_MUTEX(lock);
/* get_options() puts how many there are in front. */
static int numbers[MAX_NUMBERS + 1];

static int by_value(const void *left, const void *right)
{
	int a = *(const int *)left, b = *(const int *)right;

	return a < b ? -1 : a > b;
}

static int sorted_show(struct seq_file *file, void *unused)
{
	int i;

	mutex_lock(&lock);
	for (i = 1; i <= numbers[0]; i++)
		seq_printf(file, "%s%d", i > 1 ? "," : "", numbers[i]);
	seq_putc(file, '\n');
	mutex_unlock(&lock);
	return 0;
}

static int sorted_open(struct inode *inode, struct file *file)
{
	return single_open(file, sorted_show, NULL);
}

static ssize_t sorted_write(struct file *file, const char __user *from,
			    size_t count, loff_t *at)
{
	char *text, *end;
	ssize_t result = count;

	if (count > MAX_BYTES)
		return -E2BIG;
	text = memdup_user_nul(from, count);
	if (IS_ERR(text))
		return PTR_ERR(text);
	mutex_lock(&lock);
	end = get_options(strim(text), ARRAY_SIZE(numbers), numbers);
	if (*end || !numbers[0]) {
		numbers[0] = 0;
		result = -EINVAL;
	}
	sort(numbers + 1, numbers[0], sizeof(numbers[0]), by_value, NULL);
	mutex_unlock(&lock);
	kfree(text);
	return result;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops sorted_operations = {
	.proc_open = sorted_open,
	.proc_read = seq_read,
	.proc_write = sorted_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
#else
static const struct file_operations sorted_operations = {
	.owner = THIS_MODULE,
	.open = sorted_open,
	.read = seq_read,
	.write = sorted_write,
	.llseek = seq_lseek,
	.release = single_release,
};
#endif

static int table_show(struct seq_file *file, void *unused)
{
	seq_puts(file, "# the pool's blocks\n");
	seq_puts(file, "name   size state\n");
	seq_puts(file, "alpha    16 free\n");
	seq_puts(file, "beta    128 used\n");
	seq_puts(file, "gamma   512 free\n");
	return 0;
}

static int status_show(struct seq_file *file, void *unused)
{
	seq_puts(file, "{\"pool\": {\"blocks\": 3, \"free\": [\"alpha\", \"gamma\"]},");
	seq_puts(file, " \"ready\": true}\n");
	return 0;
}

static int __init helper_init(void)
{
	if (start < 0)
		return -EINVAL;
	if (!proc_create("helper", 0644, NULL, &sorted_operations) ||
	    !proc_create_single("helper_table", 0444, NULL, table_show) ||
	    !proc_create_single("helper_status", 0444, NULL, status_show)) {
		remove_proc_subtree("helper_status", NULL);
		remove_proc_subtree("helper_table", NULL);
		remove_proc_subtree("helper", NULL);
		return -ENOMEM;
	}
	pr_info("loaded\n");
	return 0;
}

static void __exit helper_exit(void)
{
	remove_proc_entry("helper_status", NULL);
	remove_proc_entry("helper_table", NULL);
	remove_proc_entry("helper", NULL);
}

module_init(helper_init);
module_exit(helper_exit);

MODULE_DESCRIPTION("Sorts numbers, and has files to be read");
MODULE_LICENSE("GPL");
