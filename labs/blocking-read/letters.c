// SPDX-License-Identifier: GPL-2.0-only
/*
 * letters two          two readers wait, and two letters come one after the other
 * letters restart      a reader has a signal handler that lets calls go on
 * letters badptr       a reader has no memory to read into
 * letters meet         one comes while another is in the middle of copying
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct report {
	int who;		/* -1: the signal handler */
	ssize_t got;
	int error;
	char text[8];
};

static int fd;
static int tube[2];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int heard(int ms)
{
	struct pollfd in = { tube[0], POLLIN, 0 };

	return poll(&in, 1, ms) == 1;
}

static struct report hear(void)
{
	struct report report;

	if (!heard(8000)) {
		puts("a reader that should have a letter does not wake up");
		exit(1);
	}
	if (read(tube[0], &report, sizeof(report)) != sizeof(report))
		die("tube");
	return report;
}

static void tell(struct report report)
{
	if (write(tube[1], &report, sizeof(report)) != sizeof(report))
		_exit(1);
}

static void on_signal(int number)
{
	(void)number;
	tell((struct report){ .who = -1 });
}

static pid_t reader(int who, pid_t parent)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct report report = { .who = who };
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	sigaction(SIGUSR1, &action, NULL);
	/* It must not outlive a test that fails, nor keep it from ending. */
	alarm(20);
	close(1);
	close(2);
	report.got = read(fd, report.text, 5);
	report.error = errno;
	if (getppid() == parent)
		tell(report);
	_exit(0);
}

/* Reads one line of /proc/PID/status: the state's letter, or a number. */
static long status_of(pid_t pid, const char *key)
{
	char path[40], line[100];
	long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file)) {
		if (!strncmp(line, key, strlen(key))) {
			char *text = line + strlen(key) + strspn(line + strlen(key), ": \t");

			value = *text >= '0' && *text <= '9' ? atol(text) : *text;
		}
	}
	if (file)
		fclose(file);
	return value;
}

static void wait_for_sleep(pid_t pid)
{
	time_t end = time(NULL) + 8;
	long state;

	/* Or until it has something to say. */
	while ((state = status_of(pid, "State")) != 'S' && !heard(1)) {
		if (time(NULL) < end)
			continue;
		printf("a waiting reader is in state %c, not S: no signal reaches it\n", (char)state);
		exit(1);
	}
}

static void check(struct report report, const char *text)
{
	if (report.got == 5 && !memcmp(report.text, text, 5))
		return;
	if (report.got < 0)
		printf("a read failed: %s\n", strerror(report.error));
	else
		printf("a reader got %zd bytes, expected the letter \"%s\"\n", report.got, text);
	exit(1);
}

static int two(void)
{
	pid_t pids[2];
	long before[2];
	struct report report;
	int loser;

	for (int i = 0; i < 2; i++) {
		pids[i] = reader(i, getpid());
		wait_for_sleep(pids[i]);
		before[i] = status_of(pids[i], "voluntary_ctxt_switches");
	}
	if (heard(0)) {
		printf("a read of an empty mailbox returned %zd\n", hear().got);
		return 1;
	}
	if (write(fd, "first", 5) != 5)
		die("write");
	report = hear();
	check(report, "first");

	/* The other one is woken and goes back to sleep, or is not woken at all. */
	loser = !report.who;
	for (int i = 0; i < 50 && !heard(2); i++) {
		if (status_of(pids[loser], "voluntary_ctxt_switches") > before[loser])
			break;
	}
	wait_for_sleep(pids[loser]);
	if (heard(0)) {
		printf("another had the letter, and a read returned %zd\n", hear().got);
		return 1;
	}
	if (write(fd, "other", 5) != 5)
		die("write");
	check(hear(), "other");
	puts("one reader for each letter");
	return 0;
}

static int restart(void)
{
	pid_t pid = reader(0, getpid());
	struct report report;

	wait_for_sleep(pid);
	kill(pid, SIGUSR1);
	if (hear().who != -1) {
		puts("the read ended before the signal");
		return 1;
	}
	wait_for_sleep(pid);
	if (!heard(0) && write(fd, "hello", 5) != 5)
		die("write");
	report = hear();
	check(report, "hello");
	puts("the read went on");
	return 0;
}

static int badptr(void)
{
	/* The compiler need not know. */
	static void *volatile nowhere = (void *)64;
	ssize_t got;

	if (write(fd, "hello", 5) != 5)
		die("write");
	got = read(fd, nowhere, 5);
	if (got == -1)
		puts(strerror(errno));
	else
		printf("a read to nowhere returned %zd\n", got);
	return 0;
}

/*
 * Pages of /dev/slow-page come late: who copies from or to one stops half-way,
 * until it is let on. Meanwhile somebody else comes, who either waits for the
 * first one's lock, or does what it likes.
 */
#define PAGES "/sys/module/slow_page/parameters/"

static int pages_asked_for(void)
{
	int file = open(PAGES "came", O_RDONLY);
	char text[16] = "";

	if (file < 0 || read(file, text, sizeof(text) - 1) <= 0)
		die(PAGES "came");
	close(file);
	return atoi(text);
}

static void let_on(int number)
{
	int file = open(PAGES "let", O_WRONLY);

	if (file < 0 || dprintf(file, "%d", number) < 0)
		die(PAGES "let");
	close(file);
}

