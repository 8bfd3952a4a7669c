// SPDX-License-Identifier: GPL-2.0-only
/*
 * letters two          two readers wait, and two letters come one after the other
 * letters restart      a reader has a signal handler that lets calls go on
 * letters badptr       a reader has no memory to read into
 * letters storm ROUNDS two processes write, two read
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
#include <sys/wait.h>
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
	ssize_t got;

	if (write(fd, "hello", 5) != 5)
		die("write");
	got = read(fd, (void *)64, 5);
	if (got == -1)
		puts(strerror(errno));
	else
		printf("a read to nowhere returned %zd\n", got);
	return 0;
}

struct tally {
	unsigned long bytes;
	unsigned long sum;
};

static void count(volatile struct tally *tally, const char *text, ssize_t len)
{
	unsigned long sum = 0;

	for (ssize_t i = 0; i < len; i++)
		sum += (unsigned char)text[i];
	tally->sum += sum;
	tally->bytes += len;
}

/* Pages that are not there make each copy take time, in which others come. */
static void write_many(volatile struct tally *tally, int rounds, time_t end)
{
	int file = memfd_create("letter", 0);
	char letter[300];
	char *page;

	for (int i = 0; i < 300; i++)
		letter[i] = rand();
	if (file < 0 || ftruncate(file, 4096) || write(file, letter, 300) != 300)
		die("memfd");
	page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0);
	while (rounds > 0 && time(NULL) < end) {
		ssize_t done;

		madvise(page, 4096, MADV_DONTNEED);
		done = write(fd, page, 300);
		if (done > 0) {
			count(tally, letter, done);
			rounds--;
		} else if (done < 0 && errno == ENOSPC) {
			sched_yield();
		} else {
			printf("write returned %zd: %s\n", done, strerror(errno));
			exit(1);
		}
	}
}

static void read_many(volatile struct tally *tally)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (;;) {
		ssize_t done;

		madvise(page, 4096, MADV_DONTNEED);
		done = read(fd, page, 500);
		if (done <= 0) {
			printf("a read returned %zd\n", done);
			exit(1);
		}
		count(tally, page, done);
	}
}

static int storm(int rounds)
{
	/* A slow machine does fewer rounds. */
	time_t end = time(NULL) + 4;
	volatile struct tally *tallies = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pids[3];
	struct tally in, out;

	for (int i = 0; i < 3; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			die("fork");
		if (pids[i] == 0) {
			alarm(25);
			if (i < 2)
				read_many(&tallies[i]);
			write_many(&tallies[2], rounds, end);
			_exit(0);
		}
	}
	write_many(&tallies[3], rounds, end);
	waitpid(pids[2], NULL, 0);
	in.bytes = tallies[2].bytes + tallies[3].bytes;
	in.sum = tallies[2].sum + tallies[3].sum;
	end = time(NULL) + 4;
	do {
		out.sum = tallies[0].sum + tallies[1].sum;
		out.bytes = tallies[0].bytes + tallies[1].bytes;
	} while (out.bytes < in.bytes && time(NULL) < end && !usleep(1000));
	kill(pids[0], SIGKILL);
	kill(pids[1], SIGKILL);
	if (in.bytes == out.bytes && in.sum == out.sum)
		puts("what was written was read");
	else if (in.bytes == out.bytes)
		puts("as many bytes were read as written, but others");
	else
		printf("%lu bytes were written, %lu read\n", in.bytes, out.bytes);
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
	if (argc == 3 && !strcmp(argv[1], "storm"))
		return storm(atoi(argv[2]));
	return 2;
}
