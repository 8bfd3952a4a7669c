// SPDX-License-Identifier: GPL-2.0-only
/*
 * Uses the ids of lab bit-ops. What it does is its parameter "job", done while
 * it is loaded; the results are in the kernel log.
 *
 * "fill" takes all ids, and gives them back when it is unloaded. The others
 * look for races: "get" takes ids and gives them back, "mark" uses two marks
 * side by side, and "win" one mark. A race between two CPUs shows once in a
 * million times, and on a busy host not at all, so they do not wait for it:
 *
 * The CPU is told to trap before each instruction. At one of those of the
 * module under test, the handler does what somebody else would do, as an
 * interrupt would that comes just there. And so for each instruction, one after
 * the other. That finds all that takes more than one instruction. One that
 * reads, changes and writes memory by itself is looked at: without a lock
 * prefix it is not atomic.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/kdebug.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/string.h>

#include <asm/pgtable.h>
#include <asm/processor-flags.h>
#include <asm/ptrace.h>

#include "ids.h"

static char *job = "fill";
module_param(job, charp, 0444);
MODULE_PARM_DESC(job, "fill, get, mark or win");

static unsigned int some;
module_param(some, uint, 0444);
MODULE_PARM_DESC(some, "an id");

static bool filled;

static void fill(void)
{
	int expected, id, first;

	for (expected = 0; expected < IDS; expected++) {
		id = id_get();
		if (id != expected) {
			pr_info("got %d and not %d\n", id, expected);
			return;
		}
	}
	filled = true;
	pr_info("one more: %d\n", id_get());

	first = id_mark(some);
	pr_info("marked: %d, again: %d\n", first, id_mark(some));
	first = id_put(some);
	pr_info("given back: %d, again: %d\n", first, id_put(some));
	pr_info("got again: %d\n", id_get());
	first = id_unmark(some);
	pr_info("not marked: %d, but now: %d\n", first, id_mark(some));
	pr_info("no id: put %d, mark %d, unmark %d\n", id_put(IDS),
		id_mark(IDS), id_unmark(IDS));
}

static void empty(void)
{
	unsigned int id;

	for (id = 0; id < IDS; id++)
		id_put(id);
}

/* Before which instruction of the other module does what happen? */
static int wanted, passed;
static unsigned long place;
static void (*meanwhile)(void);
static int wrong;

/* Does it read, change and write memory, and let others in between? */
static bool is_not_atomic(const u8 *at)
{
	u8 rex = 0, opcode, modrm, what;

	while (*at == 0x66 || *at == 0xf2 || *at == 0xf3)
		at++;
	/* Lock, or what a kernel on one CPU has made of it. */
	if (*at == 0xf0 || *at == 0x3e)
		return false;
	if ((*at & 0xf0) == 0x40)
		rex = *at++;
	opcode = *at++;
	if (opcode == 0x0f) {
		/* bts, btr, btc */
		opcode = *at++;
		if (opcode != 0xab && opcode != 0xb3 && opcode != 0xbb &&
		    (opcode != 0xba || (*at & 0x38) < 0x28))
			return false;
	} else if (opcode == 0x80 || opcode == 0x81 || opcode == 0x83) {
		what = *at & 0x38;
		if (what != 0x08 && what != 0x20 && what != 0x30)
			return false;
	} else if (opcode != 0x08 && opcode != 0x09 && opcode != 0x20 &&
		   opcode != 0x21 && opcode != 0x30 && opcode != 0x31) {
		return false;
	}
	modrm = *at++;
	if (modrm >= 0xc0)
		return false;
	/* The stack is its own. */
	if (!(rex & 1) && ((modrm & 7) == 4 ? (*at & 7) == 4 :
					     modrm >= 0x40 && (modrm & 7) == 5))
		return false;
	return true;
}

static int before_instruction(struct notifier_block *block, unsigned long what,
			      void *data)
{
	struct pt_regs *regs = ((struct die_args *)data)->regs;
	void (*now)(void) = meanwhile;

	if (what != DIE_DEBUG || !now)
		return NOTIFY_DONE;
	if (regs->ip < MODULES_VADDR || within_module(regs->ip, THIS_MODULE))
		return NOTIFY_STOP;
	if (is_not_atomic((u8 *)regs->ip)) {
		if (!wrong++)
			pr_info("not atomic: %pS\n", (void *)regs->ip);
	}
	/* Where interrupts are off, none can come. */
	if (passed++ == wanted && regs->flags & X86_EFLAGS_IF) {
		place = regs->ip;
		meanwhile = NULL;
		now();
		meanwhile = now;
	}
	return NOTIFY_STOP;
}

