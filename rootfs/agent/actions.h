/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the agent can do in a process of its own. Each runs in a child of the agent, so that an action that never
 * returns, or that the kernel kills, does not take the agent with it.
 */
#ifndef LABCTL_AGENT_ACTIONS_H
#define LABCTL_AGENT_ACTIONS_H

#include "buffer.h"

/* Does the action and adds the fields of its result. Not for AGENT_RUN. */
void do_action(uint16_t type, const struct buffer *request, struct buffer *result);

/* Replaces this process with the program that the request names; stdout and stderr are set up by the caller. */
_Noreturn void exec_program(const struct buffer *request);

#endif
