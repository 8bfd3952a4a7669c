// SPDX-License-Identifier: GPL-2.0-only
/*
 * spinner SLEEPS: sleeps so many times, and then computes, while another process does so on the same CPU, until it has been
 * made to wait a few times. Says whether the line "reader" of /proc/switches agrees with its own /proc/self/status.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct counts {
	long voluntary, involuntary;
};

static void read_file(const char *path, char *text, size_t size)
{
	int file = open(path, O_RDONLY);
	ssize_t got = file < 0 ? -1 : read(file, text, size - 1);

	if (got < 0) {
		perror(path);
		exit(2);
	}
	text[got] = '\0';
	close(file);
}

static struct counts by_proc(void)
{
	char text[4096], *voluntary, *involuntary;

	read_file("/proc/self/status", text, sizeof(text));
	voluntary = strstr(text, "\nvoluntary_ctxt_switches:");
	involuntary = strstr(text, "\nnonvoluntary_ctxt_switches:");
	if (!voluntary || !involuntary)
		exit(2);
	return (struct counts){atol(strchr(voluntary, ':') + 1), atol(strchr(involuntary, ':') + 1)};
}

static void compare(const char *what, long before, long said, long after)
{
	if (before <= said && said <= after)
		printf("%s agrees\n", what);
	else
		printf("%s is %ld; /proc said %ld before and %ld after\n", what, said, before, after);
}

int main(int argc, char **argv)
{
	struct counts before, said, after;
	char text[4096], *line;
	cpu_set_t one;
	pid_t other, pid;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	for (int i = argc > 1 ? atoi(argv[1]) : 0; i > 0; i--)
		usleep(100);
	other = fork();
	if (other < 0)
		return 2;
	while (other == 0 && getppid() != 1)
		;
	do
		before = by_proc();
	while (before.involuntary < 3);

	read_file("/proc/switches", text, sizeof(text));
	after = by_proc();
	kill(other, SIGKILL);
	line = strstr(text, "reader ");
	if (!line || sscanf(line, "reader %d voluntary %ld involuntary %ld", &pid, &said.voluntary, &said.involuntary) != 3) {
		printf("there is no line of the reader\n");
		return 1;
	}
	printf("reader is %s\n", pid == getpid() ? "me" : "another");
	compare("voluntary", before.voluntary, said.voluntary, after.voluntary);
	compare("involuntary", before.involuntary, said.involuntary, after.involuntary);
	return 0;
}
