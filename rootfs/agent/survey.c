// SPDX-License-Identifier: GPL-2.0-only
#include "survey.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "protocol.h"

#define MAX_PATH 1024

/* What is found goes here, up to the cap. */
struct finds {
	struct buffer *result;
	size_t cap;
	int cut;
};

/* Whether the name is a number, and not below the one that begins at `least`, if any does. */
static int is_number(const char *name, const char *least)
{
	return *name && name[strspn(name, "0123456789")] == '\0' &&
	       strtoul(name, NULL, 10) >= strtoul(least, NULL, 10);
}

/* Of what does not fit, the lines that do: they are there, whatever else is. */
static void put_find(struct finds *finds, const char *path, struct buffer *data)
{
	size_t room = finds->result->length < finds->cap ? finds->cap - finds->result->length : 0;

	if (finds->cut)
		return;
	if (data->length > room) {
		finds->cut = 1;
		data->length = room;
		while (data->length && data->data[data->length - 1] != '\n')
			data->length--;
	}
	put_field(finds->result, TAG_PATH, path, strlen(path));
	put_field(finds->result, TAG_DATA, data->data, data->length);
}

/* A process may be gone by now, and not every kernel has every file: what cannot be read is left out. */
static void read_whole(const char *path, struct finds *finds)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct buffer data = {0};
	ssize_t got;

	if (fd < 0)
		return;
	while (data.length <= finds->cap && (got = read(fd, buffer_reserve(&data, 1 << 15), 1 << 15)) > 0)
		data.length += got;
	close(fd);
	put_find(finds, path, &data);
	buffer_free(&data);
}

/*
 * Goes on from path, whose `length` bytes are there already, with the rest of a pattern, which begins with '/'. "*"
 * stands for every name, "*@" for every link, "#" for every number, "#58" for those from 58 on; before a '/' for those
 * that are folders.
 */
static void walk(char *path, size_t length, const char *rest, struct finds *finds)
{
	const char *name = rest + 1;
	size_t size = strcspn(name, "/");
	const char *after = name + size;
	int numbers = *name == '#', links = size == 2 && name[0] == '*' && name[1] == '@';
	struct buffer names = {0};
	struct dirent *entry;
	DIR *folder;

	if (length + size + 2 > MAX_PATH)
		return;
	if (!numbers && !links && !(size == 1 && *name == '*')) {
		path[length++] = '/';
		memcpy(path + length, name, size);
		path[length + size] = '\0';
		if (*after)
			walk(path, length + size, after, finds);
		else
			read_whole(path, finds);
		return;
	}
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		size_t own = strlen(entry->d_name);

		if (entry->d_name[0] == '.' || (*after && entry->d_type != DT_DIR) ||
		    (numbers && !is_number(entry->d_name, name + 1)) || (links && entry->d_type != DT_LNK))
			continue;
		if (*after && after[1]) {
			if (length + own + 2 > MAX_PATH)
				continue;
			snprintf(path + length, MAX_PATH - length, "/%s", entry->d_name);
			walk(path, length + 1 + own, after, finds);
			path[length] = '\0';
		} else if (names.length <= finds->cap) {
			buffer_append(&names, entry->d_name, own);
			buffer_append(&names, "\n", 1);
		}
	}
	if (folder)
		closedir(folder);
	if (names.length)
		put_find(finds, path, &names);
	buffer_free(&names);
}

int survey(const struct buffer *request, struct buffer *result)
{
	struct finds finds = {result, field_number(request, TAG_CAP, 1 << 20), 0};
	struct field field;
	size_t at = 0;

	while (next_field(request, &at, &field)) {
		char path[MAX_PATH] = "", pattern[MAX_PATH];

		if (field.tag != TAG_PATH || field.length >= sizeof(pattern))
			continue;
		memcpy(pattern, field.bytes, field.length);
		pattern[field.length] = '\0';
		walk(path, 0, pattern, &finds);
	}
	if (finds.cut)
		put_number(result, TAG_TRUNCATED, 1);
	return 0;
}
