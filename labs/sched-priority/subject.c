// SPDX-License-Identifier: GPL-2.0-only
/*
 * subject batch|rr PRIORITY NICE: a thread that is not the main one takes this policy, priority and nice value, and prints
 * what /proc/priority says of it.
 *
 * subject boosted PRIORITY NICE: a thread of policy other and this nice value holds a lock that one of policy fifo and this
 * priority waits for, and prints what /proc/priority says of it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *policy;
static int priority, nice_value;
static pthread_mutex_t inheriting;

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static void take_policy(int number, int of)
{
	struct sched_param param = {.sched_priority = of};

	if (sched_setscheduler(0, number, &param) != 0)
		fail("sched_setscheduler");
}

static void report(void)
{
	char text[4096], tid[24];
	size_t length = 0;
	ssize_t got;
	int file = open("/proc/priority", O_RDWR);

	snprintf(tid, sizeof(tid), "%ld", syscall(SYS_gettid));
	if (file < 0 || write(file, tid, strlen(tid)) != (ssize_t)strlen(tid))
		fail("write /proc/priority");
	close(file);
	file = open("/proc/priority", O_RDONLY);
	if (file < 0)
		fail("/proc/priority");
	while ((got = read(file, text + length, sizeof(text) - 1 - length)) > 0)
		length += got;
	if (got < 0)
		fail("read /proc/priority");
	text[length] = '\0';
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (strncmp(line, "tid ", 4) == 0 && strcmp(line + 4, tid) == 0)
			line = "tid mine";
		printf("%s\n", line);
	}
	fflush(stdout);
}

/* Field 18 of /proc/PID/stat is the priority that the scheduler goes by: below 0 for real-time threads. */
static int priority_now(void)
{
	char line[512] = "", *end;
	int file = open("/proc/thread-self/stat", O_RDONLY), number;

	if (file < 0 || read(file, line, sizeof(line) - 1) <= 0)
		fail("/proc/thread-self/stat");
	close(file);
	end = strrchr(line, ')');
	if (!end || sscanf(end + 2, "%*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %d", &number) != 1)
		fail("/proc/thread-self/stat");
	return number;
}

static void *want_lock(void *unused)
{
	take_policy(SCHED_FIFO, priority);
	pthread_mutex_lock(&inheriting);
	return unused;
}

static void be_boosted(void)
{
	pthread_mutexattr_t attributes;
	pthread_t other;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
	pthread_mutex_init(&inheriting, &attributes);
	pthread_mutex_lock(&inheriting);
	if (pthread_create(&other, NULL, want_lock, NULL) != 0)
		fail("pthread_create");
	for (int turn = 0; priority_now() >= 0; turn++) {
		if (turn == 2000)
			fail("to be boosted");
		usleep(2000);
	}
	report();
	pthread_mutex_unlock(&inheriting);
	pthread_join(other, NULL);
}

static void *be(void *unused)
{
	if (setpriority(PRIO_PROCESS, syscall(SYS_gettid), nice_value) != 0)
		fail("setpriority");
	if (strcmp(policy, "batch") == 0)
		take_policy(SCHED_BATCH, 0);
	if (strcmp(policy, "rr") == 0)
		take_policy(SCHED_RR, priority);
	if (strcmp(policy, "boosted") == 0)
		be_boosted();
	else
		report();
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 4)
		return 2;
	policy = argv[1];
	priority = atoi(argv[2]);
	nice_value = atoi(argv[3]);
	if (pthread_create(&thread, NULL, be, NULL) != 0)
		fail("pthread_create");
	pthread_join(thread, NULL);
	return 0;
}
