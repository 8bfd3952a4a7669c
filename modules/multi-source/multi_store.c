// SPDX-License-Identifier: GPL-2.0-only
/*
 * The part of multi-source that remembers. Its variables are its own: the other
 * files go by way of the functions.
 */
#include "multi.h"

static unsigned int count;
static s64 sum;
static int largest;

static bool is_largest(int value)
{
	/* The first value is, even where it is negative. */
	return !count || value > largest;
}

void multi_add(int value)
{
	if (is_largest(value))
		largest = value;
	sum += value;
	count++;
}

unsigned int multi_count(void)
{
	return count;
}

s64 multi_sum(void)
{
	return sum;
}

int multi_largest(void)
{
	return largest;
}
