// SPDX-License-Identifier: GPL-2.0-only
/*
 * eater MIB [FILE]: takes MIB MiB of memory and uses all of it. With FILE it
 * writes its PID there, and stays.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	size_t bytes = argc > 1 ? strtoul(argv[1], NULL, 0) << 20 : 0;
	char *memory;
	FILE *file;

	/* All of it at once, which is quicker than a page fault for each page. */
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (memory == MAP_FAILED)
		return 2;
	memset(memory, 1, bytes);
	if (argc == 2) {
		puts("eaten");
		return 0;
	}

	file = fopen(argv[2], "w");
	if (!file || fprintf(file, "pid %d\n", getpid()) < 0 || fclose(file))
		return 2;
	for (;;)
		pause();
}
