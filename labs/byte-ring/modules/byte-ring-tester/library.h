/* SPDX-License-Identifier: GPL-2.0-only */
/* What the module byte-ring exports, as its own header has it. */
#ifndef LIBRARY_H
#define LIBRARY_H

struct byte_ring;

struct byte_ring *byte_ring_create(unsigned int capacity);
void byte_ring_destroy(struct byte_ring *ring);
unsigned int byte_ring_put(struct byte_ring *ring, const void *from,
			   unsigned int len);
unsigned int byte_ring_get(struct byte_ring *ring, void *to, unsigned int len);
unsigned int byte_ring_used(const struct byte_ring *ring);

#endif
