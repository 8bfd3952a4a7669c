// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver for QEMU's edu device (docs/specs/edu.txt in QEMU's source): a number written to /dev/edu is followed by its
 * factorial when it is read. And a button on a GPIO line, which counts how often it is pressed.
 */
#define pr_fmt(fmt) "board: " fmt

#include <linux/completion.h>
#include <linux/gpio.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/uaccess.h>

#define EDU_ID 0x00
#define EDU_FACTORIAL 0x08
#define EDU_STATUS 0x20
#define EDU_STATUS_INTERRUPT 0x80 /* raise an interrupt when the factorial is there */
#define EDU_INTERRUPT_STATUS 0x24
#define EDU_INTERRUPT_ACK 0x64

static int button = -1;
module_param(button, int, 0444);
MODULE_PARM_DESC(button, "number of the GPIO line that the button is on; none by default");

static void __iomem *registers;
static DECLARE_COMPLETION(computed);
static DEFINE_MUTEX(lock);
static u32 result;
static atomic_t presses = ATOMIC_INIT(0);

static irqreturn_t edu_interrupt(int irq, void *data)
{
	u32 status = ioread32(registers + EDU_INTERRUPT_STATUS);

	if (!status)
		return IRQ_NONE;
	iowrite32(status, registers + EDU_INTERRUPT_ACK);
	complete(&computed);
	return IRQ_HANDLED;
}

static ssize_t edu_read(struct file *file, char __user *to, size_t count, loff_t *at)
{
	char text[16];
	int length;

	mutex_lock(&lock);
	length = scnprintf(text, sizeof(text), "%u\n", result);
	mutex_unlock(&lock);
	return simple_read_from_buffer(to, count, at, text, length);
}

static ssize_t edu_write(struct file *file, const char __user *from, size_t count, loff_t *at)
{
	u32 number;
	int ret = kstrtou32_from_user(from, count, 10, &number);

	if (ret)
		return ret;
	if (number > 12)
		return -ERANGE;
	mutex_lock(&lock);
	reinit_completion(&computed);
	iowrite32(EDU_STATUS_INTERRUPT, registers + EDU_STATUS);
	iowrite32(number, registers + EDU_FACTORIAL);
	if (wait_for_completion_timeout(&computed, 2 * HZ))
		result = ioread32(registers + EDU_FACTORIAL);
	else
		ret = -ETIMEDOUT;
	mutex_unlock(&lock);
	return ret ? ret : count;
}

static const struct file_operations edu_operations = {
	.owner = THIS_MODULE,
	.read = edu_read,
	.write = edu_write,
};

static struct miscdevice edu_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "edu",
	.fops = &edu_operations,
};

static int edu_probe(struct pci_dev *device, const struct pci_device_id *id)
{
	int ret = pci_enable_device(device);

	if (ret)
		return ret;
	ret = pci_request_regions(device, "edu");
	if (ret)
		goto disable;
	registers = pci_iomap(device, 0, 0);
	if (!registers) {
		ret = -ENOMEM;
		goto release;
	}
	ret = request_irq(device->irq, edu_interrupt, IRQF_SHARED, "edu", device);
	if (ret)
		goto unmap;
	pr_info("edu is 0x%08x\n", ioread32(registers + EDU_ID));
	ret = misc_register(&edu_misc);
	if (ret)
		goto free;
	return 0;

free:
	free_irq(device->irq, device);
unmap:
	pci_iounmap(device, registers);
release:
	pci_release_regions(device);
disable:
	pci_disable_device(device);
	return ret;
}

static void edu_remove(struct pci_dev *device)
{
	misc_deregister(&edu_misc);
	free_irq(device->irq, device);
	pci_iounmap(device, registers);
	pci_release_regions(device);
	pci_disable_device(device);
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ }
};
MODULE_DEVICE_TABLE(pci, edu_ids);

static struct pci_driver edu_driver = {
	.name = "edu",
	.id_table = edu_ids,
	.probe = edu_probe,
	.remove = edu_remove,
};

static irqreturn_t button_interrupt(int irq, void *data)
{
	pr_info("pressed %d\n", atomic_inc_return(&presses));
	return IRQ_HANDLED;
}

static int add_button(void)
{
	int ret = gpio_request_one(button, GPIOF_IN, "button");

	if (ret)
		return ret;
	ret = request_irq(gpio_to_irq(button), button_interrupt, IRQF_TRIGGER_RISING, "button", &presses);
	if (ret)
		gpio_free(button);
	return ret;
}

static int __init board_init(void)
{
	int ret = button >= 0 ? add_button() : 0;

	if (ret)
		return ret;
	ret = pci_register_driver(&edu_driver);
	if (ret && button >= 0) {
		free_irq(gpio_to_irq(button), &presses);
		gpio_free(button);
	}
	return ret;
}

static void __exit board_exit(void)
{
	pci_unregister_driver(&edu_driver);
	if (button < 0)
		return;
	free_irq(gpio_to_irq(button), &presses);
	gpio_free(button);
}

module_init(board_init);
module_exit(board_exit);

MODULE_DESCRIPTION("A driver for QEMU's edu device and a button on a GPIO line");
MODULE_LICENSE("GPL");
