// SPDX-License-Identifier: GPL-2.0-only
/*
 * referee ROUNDS: has a game played, and says whether the time that /proc/switches tells fits into the time that the game
 * took from outside.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* No processor that runs Linux today can save and load registers, and choose who is next, in less. */
#define LEAST_NS 50LL

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int argc, char **argv)
{
	char text[4096] = "", *at;
	long long begun, took, total, least;
	int file = open("/proc/switches", O_RDWR);

	if (argc != 2 || file < 0) {
		perror("/proc/switches");
		return 2;
	}
	begun = now();
	if (write(file, argv[1], strlen(argv[1])) != (ssize_t)strlen(argv[1])) {
		perror("write /proc/switches");
		return 2;
	}
	took = now() - begun;
	if (read(file, text, sizeof(text) - 1) <= 0) {
		perror("read /proc/switches");
		return 2;
	}
	at = strstr(text, "total_ns ");
	if (!at) {
		printf("there is no total_ns\n");
		return 1;
	}
	total = atoll(at + strlen("total_ns "));
	least = 2 * atoll(argv[1]) * LEAST_NS;
	if (total > took)
		printf("total_ns is %lld, but writing to the file took only %lld\n", total, took);
	else if (total < least)
		printf("total_ns is %lld; so many switches take at least %lld\n", total, least);
	else
		printf("the time fits\n");
	return 0;
}
