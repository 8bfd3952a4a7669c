// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two CPUs count at the same time, each in a counter of its own, and measure
 * how long that takes: with both counters in one cache line, in two lines, and
 * in per-CPU variables. The reference solution of labs/false-sharing.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/version.h>
#include <linux/workqueue.h>

#define ENTRY_NAME "sharing"
#define MOST_ROUNDS 10000000

/* Both in one line: only an aligned pair is sure not to lie across two. */
static struct together {
	u64 first;
	u64 second;
} together ____cacheline_aligned_in_smp;

/* Each in a line of its own, with nothing behind the second one either. */
static struct apart {
	u64 first ____cacheline_aligned_in_smp;
	u64 second ____cacheline_aligned_in_smp;
} apart;

static DEFINE_PER_CPU(u64, own);

/* What one CPU does, and when it did it. */
struct job {
	struct work_struct work;
	u64 *counter;
	unsigned int rounds;
	int cpu;
	ktime_t begin, end;
};

struct layout {
	const char *name;
	size_t size;
	struct job jobs[2];
};

static struct layout layouts[] = {
	{
		.name = "together", .size = sizeof(struct together),
		.jobs = { { .counter = &together.first },
			  { .counter = &together.second } },
	}, {
		.name = "apart", .size = sizeof(struct apart),
		.jobs = { { .counter = &apart.first },
			  { .counter = &apart.second } },
	}, {
		/* Where these are is only known when the module is loaded. */
		.name = "percpu", .size = sizeof(own),
	},
};

static DEFINE_MUTEX(measuring);		/* protects the counters and layouts */
static atomic_t still_to_come;

/* Through memory each time; the compiler may count in a register. */
static void count_up(u64 *counter, unsigned int rounds)
{
	do {
		WRITE_ONCE(*counter, READ_ONCE(*counter) + 1);
	} while (--rounds);
}

static void count(struct work_struct *work)
{
	struct job *job = container_of(work, struct job, work);

	/*
	 * Nobody begins before both are there, each on its CPU. The kernel may
	 * stop all CPUs at once meanwhile: the one that stops for it first has
	 * no time for its job, so the other one must not wait for that.
	 */
	atomic_dec(&still_to_come);
	while (atomic_read(&still_to_come))
		cond_resched();

	job->cpu = raw_smp_processor_id();
	job->begin = ktime_get();
	count_up(job->counter, job->rounds);
	job->end = ktime_get();
}

static void measure(struct layout *layout, unsigned int rounds)
{
	int i;

	atomic_set(&still_to_come, 2);
	for (i = 0; i < 2; i++) {
		struct job *job = &layout->jobs[i];

		*job->counter = 0;
		job->rounds = rounds;
		schedule_work_on(i, &job->work);
	}
	for (i = 0; i < 2; i++)
		flush_work(&layout->jobs[i].work);
}

static void show_layout(struct seq_file *m, const struct layout *layout)
{
	const struct job *a = &layout->jobs[0], *b = &layout->jobs[1];
	ktime_t begin = min(a->begin, b->begin);
	ktime_t end = max(a->end, b->end);

	seq_printf(m, "%s %lu %ld %zu %d,%d %llu,%llu %lld\n", layout->name,
		   (unsigned long)a->counter % SMP_CACHE_BYTES,
		   (long)b->counter - (long)a->counter, layout->size,
		   a->cpu, b->cpu, *a->counter, *b->counter,
		   ktime_to_ns(ktime_sub(end, begin)));
}

static int sharing_show(struct seq_file *m, void *v)
{
	int i;

	mutex_lock(&measuring);
	seq_puts(m, "layout offset distance size cpus counts ns\n");
	for (i = 0; i < ARRAY_SIZE(layouts); i++)
		show_layout(m, &layouts[i]);
	mutex_unlock(&measuring);
	return 0;
}

static int sharing_open(struct inode *inode, struct file *file)
{
	return single_open(file, sharing_show, NULL);
}

static ssize_t sharing_write(struct file *file, const char __user *buf,
			     size_t length, loff_t *ppos)
{
	unsigned int rounds;
	int i, err;

	err = kstrtouint_from_user(buf, length, 10, &rounds);
	if (err)
		return err;
	if (rounds < 1 || rounds > MOST_ROUNDS)
		return -EINVAL;

	mutex_lock(&measuring);
	for (i = 0; i < ARRAY_SIZE(layouts); i++)
		measure(&layouts[i], rounds);
	mutex_unlock(&measuring);
	return length;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 6, 0)
static const struct proc_ops sharing_ops = {
	.proc_open = sharing_open,
	.proc_read = seq_read,
	.proc_write = sharing_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
#else
static const struct file_operations sharing_ops = {
	.owner = THIS_MODULE,
	.open = sharing_open,
	.read = seq_read,
	.write = sharing_write,
	.llseek = seq_lseek,
	.release = single_release,
};
#endif

static int __init sharing_init(void)
{
	int i, cpu;

	if (!cpu_online(0) || !cpu_online(1))
		return -ENODEV;

	for (cpu = 0; cpu < 2; cpu++) {
		layouts[2].jobs[cpu].counter = per_cpu_ptr(&own, cpu);
		for (i = 0; i < ARRAY_SIZE(layouts); i++)
			INIT_WORK(&layouts[i].jobs[cpu].work, count);
	}

	if (!proc_create(ENTRY_NAME, 0644, NULL, &sharing_ops))
		return -ENOMEM;
	return 0;
}

static void __exit sharing_exit(void)
{
	remove_proc_entry(ENTRY_NAME, NULL);
}

module_init(sharing_init);
module_exit(sharing_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Counters in one cache line, in two, and per CPU");
MODULE_LICENSE("GPL");
