// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes udelay() and mdelay() take at least about as long as they say. A kernel
 * without a good clock measures at boot how many turns of a loop a delay is;
 * in an emulator on a busy machine that may be far too few. For the tests of
 * labs/tasklet-bottom-half, which need work that lasts.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/timex.h>
#include <asm/processor.h>

/* Cycles of a millisecond, on a slow machine. */
#define MS_CYCLES 2000000UL
#define TRIES 5

static int __init steady_init(void)
{
	unsigned long turns, took;
	unsigned long least = ULONG_MAX;
	cycles_t begun;
	int cpu;
	int i;

	preempt_disable();
	turns = cpu_data(smp_processor_id()).loops_per_jiffy;
	/* What interrupts a delay makes it longer, never shorter. */
	for (i = 0; i < TRIES; i++) {
		begun = get_cycles();
		udelay(1000);
		took = get_cycles() - begun;
		least = min(least, took);
	}
	preempt_enable();

	if (least >= MS_CYCLES)
		return 0;
	turns = mult_frac(turns, MS_CYCLES, least);
	for_each_online_cpu(cpu)
		cpu_data(cpu).loops_per_jiffy = turns;
	pr_info("delays were too short by a factor of %lu\n",
		MS_CYCLES / least);
	return 0;
}

/* The delays stay as they are now: right. */
static void __exit steady_exit(void)
{
}

module_init(steady_init);
module_exit(steady_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Makes delays as long as they should be");
MODULE_LICENSE("GPL");
