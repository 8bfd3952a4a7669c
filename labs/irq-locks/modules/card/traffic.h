/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the traffic counter offers to other modules. All of it may be called
 * anywhere, by processes and by interrupts, with interrupts on or off, and
 * leaves them as they were.
 */
#ifndef TRAFFIC_H
#define TRAFFIC_H

struct traffic {
	unsigned long packets;
	unsigned long bytes;
};

/* Counts a packet of so many bytes. */
void traffic_count(unsigned int bytes);

/* Says what was counted. */
void traffic_peek(struct traffic *copy);

/*
 * Calls visit() with the counters themselves, which it may change. They change
 * in no other way until it returns.
 */
void traffic_visit(void (*visit)(struct traffic *counters, void *arg),
		   void *arg);

#endif
