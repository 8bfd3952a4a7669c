// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uses the rooms of lab atomic-refcount. What it does is its parameter "job",
 * done while it is loaded; "life" goes on when it is unloaded. The results are
 * in the kernel log.
 *
 * "crowd" looks for races. One that comes by itself shows once in many thousand
 * times, and on a busy host not at all, so it does not wait for that. There is
 * a probe behind each call in the functions, which in a debug kernel is before
 * each access to memory. Each time they run, another one of these has a second
 * thread give a room back just there. That one has a higher priority, so it
 * runs at once, unless a spinlock is held, which keeps it from running, or it
 * has to wait for a mutex.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 9, 0)
#include <uapi/linux/sched/types.h>
#endif

#include "rooms.h"

static char *job = "life";
module_param(job, charp, 0444);
MODULE_PARM_DESC(job, "life, closing, extra, full or crowd");

static unsigned int number = 1;
module_param(number, uint, 0444);
MODULE_PARM_DESC(number, "of the room");

static struct room *mine, *yours;

static void note_close(unsigned int which)
{
	pr_info("room %u is closed\n", which);
}

/* Three references, of which one is given back: the others are for later. */
static void begin_life(void)
{
	struct room *third;

	mine = room_open(number, note_close);
	yours = room_find(number);
	third = room_find(number);
	if (IS_ERR_OR_NULL(mine) || yours != mine || third != mine) {
		pr_info("cannot open and find room %u\n", number);
		mine = NULL;
		return;
	}
	room_put(third);
	pr_info("room %u is open, room %u is %s\n", room_number(mine),
		number + 1, room_find(number + 1) ? "too" : "not");
}

static void end_life(void)
{
	if (!mine)
		return;
	room_put(mine);
	pr_info("room %u is still open\n", room_number(yours));
	room_put(yours);
	pr_info("room %u is %s\n", number,
		room_find(number) ? "there" : "gone");
}

static struct room *open_or_log(unsigned int which,
				void (*close)(unsigned int which))
{
	struct room *room = room_open(which, close);

	if (!IS_ERR(room))
		return room;
	pr_info("room %u cannot be opened: %ld\n", which, PTR_ERR(room));
	return NULL;
}

/* The room has no reference any more, and its number is not free yet. */
static void look_while_closing(unsigned int which)
{
	struct room *room = room_find(which);

	pr_info("while it is closed, room %u is %s\n", which,
		room ? "found" : "not found");
	open_or_log(which, look_while_closing);
}

static void look_at_closing(void)
{
	struct room *room = open_or_log(number, look_while_closing);

	if (!room)
		return;
	room_put(room);
	room = open_or_log(number, note_close);
	if (!room)
		return;
	pr_info("room %u is open again\n", number);
	room_put(room);
}

static void put_again(unsigned int which)
{
	static bool again;

	if (again)
		return;
	again = true;
	pr_info("room %u is given back once too often\n", which);
	room_put(mine);
}

static void put_too_often(void)
{
	mine = open_or_log(number, put_again);
	if (mine)
		room_put(mine);
	mine = NULL;
}

static void fill(void)
{
	struct room *some[ROOMS_MAX];
	int round, i;

	for (round = 1; round <= 2; round++) {
		for (i = 0; i < ROOMS_MAX; i++) {
			/* One that fails must not count. */
			if (i == ROOMS_MAX - 1)
				open_or_log(number, note_close);
			some[i] = open_or_log(number + i, note_close);
			if (!some[i])
				return;
		}
		open_or_log(number + ROOMS_MAX, note_close);
		for (i = 0; i < ROOMS_MAX; i++)
			room_put(some[i]);
	}
	pr_info("twice as many as there can be\n");
}

#define MAX_PROBES 200
static struct kprobe *probes[MAX_PROBES];
static int nr_probes;
/* Which probe calls the other thread. */
static int wanted = -1;

/* What that one is to give back. */
static struct room *victim;
static DECLARE_COMPLETION(may);
static DECLARE_COMPLETION(done);
static bool stop;
static int closed, opened, wrong;

static void count_close(unsigned int which)
{
	closed++;
}

static void set_high_priority(struct task_struct *task)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 9, 0)
	sched_set_fifo(task);
#else
	static const struct sched_param priority = {.sched_priority = 50};

	sched_setscheduler(task, SCHED_FIFO, &priority);
#endif
}

static int give_back(void *unused)
{
	for (;;) {
		wait_for_completion(&may);
		if (stop)
			return 0;
		room_put(victim);
		complete(&done);
	}
}

static void call_other(struct irq_work *unused)
{
	complete(&may);
}
static struct irq_work call = {.func = call_other};

/* A probe may not wake anybody; an interrupt may, and comes at once. */
static int probe_hit(struct kprobe *probe, struct pt_regs *regs)
{
	if (wanted >= 0 && probe == probes[wanted]) {
		wanted = -1;
		irq_work_queue(&call);
	}
	return 0;
}

