// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds a tick of timer-tick's, just before its callback runs, until the module
 * has been in its exit function for a while: whoever does not wait there for
 * the callback is caught every time. For the tests of labs/timer-tick.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/notifier.h>
#include <linux/processor.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/timex.h>
#include <linux/tracepoint.h>

/*
 * In cycles, some seconds and some tenths of one: while the tick is held, the
 * kernel's own clock may stand still.
 */
#define PATIENCE 20000000000ULL
#define EXIT_TIME 500000000ULL

static bool hold;
module_param(hold, bool, 0644);
MODULE_PARM_DESC(hold, "write Y to hold the next tick");

/* Without tracepoints none is, and nobody is to wait for that. */
static bool held = !IS_ENABLED(CONFIG_TRACEPOINTS);
module_param(held, bool, 0444);
MODULE_PARM_DESC(held, "whether a tick has been held");

static struct module *ticker;

static int module_changes(struct notifier_block *block, unsigned long state,
			  void *data)
{
	struct module *module = data;

	if (strcmp(module->name, "timer_tick"))
		return NOTIFY_DONE;
	if (state == MODULE_STATE_COMING)
		WRITE_ONCE(ticker, module);
	else if (state == MODULE_STATE_GOING)
		WRITE_ONCE(ticker, NULL);
	return NOTIFY_OK;
}

static struct notifier_block watcher = { .notifier_call = module_changes };

/* Called where a timer has expired, before its function is. */
static void __maybe_unused timer_expires(void *data, struct timer_list *timer,
					 unsigned long clock)
{
	struct module *module = READ_ONCE(ticker);
	cycles_t begun = get_cycles();

	if (!READ_ONCE(hold) || !module ||
	    !within_module((unsigned long)timer->function, module))
		return;
	WRITE_ONCE(hold, false);
	WRITE_ONCE(held, true);

	while (READ_ONCE(module->state) != MODULE_STATE_GOING) {
		if (get_cycles() - begun > PATIENCE)
			return;
		cpu_relax();
	}
	begun = get_cycles();
	while (get_cycles() - begun < EXIT_TIME)
		cpu_relax();
}

/* Only a debug kernel has these places to look in at; the test asks for one. */
#ifdef CONFIG_TRACEPOINTS
static struct tracepoint *expiry;

static void find_expiry(struct tracepoint *point, void *unused)
{
	if (!strcmp(point->name, "timer_expire_entry"))
		expiry = point;
}

static int hook_in(void)
{
	for_each_kernel_tracepoint(find_expiry, NULL);
	if (!expiry)
		return -ENOENT;
	return tracepoint_probe_register(expiry, timer_expires, NULL);
}

static void hook_out(void)
{
	tracepoint_probe_unregister(expiry, timer_expires, NULL);
	tracepoint_synchronize_unregister();
}
#else
static int hook_in(void)
{
	return 0;
}

static void hook_out(void)
{
}
#endif

static int __init holder_init(void)
{
	int err = register_module_notifier(&watcher);

	if (err)
		return err;
	err = hook_in();
	if (err)
		unregister_module_notifier(&watcher);
	return err;
}

static void __exit holder_exit(void)
{
	hook_out();
	unregister_module_notifier(&watcher);
}

module_init(holder_init);
module_exit(holder_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Holds a tick while timer-tick is unloaded");
MODULE_LICENSE("GPL");
