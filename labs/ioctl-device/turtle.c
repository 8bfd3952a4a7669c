// SPDX-License-Identifier: GPL-2.0-only
/*
 * turtle walk SEED    moves at random, also off the board, and compares with its own count
 * turtle reset        resets
 * turtle weak         resets, as a root without CAP_SYS_ADMIN
 * turtle readonly PEN passes memory that can be read and not written
 * turtle race ROUNDS  two processes exchange pens, and walk to and fro
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct step {
	int32_t dx, dy;
};

struct state {
	int32_t x, y;
	uint64_t moves;
	uint32_t pen, reserved;
};

#define RESET _IO('t', 0)
#define MOVE _IOW('t', 1, struct step)
#define STATE _IOR('t', 2, struct state)
#define PEN _IOWR('t', 3, uint32_t)

static int fd;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct state look(void)
{
	struct state state = { 0 };

	if (ioctl(fd, STATE, &state))
		die("STATE");
	return state;
}

static int walk(int seed)
{
	struct state want = look();

	srand(seed);
	for (int i = 0; i < 200; i++) {
		struct step step = { rand() % 1201 - 600, rand() % 1201 - 600 };
		int on = abs(want.x + step.dx) <= 1000 && abs(want.y + step.dy) <= 1000;
		int got = ioctl(fd, MOVE, &step);
		struct state seen;

		if (on ? got != 0 : got != -1 || errno != ERANGE) {
			printf("from (%d, %d) by (%d, %d): %s\n", want.x, want.y, step.dx,
			       step.dy, got ? strerror(errno) : "success");
			return 1;
		}
		if (on) {
			want.x += step.dx;
			want.y += step.dy;
			want.moves++;
		}
		seen = look();
		if (memcmp(&seen, &want, sizeof(seen))) {
			printf("after move %d at (%d, %d) after %llu moves, expected (%d, %d) after %llu\n",
			       i + 1, seen.x, seen.y, (unsigned long long)seen.moves, want.x,
			       want.y, (unsigned long long)want.moves);
			return 1;
		}
	}
	puts("walked as expected");
	return 0;
}

static int reset(void)
{
	puts(ioctl(fd, RESET) ? strerror(errno) : "done");
	return 0;
}

static int weak(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		die("capget");
	data[0].effective &= ~(1u << CAP_SYS_ADMIN);
	if (syscall(SYS_capset, &header, data))
		die("capset");
	return reset();
}

static int readonly(uint32_t pen)
{
	uint32_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		die("mmap");
	*page = pen;
	if (mprotect(page, 4096, PROT_READ))
		die("mprotect");
	puts(ioctl(fd, PEN, page) ? strerror(errno) : "done");
	return 0;
}

/*
 * Gives a pen and takes the one that is there, over and over. There is never
 * a page behind the pointer when the call begins, and the first write to it
 * has to copy the page: both take time, in which the other process comes.
 */
static uint32_t swap_pens(int rounds, uint32_t pen, int dx)
{
	/* A slow machine does fewer rounds, but always as many to as fro. */
	time_t end = time(NULL) + 4;
	int file = memfd_create("pen", 0);
	struct step step = { dx, 0 };
	uint32_t *page;

	if (file < 0 || ftruncate(file, 4096))
		die("memfd");
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
	if (page == MAP_FAILED)
		die("mmap");
	for (; rounds > 0 && time(NULL) < end; rounds--) {
		if (pwrite(file, &pen, 4, 0) != 4 || madvise(page, 4096, MADV_DONTNEED))
			die("page");
		if (ioctl(fd, PEN, page))
			die("PEN");
		pen = *page;
		if (ioctl(fd, MOVE, &step))
			die("MOVE");
		step.dx = -step.dx;
		if (ioctl(fd, MOVE, &step))
			die("MOVE");
		step.dx = -step.dx;
	}
	return pen;
}

static int race(int rounds)
{
	struct state state;
	uint32_t mine;
	int status;
	pid_t child = fork();

	if (child < 0)
		die("fork");
	if (child == 0)
		_exit(swap_pens(rounds, 2, -1));
	mine = swap_pens(rounds, 1, 1);
	waitpid(child, &status, 0);
	state = look();
	/* There were pens 0, 1 and 2, so there must still be all three. */
	if ((1 << state.pen | 1 << mine | 1 << (WEXITSTATUS(status) & 31)) != 7) {
		printf("pens 0, 1 and 2 have become %u, %u and %d\n", state.pen, mine,
		       WEXITSTATUS(status));
		return 1;
	}
	if (state.x) {
		printf("as many steps to as fro, and now at (%d, 0)\n", state.x);
		return 1;
	}
	puts("nothing is lost");
	return 0;
}

int main(int argc, char **argv)
{
	fd = open("/dev/turtle", O_RDWR);
	if (fd < 0)
		die("open");
	if (argc == 2 && !strcmp(argv[1], "reset"))
		return reset();
	if (argc == 2 && !strcmp(argv[1], "weak"))
		return weak();
	if (argc == 3 && !strcmp(argv[1], "walk"))
		return walk(atoi(argv[2]));
	if (argc == 3 && !strcmp(argv[1], "readonly"))
		return readonly(atoi(argv[2]));
	if (argc == 3 && !strcmp(argv[1], "race"))
		return race(atoi(argv[2]));
	return 2;
}
