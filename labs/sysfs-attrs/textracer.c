// SPDX-License-Identifier: GPL-2.0-only
/*
 * textracer FILE LENGTH READS: one process writes a text of one letter, then
 * one of another, and so on. The other reads it READS times and must never
 * find two letters, nor a text of another length.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd = argc == 4 ? open(argv[1], O_RDWR) : -1;
	ssize_t length = argc == 4 ? atoi(argv[2]) : 0;
	/* A slow machine does fewer rounds. */
	time_t end = time(NULL) + 4;
	pid_t parent = getpid();
	char buffer[4096];
	ssize_t got;
	int good = 1;
	ssize_t i;
	pid_t child;
	int n;

	if (fd < 0) {
		perror("textracer");
		return 1;
	}
	memset(buffer, 'a', length);
	if (pwrite(fd, buffer, length, 0) != length) {
		perror("write");
		return 1;
	}
	child = fork();
	if (child < 0) {
		perror("fork");
		return 1;
	}
	if (child == 0) {
		/* An open file of its own: sysfs lets one in at a time of each. */
		fd = open(argv[1], O_WRONLY);
		for (n = 0; getppid() == parent; n++) {
			memset(buffer, 'a' + n % 2, length);
			if (pwrite(fd, buffer, length, 0) != length)
				_exit(1);
		}
		_exit(0);
	}
	for (n = atoi(argv[3]); n > 0 && time(NULL) < end; n--) {
		got = pread(fd, buffer, sizeof(buffer), 0);
		if (got != length + 1 || memcmp(buffer, buffer + 1, length - 1)) {
			good = 0;
			break;
		}
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	if (good) {
		puts("each read saw one text");
	} else if (got != length + 1) {
		printf("a read of a text of %zd letters returned %zd\n", length, got);
	} else {
		for (i = 1; buffer[i] == buffer[0]; i++)
			;
		printf("one read saw two texts: '%c' up to letter %zd, then '%c'\n",
		       buffer[0], i, buffer[i]);
	}
	return !good;
}
