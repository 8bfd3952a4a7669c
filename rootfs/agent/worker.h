/* SPDX-License-Identifier: GPL-2.0-only */
/* The processes that do actions, so that one which never returns, or which the kernel kills, does not take PID 1 along. */
#ifndef LABCTL_AGENT_WORKER_H
#define LABCTL_AGENT_WORKER_H

#include <stdint.h>
#include <sys/types.h>

#include "buffer.h"

/* One does one action after another. It is started ahead: with KASAN and lockdep a fork costs more than most actions. */
struct worker {
	pid_t pid; /* 0: none */
	int to, from;
	int control; /* a socket, over which it is given the pipes of its clone */
};

/* Starts the worker that the first action is given to. A worker closes these descriptors of the agent's. */
pid_t start_first_worker(int port, int kmsg);
/* The idle worker, or a new one, with the request. What comes back on `from`: a length (u32), the result. */
struct worker give_to_worker(uint16_t type, const struct buffer *request);
/* A clone of the idle worker, with what that one holds open, and the request: for what goes on in the background. */
struct worker give_to_clone(uint16_t type, const struct buffer *request);
/* After its result, or without one: a usable one waits for the next request, others end without their pipes. */
void release_worker(struct worker *worker, int usable);
/* A child has ended; it may be the idle worker. */
void worker_ended(pid_t pid);

/* For every child: a session and process group of its own, and none of the agent's signal settings. */
void leave_agent(void);
/* Both ends close on exec and do not block. */
void make_pipe(int ends[2]);
/* Ends the guest: without an agent it is of no use. */
_Noreturn void die(const char *what);

#endif