/* What has this is not made into a jump, which would take its time. */
static void go_on(struct kprobe *probe, struct pt_regs *regs,
		  unsigned long flags)
{
}

static void add_probes(void *function)
{
	char text[KSYM_SYMBOL_LEN];
	unsigned long size, i;
	struct kprobe *probe;
	char *slash;

	/* "room_put+0x0/0x5e [atomic_refcount]" */
	sprint_symbol(text, (unsigned long)function);
	slash = strchr(text, '/');
	if (!slash || sscanf(slash, "/0x%lx", &size) != 1)
		return;
	for (i = 5; i < size && nr_probes < MAX_PROBES; i++) {
		/* Behind "call". In a debug kernel each access has one. */
		if (*(u8 *)(function + i - 5) != 0xe8)
			continue;
		probe = kzalloc(sizeof(*probe), GFP_KERNEL);
		if (!probe)
			return;
		probe->addr = function + i;
		probe->pre_handler = probe_hit;
		probe->post_handler = go_on;
		/* Fails in the middle of an instruction. */
		if (register_kprobe(probe))
			kfree(probe);
		else
			probes[nr_probes++] = probe;
	}
}

static void remove_probes(void)
{
	int i;

	if (nr_probes)
		unregister_kprobes(probes, nr_probes);
	for (i = 0; i < nr_probes; i++)
		kfree(probes[i]);
	nr_probes = 0;
}

static struct room *open_one(unsigned int which)
{
	struct room *room = open_or_log(which, count_close);

	if (room)
		opened++;
	else
		wrong++;
	return room;
}

/* From here on the other thread gives the room back, where that probe is. */
static void prepare(struct room *room, int probe)
{
	victim = room;
	wanted = probe;
}

static void finish(void)
{
	if (wanted >= 0) {
		/* It was not passed. */
		wanted = -1;
		complete(&may);
	}
	wait_for_completion(&done);
	wrong += opened != closed;
}

/* It is found while the last one leaves it. */
static void find_and_put(int probe)
{
	struct room *one = open_one(number), *found;

	if (!one)
		return;
	prepare(one, probe);
	found = room_find(number);
	if (found) {
		wrong += room_number(found) != number;
		room_put(found);
	}
	finish();
}

/* The one before it in the list is closed. */
static void find_and_close(int probe)
{
	struct room *one = open_one(number), *two = open_one(number + 1);
	struct room *found;

	if (!one || !two)
		return;
	prepare(one, probe);
	found = room_find(number + 1);
	wrong += found != two;
	if (found)
		room_put(found);
	room_put(two);
	finish();
}

/* Two leave the same room. */
static void put_and_put(int probe)
{
	struct room *one = open_one(number);

	if (!one)
		return;
	prepare(room_find(number), probe);
	room_put(one);
	finish();
}

/* Two neighbours are closed. */
static void close_and_close(int probe)
{
	struct room *one = open_one(number), *two = open_one(number + 1);

	if (!one || !two)
		return;
	prepare(two, probe);
	room_put(one);
	finish();
}

/* One is opened while its neighbour is closed. */
static void open_and_close(int probe)
{
	struct room *one = open_one(number), *two;

	if (!one)
		return;
	prepare(one, probe);
	two = open_one(number + 1);
	if (two)
		room_put(two);
	finish();
}

static void meet_everywhere(void *function, void (*first)(int probe),
			    void (*second)(int probe))
{
	int i;

	add_probes(function);
	for (i = 0; i < nr_probes && !wrong; i++) {
		first(i);
		if (second)
			second(i);
	}
	remove_probes();
}

static void crowd(void)
{
	struct task_struct *thread;

	thread = kthread_create(give_back, NULL, "guests-other");
	if (IS_ERR(thread)) {
		pr_err("no thread\n");
		return;
	}
	get_task_struct(thread);
	set_high_priority(thread);
	wake_up_process(thread);

	meet_everywhere(room_find, find_and_put, find_and_close);
	meet_everywhere(room_put, put_and_put, close_and_close);
	meet_everywhere(room_open, open_and_close, NULL);

	stop = true;
	complete(&may);
	/* It must have left this module's code before that goes. */
	kthread_stop(thread);
	put_task_struct(thread);
	pr_info("opened %d, closed %d, wrong %d\n", opened, closed, wrong);
}

static int __init guests_init(void)
{
	if (!strcmp(job, "life"))
		begin_life();
	else if (!strcmp(job, "closing"))
		look_at_closing();
	else if (!strcmp(job, "extra"))
		put_too_often();
	else if (!strcmp(job, "full"))
		fill();
	else
		crowd();
	return 0;
}

static void __exit guests_exit(void)
{
	end_life();
}

module_init(guests_init);
module_exit(guests_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Who opens rooms, finds them and leaves them");
MODULE_LICENSE("GPL");
