// SPDX-License-Identifier: GPL-2.0-only
/*
 * family NAME ROLE...: makes a process for each role, calls itself NAME, and prints the lines of /proc/processes that are
 * about any of them, with their roles in place of the numbers.
 *
 *   sleeper      sleeps
 *   stopped      is stopped
 *   dead         has ended, and nobody has waited for it
 *   user:R:E     sleeps, with real user R and effective user E
 *   called:TEXT  sleeps, and is called TEXT; "/" in it is a newline
 *   of-thread    sleeps, forked by a thread of the family's first process, which is "thread"
 *   traced       sleeps, traced by another, "tracer"
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 16

static struct member {
	const char *role;
	long pid;
} members[MOST];
static int count;
static pthread_barrier_t forked;

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static void add(const char *role, long pid)
{
	if (pid < 0 || count == MOST)
		fail(role);
	members[count++] = (struct member){role, pid};
}

static char state_of(long pid)
{
	char path[40], line[512] = "", *end;
	int file;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	file = open(path, O_RDONLY);
	if (file < 0 || read(file, line, sizeof(line) - 1) <= 0)
		fail(path);
	close(file);
	end = strrchr(line, ')');
	return end ? end[2] : '?';
}

/* The states that processes are in without anyone's doing have to be waited for. */
static void await_state(long pid, char state)
{
	for (int turn = 0; state_of(pid) != state; turn++) {
		if (turn == 2000)
			fail("the state of a child");
		usleep(2000);
	}
}

static void call(const char *name)
{
	prctl(PR_SET_NAME, name, 0, 0, 0);
}

static void be(const char *role, long other)
{
	char name[16];
	int real, effective;

	call(role);
	if (sscanf(role, "user:%d:%d", &real, &effective) == 2) {
		call("user");
		if (setresuid(real, effective, -1) != 0)
			fail(role);
	}
	if (strncmp(role, "called:", 7) == 0) {
		snprintf(name, sizeof(name), "%s", role + 7);
		for (char *at = name; *at; at++)
			if (*at == '/')
				*at = '\n';
		call(name);
	}
	if (strcmp(role, "stopped") == 0)
		raise(SIGSTOP);
	if (strcmp(role, "dead") == 0)
		_exit(0);
	if (strcmp(role, "tracer") == 0 && ptrace(PTRACE_SEIZE, (pid_t)other, 0, 0) != 0)
		fail("ptrace");
	for (;;)
		pause();
}

static void make(const char *role, long other)
{
	char state = strcmp(role, "stopped") == 0 ? 'T' : strcmp(role, "dead") == 0 ? 'Z' : 'S';
	pid_t pid = fork();

	if (pid == 0)
		be(role, other);
	add(role, pid);
	await_state(pid, state);
}

static void *fork_in_thread(void *unused)
{
	(void)unused;
	call("thread");
	add("thread", syscall(SYS_gettid));
	make("of-thread", 0);
	pthread_barrier_wait(&forked);
	while (pause())
		;
	return NULL;
}

static void put(long pid)
{
	for (int i = 0; i < count; i++)
		if (members[i].pid == pid) {
			printf("%.*s ", (int)strcspn(members[i].role, ":"), members[i].role);
			return;
		}
	if (pid == getppid())
		printf("starter ");
	else
		printf("%ld ", pid);
}

static int is_member(long pid)
{
	for (int i = 0; i < count; i++)
		if (members[i].pid == pid)
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	static char text[1 << 18];
	size_t length = 0;
	ssize_t got;
	int file;

	if (argc < 2)
		return 2;
	add("first", getpid());
	for (int i = 2; i < argc; i++) {
		pthread_t thread;

		if (strcmp(argv[i], "of-thread") == 0) {
			pthread_barrier_init(&forked, NULL, 2);
			if (pthread_create(&thread, NULL, fork_in_thread, NULL) != 0)
				fail("pthread_create");
			pthread_barrier_wait(&forked);
		} else if (strcmp(argv[i], "traced") == 0) {
			make("traced", 0);
			make("tracer", members[count - 1].pid);
		} else {
			make(argv[i], 0);
		}
	}
	call(argv[1]);

	file = open("/proc/processes", O_RDONLY);
	if (file < 0)
		fail("/proc/processes");
	while ((got = read(file, text + length, sizeof(text) - 1 - length)) > 0)
		length += got;
	if (got < 0)
		fail("read /proc/processes");

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		long pid, parent;
		int used = 0;

		if (sscanf(line, "%ld %ld %n", &pid, &parent, &used) < 2 || !used)
			continue;
		if (!is_member(pid) && !is_member(parent))
			continue;
		put(pid);
		put(parent);
		printf("%s\n", line + used);
	}
	fflush(stdout);
	for (int i = 1; i < count; i++)
		if (strcmp(members[i].role, "thread") != 0)
			kill((pid_t)members[i].pid, SIGKILL);
	return 0;
}
