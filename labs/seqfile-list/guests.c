// SPDX-License-Identifier: GPL-2.0-only
/*
 * guests fill PREFIX COUNT         writes COUNT names: PREFIX-100, PREFIX-101, ...
 * guests read PREFIX COUNT PIECE   reads PIECE bytes at a time, and wants these names
 * guests late PREFIX COUNT PIECE   the same, but adds three more after the first piece
 * guests storm READS               reads while another process adds and removes
 * guests badptr                     writes a name from where there is no memory
 * guests memory                    says how much memory the kernel uses
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BOOK "/proc/guests"

static char text[200000];
static int out;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int add(const char *prefix, int number)
{
	char line[80];
	int len = snprintf(line, sizeof(line), "%s-%d\n", prefix, number);

	return write(out, line, len) == len;
}

static void fill(const char *prefix, int from, int count)
{
	for (int i = 0; i < count; i++) {
		if (!add(prefix, from + i))
			die("write");
	}
}

static int read_book(const char *prefix, int count, size_t piece, int late)
{
	int in = open(BOOK, O_RDONLY);
	char want[80];
	size_t len = 0;
	ssize_t got;
	char *line;
	int n = 0;

	if (in < 0)
		die("open");
	/* A book without end is cut off, and then shows what comes twice. */
	while ((got = read(in, text + len,
			   len + piece < sizeof(text) ? piece : 0)) > 0) {
		len += got;
		if (late) {
			fill(prefix, 100 + count, late);
			count += late;
			late = 0;
		}
	}
	if (got < 0)
		die("read");
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), n++) {
		snprintf(want, sizeof(want), "%s-%d", prefix, 100 + n);
		if (n >= count || strcmp(line, want)) {
			printf("line %d is ...%s\n", n + 1, strrchr(line, '-') ?
			       strrchr(line, '-') : line);
			return 1;
		}
	}
	printf("%d names, each once\n", n);
	return n != count;
}

static int storm(int reads)
{
	/* A slow machine reads less often. */
	time_t end = time(NULL) + 4;
	pid_t parent = getpid();
	pid_t child = fork();
	int in = open(BOOK, O_RDONLY);
	ssize_t got = 0;

	if (child == 0) {
		while (getppid() == parent) {
			for (int i = 0; i < 40; i++)
				add("storm", 100 + i);
			if (write(out, "-\n", 2) != 2)
				break;
		}
		_exit(0);
	}
	if (child < 0 || in < 0)
		die("storm");
	while (reads > 0 && time(NULL) < end && got >= 0) {
		got = pread(in, text, sizeof(text), 0);
		/* A look into an empty book does not count. */
		reads -= got > 0;
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	if (got < 0)
		die("read");
	puts("calm again");
	return 0;
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
	if (argc == 2 && !strcmp(argv[1], "memory"))
		return memory();
	out = open(BOOK, O_WRONLY);
	if (out < 0)
		die("open");
	if (argc == 4 && !strcmp(argv[1], "fill")) {
		fill(argv[2], 100, atoi(argv[3]));
		return 0;
	}
	if (argc == 5 && (!strcmp(argv[1], "read") || !strcmp(argv[1], "late")))
		return read_book(argv[2], atoi(argv[3]), atoi(argv[4]),
				 argv[1][0] == 'l' ? 3 : 0);
	if (argc == 2 && !strcmp(argv[1], "badptr")) {
		puts(write(out, (void *)64, 5) < 0 ? strerror(errno) : "done");
		return 0;
	}
	if (argc == 3 && !strcmp(argv[1], "storm"))
		return storm(atoi(argv[2]));
	return 2;
}
