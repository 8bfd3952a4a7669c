// SPDX-License-Identifier: GPL-2.0-only
/*
 * resident MIB FILE: takes MIB MiB of memory, writes to FILE its PID and the
 * addresses that a program knows of itself, and stays.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	size_t bytes = argc == 3 ? strtoul(argv[1], NULL, 0) << 20 : 0;
	char name[256];
	void *memory;
	FILE *file;

	/* All of it at once, which is quicker than a page fault for each page. */
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (memory == MAP_FAILED)
		return 2;

	/* Whoever sees FILE sees all of it. */
	snprintf(name, sizeof(name), "%s.new", argv[2]);
	file = fopen(name, "w");
	if (!file)
		return 2;
	/* One byte, so the heap's end is no multiple of a page. */
	sbrk(1);
	fprintf(file, "pid %d\nbrk 0x%lx\n", getpid(), (unsigned long)sbrk(0));
	if (fclose(file) || rename(name, argv[2]))
		return 2;
	for (;;)
		pause();
}
