// SPDX-License-Identifier: GPL-2.0-only
/*
 * asker NAME...: starts a thread of each name; all read /proc/who_runs_me at the same time. Prints what each has read,
 * with PID for its own process's number and TID for its own thread's.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST 4

static pthread_barrier_t all_ready;
static struct asker {
	const char *name;
	long tid;
	char text[8192];
} askers[MOST];

static void *ask(void *argument)
{
	struct asker *self = argument;
	size_t length = 0;
	ssize_t got;
	int file;

	self->tid = syscall(SYS_gettid);
	prctl(PR_SET_NAME, self->name, 0, 0, 0);
	pthread_barrier_wait(&all_ready);
	file = open("/proc/who_runs_me", O_RDONLY);
	if (file < 0) {
		perror("/proc/who_runs_me");
		exit(1);
	}
	while ((got = read(file, self->text + length, sizeof(self->text) - 1 - length)) > 0)
		length += got;
	if (got < 0) {
		perror("read /proc/who_runs_me");
		exit(1);
	}
	return NULL;
}

static void put_number(const char *word, long tid)
{
	if (atol(word) == tid)
		printf(" TID");
	else if (atol(word) == getpid())
		printf(" PID");
	else
		printf(" %s", word);
}

static void tell(const struct asker *of)
{
	const char *line = of->text;

	while (*line) {
		size_t length = strcspn(line, "\n");
		char place[32], context[32], sleep[32], tid[32], tgid[32], name[32];
		char copy[256] = "";

		memcpy(copy, line, length < sizeof(copy) ? length : sizeof(copy) - 1);
		if (sscanf(copy, "%31s %31s %31s %31s %31s %31[^\n]", place, context, sleep, tid, tgid, name) == 6) {
			printf("%s %s %s", place, context, sleep);
			put_number(tid, of->tid);
			put_number(tgid, of->tid);
			printf(" %s\n", name);
		} else {
			printf("%s\n", copy);
		}
		line += length + (line[length] == '\n');
	}
}

int main(int argc, char **argv)
{
	pthread_t threads[MOST];
	int count = argc - 1;

	if (count < 1 || count > MOST)
		return 2;
	pthread_barrier_init(&all_ready, NULL, count);
	for (int i = 0; i < count; i++) {
		askers[i].name = argv[i + 1];
		if (pthread_create(&threads[i], NULL, ask, &askers[i]) != 0)
			return 2;
	}
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < count; i++)
		tell(&askers[i]);
	return 0;
}
