// SPDX-License-Identifier: GPL-2.0-only
/*
 * symbols FILE: the names that a module's object file defines for the linker,
 * one a line, without the three that kbuild makes for every module. What is
 * static is not among them.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const everyones[] = { "init_module", "cleanup_module", "__this_module" };

static int is_everyones(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(everyones) / sizeof(everyones[0]); i++)
		if (!strcmp(name, everyones[i]))
			return 1;
	return 0;
}

static char *read_whole(const char *path)
{
	FILE *file = fopen(path, "rb");
	char *bytes = NULL;
	long size;

	if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0)
		return NULL;
	rewind(file);
	bytes = malloc(size + 1);
	if (bytes && fread(bytes, 1, size, file) != (size_t)size)
		bytes = NULL;
	fclose(file);
	return bytes;
}

int main(int argc, char **argv)
{
	char *bytes = argc == 2 ? read_whole(argv[1]) : NULL;
	Elf64_Ehdr *head = (Elf64_Ehdr *)bytes;
	Elf64_Shdr *sections, *table;
	size_t i;

	if (!bytes) {
		fprintf(stderr, "symbols: cannot read the file\n");
		return 1;
	}
	sections = (Elf64_Shdr *)(bytes + head->e_shoff);
	for (table = sections; table < sections + head->e_shnum; table++) {
		const char *names = bytes + sections[table->sh_link].sh_offset;
		const Elf64_Sym *all = (const Elf64_Sym *)(bytes + table->sh_offset);

		if (table->sh_type != SHT_SYMTAB)
			continue;
		for (i = 0; i < table->sh_size / sizeof(*all); i++) {
			const char *name = names + all[i].st_name;

			if (ELF64_ST_BIND(all[i].st_info) != STB_LOCAL && all[i].st_shndx != SHN_UNDEF &&
			    !is_everyones(name))
				puts(name);
		}
	}
	return 0;
}
