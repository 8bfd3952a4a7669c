// SPDX-License-Identifier: GPL-2.0-only
/*
 * The part of multi-source that speaks.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/printk.h>

#include "multi.h"

/* TODO: multi_report(). */
