// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uses the counter of lab irq-locks. What it does is its parameter "job", done
 * while it is loaded; the results are in the kernel log.
 *
 * "flags" calls every function with interrupts off and on, and looks whether
 * they still are. "meet" visits the counters on one CPU, and has a packet
 * arrive on the other meanwhile: its interrupt must wait until the visit is
 * over, with looking at the counters as well as with counting.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timex.h>

#include "traffic.h"

static char *job = "flags";
module_param(job, charp, 0444);
MODULE_PARM_DESC(job, "flags or meet");

static unsigned int bytes = 64;
module_param(bytes, uint, 0444);
MODULE_PARM_DESC(bytes, "how long a packet is");

#define ROUNDS 8

static void take(struct traffic *counters, void *arg)
{
	struct traffic *taken = arg;

	taken->packets += counters->packets;
	taken->bytes += counters->bytes;
	counters->packets = 0;
	counters->bytes = 0;
}

#define CHECK(call)							\
	do {								\
		local_irq_disable();					\
		call;							\
		pr_info("%s, interrupts off: they are %s\n", #call,	\
			irqs_disabled() ? "off" : "on");		\
		local_irq_enable();					\
		call;							\
		pr_info("%s, interrupts on: they are %s\n", #call,	\
			irqs_disabled() ? "off" : "on");		\
		local_irq_enable();					\
	} while (0)

static void check_flags(void)
{
	struct traffic seen;

	CHECK(traffic_count(bytes));
	CHECK(traffic_peek(&seen));
	pr_info("counted %lu packets, %lu bytes\n", seen.packets, seen.bytes);
	memset(&seen, 0, sizeof(seen));
	CHECK(traffic_visit(take, &seen));
	pr_info("took %lu packets, %lu bytes\n", seen.packets, seen.bytes);
}

static unsigned int other_cpu;
static bool peeks, arrives, came_in, counted;
static int intruded;

/* The hard interrupt, on the other CPU: it looks and counts, or counts only. */
static void packet_arrives(void *unused)
{
	struct traffic seen;

	WRITE_ONCE(arrives, true);
	if (peeks) {
		traffic_peek(&seen);
		WRITE_ONCE(came_in, true);
	}
	traffic_count(bytes);
	WRITE_ONCE(came_in, true);
	WRITE_ONCE(counted, true);
}
static call_single_data_t interrupt = {.func = packet_arrives};

/* Some 10 us. On an emulated machine udelay() may be much shorter. */
static void pause(void)
{
	cycles_t begin = get_cycles();

	while (get_cycles() - begin < 25000)
		cpu_relax();
}

/*
 * Once the interrupt has come, it needs some microseconds to get in where it
 * is not kept out. Nobody can tell whether it waits or its CPU is slow, so
 * this gives it 2 ms, and is done often.
 */
static void visit_slowly(struct traffic *counters, void *arg)
{
	struct traffic before = *counters;
	int i;

	WRITE_ONCE(arrives, false);
	WRITE_ONCE(came_in, false);
	WRITE_ONCE(counted, false);
	smp_call_function_single_async(other_cpu, &interrupt);
	for (i = 0; i < 200000 && !READ_ONCE(arrives); i++)
		pause();
	for (i = 0; i < 200 && !READ_ONCE(came_in); i++)
		pause();
	intruded += READ_ONCE(came_in);
	*counters = before;
	take(counters, arg);
}

static void meet(void)
{
	struct traffic taken = {0, 0};
	struct traffic left;
	int i;

	preempt_disable();
	other_cpu = cpumask_any_but(cpu_online_mask, smp_processor_id());
	for (i = 0; i < ROUNDS; i++) {
		peeks = i % 2;
		traffic_visit(visit_slowly, &taken);
		while (!READ_ONCE(counted))
			cpu_relax();
	}
	preempt_enable();

	traffic_peek(&left);
	pr_info("came in %d times, %ld packets and %ld bytes lost\n", intruded,
		(long)(ROUNDS - taken.packets - left.packets),
		(long)(ROUNDS * bytes - taken.bytes - left.bytes));
}

static int __init card_init(void)
{
	if (!strcmp(job, "meet"))
		meet();
	else
		check_flags();
	return 0;
}

static void __exit card_exit(void)
{
}

module_init(card_init);
module_exit(card_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Packets in hard interrupts, and who counts them");
MODULE_LICENSE("GPL");
