// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts packets, on each CPU in variables of its own, which no other CPU
 * writes: counting needs no lock, and reading adds up. The reference solution
 * of labs/per-cpu.
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

static struct traffic __percpu *traffic;

/* What a real module would do with the packet. */
static void inspect_packet(void)
{
	udelay(inspect_us);
}

static void count_packet(unsigned int size)
{
	struct traffic *mine;
	u64 packets, bytes;

	/* One variable, one operation: it is done on one CPU, whichever. */
	this_cpu_inc(traffic->sizes[size]);

	/*
	 * Several steps: until put_cpu_ptr() this task stays on its CPU, and no
	 * other one runs there, who would count as well.
	 */
	mine = get_cpu_ptr(traffic);
	packets = mine->packets + 1;
	bytes = mine->bytes + size;
	inspect_packet();
	mine->packets = packets;
	mine->bytes = bytes;
	put_cpu_ptr(traffic);
}

static int traffic_show(struct seq_file *m, void *v)
{
	u64 packets = 0, bytes = 0;
	unsigned int size;
	int cpu;

	/* Possible, not online: a CPU that was taken away has counted too. */
	for_each_possible_cpu(cpu) {
		struct traffic *theirs = per_cpu_ptr(traffic, cpu);

		seq_printf(m, "cpu%d %llu %llu\n", cpu, theirs->packets,
			   theirs->bytes);
		packets += theirs->packets;
		bytes += theirs->bytes;
	}
	seq_printf(m, "all %llu %llu\n", packets, bytes);

	for (size = 1; size <= LARGEST; size++) {
		u32 count = 0;

		for_each_possible_cpu(cpu)
			count += per_cpu_ptr(traffic, cpu)->sizes[size];
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
	/* Zeroed, for every CPU that there can ever be. */
	traffic = alloc_percpu(struct traffic);
	if (!traffic)
		return -ENOMEM;

	if (!proc_create(ENTRY_NAME, 0644, NULL, &traffic_ops))
		goto free_traffic;
	return 0;

free_traffic:
	free_percpu(traffic);
	return -ENOMEM;
}

static void __exit traffic_exit(void)
{
	remove_proc_entry(ENTRY_NAME, NULL);
	free_percpu(traffic);
}

module_init(traffic_init);
module_exit(traffic_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Counts packets in per-CPU variables");
MODULE_LICENSE("GPL");
