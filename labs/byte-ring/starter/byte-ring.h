/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A ring of bytes: what is put in at one end comes out at the other, in order.
 *
 * Contract. One ring may be used by one caller at a time: who shares a ring
 * locks around the calls. Different rings need no lock. put, get and used do
 * not sleep, so the lock may be a spinlock; create and destroy may sleep.
 */
#ifndef BYTE_RING_H
#define BYTE_RING_H

struct byte_ring;

#define BYTE_RING_MAX (1u << 20)

/**
 * byte_ring_create() - make an empty ring
 * @capacity: how many bytes it can hold, from 1 to BYTE_RING_MAX
 *
 * Return: the ring, which the caller gives back with byte_ring_destroy();
 * ERR_PTR(-EINVAL) for another capacity, ERR_PTR(-ENOMEM) without memory.
 * Never NULL.
 */
struct byte_ring *byte_ring_create(unsigned int capacity);

/**
 * byte_ring_destroy() - give back a ring and what is in it
 * @ring: from byte_ring_create(), or NULL: then there is nothing to do
 */
void byte_ring_destroy(struct byte_ring *ring);

/**
 * byte_ring_put() - put bytes in
 * @ring: the ring
 * @from: the bytes
 * @len: how many there are
 *
 * Return: how many of them were put in, the first ones: as many as had room.
 */
unsigned int byte_ring_put(struct byte_ring *ring, const void *from,
			   unsigned int len);

/**
 * byte_ring_get() - take the oldest bytes out
 * @ring: the ring
 * @to: where they are wanted
 * @len: how many there is room for
 *
 * Return: how many were taken: as many as there were, at most @len.
 */
unsigned int byte_ring_get(struct byte_ring *ring, void *to, unsigned int len);

/**
 * byte_ring_used() - how many bytes are in the ring
 * @ring: the ring
 *
 * Return: what a byte_ring_get() would give that has room for all.
 */
unsigned int byte_ring_used(const struct byte_ring *ring);

#endif
