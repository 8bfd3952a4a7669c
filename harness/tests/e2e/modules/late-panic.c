// SPDX-License-Identifier: GPL-2.0-only
/*
 * fixture: late-panic
 * verdict: crashed
 * exit: 1
 * because: Kernel panic
 *
 * Starts a timer when it is loaded: the machine goes down a moment after
 * every step has gone well.
 */
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/timer.h>

static struct timer_list fixture_timer;

static void fixture_fire(struct timer_list *timer)
{
	panic("late-panic: the timer fired");
}

static int __init fixture_init(void)
{
	timer_setup(&fixture_timer, fixture_fire, 0);
	mod_timer(&fixture_timer, jiffies + HZ / 50);
	return 0;
}

module_init(fixture_init);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Panics shortly after it was loaded");
MODULE_LICENSE("GPL");
