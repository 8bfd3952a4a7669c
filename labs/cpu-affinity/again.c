// SPDX-License-Identifier: GPL-2.0-only
/*
 * again COUNT: on CPU 0, reads /proc/affinity COUNT times after the module was loaded. Says whether the calls on the CPUs 0
 * and 1 were right each time, and whether CPU 1 was interrupted for them, by the line CAL of /proc/interrupts.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Begins with a newline, so that each line follows one. */
static char text[1 << 16] = "\n";

static void read_file(const char *path)
{
	size_t length = 1;
	ssize_t got;
	int file = open(path, O_RDONLY);

	if (file < 0) {
		perror(path);
		exit(2);
	}
	while ((got = read(file, text + length, sizeof(text) - 1 - length)) > 0)
		length += got;
	close(file);
	text[length] = '\0';
}

static long interrupts_of_cpu_1(void)
{
	long zero, one;
	char *line;

	read_file("/proc/interrupts");
	line = strstr(text, "CAL:");
	if (!line || sscanf(line, "CAL: %ld %ld", &zero, &one) != 2)
		exit(2);
	return one;
}

static long calls_of(int cpu)
{
	char start[24], *line;

	snprintf(start, sizeof(start), "\ncpu %d calls ", cpu);
	line = strstr(text, start);
	return line ? atol(line + strlen(start)) : -1;
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 0, before, came;
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_setaffinity(0, sizeof(first), &first);
	before = interrupts_of_cpu_1();
	for (long i = 1; i <= count; i++) {
		read_file("/proc/affinity");
		for (int cpu = 0; cpu < 2; cpu++)
			if (calls_of(cpu) != i) {
				printf("read %ld: cpu %d calls %ld\n", i, cpu, calls_of(cpu));
				return 1;
			}
	}
	came = interrupts_of_cpu_1() - before;
	printf("all reads were right\n");
	/* An idle CPU may now and then be told without an interrupt. */
	if (came < count * 3 / 4)
		printf("cpu 1 was interrupted only %ld times in %ld reads\n", came, count);
	else
		printf("cpu 1 was interrupted\n");
	return 0;
}
