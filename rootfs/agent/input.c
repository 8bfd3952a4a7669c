// SPDX-License-Identifier: GPL-2.0-only
#include "input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "protocol.h"

struct part {
	struct field after, data; /* after.length 0: it waits for nothing */
	uint64_t pause_ms;
	size_t end; /* the offset behind it */
};

void begin_input(struct input *input, const struct buffer *request, int fd, int starting, int stays_open)
{
	memset(input, 0, sizeof(*input));
	input->fd = fd;
	input->starting = starting;
	input->stays_open = stays_open;
	if (fd >= 0)
		buffer_append(&input->parts, request->data, request->length);
}

static void close_input(struct input *input)
{
	if (input->fd >= 0)
		close(input->fd);
	input->fd = -1;
}

void end_input(struct input *input)
{
	close_input(input);
	if (input->starting >= 0)
		close(input->starting);
	buffer_free(&input->parts);
}

static int next_part(const struct input *input, struct part *part)
{
	struct field field;

	memset(part, 0, sizeof(*part));
	part->end = input->offset;
	while (next_field(&input->parts, &part->end, &field)) {
		if (field.tag == TAG_AFTER)
			part->after = field;
		if (field.tag == TAG_TIMEOUT_MS && field.length == 8)
			part->pause_ms = agent_get_u64(field.bytes);
		if (field.tag == TAG_DATA) {
			part->data = field;
			return 1;
		}
	}
	return 0;
}

/* Whether the program has printed what the part waits for; then the next one waits for what comes behind it. */
static int is_asked_for(struct input *input, const struct part *part, const struct buffer *output)
{
	const unsigned char *found;

	if (!part->after.length)
		return 1;
	if (output->length - input->looked_at < part->after.length)
		return 0;
	found = memmem(output->data + input->looked_at, output->length - input->looked_at, part->after.bytes,
		       part->after.length);
	if (!found) {
		/* It may begin here and go on in what is still to come, but nowhere before. */
		input->looked_at = output->length - part->after.length + 1;
		return 0;
	}
	input->looked_at = found - output->data + part->after.length;
	return 1;
}

static int is_starting(struct input *input)
{
	char byte;

	if (input->starting < 0)
		return 0;
	if (read(input->starting, &byte, 1) < 0)
		return 1;
	close(input->starting);
	input->starting = -1;
	return 0;
}

struct pollfd input_poll(const struct input *input)
{
	if (input->starting >= 0)
		return (struct pollfd){input->starting, POLLIN, 0};
	return (struct pollfd){input->stuck ? input->fd : -1, POLLOUT, 0};
}

int tend_input(struct input *input, const struct buffer *output, uint64_t now_us)
{
	struct part part;

	input->stuck = 0;
	if (is_starting(input))
		return -1;
	while (input->fd >= 0 && next_part(input, &part)) {
		if (!input->due_us) {
			if (!is_asked_for(input, &part, output))
				return -1;
			input->due_us = now_us + part.pause_ms * 1000;
		}
		if (now_us < input->due_us)
			return (int)((input->due_us - now_us) / 1000 + 1);
		while (input->written < part.data.length) {
			ssize_t put = write(input->fd, part.data.bytes + input->written,
					    part.data.length - input->written);

			if (put < 0 && errno == EINTR)
				continue;
			if (put < 0 && errno == EAGAIN) {
				input->stuck = 1;
				return -1;
			}
			if (put <= 0) {
				/* Nobody reads any more. */
				close_input(input);
				return -1;
			}
			input->written += put;
		}
		input->done++;
		input->offset = part.end;
		input->written = 0;
		input->due_us = 0;
	}
	if (!input->stays_open)
		close_input(input);
	return -1;
}
