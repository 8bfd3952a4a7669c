// SPDX-License-Identifier: GPL-2.0-only
/*
 * agree COUNT: makes COUNT threads, compares /proc/threads with the rest of /proc, and prints what differs; or "they
 * agree".
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define MOST 1000
#define KERNEL_THREAD 0x00200000UL /* PF_KTHREAD: in field 9 of /proc/PID/stat since 2.6 */

struct thread {
	long process, tid, user;
	int kernel, count;
	char name[64];
};

static struct thread before[MOST], listed[MOST], after[MOST];
static pthread_barrier_t started;

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static size_t read_file(const char *path, char *text, size_t size)
{
	size_t length = 0;
	ssize_t got;
	int file = open(path, O_RDONLY);

	text[0] = '\0';
	if (file < 0)
		return 0;
	while ((got = read(file, text + length, size - 1 - length)) > 0)
		length += got;
	close(file);
	text[length] = '\0';
	return length;
}

static void shorten(struct thread *t)
{
	/* Of kernel threads /proc says more than their name. */
	t->name[strncmp(t->name, "kworker/", 8) == 0 ? 8 : 15] = '\0';
}

static int threads_of(const char *process, struct thread *list, int room)
{
	char path[300], text[4096], *at;
	struct dirent *entry;
	unsigned long flags;
	int kernel, count = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%s/stat", process);
	if (!read_file(path, text, sizeof(text)))
		return 0;
	at = strrchr(text, ')');
	if (!at || sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %lu", &flags) != 1)
		fail(path);
	kernel = (flags & KERNEL_THREAD) != 0;
	snprintf(path, sizeof(path), "/proc/%s/task", process);
	folder = opendir(path);
	if (!folder)
		return 0;
	while ((entry = readdir(folder)) && count < room) {
		struct thread *t = &list[count];

		t->tid = atol(entry->d_name);
		if (t->tid <= 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%.20s/task/%.20s/status", process, entry->d_name);
		if (!read_file(path, text, sizeof(text)) || sscanf(text, "Name: %63[^\n]", t->name) != 1)
			continue;
		at = strstr(text, "\nUid:");
		t->user = at ? atol(at + 5) : -1;
		t->process = atol(process);
		t->kernel = kernel;
		shorten(t);
		count++;
	}
	closedir(folder);
	for (int i = 0; i < count; i++)
		list[i].count = count;
	return count;
}

static int by_proc(struct thread *list)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	if (!proc)
		fail("/proc");
	while ((entry = readdir(proc)))
		if (atol(entry->d_name) > 0)
			count += threads_of(entry->d_name, list + count, MOST - count);
	closedir(proc);
	return count;
}

static int by_module(struct thread *list)
{
	static char text[1 << 18];
	int count = 0;

	if (!read_file("/proc/threads", text, sizeof(text)))
		fail("/proc/threads");
	for (char *line = strtok(text, "\n"); line && count < MOST; line = strtok(NULL, "\n")) {
		struct thread *t = &list[count++];
		char kind[16];

		if (sscanf(line, "%ld %ld %15s %d %ld %63[^\n]", &t->process, &t->tid, kind, &t->count, &t->user,
			   t->name) != 6) {
			printf("cannot be understood: %s\n", line);
			exit(1);
		}
		t->kernel = strcmp(kind, "kernel") == 0;
		shorten(t);
	}
	return count;
}

static struct thread *find(struct thread *list, int count, long tid)
{
	for (int i = 0; i < count; i++)
		if (list[i].tid == tid)
			return &list[i];
	return NULL;
}

static void print(const struct thread *t)
{
	printf("%ld %ld %s %d %ld %s", t->process, t->tid, t->kernel ? "kernel" : "user", t->count, t->user, t->name);
}

static int same(const struct thread *one, const struct thread *other)
{
	return one->process == other->process && one->kernel == other->kernel && one->count == other->count &&
	       one->user == other->user && strcmp(one->name, other->name) == 0;
}

static void *nap(void *unused)
{
	(void)unused;
	/* As long as a name can be: the list shall be longer than a page. */
	prctl(PR_SET_NAME, "one of the many", 0, 0, 0);
	pthread_barrier_wait(&started);
	while (pause())
		;
	return NULL;
}

int main(int argc, char **argv)
{
	int threads = argc > 1 ? atoi(argv[1]) : 0, differ = 0, counted, had, have;
	pthread_attr_t small;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 64 * 1024);
	pthread_barrier_init(&started, NULL, threads + 1);
	for (int i = 0; i < threads; i++) {
		pthread_t thread;

		if (pthread_create(&thread, &small, nap, NULL) != 0)
			fail("pthread_create");
	}
	pthread_barrier_wait(&started);
	had = by_proc(before);
	counted = by_module(listed);
	have = by_proc(after);

	for (int i = 0; i < have && differ < 10; i++) {
		struct thread *t = &after[i], *other = find(listed, counted, t->tid);
		struct thread *earlier = find(before, had, t->tid);

		/* What was the same before and after was so in between. */
		if (!earlier || !same(earlier, t))
			continue;
		if (!other) {
			differ++;
			printf("not listed: ");
			print(t);
			printf("\n");
		} else if (!same(t, other)) {
			differ++;
			printf("listed: ");
			print(other);
			printf("; /proc says: ");
			print(t);
			printf("\n");
		}
	}
	for (int i = 0; i < counted && differ < 10; i++) {
		struct thread *t = &listed[i];

		if (find(listed, counted, t->tid) != t)
			differ++, printf("listed twice: %ld %s\n", t->tid, t->name);
		if (!find(before, had, t->tid) && !find(after, have, t->tid))
			differ++, printf("not in /proc: %ld %s\n", t->tid, t->name);
	}
	if (!differ)
		printf("they agree\n");
	return differ != 0;
}
