// SPDX-License-Identifier: GPL-2.0-only
/*
 * crew NAME COUNT [user:UID] [leave]: a process whose main thread is called NAME, with COUNT threads that sleep, w1, w2,
 * ..., of which the last has user UID. With "leave" the main thread ends while the others go on. Prints the lines of
 * /proc/threads that are about it, with words in place of the numbers, and how many these are.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST 64

static pthread_barrier_t ready;
static int count, user = -1, leave;
static struct worker {
	char name[16];
	long tid;
} workers[MOST];

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static void *work(void *argument)
{
	struct worker *self = argument;

	self->tid = syscall(SYS_gettid);
	prctl(PR_SET_NAME, self->name, 0, 0, 0);
	/* The system call itself changes this thread; the library's function would change all. */
	if (user >= 0 && self == &workers[count - 1] && syscall(SYS_setresuid, user, -1, -1) != 0)
		fail("setresuid");
	pthread_barrier_wait(&ready);
	while (pause())
		;
	return NULL;
}

static void await_end_of_main(void)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", getpid());
	for (int turn = 0; turn < 2000; turn++) {
		char line[512] = "", *end;
		int file = open(path, O_RDONLY);

		if (file < 0 || read(file, line, sizeof(line) - 1) <= 0)
			fail(path);
		close(file);
		end = strrchr(line, ')');
		if (end && end[2] == 'Z')
			return;
		usleep(2000);
	}
	fail("the end of the main thread");
}

static const char *word_for(long tid)
{
	static char number[24];

	if (tid == getpid())
		return "main";
	if (tid == syscall(SYS_gettid))
		return "reporter";
	for (int i = 0; i < count; i++)
		if (workers[i].tid == tid)
			return workers[i].name;
	snprintf(number, sizeof(number), "%ld", tid);
	return number;
}

static void *report(void *unused)
{
	static char text[1 << 18];
	size_t length = 0;
	int file, lines = 0;
	ssize_t got;

	(void)unused;
	prctl(PR_SET_NAME, "reporter", 0, 0, 0);
	pthread_barrier_wait(&ready);
	if (leave)
		await_end_of_main();
	file = open("/proc/threads", O_RDONLY);
	if (file < 0)
		fail("/proc/threads");
	while ((got = read(file, text + length, sizeof(text) - 1 - length)) > 0)
		length += got;
	if (got < 0)
		fail("read /proc/threads");
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		long tgid, tid;
		int used = 0;

		if (sscanf(line, "%ld %ld %n", &tgid, &tid, &used) < 2 || !used || tgid != getpid())
			continue;
		printf("crew %s %s\n", word_for(tid), line + used);
		lines++;
	}
	printf("%d lines\n", lines);
	exit(0);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc < 3)
		return 2;
	count = atoi(argv[2]);
	if (count < 1 || count > MOST)
		return 2;
	for (int i = 3; i < argc; i++) {
		if (strcmp(argv[i], "leave") == 0)
			leave = 1;
		else
			sscanf(argv[i], "user:%d", &user);
	}
	prctl(PR_SET_NAME, argv[1], 0, 0, 0);
	pthread_barrier_init(&ready, NULL, count + 2);
	for (int i = 0; i < count; i++) {
		snprintf(workers[i].name, sizeof(workers[i].name), "w%d", i + 1);
		if (pthread_create(&thread, NULL, work, &workers[i]) != 0)
			fail("pthread_create");
	}
	if (pthread_create(&thread, NULL, report, NULL) != 0)
		fail("pthread_create");
	pthread_barrier_wait(&ready);
	if (leave)
		syscall(SYS_exit, 0);
	for (;;)
		pause();
}
