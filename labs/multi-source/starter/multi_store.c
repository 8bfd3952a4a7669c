// SPDX-License-Identifier: GPL-2.0-only
/*
 * The part of multi-source that remembers.
 */
#include "multi.h"

/* TODO: the variables, which only this file can see. */

void multi_add(int value)
{
	/* TODO */
}

/* TODO: multi_count(), multi_sum() and multi_largest(). */