static struct notifier_block block = {.notifier_call = before_instruction};

/* Calls call, with the trap flag set. */
#define INTERRUPT(instruction, what, call)				\
	do {								\
		wanted = (instruction);					\
		passed = 0;						\
		meanwhile = (what);					\
		asm volatile("pushfq; orq $0x100, (%%rsp); popfq"	\
			     : : : "memory", "cc");			\
		call;							\
		asm volatile("pushfq; andq $~0x100, (%%rsp); popfq"	\
			     : : : "memory", "cc");			\
		meanwhile = NULL;					\
	} while (0)

/* Somebody else takes an id, and marks it. */
static int others_id, others_mark;

static void take_and_mark(void)
{
	others_id = id_get();
	others_mark = id_mark(others_id);
}

static void give_back_others(void)
{
	if (others_id < 0)
		return;
	wrong += others_mark != 0 || id_unmark(others_id) != 1;
	wrong += id_put(others_id) != 0;
}

static bool get_interrupted(int instruction)
{
	bool more;
	int mine, result;

	/* While one is taken. */
	others_id = -1;
	INTERRUPT(instruction, take_and_mark, mine = id_get());
	more = passed > instruction;
	wrong += mine < 0 || mine == others_id;
	give_back_others();

	/* While the lowest is given back, with a mark. */
	wrong += id_put(mine) != 0;
	mine = id_get();
	others_id = -1;
	wrong += id_mark(mine) != 0;
	INTERRUPT(instruction, take_and_mark, result = id_put(mine));
	wrong += result != 0;
	give_back_others();
	return more || passed > instruction;
}

/* Somebody else marks a neighbour. */
static void mark_neighbour(void)
{
	others_mark = id_mark(1);
}

static void unmark_neighbour(void)
{
	others_mark = id_unmark(1);
}

static bool mark_interrupted(int instruction)
{
	bool more;
	int result;

	others_mark = -1;
	INTERRUPT(instruction, mark_neighbour, result = id_mark(0));
	more = passed > instruction;
	wrong += result != 0;
	if (others_mark >= 0)
		wrong += others_mark != 0 || id_unmark(1) != 1;

	wrong += id_mark(1) != 0;
	others_mark = -1;
	INTERRUPT(instruction, unmark_neighbour, result = id_unmark(0));
	wrong += result != 1;
	wrong += id_unmark(1) != (others_mark < 0);
	return more || passed > instruction;
}

/* Somebody else wants the same mark. */
static void mark_same(void)
{
	others_mark = id_mark(0);
}

static void unmark_same(void)
{
	others_mark = id_unmark(0);
}

static bool win_interrupted(int instruction)
{
	bool more;
	int mine;

	others_mark = -1;
	INTERRUPT(instruction, mark_same, mine = id_mark(0));
	more = passed > instruction;
	wrong += others_mark < 0 ? mine != 0 : mine + others_mark != 1;

	others_mark = -1;
	INTERRUPT(instruction, unmark_same, mine = id_unmark(0));
	wrong += others_mark < 0 ? mine != 1 : mine + others_mark != 1;
	return more || passed > instruction;
}

static void interrupt_everywhere(bool (*work)(int instruction))
{
	int instruction = 0;

	register_die_notifier(&block);
	while (work(instruction) && !wrong)
		instruction++;
	unregister_die_notifier(&block);
	if (wrong)
		pr_info("%s: wrong, interrupted before %pS\n", job,
			(void *)place);
	else
		pr_info("%s: right, interrupted before each of %d instructions\n",
			job, instruction);
}

static int __init clients_init(void)
{
	if (!strcmp(job, "fill"))
		fill();
	else if (!strcmp(job, "get"))
		interrupt_everywhere(get_interrupted);
	else if (!strcmp(job, "mark"))
		interrupt_everywhere(mark_interrupted);
	else
		interrupt_everywhere(win_interrupted);
	return 0;
}

static void __exit clients_exit(void)
{
	if (filled)
		empty();
}

module_init(clients_init);
module_exit(clients_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Who takes ids and marks them, and others in between");
MODULE_LICENSE("GPL");
