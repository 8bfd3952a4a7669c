// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lab per-cpu: count packets, on each CPU in variables of its own.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/version.h>

#define ENTRY_NAME "traffic"
#define LARGEST 1500

static unsigned int inspect_us;
module_param(inspect_us, uint, 0644);
MODULE_PARM_DESC(inspect_us, "how long it takes to look at a packet, in microseconds (default 0)");

struct traffic {
	/* These two belong together: every packet is in both. */
	u64 packets;
	u64 bytes;
	/* How many packets there were of each size. */
	u32 sizes[LARGEST + 1];
};

/* TODO: one for each CPU. All CPUs share this one. */
static struct traffic traffic;

/* What a real module would do with the packet. Leave this as it is. */
static void inspect_packet(void)
{
	udelay(inspect_us);
}

static void count_packet(unsigned int size)
{
	u64 packets, bytes;

	/* TODO: count in what belongs to the CPU that this runs on. */
	traffic.sizes[size]++;

	/* TODO: and here let nobody in between. */
	packets = traffic.packets + 1;
	bytes = traffic.bytes + size;
	inspect_packet();	/* leave it here, between reading and writing */
	traffic.packets = packets;
	traffic.bytes = bytes;
}

static int traffic_show(struct seq_file *m, void *v)
{
	unsigned int size;

	/* TODO: a line for each CPU, and then the sums of all of them. */
	seq_printf(m, "all %llu %llu\n", traffic.packets, traffic.bytes);

	for (size = 1; size <= LARGEST; size++) {
		u32 count = traffic.sizes[size];

		if (count)
			seq_printf(m, "size %u %u\n", size, count);
	}
	return 0;
}

static int traffic_open(struct inode *inode, struct file *file)
{
	return single_open(file, traffic_show, NULL);
}

static ssize_t traffic_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *ppos)
{
	unsigned int size;
	int err;

	err = kstrtouint_from_user(buf, count, 10, &size);
	if (err)
		return err;
	if (size < 1 || size > LARGEST)
		return -EINVAL;

	count_packet(size);
	return count;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops traffic_ops = {
	.proc_open = traffic_open,
	.proc_read = seq_read,
	.proc_write = traffic_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
#else
static const struct file_operations traffic_ops = {
	.owner = THIS_MODULE,
	.open = traffic_open,
	.read = seq_read,
	.write = traffic_write,
	.llseek = seq_lseek,
	.release = single_release,
};
#endif

static int __init traffic_init(void)
{
	/* TODO: allocate the counters. */
	if (!proc_create(ENTRY_NAME, 0644, NULL, &traffic_ops))
		return -ENOMEM;
	return 0;
}

static void __exit traffic_exit(void)
{
	remove_proc_entry(ENTRY_NAME, NULL);
	/* TODO: and what else? */
}

module_init(traffic_init);
module_exit(traffic_exit);

MODULE_AUTHOR("Your name");
MODULE_DESCRIPTION("Counts packets");
MODULE_LICENSE("GPL");
