// SPDX-License-Identifier: GPL-2.0-only
/*
 * agree COUNT: makes COUNT processes, compares /proc/processes with the rest of /proc, and prints what differs; or "they
 * agree".
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 1000

struct process {
	long pid, parent, user;
	char name[64];
};

static struct process before[MOST], listed[MOST], after[MOST];

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

static int by_proc(struct process *list)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	if (!proc)
		fail("/proc");
	while ((entry = readdir(proc)) && count < MOST) {
		struct process *p = &list[count];
		char path[300], text[4096], *at;

		p->pid = atol(entry->d_name);
		if (p->pid <= 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%s/status", entry->d_name);
		if (!read_file(path, text, sizeof(text)))
			continue;
		if (sscanf(text, "Name: %63[^\n]", p->name) != 1)
			continue;
		at = strstr(text, "\nPPid:");
		p->parent = at ? atol(at + 6) : -1;
		at = strstr(text, "\nUid:");
		p->user = at ? atol(at + 5) : -1;
		/* Of kernel threads /proc says more than their name. */
		p->name[strncmp(p->name, "kworker/", 8) == 0 ? 8 : 15] = '\0';
		count++;
	}
	closedir(proc);
	return count;
}

static int by_module(struct process *list)
{
	static char text[1 << 18];
	int count = 0;

	if (!read_file("/proc/processes", text, sizeof(text)))
		fail("/proc/processes");
	for (char *line = strtok(text, "\n"); line && count < MOST; line = strtok(NULL, "\n")) {
		struct process *p = &list[count++];
		char state;

		if (sscanf(line, "%ld %ld %ld %c %63[^\n]", &p->pid, &p->parent, &p->user, &state, p->name) != 5) {
			printf("cannot be understood: %s\n", line);
			exit(1);
		}
		if (strncmp(p->name, "kworker/", 8) == 0)
			p->name[8] = '\0';
	}
	return count;
}

static struct process *find(struct process *list, int count, long pid)
{
	for (int i = 0; i < count; i++)
		if (list[i].pid == pid)
			return &list[i];
	return NULL;
}

static int same(const struct process *one, const struct process *other)
{
	return one->parent == other->parent && one->user == other->user && strcmp(one->name, other->name) == 0;
}

static int napping;

static int nap(void *unused)
{
	(void)unused;
	/* As long as a name can be: the list shall be longer than a page. */
	prctl(PR_SET_NAME, "one of the many", 0, 0, 0);
	__atomic_add_fetch(&napping, 1, __ATOMIC_SEQ_CST);
	while (pause())
		;
	return 0;
}

int main(int argc, char **argv)
{
	int children = argc > 1 ? atoi(argv[1]) : 0, differ = 0, counted, had, have;
	static char stacks[MOST][2048];
	static pid_t pids[MOST];

	/* They share the memory: nothing is copied, so many are cheap. */
	if (children > MOST)
		children = MOST;
	for (int i = 0; i < children; i++) {
		pids[i] = clone(nap, stacks[i] + sizeof(stacks[i]), CLONE_VM | SIGCHLD, NULL);
		if (pids[i] < 0)
			fail("clone");
	}
	/* One that has not run yet has no name of its own. */
	while (__atomic_load_n(&napping, __ATOMIC_SEQ_CST) < children)
		usleep(1000);
	had = by_proc(before);
	counted = by_module(listed);
	have = by_proc(after);
	for (int i = 0; i < children; i++)
		kill(pids[i], SIGKILL);

	for (int i = 0; i < have && differ < 10; i++) {
		struct process *p = &after[i], *earlier = find(before, had, p->pid);
		struct process *in_list = find(listed, counted, p->pid);

		/* What was the same before and after was so in between. */
		if (!earlier || !same(earlier, p))
			continue;
		if (!in_list)
			differ++, printf("not listed: %ld %s\n", p->pid, p->name);
		else if (!same(in_list, p))
			differ++, printf("listed: %ld %ld %ld %s; /proc says: %ld %ld %ld %s\n", in_list->pid,
					 in_list->parent, in_list->user, in_list->name, p->pid, p->parent, p->user,
					 p->name);
	}
	for (int i = 0; i < counted && differ < 10; i++) {
		struct process *p = &listed[i];

		if (find(listed, counted, p->pid) != p)
			differ++, printf("listed twice: %ld %s\n", p->pid, p->name);
		if (!find(before, had, p->pid) && !find(after, have, p->pid))
			differ++, printf("not in /proc: %ld %s\n", p->pid, p->name);
	}
	if (!differ)
		printf("they agree\n");
	return differ != 0;
}
