// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts packets, which arrive in hard interrupts; a timer, which is a softirq,
 * keeps a history; processes read both, in /proc/traffic and
 * /proc/traffic_history. The reference solution of labs/irq-locks.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#include "traffic.h"

#define HISTORY 4
#define SAMPLE_MS 20
#define PACKET_BYTES 64

static unsigned int period = 10;
module_param(period, uint, 0444);
MODULE_PARM_DESC(period, "ms between two packets, 0 for none (default 10)");

/* Hard interrupts take it: others only with interrupts off. */
static DEFINE_SPINLOCK(total_lock);
static struct traffic total;

/* A timer takes it: processes only with softirqs off. */
static DEFINE_SPINLOCK(history_lock);
static struct traffic history[HISTORY];
static unsigned int samples;

static struct hrtimer card;

void traffic_count(unsigned int bytes)
{
	unsigned long flags;

	spin_lock_irqsave(&total_lock, flags);
	total.packets++;
	total.bytes += bytes;
	spin_unlock_irqrestore(&total_lock, flags);
}
EXPORT_SYMBOL_GPL(traffic_count);

void traffic_peek(struct traffic *copy)
{
	unsigned long flags;

	spin_lock_irqsave(&total_lock, flags);
	*copy = total;
	spin_unlock_irqrestore(&total_lock, flags);
}
EXPORT_SYMBOL_GPL(traffic_peek);

void traffic_visit(void (*visit)(struct traffic *counters, void *arg),
		   void *arg)
{
	unsigned long flags;

	spin_lock_irqsave(&total_lock, flags);
	visit(&total, arg);
	spin_unlock_irqrestore(&total_lock, flags);
}
EXPORT_SYMBOL_GPL(traffic_visit);

/* There is no network card: this timer's interrupt stands for one's. */
static enum hrtimer_restart card_interrupt(struct hrtimer *timer)
{
	traffic_count(PACKET_BYTES);
	hrtimer_forward_now(timer, ms_to_ktime(period));
	return HRTIMER_RESTART;
}

static void take_sample(struct timer_list *timer)
{
	struct traffic now;

	traffic_peek(&now);
	/* This is the softirq: no other comes in between on this CPU. */
	spin_lock(&history_lock);
	history[samples++ % HISTORY] = now;
	spin_unlock(&history_lock);
	mod_timer(timer, jiffies + msecs_to_jiffies(SAMPLE_MS));
}
static DEFINE_TIMER(sampler, take_sample);

static int traffic_show(struct seq_file *m, void *v)
{
	struct traffic now;

	traffic_peek(&now);
	seq_printf(m, "packets %lu bytes %lu\n", now.packets, now.bytes);
	return 0;
}

static int history_show(struct seq_file *m, void *v)
{
	unsigned int i;

	spin_lock_bh(&history_lock);
	for (i = samples > HISTORY ? samples - HISTORY : 0; i < samples; i++)
		seq_printf(m, "%u: packets %lu bytes %lu\n", i,
			   history[i % HISTORY].packets,
			   history[i % HISTORY].bytes);
	spin_unlock_bh(&history_lock);
	return 0;
}

static int __init traffic_init(void)
{
	if (!proc_create_single("traffic", 0444, NULL, traffic_show))
		return -ENOMEM;
	if (!proc_create_single("traffic_history", 0444, NULL, history_show))
		goto remove_traffic;

	hrtimer_init(&card, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	card.function = card_interrupt;
	if (period)
		hrtimer_start(&card, ms_to_ktime(period), HRTIMER_MODE_REL);
	mod_timer(&sampler, jiffies + msecs_to_jiffies(SAMPLE_MS));
	return 0;

remove_traffic:
	remove_proc_entry("traffic", NULL);
	return -ENOMEM;
}

static void __exit traffic_exit(void)
{
	remove_proc_entry("traffic_history", NULL);
	remove_proc_entry("traffic", NULL);
	del_timer_sync(&sampler);
	hrtimer_cancel(&card);
}

module_init(traffic_init);
module_exit(traffic_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Counters shared with interrupts, softirqs and processes");
MODULE_LICENSE("GPL");
