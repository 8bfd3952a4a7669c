// SPDX-License-Identifier: GPL-2.0-only
/*
 * mapper BYTES TEXT AT: maps the buffer, writes TEXT into it, and says where
 * its pages are, as the kernel tells every program in /proc/self/pagemap.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096UL
#define FRAME ((1ULL << 55) - 1)

int main(int argc, char **argv)
{
	unsigned long bytes = argc == 4 ? strtoul(argv[1], NULL, 0) : 0;
	unsigned long pages = bytes / PAGE;
	unsigned long runs = 0;
	uint64_t first = 0, last = 0;
	unsigned long i;
	int device = open("/dev/vmalloc-buffer", O_RDWR);
	int pagemap = open("/proc/self/pagemap", O_RDONLY);
	volatile char *map;

	if (!pages || device < 0 || pagemap < 0) {
		perror("mapper");
		return 2;
	}
	map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0);
	if (map == MAP_FAILED) {
		perror("mmap");
		return 1;
	}

	for (i = 0; i < pages; i++) {
		off_t at = ((uintptr_t)map / PAGE + i) * sizeof(uint64_t);
		uint64_t entry;

		(void)map[i * PAGE];
		if (pread(pagemap, &entry, sizeof(entry), at) != sizeof(entry)) {
			perror("pagemap");
			return 2;
		}
		if (!i)
			first = entry & FRAME;
		if (!i || (entry & FRAME) != last + 1)
			runs++;
		last = entry & FRAME;
	}
	memcpy((char *)map + strtoul(argv[3], NULL, 0), argv[2], strlen(argv[2]));
	printf("runs %lu\nfirst %llu\nlast %llu\n", runs, (unsigned long long)first,
	       (unsigned long long)last);
	return 0;
}
