/* SPDX-License-Identifier: GPL-2.0-only */
/* What a program is given to read, part by part: each once it has printed what the part waits for. */
#ifndef LABCTL_AGENT_INPUT_H
#define LABCTL_AGENT_INPUT_H

#include <poll.h>

#include "buffer.h"

struct input {
	int fd;               /* where to, without blocking; -1: nothing more is written */
	int starting;         /* nothing is written before this has ended; -1: it has */
	int stays_open;       /* after the last part: a terminal does, a pipe ends */
	struct buffer parts;  /* of the request: AFTER and TIMEOUT_MS, where there are any, then DATA */
	size_t offset;        /* of the first part that is not written */
	size_t looked_at;     /* of the output: what came before has been answered */
	size_t written;       /* bytes of that part */
	uint64_t due_us;      /* when its pause is over; 0: it has not begun */
	int stuck;            /* it waits for room */
	unsigned int done;    /* parts that are written */
};

/* Takes the descriptors. */
void begin_input(struct input *input, const struct buffer *request, int fd, int starting, int stays_open);
/*
 * Writes what is due, as far as there is room. Returns the milliseconds until it wants to be called again, -1 where only
 * more output or more room changes anything.
 */
int tend_input(struct input *input, const struct buffer *output, uint64_t now_us);
/* What else it waits for; -1 and 0 for nothing. */
struct pollfd input_poll(const struct input *input);
void end_input(struct input *input);

#endif
