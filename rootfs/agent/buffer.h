/* SPDX-License-Identifier: GPL-2.0-only */
/* A byte buffer that grows, and the fields of protocol.h in it. Out of memory ends the agent: the host sees it. */
#ifndef LABCTL_AGENT_BUFFER_H
#define LABCTL_AGENT_BUFFER_H

#include <stddef.h>
#include <stdint.h>

struct buffer {
	unsigned char *data;
	size_t length;
	size_t room;
};

void buffer_append(struct buffer *buffer, const void *bytes, size_t length);
/* Makes room for more bytes behind what is there and returns where they go. */
/*
 * Has this process touch its memory, and what it will allocate, once and not again: a page fault of a program is dear in
 * an emulated debug kernel. QEMU translates what the kernel does in it anew, because the stack segment is another one
 * than in a system call. Not inherited by children.
 */
void keep_memory(void);

unsigned char *buffer_reserve(struct buffer *buffer, size_t more);
/* Removes bytes from the front. */
void buffer_consume(struct buffer *buffer, size_t length);
void buffer_free(struct buffer *buffer);

void put_field(struct buffer *buffer, uint16_t tag, const void *bytes, size_t length);
void put_number(struct buffer *buffer, uint16_t tag, uint64_t value);

struct field {
	uint16_t tag;
	const unsigned char *bytes;
	uint32_t length;
};

/* Steps through a payload from *offset; 0 at its end or where it is not well formed. */
int next_field(const struct buffer *payload, size_t *offset, struct field *field);
/* The first field of that tag; 0 if there is none. */
int find_field(const struct buffer *payload, uint16_t tag, struct field *field);
/* Its text, NUL-terminated, owned by the caller; "" if there is none. */
char *field_text(const struct buffer *payload, uint16_t tag);
uint64_t field_number(const struct buffer *payload, uint16_t tag, uint64_t otherwise);

#endif
