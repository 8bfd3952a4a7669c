/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef LABCTL_AGENT_PROGRAM_H
#define LABCTL_AGENT_PROGRAM_H

#include <sys/types.h>

#include "buffer.h"

/*
 * The agent's ends of a program's stdin, stdout and stderr; -1 where there is none. They do not block. `starting` ends
 * when the program has its terminal: what is typed before, Ctrl-C say, would reach nobody.
 */
struct channels {
	int in, out, err, starting;
};

/* Starts the program that the request names. Returns 0, with errno set, where there is no terminal to be had. */
pid_t start_program(const struct buffer *request, struct channels *channels);

#endif
