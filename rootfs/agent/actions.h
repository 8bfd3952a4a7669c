/* SPDX-License-Identifier: GPL-2.0-only */
/* What is done for the host in a process other than the agent's. */
#ifndef LABCTL_AGENT_ACTIONS_H
#define LABCTL_AGENT_ACTIONS_H

#include "buffer.h"

/* Does the action and adds the fields of its result; leaves open what it was asked to hold. Not for AGENT_RUN. */
void do_action(uint16_t type, const struct buffer *request, struct buffer *result);

#endif