static char *slow_page(void)
{
	int file = open("/dev/slow-page", O_RDWR);
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

	if (page == MAP_FAILED)
		die("/dev/slow-page");
	return page;
}

/* A process that reads or writes one letter. It goes before others if first. */
static pid_t player(int who, int writes, char *page, int first)
{
	struct sched_param param = { .sched_priority = 50 };
	struct report report = { .who = who };
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	if (first && sched_setscheduler(0, SCHED_FIFO, &param))
		die("sched_setscheduler");
	alarm(20);
	close(1);
	close(2);
	report.got = writes ? write(fd, page, 5) : read(fd, page, 5);
	report.error = errno;
	if (!writes && report.got == 5)
		memcpy(report.text, page, 5);
	tell(report);
	_exit(0);
}

/* Until it sleeps, no matter why, or somebody has something to say. */
static void wait_until_still(pid_t pid)
{
	time_t end = time(NULL) + 8;

	for (;;) {
		long state = status_of(pid, "State");

		if (state == 'S' || state == 'D' || heard(1))
			return;
		if (time(NULL) >= end) {
			printf("process %d goes on and on in state %c\n", pid, (char)state);
			exit(1);
		}
	}
}

static int wait_for_pages(int number, int or_hear)
{
	time_t end = time(NULL) + 8;

	while (pages_asked_for() < number) {
		if (or_hear && heard(0))
			return 0;
		if (time(NULL) >= end) {
			puts("a reader or a writer does not get as far as to copy its letter");
			exit(1);
		}
		usleep(1000);
	}
	return 1;
}

static void hear_of_write(void)
{
	struct report report = hear();

	if (report.got == 5)
		return;
	printf("a write of 5 bytes returned %zd: %s\n", report.got,
	       report.got < 0 ? strerror(report.error) : "");
	exit(1);
}

static int two_writers(void)
{
	int before = pages_asked_for();
	char text[11] = "";
	ssize_t got;

	player(0, 1, slow_page(), 0);
	wait_for_pages(before + 1, 0);
	wait_until_still(player(1, 1, "quick", 0));
	let_on(before + 1);
	hear_of_write();
	hear_of_write();
	got = read(fd, text, 10);
	if (got == 10 && (!memcmp(text, "slow!quick", 10) || !memcmp(text, "quickslow!", 10)))
		return 0;
	printf("two wrote \"slow!\" and \"quick\" at the same time, and in the mailbox are %zd bytes: \"", got);
	for (ssize_t i = 0; i < got; i++)
		putchar(text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
	puts("\"");
	return 1;
}

static int two_readers(void)
{
	int before = pages_asked_for();
	struct report one, other;
	char memory[5];

	if (write(fd, "firstother", 10) != 10)
		die("write");
	player(0, 0, slow_page(), 0);
	wait_for_pages(before + 1, 0);
	wait_until_still(player(1, 0, memory, 0));
	let_on(before + 1);
	one = hear();
	other = hear();
	check(one, memcmp(one.text, "first", 5) ? "other" : "first");
	if (!memcmp(one.text, other.text, 5)) {
		printf("two read at the same time, and both got \"%.5s\"\n", one.text);
		return 1;
	}
	check(other, memcmp(one.text, "first", 5) ? "first" : "other");
	return 0;
}

/* One reader sleeps, and is woken for a letter that another one is just taking. */
static int late_reader(void)
{
	int before = pages_asked_for();
	struct report report;
	char memory[5];
	pid_t late, fast;
	long switches;
	cpu_set_t cpu;

	/* On one CPU the more urgent of two that are woken runs first. */
	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	if (sched_setaffinity(0, sizeof(cpu), &cpu))
		die("sched_setaffinity");

	late = player(0, 0, memory, 0);
	wait_for_sleep(late);
	switches = status_of(late, "voluntary_ctxt_switches");
	player(1, 1, slow_page(), 0);
	wait_for_pages(before + 1, 0);
	fast = player(2, 0, slow_page(), 1);
	wait_until_still(fast);
	let_on(before + 1);
	hear_of_write();
	if (wait_for_pages(before + 2, 1)) {
		for (int i = 0; i < 50 && !heard(2); i++) {
			if (status_of(late, "voluntary_ctxt_switches") > switches)
				break;
		}
		wait_until_still(late);
	}
	let_on(before + 2);
	report = hear();
	check(report, "slow!");
	wait_for_sleep(report.who == 2 ? late : fast);
	if (heard(0)) {
		printf("another had the letter, and a read returned %zd\n", hear().got);
		return 1;
	}
	if (write(fd, "other", 5) != 5)
		die("write");
	check(hear(), "other");
	return 0;
}

static int meet(void)
{
	if (two_writers() || two_readers() || late_reader())
		return 1;
	puts("what was written was read");
	return 0;
}

int main(int argc, char **argv)
{
	fd = open("/dev/mailbox", O_RDWR);
	if (fd < 0)
		die("open");
	if (pipe(tube))
		die("pipe");
	if (argc == 2 && !strcmp(argv[1], "two"))
		return two();
	if (argc == 2 && !strcmp(argv[1], "restart"))
		return restart();
	if (argc == 2 && !strcmp(argv[1], "badptr"))
		return badptr();
	if (argc == 2 && !strcmp(argv[1], "meet"))
		return meet();
	return 2;
}
