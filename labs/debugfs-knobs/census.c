// SPDX-License-Identifier: GPL-2.0-only
/*
 * census SEED BYTES LIMIT FOLD   writes random bytes, and wants the first LIMIT of them counted
 * census race WRITES             writes from two processes, and wants no byte lost
 * census memory                  says how much memory the kernel uses
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDER "/sys/kernel/debug/census/"

static char text[65536];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void put(size_t len)
{
	int fd = open(FOLDER "text", O_WRONLY);
	ssize_t done;

	if (fd < 0)
		die("open text");
	done = write(fd, text, len);
	if (done < 0)
		die("write");
	if ((size_t)done != len) {
		printf("a write of %zu bytes returned %zd\n", len, done);
		exit(1);
	}
	close(fd);
}

static void get(uint32_t counts[256])
{
	int fd = open(FOLDER "counts", O_RDONLY);
	ssize_t got;

	if (fd < 0)
		die("open counts");
	got = read(fd, counts, 1025);
	if (got != 1024) {
		printf("counts has %zd bytes\n", got);
		exit(1);
	}
	close(fd);
}

static int compare(const uint32_t seen[256], const uint32_t want[256])
{
	for (int i = 0; i < 256; i++) {
		if (seen[i] != want[i]) {
			printf("byte 0x%02x was counted %u times, expected %u\n",
			       i, seen[i], want[i]);
			return 1;
		}
	}
	puts("each byte was counted");
	return 0;
}

static int race(int rounds)
{
	uint32_t counts[257], want[257];
	pid_t child;

	get(want);
	want['x'] += 2 * rounds * 4096;
	memset(text, 'x', sizeof(text));
	child = fork();
	if (child < 0)
		die("fork");
	for (int i = 0; i < rounds; i++)
		put(4096);
	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	get(counts);
	return compare(counts, want);
}

/*
 * How many kB the kernel has allocated for itself. A debug kernel keeps what
 * was freed for a while, so that this says nothing there.
 */
static int memory(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	unsigned long kb = 0;
	char line[200];

	if (!file)
		die("/proc/meminfo");
	while (fgets(line, sizeof(line), file) &&
	       sscanf(line, "SUnreclaim: %lu", &kb) != 1)
		;
	printf("%lu kB in use\n", access("/sys/kernel/debug/kmemleak", F_OK) ? kb : 0);
	return 0;
}

int main(int argc, char **argv)
{
	uint32_t counts[257], want[257];

	if (argc == 2)
		return memory();
	if (argc == 3)
		return race(atoi(argv[2]));
	if (argc != 5)
		return 2;

	srand(atoi(argv[1]));
	get(want);
	for (int i = 0; i < atoi(argv[2]); i++) {
		/* What is a capital letter beyond ASCII may be answered in two ways. */
		text[i] = rand() >> 8 & (atoi(argv[4]) ? 0x7f : 0xff);
		if (i < atoi(argv[3]))
			want[atoi(argv[4]) ? tolower((unsigned char)text[i]) :
					     (unsigned char)text[i]]++;
	}
	put(atoi(argv[2]));
	get(counts);
	return compare(counts, want);
}
