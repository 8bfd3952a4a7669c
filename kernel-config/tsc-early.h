/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The option tsc_early_khz=, which newer kernels have, for 5.4: how fast the
 * TSC counts. A kernel that is not told has to measure it against the PIT, in
 * windows of 10 ms and 50 ms that a busy host never leaves whole on an emulated
 * CPU. It then does without the TSC, and its delays are much too short.
 *
 * tsc-early.make has this file included before arch/x86/kernel/tsc.c, which
 * itself stays as it is.
 */
#include <linux/cache.h>
#include <linux/init.h>
#include <linux/kernel.h>

#include <asm/cpufeature.h>
#include <asm/tsc.h>

static unsigned int labctl_tsc_khz __ro_after_init;

static int __init labctl_tsc_early_khz(char *text)
{
	return kstrtouint(text, 0, &labctl_tsc_khz);
}
early_param("tsc_early_khz", labctl_tsc_early_khz);

/* tsc.c asks this one before it measures. */
#define cpu_khz_from_msr()                                                     \
	(labctl_tsc_khz ? labctl_tsc_khz : (cpu_khz_from_msr)())

/* tsc.c has its own. */
#undef pr_fmt
