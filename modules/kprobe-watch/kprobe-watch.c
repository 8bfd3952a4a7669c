// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watches a function of the kernel, vfs_truncate(), while it runs: how often it
 * is called and to what lengths, and which calls it refuses. The reference
 * solution of labs/kprobe-watch.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/proc_fs.h>
#include <linux/ptrace.h>
#include <linux/seq_file.h>

#define ENTRY_NAME "truncates"

/* long vfs_truncate(const struct path *path, loff_t length) */
static char *function = "vfs_truncate";
module_param(function, charp, 0444);
MODULE_PARM_DESC(function, "the function to watch (default vfs_truncate)");

/* Handlers run on all CPUs at once, and must not wait: hence atomic. */
static atomic64_t calls, bytes, refused, refused_bytes;

static loff_t length_argument(struct pt_regs *regs)
{
	/* The second one. On x86-64 that is regs->si. */
	return regs_get_kernel_argument(regs, 1);
}

/* Before the first instruction of the function. */
static int on_call(struct kprobe *probe, struct pt_regs *regs)
{
	atomic64_inc(&calls);
	atomic64_add(length_argument(regs), &bytes);
	return 0;
}

/*
 * When the function returns, its arguments are gone: registers are used for
 * other things meanwhile. So each call keeps what is needed later.
 */
static int on_entry(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	loff_t *length = (loff_t *)instance->data;

	*length = length_argument(regs);
	return 0;
}

static int on_return(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	loff_t *length = (loff_t *)instance->data;

	/* The register has no sign, the function's result has. */
	if ((long)regs_return_value(regs) < 0) {
		atomic64_inc(&refused);
		atomic64_add(*length, &refused_bytes);
	}
	return 0;
}

static struct kprobe call_probe = {
	.pre_handler = on_call,
};

static struct kretprobe return_probe = {
	.entry_handler = on_entry,
	.handler = on_return,
	.data_size = sizeof(loff_t),
	/* The default may be as few as one for each CPU. */
	.maxactive = 20,
};

static int truncates_show(struct seq_file *m, void *v)
{
	seq_printf(m, "calls %lld\n", (s64)atomic64_read(&calls));
	seq_printf(m, "bytes %lld\n", (s64)atomic64_read(&bytes));
	seq_printf(m, "refused %lld\n", (s64)atomic64_read(&refused));
	seq_printf(m, "refused_bytes %lld\n",
		   (s64)atomic64_read(&refused_bytes));
	return 0;
}

static int __init watch_init(void)
{
	int err;

	call_probe.symbol_name = function;
	err = register_kprobe(&call_probe);
	if (err < 0) {
		pr_err("cannot watch %s: error %d\n", function, err);
		return err;
	}

	return_probe.kp.symbol_name = function;
	err = register_kretprobe(&return_probe);
	if (err < 0)
		goto no_return_probe;

	if (!proc_create_single(ENTRY_NAME, 0444, NULL, truncates_show)) {
		err = -ENOMEM;
		goto no_entry;
	}
	return 0;

no_entry:
	unregister_kretprobe(&return_probe);
no_return_probe:
	unregister_kprobe(&call_probe);
	return err;
}

static void __exit watch_exit(void)
{
	remove_proc_entry(ENTRY_NAME, NULL);
	/* Each waits until no handler of it runs any more. */
	unregister_kretprobe(&return_probe);
	unregister_kprobe(&call_probe);
}

module_init(watch_init);
module_exit(watch_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Watches a function of the kernel with probes");
MODULE_LICENSE("GPL");
