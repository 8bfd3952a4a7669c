// SPDX-License-Identifier: GPL-2.0-only
/*
 * racer DEVICE SIZE READS: one process fills the device with one letter, then
 * with another, and so on, each time with one write(). The other reads all of
 * it with one read(), READS times, and must never find two letters.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd = argc == 4 ? open(argv[1], O_RDWR) : -1;
	size_t size = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
	char *buffer = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ssize_t got;
	int good = 1;
	/* A slow machine does fewer rounds. */
	time_t end = time(NULL) + 4;
	pid_t parent = getpid();
	pid_t child;
	size_t i;
	int n;

	if (fd < 0 || buffer == MAP_FAILED) {
		perror("racer");
		return 1;
	}
	memset(buffer, 'a', size);
	got = pwrite(fd, buffer, size, 0);
	if (got != (ssize_t)size) {
		printf("a write of all the device returned %zd\n", got);
		return 1;
	}
	child = fork();
	if (child < 0) {
		perror("fork");
		return 1;
	}
	if (child == 0) {
		for (n = 0; getppid() == parent; n++) {
			memset(buffer, 'a' + n % 2, size);
			if (pwrite(fd, buffer, size, 0) != (ssize_t)size)
				_exit(1);
		}
		_exit(0);
	}
	for (n = atoi(argv[3]); n > 0 && time(NULL) < end; n--) {
		/*
		 * Without pages in it, reading takes longer than writing, so
		 * that a writer who is not kept away overtakes the reader.
		 */
		madvise(buffer, size, MADV_DONTNEED);
		got = pread(fd, buffer, size, 0);
		if (got != (ssize_t)size || memcmp(buffer, buffer + 1, size - 1)) {
			good = 0;
			break;
		}
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	if (good) {
		puts("each read saw one write");
	} else if (got != (ssize_t)size) {
		printf("a read of all the device returned %zd\n", got);
	} else {
		for (i = 1; buffer[i] == buffer[0]; i++)
			;
		printf("one read saw two writes: '%c' up to byte %zu, then '%c'\n",
		       buffer[0], i - 1, buffer[i]);
	}
	return !good;
}
