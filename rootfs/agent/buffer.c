// SPDX-License-Identifier: GPL-2.0-only
#include "buffer.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "protocol.h"

#define KEPT_HEAP (512 << 10)

void keep_memory(void)
{
	/* The heap grows once, and is neither given back nor left aside. */
	mallopt(M_TOP_PAD, KEPT_HEAP);
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	free(malloc(1));
	/* Without it everything works as well, only more slowly. */
	(void)mlockall(MCL_CURRENT | MCL_FUTURE);
}

unsigned char *buffer_reserve(struct buffer *buffer, size_t more)
{
	if (buffer->length + more > buffer->room) {
		size_t room = buffer->room ? buffer->room : 4096;

		while (room < buffer->length + more)
			room *= 2;
		buffer->data = realloc(buffer->data, room);
		if (!buffer->data)
			abort();
		buffer->room = room;
	}
	return buffer->data + buffer->length;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
	if (!length)
		return;
	memcpy(buffer_reserve(buffer, length), bytes, length);
	buffer->length += length;
}

void buffer_consume(struct buffer *buffer, size_t length)
{
	buffer->length -= length;
	memmove(buffer->data, buffer->data + length, buffer->length);
}

void buffer_free(struct buffer *buffer)
{
	free(buffer->data);
	memset(buffer, 0, sizeof(*buffer));
}

void put_field(struct buffer *buffer, uint16_t tag, const void *bytes, size_t length)
{
	unsigned char head[6];

	agent_put_u16(head, tag);
	agent_put_u32(head + 2, (uint32_t)length);
	buffer_append(buffer, head, sizeof(head));
	buffer_append(buffer, bytes, length);
}

void put_number(struct buffer *buffer, uint16_t tag, uint64_t value)
{
	unsigned char bytes[8];

	agent_put_u64(bytes, value);
	put_field(buffer, tag, bytes, sizeof(bytes));
}

int next_field(const struct buffer *payload, size_t *offset, struct field *field)
{
	const unsigned char *at = payload->data + *offset;
	size_t left = payload->length - *offset;

	if (left < 6)
		return 0;
	field->tag = agent_get_u16(at);
	field->length = agent_get_u32(at + 2);
	field->bytes = at + 6;
	if (field->length > left - 6)
		return 0;
	*offset += 6 + field->length;
	return 1;
}

int find_field(const struct buffer *payload, uint16_t tag, struct field *field)
{
	size_t offset = 0;

	while (next_field(payload, &offset, field))
		if (field->tag == tag)
			return 1;
	return 0;
}

char *field_text(const struct buffer *payload, uint16_t tag)
{
	struct field field = {0};
	char *text;

	if (!find_field(payload, tag, &field))
		field.length = 0;
	text = malloc(field.length + 1);
	if (!text)
		abort();
	if (field.length)
		memcpy(text, field.bytes, field.length);
	text[field.length] = '\0';
	return text;
}

uint64_t field_number(const struct buffer *payload, uint16_t tag, uint64_t otherwise)
{
	struct field field;

	if (!find_field(payload, tag, &field) || field.length != 8)
		return otherwise;
	return agent_get_u64(field.bytes);
}
