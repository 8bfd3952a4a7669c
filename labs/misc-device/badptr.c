// SPDX-License-Identifier: GPL-2.0-only
/*
 * badptr DEVICE: passes pointers to read() and write() behind which there is
 * no memory, or too little of it, and says what came of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void expect_efault(const char *what, int fd, ssize_t got)
{
	if (got != -1)
		printf("%s returned %zd instead of failing\n", what, got);
	else if (errno != EFAULT)
		printf("%s failed with %s, not EFAULT\n", what, strerror(errno));
	else if (lseek(fd, 0, SEEK_CUR) != 0)
		printf("%s failed, but moved the file's position\n", what);
	else
		printf("%s: EFAULT\n", what);
}

/* Of 100 bytes only 10 have memory behind them: no call may claim more. */
static void expect_at_most_10(const char *what, ssize_t got)
{
	if (got > 10 || (got == -1 && errno != EFAULT))
		printf("%s returned %zd\n", what, got);
	else
		printf("%s: claims nothing\n", what);
}

int main(int argc, char **argv)
{
	int fd = open(argv[argc - 1], O_RDWR);
	char *pages;

	if (fd < 0) {
		perror("open");
		return 1;
	}
	pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED || mprotect(pages + 4096, 4096, PROT_NONE)) {
		perror("mmap");
		return 1;
	}

	expect_efault("read to nowhere", fd, read(fd, pages + 4096, 100));
	expect_efault("write from nowhere", fd, write(fd, pages + 4096, 100));
	expect_at_most_10("read to 10 bytes", read(fd, pages + 4086, 100));
	expect_at_most_10("write from 10 bytes", write(fd, pages + 4086, 100));
	if (lseek(fd, 0, SEEK_SET) || write(fd, "fine", 4) != 4)
		perror("write after that");
	return 0;
}
