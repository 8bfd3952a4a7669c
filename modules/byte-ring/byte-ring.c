// SPDX-License-Identifier: GPL-2.0-only
/*
 * A library in a module: rings of bytes for other modules. The header has the
 * contract. The reference solution of labs/byte-ring.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include "byte-ring.h"

struct byte_ring {
	unsigned int capacity;
	unsigned int start; /* where the oldest byte is */
	unsigned int used;
	u8 data[];
};

struct byte_ring *byte_ring_create(unsigned int capacity)
{
	struct byte_ring *ring;

	if (!capacity || capacity > BYTE_RING_MAX)
		return ERR_PTR(-EINVAL);

	/* A large one need not be in one piece. */
	ring = kvzalloc(struct_size(ring, data, capacity), GFP_KERNEL);
	if (!ring)
		return ERR_PTR(-ENOMEM);
	ring->capacity = capacity;
	return ring;
}
EXPORT_SYMBOL_GPL(byte_ring_create);

void byte_ring_destroy(struct byte_ring *ring)
{
	kvfree(ring); /* takes NULL as well */
}
EXPORT_SYMBOL_GPL(byte_ring_destroy);

unsigned int byte_ring_put(struct byte_ring *ring, const void *from,
			   unsigned int len)
{
	unsigned int end = (ring->start + ring->used) % ring->capacity;
	unsigned int to_edge;

	len = min(len, ring->capacity - ring->used);
	to_edge = min(len, ring->capacity - end);

	/* In two pieces where it goes round: up to the edge, and from 0 on. */
	memcpy(ring->data + end, from, to_edge);
	memcpy(ring->data, from + to_edge, len - to_edge);
	ring->used += len;
	return len;
}
EXPORT_SYMBOL_GPL(byte_ring_put);

unsigned int byte_ring_get(struct byte_ring *ring, void *to, unsigned int len)
{
	unsigned int to_edge;

	len = min(len, ring->used);
	to_edge = min(len, ring->capacity - ring->start);

	memcpy(to, ring->data + ring->start, to_edge);
	memcpy(to + to_edge, ring->data, len - to_edge);
	ring->start = (ring->start + len) % ring->capacity;
	ring->used -= len;
	return len;
}
EXPORT_SYMBOL_GPL(byte_ring_get);

unsigned int byte_ring_used(const struct byte_ring *ring)
{
	return ring->used;
}
EXPORT_SYMBOL_GPL(byte_ring_used);

/*
 * No init and no exit function: a library does nothing of its own accord. A
 * module that has neither can be loaded, and unloaded too.
 */
MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Rings of bytes for other modules");
MODULE_LICENSE("GPL");
