// SPDX-License-Identifier: GPL-2.0-only
#include "stacks.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "protocol.h"

#define MAX_TASKS 64
#define MAX_NEW 256      /* of the processes since the boot, how many are looked at */
#define OLD_TASKS_MS 250 /* how long those from before may take: in a debug kernel each costs milliseconds */
#define MAX_STACK 8192
/* Who polls and sleeps in between runs now and then; who is seen running so often runs. */
#define LOOKS_AT_RUNNING 12
#define BETWEEN_LOOKS_MS 5

/* Reads a file whole into text, up to its size. Returns 0 where there is none. */
static int read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got;

	if (fd < 0)
		return 0;
	while (length + 1 < size && (got = read(fd, text + length, size - 1 - length)) > 0)
		length += got;
	text[length] = '\0';
	close(fd);
	return 1;
}

struct task {
	int id;
	char name[32];
	char state;
	pid_t session;
};

/* proc(5), /proc/PID/stat: "61 (insmod) R PPID PGRP SESSION ...". A name may hold anything, parentheses too. */
static int read_task(const char *folder, struct task *task)
{
	char path[300], text[600], *open_mark, *close_mark;

	snprintf(path, sizeof(path), "%s/stat", folder);
	if (!read_text(path, text, sizeof(text)))
		return 0;
	open_mark = strchr(text, '(');
	close_mark = strrchr(text, ')');
	if (!open_mark || !close_mark || close_mark < open_mark)
		return 0;
	*close_mark = '\0';
	task->id = atoi(text);
	snprintf(task->name, sizeof(task->name), "%s", open_mark + 1);
	return sscanf(close_mark + 1, " %c %*d %*d %d", &task->state, &task->session) == 2;
}

struct search {
	pid_t session;
	struct buffer *to;
	int left;  /* how many tasks may still be put */
	int looks; /* how often tasks that run may still be looked at again */
};

/* Looks again at a task that runs, until it is seen waiting. */
static void read_while_running(const char *folder, struct search *search, struct task *task)
{
	struct timespec pause = {0, BETWEEN_LOOKS_MS * 1000000L};

	while (task->state == 'R' && search->looks > 0) {
		search->looks--;
		nanosleep(&pause, NULL);
		if (!read_task(folder, task))
			return;
	}
}

static void put_task(const char *folder, struct search *search)
{
	static char stack[MAX_STACK];
	char path[300];
	struct task task;
	int own;

	if (search->left == 0 || !read_task(folder, &task))
		return;
	own = task.session == search->session;
	if (own)
		read_while_running(folder, search, &task);
	if (!own && task.state != 'R' && task.state != 'D')
		return;
	snprintf(path, sizeof(path), "%s/stack", folder);
	if (!read_text(path, stack, sizeof(stack)))
		return;
	search->left--;
	put_number(search->to, TAG_TASK, (uint64_t)task.id);
	put_field(search->to, TAG_NAME, task.name, strlen(task.name));
	put_field(search->to, TAG_STATE, &task.state, 1);
	put_number(search->to, TAG_OWN, (uint64_t)own);
	put_field(search->to, TAG_STACK, stack, strlen(stack));
}

/* Every thread of a process. Most have one, and listing a folder of /proc costs more than opening a file in it. */
static void put_process(pid_t pid, struct search *search)
{
	char path[280];
	struct dirent *entry;
	struct task task;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d", pid);
	if (!read_task(path, &task))
		return;
	if (task.session != search->session) {
		put_task(path, search);
		return;
	}
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%s", pid, entry->d_name);
		put_task(path, search);
	}
	if (folder)
		closedir(folder);
}

/* The id that the last new process got: the fifth word of /proc/loadavg. */
static pid_t newest_process(void)
{
	char text[100];
	int pid;

	if (!read_text("/proc/loadavg", text, sizeof(text)) || sscanf(text, "%*s %*s %*s %*s %d", &pid) != 1)
		return 0;
	return pid;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void put_stacks(pid_t session, pid_t oldest, struct buffer *to)
{
	struct search search = {session, to, MAX_TASKS, LOOKS_AT_RUNNING};
	uint64_t until = now_ms() + OLD_TASKS_MS;
	pid_t newest = newest_process();

	put_process(session, &search);
	for (pid_t pid = newest; pid >= oldest && pid > newest - MAX_NEW; pid--)
		if (pid != session)
			put_process(pid, &search);
	/* A kernel's own thread may be doing a module's work. */
	for (pid_t pid = 2; pid < oldest && now_ms() < until; pid++)
		put_process(pid, &search);
}

static void ask(char key)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, &key, 1) != 1)
		dprintf(2, "labctl agent: the kernel does not take sysrq %c\n", key);
	close(fd);
}

void show_cpus_and_locks(void)
{
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		ask('l');
	if (access("/proc/lockdep", F_OK) == 0)
		ask('d');
}
