// SPDX-License-Identifier: GPL-2.0-only
/* Claims a range of I/O ports and an interrupt line, and gives them back. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#define PORTS 8

static unsigned short port = 0x300;
module_param(port, ushort, 0444);
MODULE_PARM_DESC(port, "first of the I/O ports (default: 0x300)");

static int irq = 5;
module_param(irq, int, 0444);
MODULE_PARM_DESC(irq, "interrupt line (default: 5)");

static irqreturn_t claims_interrupt(int line, void *data)
{
	return IRQ_HANDLED;
}

static int __init claims_init(void)
{
	int err;

	if (!request_region(port, PORTS, "claims")) {
		pr_err("ports %#x to %#x are taken\n", port, port + PORTS - 1);
		return -EBUSY;
	}

	err = request_irq(irq, claims_interrupt, 0, "claims", NULL);
	if (err) {
		pr_err("interrupt %d: error %d\n", irq, err);
		goto err_region;
	}

	return 0;

err_region:
	release_region(port, PORTS);
	return err;
}

static void __exit claims_exit(void)
{
	free_irq(irq, NULL);
	release_region(port, PORTS);
}

module_init(claims_init);
module_exit(claims_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Claims I/O ports and an interrupt");
MODULE_LICENSE("GPL");
