// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes other modules slow, as long as it is loaded: each seq_printf() of
 * theirs takes 40 million cycles of the processor, some 15 ms. Who comes in
 * meanwhile, unless a lock keeps him out, has time enough to. On an emulated
 * machine mdelay() may be much shorter than it should.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/timex.h>

static int be_slow(struct kprobe *probe, struct pt_regs *regs)
{
	unsigned long caller = *(unsigned long *)regs->sp;
	cycles_t begin = get_cycles();

	if (caller >= MODULES_VADDR && caller < MODULES_END)
		while (get_cycles() - begin < 40000000)
			cpu_relax();
	return 0;
}

static struct kprobe probe = {
	.symbol_name = "seq_printf", .pre_handler = be_slow
};

static int __init slow_seq_init(void)
{
	return register_kprobe(&probe);
}

static void __exit slow_seq_exit(void)
{
	unregister_kprobe(&probe);
}

module_init(slow_seq_init);
module_exit(slow_seq_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Makes seq_printf() of modules slow");
MODULE_LICENSE("GPL");
