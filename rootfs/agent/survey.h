/* SPDX-License-Identifier: GPL-2.0-only */
/* Many files and folders of the kernel's, read in one go: what is there before and after a module. */
#ifndef LABCTL_AGENT_SURVEY_H
#define LABCTL_AGENT_SURVEY_H

#include "buffer.h"

/* Of each PATH in the request, in its order: PATH and DATA in the result, as protocol.h says. Returns 0. */
int survey(const struct buffer *request, struct buffer *result);

#endif
