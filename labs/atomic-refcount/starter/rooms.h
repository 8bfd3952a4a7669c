/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the meeting rooms offer to other modules. A room is open as long as
 * somebody has a reference to it; who gives back the last one closes it. All of
 * it may be called by several threads at once.
 */
#ifndef ROOMS_H
#define ROOMS_H

/* So many rooms can be open at once. */
#define ROOMS_MAX 4

struct room;

/*
 * Opens the room of this number. The caller has the first reference to it.
 * close() is called once, by who gives back the last; it may sleep, and the
 * number is free again when it has returned.
 *
 * ERR_PTR(-EEXIST): this room is open, or is being closed. ERR_PTR(-ENOSPC):
 * too many rooms are open. ERR_PTR(-ENOMEM).
 */
struct room *room_open(unsigned int number, void (*close)(unsigned int number));

/* A new reference to an open room; NULL if it is not, or is being closed. */
struct room *room_find(unsigned int number);

/* The number of a room that the caller has a reference to. */
unsigned int room_number(const struct room *room);

/* Gives back a reference. The caller must not use the room any more. */
void room_put(struct room *room);

#endif
